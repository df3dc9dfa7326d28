"""The pages over HTTP: who may read them, what stands on them, and that nothing from a feed runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from pipeline import database
from pipeline.digests import style
from pipeline.errors import InfrastructureError
from pipeline.store import digests

HTML = {"Accept": "text/html,application/xhtml+xml"}


def _addresses() -> list[str]:
    """An address of every route that the app has, but those of hubs, monitors and Prometheus (`test_alarms.py`)."""
    from fastapi.routing import APIRoute

    from pipeline.portal.app import PREFIX, create_app

    routes = [route for route in create_app().routes if isinstance(route, APIRoute)]
    paths = [PREFIX + re.sub(r"{\w+}", "1", route.path) for route in routes]
    return sorted({path for path in paths if "/push/" not in path and not path.endswith(("/health", "/metrics"))})


def test_a_stranger_is_turned_away_from_every_route(portal: dict[str, Any]) -> None:
    addresses = _addresses()
    assert len(addresses) >= 10
    for path in addresses:
        for address in (path, path + "?q=Putin&until=2024-06-20"):
            answer = httpx.get(portal["server"].address + address)
            by_browser = httpx.get(portal["server"].address + address, headers=HTML)
            assert answer.status_code == 401, address
            assert by_browser.status_code == 303, address
            assert by_browser.headers["location"].startswith("/auth/login?"), address
            for each in (answer, by_browser):
                assert "putin" not in each.text.lower(), address
                assert "digest" not in each.text.lower(), address


def test_the_address_of_hubs_needs_no_login_and_is_not_there_unless_it_is_set(portal: dict[str, Any]) -> None:
    for ask in (httpx.get, httpx.post):
        assert ask(f"{portal['server'].address}/wirewatch/push/{'x' * 43}").status_code == 404


@pytest.mark.parametrize("header", ["Bearer x", "Bearer made.up.token", "Basic YWRtaW46c2VjcmV0"])
def test_a_made_up_login_is_turned_away(portal: dict[str, Any], header: str) -> None:
    answer = httpx.get(f"{portal['server'].address}/wirewatch/", headers={"Authorization": header})
    assert answer.status_code in (401, 403)


def test_no_hour_stands_where_only_the_day_is_known() -> None:
    from pipeline.portal import words

    day = datetime(2024, 6, 19, tzinfo=UTC)
    assert words.published(day) == "19 Jun 2024"
    assert words.published(day.replace(hour=8).isoformat()) == "19 Jun 2024 08:00 UTC"


def test_the_list_has_each_digest_with_its_counts(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/").text
    assert text.index("2024-06-19") < text.index("2024-06-18"), "newest first"
    assert "waits for review" in text
    for number in portal["ids"].values():
        assert f"/wirewatch/digests/{number}" in text


def test_a_digest_stands_there_as_it_is_published_and_mailed(portal: dict[str, Any]) -> None:
    """There is one rendering of it; what leads from it into the portal stands round that."""
    digest_id = portal["ids"]["2024-06-18"]
    with portal["server"].login() as client:
        text = client.get(f"/wirewatch/digests/{digest_id}").text
        sheet = client.get("/wirewatch/digest.css")
    with database.connect(portal["server"].settings) as connection:
        row = digests.digest(connection, digest_id)
    assert row is not None
    assert row.html in text
    around = text.replace(row.html, "")
    for part in ("/stories/1", "/stories/2", "/articles/3", f"/digests/{digest_id}/review", "too small"):
        assert part in around, part
    for part in ("3 outlets, 2 independent", "Harbour Post", "grown", "金正恩が歓迎"):
        assert part in row.html, part
    assert sheet.text == style()
    assert sheet.headers["content-type"].startswith("text/css")


def test_a_digest_leads_to_the_other_versions_of_its_day(portal: dict[str, Any]) -> None:
    with database.connect(portal["server"].settings) as connection, connection.transaction(force_rollback=True):
        first = portal["ids"]["2024-06-18"]
        row = digests.digest(connection, first)
        assert row is not None
        assert [each.id for each in digests.versions(connection, first)] == [first]
        rendered = digests.Rendered(row.markdown, row.html, row.as_of, row.drafted_at)
        second = digests.save(connection, row.digest(), rendered).id
        for digest_id in (first, second):
            found = digests.versions(connection, digest_id)
            assert [(each.id, each.version, each.state) for each in found] == [
                (first, 1, "superseded"),
                (second, 2, "draft"),
            ]


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


def test_a_hostile_note_is_text(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get(f"/wirewatch/digests/{portal['ids']['2024-06-19']}").text
    assert '<div class="note lines">&lt;script&gt;document.title' in text
    assert "<script" not in text


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
    flat = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text))
    for part in (
        "a copy of article 1: 87% of its text stands there",
        "vectors and words; also a copy of article 1: 78% of its text",
        "0.900 of 0.440 needed",
        "put here by a person",
        "mix score 0.91 reached 0.44",
        "story 2",
    ):
        assert part in flat, part
    assert "<script" not in text
    assert 'href="javascript:' not in text
    assert moved.headers["location"] == "/wirewatch/stories/1", "a merged story leads to where it went"


def test_an_article_that_opened_its_story_says_so_and_shows_no_score(portal: dict[str, Any]) -> None:
    """Its row names the rule that came nearest, with a score under the threshold."""
    with portal["server"].login() as client:
        text = client.get("/wirewatch/stories/1").text
    row = text[text.index('id="article-1"') : text.index('id="article-2"')]
    assert "opened it" in row
    assert "vectors and days" not in row
    assert "0.2" not in row
    assert "0.44" not in row


def test_a_story_says_where_each_article_is_from_and_leads_to_its_text_and_back(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/stories/1").text
    for part in ("English · United Kingdom · private", "Polish · Poland · state"):
        assert part in text
    assert 'href="/wirewatch/articles/1"' in text
    assert f'href="/wirewatch/digests/{portal["ids"]["2024-06-18"]}#story-1"' in text


def test_a_story_without_articles_says_where_they_went(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/stories/3").text
    assert "Story 3 has no article any more" in text
    assert 'href="/wirewatch/articles/4"' in text
    assert 'now in <a href="/wirewatch/stories/1">story 1</a>' in text


def test_an_article_has_its_text_its_changes_and_its_way(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/articles/1").text
        silent = client.get("/wirewatch/articles/2").text
    for part in (
        "<p>The plane came down at two.</p>",
        "<del>The plane came down at three.</del>",
        "<ins>The plane came down at two.</ins>",
        "correction",
        "in a feed of Harbour Post",
        "stopped: no topic was defined",
        'href="/wirewatch/articles/2/copy"',
        'href="/wirewatch/stories/1#article-1"',
    ):
        assert part in text, part
    for page in (text, silent):
        assert "<script" not in page
        assert "<img" not in page
        assert 'href="javascript:' not in page


def test_a_copy_stands_beside_its_origin_with_what_both_have(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        text = client.get("/wirewatch/articles/2/copy").text
        none = client.get("/wirewatch/articles/1/copy")
    shared = "The two leaders drove from the airport to the guest house through streets hung with flags"
    assert text.count(f"<mark>{shared}</mark>") == 2
    assert "<p>The plane came down at two.</p>" in text
    assert "<script" not in text
    assert none.status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/wirewatch/digests/999999", 404, "There is no digest 999999."),
        ("/wirewatch/nothing", 404, "Not there"),
        ("/wirewatch/stories/abc", 422, "No such address"),
    ],
)
def test_an_error_is_a_page_of_ours_for_a_person_and_a_line_for_a_program(
    portal: dict[str, Any], path: str, status: int, said: str
) -> None:
    with portal["server"].login() as client:
        page, line = client.get(path, headers=HTML), client.get(path)
    assert (page.status_code, line.status_code) == (status, status)
    assert said in page.text
    assert 'href="/wirewatch/"' in page.text
    assert line.headers["content-type"].startswith("text/plain")
    assert "{" not in line.text


def test_a_stranger_with_a_browser_is_led_to_the_log_in_with_a_way_back(portal: dict[str, Any]) -> None:
    answer = httpx.get(f"{portal['server'].address}/wirewatch/stories/1?a=b", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/login?next=%2Fwirewatch%2Fstories%2F1%3Fa%3Db"
    assert "digest" not in answer.text.lower()
    refused = httpx.get(f"{portal['server'].address}/wirewatch/", headers=HTML | {"Authorization": "Bearer made.up"})
    assert refused.status_code in (401, 403)
    assert "/auth/login?next=/wirewatch/" in refused.text


def test_a_database_that_does_not_answer_is_said_on_a_page() -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from pipeline.portal import access

    app = FastAPI()
    access.add_to(app)

    @app.get("/gone")
    def gone() -> None:
        raise InfrastructureError("the database <b>does not answer</b>")

    answer = TestClient(app).get("/gone", headers=HTML)
    assert answer.status_code == 503
    assert "The database &lt;b&gt;" not in answer.text
    assert "the database &lt;b&gt;does not answer&lt;/b&gt;" in answer.text


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
    assert text.index("has no terms") < text.index("<table")


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


@pytest.mark.parametrize("user", ["admin", "vera"])
def test_the_pages_only_read_and_a_viewer_reads_each(portal: dict[str, Any], user: str) -> None:
    named = {"/wirewatch/articles/1/copy": "/wirewatch/articles/2/copy", "/wirewatch/topics/1": "/wirewatch/topics"}
    with portal["server"].login(user) as client:
        for path in _addresses():
            edits = path.endswith(("/review", "/waiting"))
            only_edits = user == "vera" and edits
            assert client.get(named.get(path, path)).status_code == (403 if only_edits else 200), path
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                wanted = 403 if method == "POST" and edits else 405
                assert client.request(method, path).status_code == wanted, path


def test_search_finds_by_words_and_filters(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:

        def found(query: str) -> list[str]:
            answer = client.get(f"/wirewatch/search?by=words&{query}")
            assert answer.status_code == 200, query
            assert "<script" not in answer.text
            assert "<img" not in answer.text
            return re.findall(r'<p><a href="/wirewatch/articles/(\d+)"', answer.text)

        assert found("q=plane") == ["1"]
        assert sorted(found("q=guest+house")) == ["1", "2"]
        assert found("q=guest+house&outlet=Echo") == ["2"]
        assert found("q=guest+house&country=GB") == ["1"]
        assert found("q=guest+house&language=pl") == ["2"]
        assert found("q=guest+house&ownership=state") == ["2"]
        assert found("q=guest+house&since=2024-06-19") == []
        assert sorted(found("q=guest+house&since=2024-06-18&until=2024-06-18")) == ["1", "2"]
        assert found("q=guest+house+-plane") == ["2"]
        assert found("q=%22house+guest%22") == []
        assert found("q=%00%27%22%3Cscript%3E&by=words&outlet=%27%3B--") == []
        assert "is no day" in client.get("/wirewatch/search?since=tomorrow").text
        assert client.get("/wirewatch/search?at=-1").status_code == 422
        assert client.get(f"/wirewatch/search?q={'x' * 401}").status_code == 422


def test_a_topic_shows_its_days_stories_and_sources(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        listed = client.get("/wirewatch/topics").text
        text = client.get("/wirewatch/topics/putin-kim-summit").text
        missing = client.get("/wirewatch/topics/none%22%3E")
    assert 'href="/wirewatch/topics/putin-kim-summit"' in listed
    for part in (
        "2 of 2 articles on topic are in a story (100.0%)",
        "2024-06-18",
        'href="/wirewatch/stories/1"',
        "Echo",
    ):
        assert part in text, part
    assert "<script" not in text
    assert missing.status_code == 404


def test_every_page_is_read_only_and_for_those_who_are_logged_in() -> None:
    """No route needs a token against forged requests, as none takes one that changes anything, but that of hubs."""
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.routing import APIRoute

    from pipeline.portal.app import create_app

    routes = create_app().routes
    pages = [route for route in routes if isinstance(route, APIRoute)]
    hubs = [page for page in pages if page.path == "/push/{token}"]  # signed, and there only where an address is set
    assert len(hubs) == 2
    pages = [page for page in pages if page not in hubs and page.path not in ("/health", "/metrics")]
    assert len(pages) >= 5
    for page in pages:
        # their own tokens and permissions are tried by clicking, in tests/dags/test_review_page.py and test_waiting.py
        writes = {"POST"} if page.path in ("/digests/{digest_id}/review", "/waiting") else set()
        assert page.methods <= {"GET", "HEAD"} | writes, page.path
        assert get_user in [dependency.call for dependency in page.dependant.dependencies], page.path
    assert [getattr(route, "path", "") for route in routes if not isinstance(route, APIRoute)] == ["/static"]


def test_postgres_refuses_what_a_page_would_change(portal: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.portal import rendering

    monkeypatch.setenv("WIREWATCH_DATABASE_URL", portal["server"].settings.database_url)
    with pytest.raises(InfrastructureError, match="read-only"), rendering.reading() as connection:
        connection.execute("UPDATE digests SET title = 'forged'")


@pytest.mark.parametrize("page", ["", "digests/1", "stories/1", "feeds", "quarantine", "nothing", "static/portal.css"])
def test_each_answer_says_what_a_browser_may_do_with_it(portal: dict[str, Any], page: str) -> None:
    with portal["server"].login() as client:
        headers = client.get(f"/wirewatch/{page}").headers
    assert headers["content-security-policy"].split("; ") == [
        "default-src 'none'", "style-src 'self'", "img-src 'self'", "base-uri 'none'", "form-action 'self'",
        "frame-ancestors 'none'",
    ]  # fmt: skip
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_airflow_lists_the_page_and_knows_no_fault_in_the_plugin(portal: dict[str, Any]) -> None:
    with portal["server"].login() as client:
        [plugin] = [p for p in client.get("/api/v2/plugins").json()["plugins"] if p["name"] == "wirewatch"]
        errors = client.get("/api/v2/plugins/importErrors").json()
    assert [entry["name"] for entry in plugin["react_apps"]] == ["Digests", "Wirewatch alarms"]
    assert errors["total_entries"] == 0
