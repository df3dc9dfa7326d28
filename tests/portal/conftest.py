"""A database with digests in it, a browser, and what a stranger would write into a feed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import database, topics
from pipeline.digests import to_body, to_markdown
from pipeline.models import Digest, DigestItem, DroppedStory, StoryArticle
from pipeline.store import digests

MISCHIEF = '<script>document.title = "owned"</script><img src=x onerror="document.title=1">'


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Airflow warns about what its own dependencies will drop; what our modules raise still fails."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("error:::pipeline"))
            item.add_marker(pytest.mark.filterwarnings("ignore"))


def article(number: int, title: str, url: str) -> StoryArticle:
    return StoryArticle(
        article_id=number,
        title=title,
        url=url,
        outlet="Harbour Post",
        country="GB",
        ownership="private",
        language="en",
        published=datetime(2024, 6, 18, 9, number, tzinfo=UTC),
        copy_of=None,
        lead="A lead.",
    )


SHARED = "The two leaders drove from the airport to the guest house through streets hung with flags."


def fill_articles(connection: database.Connection) -> None:
    """Three articles of story 1: its opener, a copy whose outlet wrote mischief, one that stayed under the threshold;
    and story 3, whose only article a person has put into story 1."""
    connection.execute(
        "INSERT INTO articles (id, identity, canonical_url, url, outlet, country, ownership, language, state,"
        " first_seen_at, title, text, published, text_source, kind) OVERRIDING SYSTEM VALUE VALUES"
        " (1, 'a', 'a', 'https://harbourpost.example/1', 'Harbour Post', 'GB', 'private', 'en', 'extracted', now(),"
        "  'Putin lands', %(opener)s, '2024-06-18 02:00Z', 'page', 'article'),"
        " (2, 'b', 'b', 'javascript:alert(1)', 'Echo', 'PL', 'state', 'pl', 'extracted', now(), %(mischief)s, %(copy)s,"
        "  '2024-06-18 03:00Z', 'page', 'article'),"
        " (4, 'd', 'd', 'https://harbourpost.example/4', 'Harbour Post', 'GB', 'private', 'en', 'extracted', now(),"
        "  'Pinned', 'Text.', '2024-06-18 04:00Z', 'page', 'article'),"
        " (5, 'e', 'e', 'https://harbourpost.example/5', 'Harbour Post', 'GB', 'private', 'en', 'extracted', now(),"
        "  'Near', 'Text.', '2024-06-18 05:00Z', 'page', 'article')"
        " ON CONFLICT DO NOTHING",
        {
            "opener": f"The plane came down at two.\n{SHARED}",
            "copy": f"{MISCHIEF} {'x' * 300}\n{SHARED}",
            "mischief": MISCHIEF,
        },
    )
    connection.execute(
        "INSERT INTO memberships (article_id, story_id, since, until, score, threshold, method, actor) VALUES"
        " (1, 1, now(), NULL, 0.2, 0.44, 'topical', 'pipeline'), (2, 1, now(), NULL, 1, 0, 'copy', 'pipeline'),"
        " (4, 3, now(), now(), 0, 0, 'first', 'pipeline'), (4, 1, now(), NULL, 1, 0, 'must-link', 'anna'),"
        " (5, 1, now(), NULL, 0.9, 0.44, 'mix', 'pipeline')"
        " ON CONFLICT DO NOTHING"
    )
    connection.execute(
        "INSERT INTO copies (article_id, origin_id, containment, resemblance, rule, decided_at) VALUES"
        " (2, 1, 0.874, 0.8, 'earliest', now()), (5, 1, 0.781, 0.7, 'earliest', now()) ON CONFLICT DO NOTHING"
    )
    connection.execute(
        "INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text, diff) VALUES"
        " (1, 1, now(), 'first', 'Putin lands', 'x', NULL), (1, 2, now(), 'correction', 'Putin lands', 'y', %s)"
        " ON CONFLICT DO NOTHING",
        [f"@@ -1 +1 @@\n-The plane came down at three.\n+The plane came down at two.\n {MISCHIEF}\n"],
    )


@pytest.fixture(scope="session")
def portal(api_server: Any) -> dict[str, Any]:
    """The running pages, with two digests behind them; ids by day."""
    topic = topics.find(api_server.settings, "putin-kim-summit")
    ids = {}
    with database.connect(api_server.settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, %s, '{}', %s) ON CONFLICT DO NOTHING",
            [topic.slug, topic.name, topic.timezone],
        )
        connection.execute(
            "INSERT INTO stories (id, opened_at, first_published, last_published) OVERRIDING SYSTEM VALUE"
            " SELECT number, now(), now(), now() FROM generate_series(1, 3) AS number ON CONFLICT DO NOTHING"
        )
        fill_articles(connection)
        connection.execute(
            "INSERT INTO article_topics (article_id, topic, on_topic, rule, score, threshold, decided_at)"
            " SELECT id, %s, true, 'query', 1, 0, now() FROM articles WHERE id < 3 ON CONFLICT DO NOTHING",
            [topic.slug],
        )
        connection.execute("UPDATE stories SET merged_into = 1 WHERE id = 2")
        connection.execute(
            "INSERT INTO story_events (at, kind, story_id, other_id, actor, reason)"
            " VALUES (now(), 'merge', 1, 2, 'pipeline', 'mix score 0.91 reached 0.44')"
        )
        connection.execute(
            "INSERT INTO feeds (url, outlet, state, state_reason, language) VALUES"
            " ('https://harbourpost.example/rss', 'Harbour Post', 'active', NULL, 'en'),"
            " ('https://echo.example/rss', %s, 'paused', 'http-404', 'pl-PL') ON CONFLICT DO NOTHING",
            [MISCHIEF],
        )
        connection.execute(
            "INSERT INTO entries (feed_id, key, url, title, text, published, published_rule, first_seen_at,"
            " last_seen_at, article_id, matched_at) SELECT id, 'k', 'https://harbourpost.example/1', %s, '', now(),"
            " 'published', now(), now(), 1, now() FROM feeds"
            " WHERE url = 'https://harbourpost.example/rss' ON CONFLICT DO NOTHING",
            [MISCHIEF],
        )
        connection.execute(
            "INSERT INTO item_faults (step, kind, item_id, tries, first_at, last_at, next_try_at, set_aside_at, class,"
            " message, place) VALUES"
            " ('embed', 'article', 1, 1, now(), now(), '2030-01-01', NULL, 'ValueError', 'odd', 'a.py:1'),"
            " ('extract', 'article', 2, 5, now(), now(), now(), now(), 'AttributeError', %s, 'extraction/facts.py:112')"
            " ON CONFLICT DO NOTHING",
            [MISCHIEF],
        )
        for day in ("2024-06-18", "2024-06-19"):
            items = (
                DigestItem(1, 1, f"Putin lands {MISCHIEF}", "Two leaders met.", "new", 2.0, 3, 2, (
                    article(1, "Putin lands in Pyongyang", "https://harbourpost.example/1"),
                    article(2, f"Click me {MISCHIEF}", "javascript:document.title='owned'"),
                )),
                DigestItem(2, 2, "金正恩が歓迎", "A second story.", "grown", 1.0, 1, 1, (
                    article(3, "Second", "https://harbourpost.example/2"),
                )),
            )  # fmt: skip
            digest = Digest(topic.slug, day, f"{topic.name}: {day}", items, (DroppedStory(2, "too small"),), 3, 1)
            moment = datetime.now(UTC)
            rendered = digests.Rendered(to_markdown(digest, topic), to_body(digest, topic), moment, moment)
            ids[day] = digests.save(connection, digest, rendered).id
        connection.execute(
            'UPDATE digests SET note = %s, pending = 3, pending_why = \'{"held": 1, "to_retry": 2}\' WHERE id = %s',
            [MISCHIEF, ids["2024-06-19"]],
        )
        first = ids["2024-06-18"]
        connection.execute(
            "INSERT INTO deliveries (digest_id, channel, at, outcome, detail, tries, next_try_at, failed_at) VALUES"
            " (%(id)s, 'files', now(), 'ok', NULL, 1, NULL, NULL),"
            " (%(id)s, 'webhook', '2024-06-19', 'http-404', %(said)s, 3, NULL, '2024-06-19'),"
            " (%(id)s, 'mail', '2024-06-19', 'TimeoutError', 'timed out', 2, '2030-01-01', NULL),"
            " (%(id)s, 'failed-webhook-mail', now(), 'ok', NULL, 1, NULL, NULL) ON CONFLICT DO NOTHING",
            {"id": first, "said": MISCHIEF},
        )
    return {"server": api_server, "ids": ids}


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the system's browser is; CI installs it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no chromium on this machine; .ci/run installs it")
    return found


@pytest.fixture
def page(chromium: str, portal: dict[str, Any]) -> Iterator[Any]:
    """A browser tab of a logged-in reader."""
    from playwright.sync_api import sync_playwright

    server = portal["server"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.set_default_timeout(90_000)
        tab.goto(f"{server.address}/auth/login")
        tab.fill("input[name=username]", server.user)
        tab.fill("input[name=password]", server.password)
        tab.keyboard.press("Enter")
        tab.wait_for_url(f"{server.address}/")
        yield tab
        browser.close()
