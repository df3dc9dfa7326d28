"""The values for Airflow's Helm chart say what docker-compose.yml says, by keys that the chart has."""

from __future__ import annotations

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
#: Keys of values.schema.json of the chart (apache/airflow, chart/, with Airflow 3.0.5) that are used here.
KNOWN = {
    "executor", "airflowVersion", "airflowHome", "uid", "gid", "images", "postgresql", "data", "fernetKeySecretName",
    "apiSecretKeySecretName", "jwtSecretName", "pgbouncer", "env", "secret", "volumes", "volumeMounts", "workers",
    "scheduler",
}  # fmt: skip


def test_it_uses_keys_of_the_chart() -> None:
    assert set(VALUES) <= KNOWN
    assert set(VALUES["images"]["airflow"]) <= {"repository", "tag", "digest", "pullPolicy"}
    assert set(VALUES["workers"]) <= {"replicas", "terminationGracePeriodSeconds", "resources"}
    for each in VALUES["env"]:
        assert set(each) == {"name", "value"}
        assert isinstance(each["value"], str), f"{each['name']} is no string, which the chart refuses"
    for each in VALUES["secret"]:
        assert set(each) == {"envName", "secretName", "secretKey"}


@pytest.mark.parametrize("name", [name for name in ENVIRONMENT if name.startswith("AIRFLOW__")])
def test_airflow_is_set_as_by_compose(name: str) -> None:
    compared = compose.variables(compose.services(SECRETS)["worker"], SECRETS)
    assert ENVIRONMENT[name] == compared[name]


def test_its_settings_are_settings() -> None:
    told = {name: value for name, value in ENVIRONMENT.items() if name.startswith("WIREWATCH_")}
    told |= {each["envName"]: "postgresql://somewhere/wirewatch" for each in VALUES["secret"]}
    found = configuration.load(told)
    assert found.step_tasks == VALUES["workers"]["replicas"] * int(ENVIRONMENT["AIRFLOW__CELERY__WORKER_CONCURRENCY"])
    assert found.user_agent != Settings().user_agent


def test_its_airflow_is_the_locked_one() -> None:
    locked = (REPOSITORY / "requirements.lock").read_text()
    assert f"\napache-airflow=={VALUES['airflowVersion']} " in locked
