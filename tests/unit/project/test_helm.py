"""The values for Airflow's Helm chart say what docker-compose.yml says, by keys that the chart has."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline import settings as configuration
from pipeline.settings import Settings
from tests.support import compose
from tests.support.deployment import SECRETS
from tests.support.project import REPOSITORY

VALUES: dict[str, Any] = yaml.safe_load((REPOSITORY / "deploy" / "helm" / "values.yaml").read_text())
ENVIRONMENT = {each["name"]: each["value"] for each in VALUES["env"]}
#: The keys used here of the chart's values.schema.json, with the defaults of 1.22.0 (Airflow 3.2.2); what stands below
#: a null is not looked at. `workers.replicas` and its like are deprecated since 1.20.0.
KNOWN: dict[str, Any] = {
    **dict.fromkeys(("executor", "airflowVersion", "airflowHome", "uid", "gid")),
    **dict.fromkeys(("fernetKeySecretName", "apiSecretKeySecretName", "jwtSecretName")),
    "images": {"airflow": dict.fromkeys(("repository", "tag", "digest", "pullPolicy"))},
    "postgresql": {"enabled": None},
    "pgbouncer": {"enabled": None},
    "createUserJob": {"enabled": None, "defaultUser": {"enabled": None}},
    "data": dict.fromkeys(("metadataSecretName", "resultBackendSecretName", "brokerUrlSecretName")),
    "env": [dict.fromkeys(("name", "value"))],
    "secret": [dict.fromkeys(("envName", "secretName", "secretKey"))],
    "volumes": [dict.fromkeys(("name", "emptyDir", "persistentVolumeClaim"))],
    "volumeMounts": [dict.fromkeys(("name", "mountPath", "subPath", "readOnly"))],
    "workers": {"celery": dict.fromkeys(("replicas", "terminationGracePeriodSeconds", "resources"))},
    "scheduler": {"extraInitContainers": [dict.fromkeys(("name", "image", "command", "env"))]},
}


def unknown(values: Any, known: Any, at: str = "") -> list[str]:
    """The keys that the chart does not have."""
    if known is None:
        return []
    if isinstance(known, list):
        return [found for each in values for found in unknown(each, known[0], f"{at}[]")]
    return [
        found
        for key, value in values.items()
        for found in (unknown(value, known[key], f"{at}.{key}") if key in known else [f"{at}.{key}"])
    ]


def test_it_uses_keys_of_the_chart() -> None:
    assert unknown(VALUES, KNOWN) == []
    assert unknown({"workers": {"replicas": 2}, "env": [{"key": ""}]}, KNOWN) == [".workers.replicas", ".env[].key"]
    for each in VALUES["env"]:
        assert isinstance(each["value"], str), f"{each['name']} is no string, which the chart refuses"


def test_nobody_gets_an_account_that_everybody_knows() -> None:
    assert VALUES["createUserJob"]["defaultUser"]["enabled"] is False, "the chart would make admin, password admin"


def test_the_image_has_what_the_chart_calls(tmp_path: Path) -> None:
    image = REPOSITORY / "deploy" / "image"
    assert "COPY --chmod=755 deploy/image/ /" in compose.FILE.read_text()
    probe = [str(image / "entrypoint"), "sh", "-c", "exit 7"]
    assert subprocess.run(probe, check=False).returncode == 7
    old, new = tmp_path / "logs" / "dag" / "old.log", tmp_path / "logs" / "new.log"
    old.parent.mkdir(parents=True)
    for file in (old, new):
        file.write_text("")
    os.utime(old, (0, 0))
    told = {"PATH": os.environ["PATH"], "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__LOG_RETENTION_DAYS": "7"}
    with subprocess.Popen([str(image / "clean-logs")], env=told, start_new_session=True) as groomer:
        deadline = time.monotonic() + 30
        while old.parent.exists():
            assert groomer.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(groomer.pid, signal.SIGKILL)
    assert new.exists()


@pytest.mark.parametrize("name", [name for name in ENVIRONMENT if name.startswith("AIRFLOW__")])
def test_airflow_is_set_as_by_compose(name: str) -> None:
    compared = compose.variables(compose.services(SECRETS)["worker"], SECRETS)
    assert ENVIRONMENT[name] == compared[name]


def test_its_settings_are_settings() -> None:
    told = {name: value for name, value in ENVIRONMENT.items() if name.startswith("WIREWATCH_")}
    told |= {each["envName"]: "postgresql://somewhere/wirewatch" for each in VALUES["secret"]}
    found = configuration.load(told)
    workers = VALUES["workers"]["celery"]["replicas"]
    assert found.step_tasks == workers * int(ENVIRONMENT["AIRFLOW__CELERY__WORKER_CONCURRENCY"])
    assert found.alert_workers == workers
    assert found.user_agent != Settings().user_agent


def test_its_airflow_is_the_locked_one() -> None:
    locked = (REPOSITORY / "requirements.lock").read_text()
    assert f"\napache-airflow=={VALUES['airflowVersion']} " in locked
