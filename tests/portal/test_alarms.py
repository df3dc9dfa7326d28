"""The light of the house where people and monitors look: the page, Airflow's home page, /health, and the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline import database

MISCHIEF = '<script>document.title = "owned"</script>'
TOKEN = {"Authorization": "Bearer of the tests"}
ALARMS = (
    ("feeds-failing", "171 of 171 feeds fail", "/wirewatch/feeds"),
    ("feed-died", MISCHIEF, "/wirewatch/feeds"),
)


@pytest.fixture
def red(portal: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Two alarms stand, one of them red and one with a stranger's words."""
    with database.connect(portal["server"].settings) as connection:
        for kind, title, path in ALARMS:
            connection.execute(
                "INSERT INTO alerts (kind, subject, title, text, path, raised_at, told_at)"
                " VALUES (%s, 'x', %s, 'As it is.', %s, now(), now())",
                [kind, title, path],
            )
    yield portal
    with database.connect(portal["server"].settings) as connection:
        connection.execute("DELETE FROM alerts WHERE subject = 'x'")


def health(portal: dict[str, Any]) -> httpx.Response:
    return httpx.get(f"{portal['server'].address}/wirewatch/health")


def test_a_monitor_is_told_the_light_and_no_more(portal: dict[str, Any]) -> None:
    assert health(portal).status_code == 200
    assert health(portal).json() == {"status": "amber", "alarms": {}, "looked_at": None}, "nobody has looked yet"
    with database.connect(portal["server"].settings) as connection:
        connection.execute("INSERT INTO measurements VALUES ('look', 'deliver', now(), 1)")
    assert health(portal).json()["status"] == "green"
    with database.connect(portal["server"].settings) as connection:
        connection.execute("DELETE FROM measurements")


def test_red_is_503_to_a_monitor_and_names_no_feed(red: dict[str, Any]) -> None:
    answer = health(red)
    assert answer.status_code == 503
    assert answer.json()["status"] == "red"
    assert answer.json()["alarms"] == {"feed-died": 1, "feeds-failing": 1}
    assert "script" not in answer.text


def test_where_nobody_looks_any_more_the_light_is_red(portal: dict[str, Any]) -> None:
    with database.connect(portal["server"].settings) as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        connection.execute("INSERT INTO measurements VALUES ('look', 'deliver', %s, 1)", [long_ago])
    assert health(portal).status_code == 503
    with portal["server"].login() as client:
        assert "nobody has looked since" in client.get("/wirewatch/alarms").text
    with database.connect(portal["server"].settings) as connection:
        connection.execute("DELETE FROM measurements")
    assert health(portal).status_code == 200


def test_the_page_has_the_worst_first_and_words_of_strangers_as_text(red: dict[str, Any]) -> None:
    with red["server"].login() as client:
        text = client.get("/wirewatch/alarms").text
    assert "<strong>Red</strong>" in text
    assert text.index("171 of 171 feeds fail") < text.index("feed-died")
    assert "<script" not in text


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer of the test"}, {"Authorization": "Basic of the tests"}, {"Authorization": "Bearer"}],
)
def test_metrics_are_for_who_shows_the_token(portal: dict[str, Any], headers: dict[str, str]) -> None:
    answer = httpx.get(f"{portal['server'].address}/wirewatch/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "wirewatch_" not in answer.text


def test_metrics_are_in_the_format_that_prometheus_reads(red: dict[str, Any]) -> None:
    answer = httpx.get(f"{red['server'].address}/wirewatch/metrics", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    lights = {sample.labels["light"]: sample.value for sample in families["wirewatch_light"].samples}
    assert lights == {"green": 0, "amber": 0, "red": 1}


def test_without_a_token_in_the_settings_there_are_no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi.testclient import TestClient

    from pipeline.portal.app import create_app

    monkeypatch.delenv("WIREWATCH_METRICS_TOKEN", raising=False)
    answer = TestClient(create_app()).get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404


def test_airflows_home_page_shows_the_light(page: Any, red: dict[str, Any]) -> None:
    page.goto(f"{red['server'].address}/")
    panel = page.locator("[data-light]")
    panel.locator("text=Wirewatch is red").wait_for()
    assert panel.get_attribute("data-light") == "red"
    assert "171 of 171 feeds fail" in panel.inner_text()
    assert page.title() != "owned"
    panel.get_by_role("link").click()
    page.get_by_role("heading", name="Alarms").wait_for()
