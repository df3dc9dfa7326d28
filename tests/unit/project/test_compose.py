"""The deployment file, checked as far as it can be without an engine: schema, commands, variables, secrets."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline import settings as configuration
from pipeline.settings import Settings
from tests.support import compose
from tests.support.deployment import SECRETS

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name in SERVICES if "build" in SERVICES[name]]


def words(command: str | list[str]) -> list[str]:
    """A compose command as one flat list of shell words, ``bash -c`` unpacked, ``$$`` undone."""
    listed = shlex.split(command) if isinstance(command, str) else list(command)
    if listed[:2] in (["bash", "-c"], ["sh", "-c"]) or listed[:1] == ["CMD-SHELL"]:
        return shlex.split(listed[-1].replace("$$", "$"))
    return [word.replace("$$", "$") for word in listed if word not in ("CMD", "NONE")]


def calls(service: str) -> list[list[str]]:
    """The programs a service starts, its health check included, split at ``&&``."""
    definition = SERVICES[service]
    found: list[list[str]] = []
    for command in (definition.get("command"), definition.get("healthcheck", {}).get("test")):
        current: list[str] = []
        for word in words(command) if command else []:
            if word in ("&&", "|", ">", "do") or word.endswith(";"):
                found.append(current)
                current = []
            elif word != "exec":
                current.append(word)
        found.append(current)
    return [call for call in found if call]


def airflow_calls() -> list[list[str]]:
    found = [call[1:] for service in SERVICES for call in calls(service) if call[0] == "airflow"]
    return [[expanded(word) for word in call] for call in found]


def expanded(word: str) -> str:
    """A word as bash hands it on where it is the output of a command."""
    if not word.startswith("$("):
        return word
    return subprocess.run(["bash", "-c", f"echo {word}"], capture_output=True, text=True, check=True).stdout.strip()


def test_it_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_has_every_part_of_a_celery_deployment() -> None:
    assert set(SERVICES) == {
        "postgres", "redis", "roles", "init", "api-server", "scheduler", "dag-processor", "triggerer", "worker",
        "cleaner", "watch", "model", "backup",
    }  # fmt: skip
    assert "pgvector" in SERVICES["postgres"]["image"]
    assert "replicas" in SERVICES["worker"]["deploy"]
    assert "container_name" not in SERVICES["worker"], "a fixed name cannot be scaled"


@pytest.mark.parametrize("service", [name for name in SERVICES if name not in ("roles", "init")])
def test_every_lasting_service_restarts_and_has_a_health_check(service: str) -> None:
    assert SERVICES[service]["restart"] == "unless-stopped"
    assert SERVICES[service]["healthcheck"]["test"]


@pytest.mark.filterwarnings("ignore")  # Airflow's own parser warns about what it will drop
@pytest.mark.parametrize("call", airflow_calls(), ids=" ".join)
def test_airflow_knows_each_command(call: list[str]) -> None:
    from airflow.cli.cli_parser import get_parser

    get_parser().parse_args(call)


@pytest.mark.filterwarnings("ignore")
def test_airflow_would_refuse_a_command_that_does_not_exist() -> None:
    from airflow.cli.cli_parser import get_parser

    with pytest.raises(SystemExit):
        get_parser().parse_args(["webserver"])


def test_the_worker_check_names_the_celery_app_which_the_locked_versions_load() -> None:
    call = next(call for call in calls("worker") if call[0] == "celery")
    module, _, name = call[call.index("--app") + 1].rpartition(".")
    load = f"import celery; from {module} import {name}; assert isinstance({name}, celery.Celery), {name}"
    done = subprocess.run([sys.executable, "-c", load], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "variable", sorted({name for service in OURS for name in SERVICES[service]["environment"]} - set(SECRETS))
)
def test_each_variable_exists(variable: str) -> None:
    if variable.startswith("WIREWATCH_"):
        assert variable in {row[0] for row in Settings.table()}
    elif variable != "AIRFLOW_HOME":
        from airflow.configuration import conf

        _, section, option = variable.split("__")
        known = {**conf.configuration_description}
        assert option.lower() in known[section.lower()]["options"], f"Airflow has no option {section}.{option}"


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_stands_in_the_file_and_none_may_be_missing(service: str) -> None:
    for name, value in SERVICES[service].get("environment", {}).items():
        for variable in re.findall(r"\$\{(\w+)", str(value)):
            # What Wirewatch signs with belongs to an address that may be empty as well.
            if re.search("PASSWORD|SECRET|KEY", variable) and not variable.startswith("WIREWATCH_"):
                assert f"${{{variable}:?" in value, f"{name} may be empty"
        emptied = name in SECRETS and value == ""
        if (
            re.search("PASSWORD|SECRET|KEY|CONN|URL", name)
            and not re.search("FILE|SERVER_URL|AIRFLOW_URL", name)
            and not emptied
        ):
            assert "${" in str(value), f"{name} of {service} is written out"


def test_nothing_but_the_making_of_roles_runs_as_a_superuser() -> None:
    superuser = SERVICES["postgres"]["environment"]["POSTGRES_USER"]
    accounts = {
        service: set(re.findall(r"://(\w+):\$", " ".join(map(str, SERVICES[service].get("environment", {}).values()))))
        for service in OURS
    }
    assert accounts.pop("roles") == {superuser}
    assert accounts.pop("init") == {"wirewatch_owner", "airflow"}
    assert set(map(frozenset, accounts.values())) == {frozenset({"wirewatch_writer", "airflow"})}
    for service in set(OURS) - {"roles", "init"}:
        found = {name for name, value in env_of(service, SECRETS).items() if value == SECRETS.get(name)}
        own = {"api-server": {"ADMIN_PASSWORD"}}.get(service, set())
        passed = {name for name in found if "PASSWORD" in name}
        assert passed == own, f"{service} gets passwords of others by its env_file"


def test_the_example_names_each_variable_that_must_be_set() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", FILE.read_text()))
    example = (ROOT / "deploy.env.example").read_text()
    assert required == {line.split("=")[0] for line in example.splitlines() if line.endswith("=")}


@pytest.mark.parametrize("service", SERVICES)
def test_volumes_are_declared_and_dependencies_exist(service: str) -> None:
    for volume in SERVICES[service].get("volumes", ()):
        assert volume.split(":")[0] in COMPOSE["volumes"]
    for other in SERVICES[service].get("depends_on", {}):
        assert other in SERVICES


def env_of(service: str, env: dict[str, str]) -> dict[str, str]:
    return compose.variables(compose.services(env)[service], env)


@pytest.mark.parametrize("service", [name for name in OURS if name != "roles"])
def test_every_setting_of_the_env_file_reaches_every_container(service: str) -> None:
    """The settings are read as the container reads them, each with a value that is not its default."""
    passwords = {"owner_password", "writer_password", "reader_password"}  # which only `roles` may know
    fixed = {"home", "database_url", "airflow_url", "celery_url"} | passwords  # the deployment's own
    wanted = {spec.name: _other(spec.default) for spec in fields(Settings) if spec.name not in fixed}
    told = {f"WIREWATCH_{name.upper()}": str(value) for name, value in wanted.items()}
    found = configuration.load(env_of(service, SECRETS | told))
    assert {name: getattr(found, name) for name in wanted} == wanted
    assert found.home == Path("/srv/home")
    assert found.database_url.endswith("@postgres:5432/wirewatch")
    assert (found.airflow_url, found.celery_url.partition("@")[2]) == ("http://api-server:8080", "redis:6379/0")


def _other(default: Any) -> Any:
    if isinstance(default, Path):
        return default / "other"
    return f"{default}x" if isinstance(default, str) else default + 1


def test_what_env_leaves_out_is_as_it_is_without_a_deployment() -> None:
    found, alone = configuration.load(env_of("worker", SECRETS)), Settings()
    differing = {spec.name for spec in fields(Settings) if getattr(found, spec.name) != getattr(alone, spec.name)}
    own = {"home", "database_url", "airflow_url", "celery_url"}
    assert differing == own | {"user_agent", "public_url", "model_seconds", "step_tasks"}
    assert found.step_tasks == 2 * 4, "two workers of four slots"


def test_the_example_names_settings_that_there_are() -> None:
    named = set(re.findall(r"\b(WIREWATCH_\w+)=", (ROOT / "deploy.env.example").read_text()))
    assert named <= {row[0] for row in Settings.table()}
    assert {"WIREWATCH_STEP_TASKS", "WIREWATCH_EXTRACT_PROCESSES", "WIREWATCH_MODEL"} <= named


def test_no_dag_waits_for_a_person_to_unpause_it() -> None:
    for service in set(OURS) - {"roles"}:
        assert env_of(service, SECRETS)["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] == "False"


def test_a_missing_secret_ends_it_with_the_line_that_names_it() -> None:
    with pytest.raises(compose.MissingVariableError, match=r"set ADMIN_PASSWORD in \.env"):
        compose.services({name: value for name, value in SECRETS.items() if name != "ADMIN_PASSWORD"})


def test_the_image_installs_the_lock() -> None:
    for line in ("COPY requirements.lock", "UV_TORCH_BACKEND=cpu python bootstrap.py --here", "USER wirewatch"):
        assert line in SERVICES["worker"]["build"]["dockerfile_inline"]
