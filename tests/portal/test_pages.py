"""The pages over HTTP: who may read them, what stands on them, and that nothing from a feed runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from pipeline.errors import InfrastructureError


@pytest.mark.parametrize(
    "path", ["/wirewatch/", "/wirewatch/digests/1", "/wirewatch/stories/1", "/wirewatch/feeds", "/wirewatch/quarantine"]
)
def test_a_stranger_is_turned_away(portal: dict[str, Any], path: str) -> None:
    answer = httpx.get(portal["server"].address + path)
    assert answer.status_code == 401
    assert "digest" not in answer.text.lower()


def test_the_address_of_hubs_needs_no_login_and_is_not_there_unless_it_is_set(portal: dict[str, Any]) -> None:
    for ask in (httpx.get, httpx.post):
        assert ask(f"{portal['server'].address}/wirewatch/push/{'x' * 43}").status_code == 404


@pytest.mark.parametrize("header", ["Bearer x", "Bearer made.up.token", "Basic YWRtaW46c2VjcmV0"])
def test_a_made_up_login_is_turned_away(portal: dict[str, Any], header: str) -> None:
    answer = httpx.get(f"{portal['server'].address}/wirewatch/", headers={"Authorization": header})
    assert answer.status_code in (401, 403)


def test_no_hour_stands_where_only_the_day_is_known() -> None:
    from pipeline.portal import app

    day = datetime(2024, 6, 19, tzinfo=UTC)
    assert app._published(day) == "19 Jun 2024"
    assert app._published(day.replace(hour=8).isoformat()) == "19 Jun 2024 08:00 UTC"


def test_the_list_has_each_digest_with_its_counts(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/").text
    assert text.index("2024-06-19") < text.index("2024-06-18"), "newest first"
    assert "waits for review" in text
    for number in portal["ids"].values():
        assert f"/wirewatch/digests/{number}" in text


def test_one_digest_shows_what_was_counted(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get(f"/wirewatch/digests/{portal['ids']['2024-06-18']}").text
    for part in ("3 outlets, 2 independent", "Harbour Post", "developing", "金正恩が歓迎", "too small", "story 1"):
        assert part in text


def test_what_strangers_wrote_is_text_and_no_link_runs_anything(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        answer = client.get(f"/wirewatch/digests/{portal['ids']['2024-06-18']}")
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "<img" not in answer.text
    assert 'href="javascript:' not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_a_draft_says_what_is_still_on_the_way(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        waiting, whole = (
            client.get(f"/wirewatch/digests/{number}").text for number in reversed(portal["ids"].values())
        )
    said = "3 articles are still on the way: 1 is being fetched, 2 are asked for again later."
    assert said in waiting
    assert "on the way" not in whole


def test_a_digest_says_where_it_went_and_what_has_not_arrived(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get(f"/wirewatch/digests/{portal['ids']['2024-06-18']}").text
        listed = client.get("/wirewatch/").text
    for part in (
        "Sent: 2 of 4",
        "given up",
        "http-404: &lt;script",
        "TimeoutError: timed out",
        "01 Jan 2030 00:00 UTC",
    ):
        assert part in text
    assert "to the desk by mail: webhook given up" in text
    assert f"wirewatch digest deliver {portal['ids']['2024-06-18']}" in text
    assert "webhook failed" in listed
    assert "mail waiting" in listed
    assert "files" not in listed, "what arrived needs no word in the list"


def test_a_story_says_why_each_article_is_in_it(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/stories/1").text
        moved = client.get("/wirewatch/stories/2")
    for part in ("opened it", "copy of", "87% of its text", "mix score 0.91 reached 0.44", "story 2"):
        assert part in text
    assert "<script" not in text
    assert 'href="javascript:' not in text
    assert moved.headers["location"] == "/wirewatch/stories/1", "a merged story leads to where it went"


def test_what_ails_stands_first_among_the_feeds(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/feeds").text
    assert text.index("paused") < text.index("Harbour Post")
    assert "http-404" in text
    assert "<script" not in text


def test_a_language_that_a_topic_lacks_is_said_above_the_feeds(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/feeds").text
    assert "Topic putin-kim-summit has no terms in pl (1 feed)" in text
    assert text.index("has no terms") < text.index("<table>")


def test_what_is_set_aside_stands_first_in_quarantine(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/quarantine").text
        linked = [client.get(f"/wirewatch/{page}").text for page in ("", "feeds")]
    assert all('href="/wirewatch/quarantine"' in page for page in linked)
    assert text.index("article:2") < text.index("article:1")
    for part in ("set aside", "AttributeError", "extraction/facts.py:112", "01 Jan 2030 00:00 UTC", "&lt;script&gt;"):
        assert part in text
    assert "<script" not in text
    assert 'href="javascript:' not in text


@pytest.mark.parametrize("path", ["/wirewatch/digests/999999", "/wirewatch/stories/999999", "/wirewatch/nothing"])
def test_what_is_not_there_is_404(portal: dict[str, Any], path: str) -> None:
    with portal["server"].login() as client:
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_pages_only_read(portal: dict[str, Any], method: str) -> None:
    with portal["server"].login() as client:
        digest = f"/wirewatch/digests/{portal['ids']['2024-06-18']}"
        for path in ("/wirewatch/", digest, "/wirewatch/stories/1", "/wirewatch/feeds", "/wirewatch/quarantine"):
            assert client.request(method, path).status_code == 405


def test_every_page_is_read_only_and_for_those_who_are_logged_in() -> None:
    """No route needs a token against forged requests, as none takes one that changes anything, but that of hubs."""
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.routing import APIRoute

    from pipeline.portal.app import create_app

    routes = create_app().routes
    pages = [route for route in routes if isinstance(route, APIRoute)]
    hubs = [page for page in pages if page.path == "/push/{token}"]  # signed, and there only where an address is set
    assert len(hubs) == 2
    pages = [page for page in pages if page not in hubs]
    assert len(pages) >= 5
    for page in pages:
        assert page.methods <= {"GET", "HEAD"}, page.path
        assert get_user in [dependency.call for dependency in page.dependant.dependencies], page.path
    assert [getattr(route, "path", "") for route in routes if not isinstance(route, APIRoute)] == ["/static"]


def test_postgres_refuses_what_a_page_would_change(portal: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.portal import app

    monkeypatch.setenv("WIREWATCH_DATABASE_URL", portal["server"].settings.database_url)
    with pytest.raises(InfrastructureError, match="read-only"), app._reading() as connection:
        connection.execute("UPDATE digests SET title = 'forged'")


@pytest.mark.parametrize("page", ["", "digests/1", "stories/1", "feeds", "quarantine", "nothing", "static/portal.css"])
def test_each_answer_says_what_a_browser_may_do_with_it(portal: dict[str, Any], page: str) -> None:
    with portal["server"].login() as client:
        headers = client.get(f"/wirewatch/{page}").headers
    assert headers["content-security-policy"].split("; ") == [
        "default-src 'none'", "style-src 'self'", "img-src 'self'", "base-uri 'none'", "form-action 'none'",
        "frame-ancestors 'self'",
    ]  # fmt: skip
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_airflow_lists_the_page_and_knows_no_fault_in_the_plugin(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        [plugin] = [p for p in client.get("/api/v2/plugins").json()["plugins"] if p["name"] == "wirewatch"]
        errors = client.get("/api/v2/plugins/importErrors").json()
    assert [view["name"] for view in plugin["external_views"]] == ["Digests"]
    assert errors["total_entries"] == 0
