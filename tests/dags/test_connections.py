"""Airflow's connections say where digests and notices go, where no variable does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.sdk import dag, task
from airflow.sdk._shared.secrets_masker import redact
from airflow.sdk.exceptions import AirflowNotFoundException

from pipeline.orchestration import connections
from pipeline.orchestration.notifier import TellDesk
from tests.support.receivers import hook

FROM = {"extra": {"from_email": "wire@a.example"}}
HOOK = {"conn_type": "http", "host": "https://news.example/hooks/1", "password": "whsec_c2VjcmV0"}


def named(patch: pytest.MonkeyPatch, **given: Any) -> None:
    for name, value in given.items():
        patch.setenv(f"AIRFLOW_CONN_{name.upper()}", value if isinstance(value, str) else json.dumps(value))


def test_a_connection_says_what_no_variable_does(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, wirewatch_webhook=HOOK, wirewatch_desk_webhook=HOOK)
    monkeypatch.setenv("WIREWATCH_DESK_WEBHOOK_URL", "https://chat.example/own")
    found = connections.load()
    assert (found.webhook_url, found.webhook_secret) == ("https://news.example/hooks/1", "whsec_c2VjcmV0")
    assert found.desk_webhook_url == "https://chat.example/own", "a variable goes before a connection"


def test_without_connections_the_settings_are_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    found = connections.load()
    assert (found.webhook_url, found.slack_url, found.smtp_url) == ("", "", "")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (HOOK, "https://news.example/hooks/1"),
        ("https://news.example/hooks/1", "https://news.example/hooks/1"),
        ("https://news.example:8443/hooks/1", "https://news.example:8443/hooks/1"),
        ("http://10.0.0.7:8000/hooks/1", "http://10.0.0.7:8000/hooks/1"),
        ({"conn_type": "http", "host": "news.example", "schema": "https", "port": 8443}, "https://news.example:8443"),
    ],
)
def test_each_way_to_write_an_address(monkeypatch: pytest.MonkeyPatch, written: Any, address: str) -> None:
    named(monkeypatch, wirewatch_webhook=written)
    assert connections.load().webhook_url == address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ({"conn_type": "slackwebhook", "password": "T1/B2/x3"}, "https://hooks.slack.com/services/T1/B2/x3"),
        (
            {"conn_type": "slackwebhook", "host": "https://chat.example/services", "password": "T1/B2/x3"},
            "https://chat.example/services/T1/B2/x3",
        ),
        (
            {"conn_type": "http", "host": "https://hooks.slack.com/services/T1/B2/x3"},
            "https://hooks.slack.com/services/T1/B2/x3",
        ),
        (
            {"conn_type": "slackwebhook", "password": "https://hooks.slack.com/services/T1/B2/x3"},
            "https://hooks.slack.com/services/T1/B2/x3",
        ),
    ],
)
def test_each_way_to_write_a_slack_webhook(monkeypatch: pytest.MonkeyPatch, written: Any, address: str) -> None:
    named(monkeypatch, wirewatch_slack=written)
    assert connections.load().slack_url == address


@pytest.mark.parametrize(
    ("written", "address", "sender"),
    [
        (
            {"conn_type": "smtp", "host": "mail.example", "login": "desk@news", "password": "p@ss:w/d",
             "extra": {"from_email": "wire@news.example"}},
            "smtps://desk%40news:p%40ss%3Aw%2Fd@mail.example:465",
            "wire@news.example",
        ),
        (
            {"conn_type": "smtp", "host": "mail.example", "port": 2525, "extra": {"disable_ssl": True}},
            "smtp://mail.example:2525",
            "",
        ),
    ],
)  # fmt: skip
def test_a_mail_server(monkeypatch: pytest.MonkeyPatch, written: Any, address: str, sender: str) -> None:
    named(monkeypatch, wirewatch_smtp=written)
    found = connections.load()
    assert (found.smtp_url, found.mail_from) == (address, sender)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ({"conn_type": "smtp", "login": "desk", "password": "x"}, ""),
        ({"conn_type": "smtp", "host": "2001:db8::25", "port": 25}, "smtps://[2001:db8::25]:25"),
        ("smtp://mail.example:2525?disable_ssl=true", "smtp://mail.example:2525"),
        ("smtp://mail.example:2525?disable_ssl=False", "smtps://mail.example:2525"),
    ],
)
def test_each_way_to_write_a_mail_server(monkeypatch: pytest.MonkeyPatch, written: Any, address: str) -> None:
    named(monkeypatch, wirewatch_smtp=written)
    assert connections.load().smtp_url == address


def test_no_address_is_used_with_the_secret_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, wirewatch_webhook=HOOK, wirewatch_smtp={"conn_type": "smtp", "host": "a.example"} | FROM)
    monkeypatch.setenv("WIREWATCH_WEBHOOK_URL", "https://other.example/hook")
    monkeypatch.setenv("WIREWATCH_SMTP_URL", "smtp://b.example")
    found = connections.load()
    assert (found.webhook_secret, found.mail_from) == ("", "")
    assert found.smtp_url == "smtp://b.example"


def test_what_a_variable_says_is_asked_of_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def get(name: str) -> Any:
        asked.append(name)
        raise AirflowNotFoundException(name)

    monkeypatch.setenv("WIREWATCH_SLACK_URL", "https://hooks.slack.com/services/T1/B2/x3")
    connections.load(get)
    assert asked == [name for name in connections.CONNECTIONS if name != "wirewatch_slack"]


def test_secrets_of_variables_and_connections_are_masked_in_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    slack = "https://hooks.slack.com/services/T1/B2/of-the-desk"
    named(monkeypatch, wirewatch_desk_slack={"conn_type": "http", "host": slack})
    monkeypatch.setenv("WIREWATCH_WEBHOOK_URL", "https://news.example/hooks/of-a-variable")
    found = connections.load()
    said = redact(f"{found.desk_slack_url} {found.webhook_url}")
    assert "of-the-desk" not in said
    assert "of-a-variable" not in said


def test_the_notifier_of_any_dag_tells_the_desk_by_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with hook() as desk:
        named(monkeypatch, wirewatch_desk_webhook={**HOOK, "host": desk.address})

        @dag(dag_id="of_somebody_else", schedule=None)
        def other() -> None:
            @task
            def nothing() -> None: ...

            nothing()

        found = other()
        TellDesk("Late: {{ dag.dag_id }}")({"dag": found, "run_id": "manual__1", "reason": "task_failure"})
    [body] = desk.bodies
    assert body["subject"] == "Late: of_somebody_else"
    assert body["link"].endswith("/dags/of_somebody_else/runs/manual__1")
    [(headers, _)] = desk.requests
    assert headers["webhook-signature"].startswith("v1,")
