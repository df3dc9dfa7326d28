"""Each step with a fault of our own in the middle item: the others are done; it waits, is set aside, is released."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pkgutil import resolve_name
from typing import Any

import pytest

from pipeline import database, steps, web
from pipeline.errors import BrokenStepError, Fault, InfrastructureError
from pipeline.models import FeedSource, Review
from pipeline.settings import Settings
from pipeline.steps.barrier import TRIES, next_try
from pipeline.store import faults
from tests.support.deskrows import TOPIC
from tests.support.pages import serve

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
DAY = "2024-06-19"
NAMES = ("one", "two", "three")
PROSE = " ".join(
    f"Vladimir Putin and Kim Jong Un signed article {n} of their partnership treaty in Pyongyang on Wednesday."
    for n in range(8)
)
Row = dict[str, Any]
Patch = pytest.MonkeyPatch


def rows(settings: Settings, query: str, *values: object) -> list[Row]:
    with database.connect(settings) as connection:
        return connection.execute(query, values).fetchall()


def column(settings: Settings, query: str) -> list[Any]:
    return [value for row in rows(settings, query) for value in row.values()]


def breaks(patch: Patch, where: str, is_bad: Callable[..., bool], error: BaseException | None = None) -> None:
    """Let the function at `where` raise for the arguments that `is_bad` names, and do its work for all others."""
    module, _, name = where.rpartition(".")
    owner = resolve_name(module)
    whole = getattr(owner, name)

    def broken(*arguments: Any, **options: Any) -> Any:
        if is_bad(*arguments, **options):
            raise error or AttributeError(f"{name} stumbled")
        return whole(*arguments, **options)

    patch.setattr(owner, name, broken)


@contextmanager
def broken(where: str, is_bad: Callable[..., bool], error: BaseException | None = None) -> Iterator[None]:
    with Patch.context() as patch:
        breaks(patch, where, is_bad, error)
        yield


def goes_through_quarantine(
    settings: Settings,
    run: Callable[[datetime], Row],
    stumble: Callable[[], Any],
    done: Callable[[], Sequence[Any]],
    expected: tuple[str, str],
) -> None:
    """The whole way of one bad item among three, as every step has it. `expected` is its step and its name."""
    with stumble():
        assert run(NOW)["internal"] == 1
        assert len(done()) == 2, "the others are done"
        [row] = rows(settings, "SELECT step, item, tries, class, message, place FROM quarantine")
        assert (row["step"], row["item"], row["tries"]) == (*expected, 1)
        assert (row["class"], row["message"].endswith("stumbled")) == ("AttributeError", True)
        assert row["place"].split(":")[0].endswith(".py")
        now = NOW
        for tries in range(1, TRIES):
            again = next_try(tries, now)
            assert again is not None
            assert run(again - timedelta(seconds=1))["internal"] == 0, "it waits"
            now = again
            assert run(now)["internal"] == 1, "it is tried again"
        assert run(now + timedelta(days=2))["internal"] == 0
        assert column(settings, "SELECT count(set_aside_at) FROM item_faults") == [1]
    later = now + timedelta(days=3)
    run(later)
    assert len(done()) == 2, "set aside, though it would pass now"
    with database.connect(settings) as connection:
        assert faults.release(connection, items=[expected[1]]) == [expected[1]]
    assert run(later)["internal"] == 0
    assert len(done()) == 3
    assert rows(settings, "SELECT * FROM item_faults") == []


# --- polling, matching, extraction ------------------------------------------------------------------------------


def rss(name: str) -> str:
    return (
        f"<rss version='2.0'><channel><title>{name}</title><item><title>Putin and Kim: {name}</title>"
        f"<link>https://outlet.example/{name}</link><guid>{name}</guid></item></channel></rss>"
    )


@pytest.fixture
def outlet() -> Iterator[str]:
    page = "<!doctype html><html lang='en'><title>{0}</title><article><h1>{0}</h1><p>{1}</p></article></html>"
    pages = {f"/{name}.xml": ("application/rss+xml", rss(name)) for name in NAMES}
    pages |= {f"/{name}": ("text/html", page.format(f"Treaty, part {name}", f"{PROSE} {name}.")) for name in NAMES}
    with serve(pages) as address:
        yield address


@pytest.fixture
def fed(settings: Settings, outlet: str) -> Settings:
    """Three feeds."""
    here = replace(settings, allow_hosts="127.0.0.1")
    for name in NAMES:
        steps.add_feed(here, FeedSource(url=f"{outlet}/{name}.xml", title=name, outlet=name))
    return here


def test_poll(fed: Settings) -> None:
    ids = column(fed, "SELECT id FROM feeds ORDER BY id")

    def run(now: datetime) -> Row:
        due = {feed_id for batch in steps.due_batches(fed, now=now) for feed_id in batch}
        assert column(fed, "SELECT leased_until = 'epoch' FROM feeds") == 3 * [True], "every lease was given back"
        return steps.poll(fed, feed_ids=[ids[1]] if ids[1] in due and now > NOW else ids if now == NOW else [], now=now)

    goes_through_quarantine(
        fed,
        run,
        lambda: broken(
            "pipeline.feeds.reading.FeedReader.submit", lambda _, document, __: b"Kim: two" in document.body
        ),
        lambda: rows(fed, "SELECT 1 FROM entries"),
        ("poll", f"feed:{ids[1]}"),
    )
    logged = column(fed, f"SELECT outcome FROM fetches WHERE feed_id = {ids[1]} ORDER BY id")
    assert logged == [*TRIES * ["internal"], "ok"]


@pytest.fixture
def told(settings: Settings) -> Settings:
    """Three entries that no topic was asked about."""
    steps.add_feed(settings, FeedSource(url="https://outlet.example/rss", title="Outlet", outlet="Outlet"))
    with database.connect(settings) as connection:
        for number, name in enumerate(NAMES):
            connection.execute(
                "INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule,"
                " first_seen_at, last_seen_at) VALUES (1, %(key)s, %(url)s, %(url)s, %(title)s, %(text)s, %(at)s,"
                " 'published', %(at)s, %(at)s)",
                {
                    "key": name,
                    "url": f"https://outlet.example/{name}",
                    "title": f"Putin and Kim sign their treaty in Pyongyang: {name}",
                    "text": PROSE,
                    "at": NOW - timedelta(hours=3 - number),
                },
            )
    return settings


def test_match(told: Settings) -> None:
    goes_through_quarantine(
        told,
        lambda now: steps.match(told, now=now),
        lambda: broken("pipeline.topics.match", lambda _, title, *__, **___: title.endswith(": two")),
        lambda: rows(told, "SELECT 1 FROM articles"),
        ("match", "entry:2"),
    )


def test_match_where_the_database_refuses_one_of_a_batch(told: Settings) -> None:
    goes_through_quarantine(
        told,
        lambda now: steps.match(told, now=now),
        lambda: broken(
            "pipeline.store.articles.upsert", lambda _, sighted: any(each.url.endswith("two") for each in sighted)
        ),
        lambda: rows(told, "SELECT 1 FROM articles"),
        ("match", "entry:2"),
    )
    assert column(told, "SELECT count(*) FROM entry_topics WHERE on_topic") == [3]


def test_match_makes_one_article_of_a_page_that_a_batch_names_twice(told: Settings) -> None:
    rows(told, "UPDATE entries SET canonical_url = 'https://outlet.example/one' WHERE key = 'two' RETURNING 1")
    rows(told, "UPDATE entries SET first_seen_at = first_seen_at - interval '9 hours' WHERE key = 'two' RETURNING 1")
    assert steps.match(told, now=NOW) == {"judged": 3, "on_topic": 3, "internal": 0}
    found = rows(told, "SELECT id, url, first_seen_at FROM articles ORDER BY id")
    assert [row["url"].rpartition("/")[2] for row in found] == ["one", "three"]
    one, three = (row["id"] for row in found)
    assert column(told, "SELECT article_id FROM entries ORDER BY id") == [one, one, three]
    assert column(told, "SELECT first_seen_at FROM entries WHERE key = 'two'") == [found[0]["first_seen_at"]]


def test_match_looks_again_at_an_article_that_was_seen_earlier(told: Settings) -> None:
    steps.match(told, now=NOW)
    whole = "title = 'T', text = 'Text.', published = first_seen_at"
    rows(told, f"UPDATE articles SET state = 'extracted', {whole} RETURNING 1")
    rows(
        told,
        "UPDATE entries SET matched_at = NULL, article_id = NULL, first_seen_at = first_seen_at"
        " - CASE key WHEN 'three' THEN interval '0' ELSE interval '1 day' END RETURNING 1",
    )
    assert steps.match(told, now=NOW)["on_topic"] == 3
    [(one, two, three)] = [column(told, "SELECT next_refetch_at FROM articles ORDER BY id")]
    assert [one, two] == column(told, "SELECT first_seen_at FROM entries WHERE key <> 'three' ORDER BY id")
    assert three is None


def test_match_where_the_model_stumbles_over_one_of_a_batch(told: Settings) -> None:
    def holds_two(_self: object, _topic: object, documents: Sequence[Any]) -> bool:
        return any(document.title.endswith(": two") for document in documents)

    goes_through_quarantine(
        told,
        lambda now: steps.match(told, now=now),
        lambda: broken_method(holds_two),
        lambda: rows(told, "SELECT 1 FROM articles"),
        ("match", "entry:2"),
    )


@contextmanager
def broken_method(is_bad: Callable[..., bool]) -> Iterator[None]:
    from pipeline.steps.closeness import SeedIndex

    whole = SeedIndex.closeness
    with Patch.context() as patch:

        def closeness(*arguments: Any) -> Any:
            if is_bad(*arguments):
                raise AttributeError("closeness stumbled")
            return whole(*arguments)

        patch.setattr(SeedIndex, "closeness", closeness)
        yield


def test_the_ledger_says_where_an_entry_stopped_and_an_edit_frees_it(told: Settings) -> None:
    stumble = ("pipeline.topics.match", lambda _, title, *__, **___: title.endswith(": two"))
    with broken(*stumble):
        steps.match(told, now=NOW)
    [row] = rows(told, "SELECT stage, fault_step, fault_class, fault_tries FROM ledger WHERE entry_id = 2")
    assert row == {
        "stage": "waiting: internal (match, AttributeError)",
        "fault_step": "match",
        "fault_class": "AttributeError",
        "fault_tries": 1,
    }
    rows(told, "UPDATE item_faults SET set_aside_at = now() RETURNING 1")
    assert column(told, "SELECT stage FROM ledger WHERE entry_id = 2") == ["stopped: set aside (match, AttributeError)"]
    with database.connect(told) as connection:
        faults.free(connection, "entry", [2])
    assert steps.match(told, now=NOW)["judged"] == 1


def test_match_is_red_after_finishing_where_most_entries_fail(told: Settings) -> None:
    rows(
        told,
        "INSERT INTO entries (feed_id, key, title, text, published, published_rule, first_seen_at, last_seen_at)"
        " SELECT 1, 'more' || n, 'Bad ' || n, 'x', now(), 'published', now(), now()"
        " FROM generate_series(1, 4) n RETURNING 1",
    )
    with (
        broken("pipeline.topics.match", lambda _, title, *__, **___: title.startswith("Bad")),
        pytest.raises(BrokenStepError, match="match: 4 of 7 items ended internal"),
    ):
        steps.match(told, now=NOW)
    assert len(rows(told, "SELECT 1 FROM articles")) == 3
    assert len(rows(told, "SELECT 1 FROM item_faults")) == 4


def test_a_step_lets_the_worlds_faults_through(told: Settings) -> None:
    away = InfrastructureError("the model is away")
    with (
        broken("pipeline.topics.match", lambda _, title, *__, **___: title.endswith(": two"), away),
        pytest.raises(InfrastructureError, match="the model is away"),
    ):
        steps.match(told, now=NOW)
    assert rows(told, "SELECT 1 FROM articles") == []
    assert rows(told, "SELECT 1 FROM item_faults") == []


@pytest.fixture
def pages(settings: Settings, outlet: str) -> Settings:
    """Three articles to fetch."""
    with database.connect(settings) as connection:
        for name in NAMES:
            connection.execute(
                "INSERT INTO articles (identity, canonical_url, url, outlet, first_seen_at)"
                " VALUES (%(url)s, %(url)s, %(url)s, 'Outlet', %(at)s)",
                {"url": f"{outlet}/{name}", "at": NOW},
            )
    return replace(settings, allow_hosts="127.0.0.1", refetch_hours=0.0)


def extracted(settings: Settings) -> list[Row]:
    return rows(settings, "SELECT 1 FROM articles WHERE state = 'extracted'")


def test_extract_where_a_page_cannot_be_saved(pages: Settings) -> None:
    goes_through_quarantine(
        pages,
        lambda now: steps.extract(pages, now=now),
        lambda: broken("pipeline.steps.extracting._written", lambda article, *_: "part two" in article.title),
        lambda: extracted(pages),
        ("extract", "article:2"),
    )
    assert column(pages, "SELECT DISTINCT attempts FROM articles") == [1], (
        "our own failures are no attempts of the page"
    )


def test_extract_where_the_feeds_own_words_cannot_be_read(pages: Settings) -> None:
    goes_through_quarantine(
        pages,
        lambda now: steps.extract(pages, now=now),
        lambda: broken("pipeline.store.articles.fallback", lambda _, article_id: article_id == 2),
        lambda: extracted(pages),
        ("extract", "article:2"),
    )


def test_extract_where_the_fault_itself_cannot_be_noted(pages: Settings) -> None:
    with (
        broken("pipeline.steps.extracting._digest", lambda body: b"part two" in body),
        broken("pipeline.store.articles.give_back", lambda *_: True),
    ):
        assert steps.extract(pages, now=NOW)["internal"] == 1
    assert len(extracted(pages)) == 2
    assert column(pages, "SELECT item FROM quarantine") == ["article:2"]


def test_extract_where_an_answer_cannot_be_settled(pages: Settings) -> None:
    goes_through_quarantine(
        pages,
        lambda now: steps.extract(pages, now=now),
        lambda: broken("pipeline.steps.extracting._digest", lambda body: b"part two" in body),
        lambda: extracted(pages),
        ("extract", "article:2"),
    )
    logged = column(pages, "SELECT outcome FROM fetches WHERE article_id = 2 ORDER BY id")
    assert logged == [*TRIES * ["internal"], "ok"]


def test_extract_where_the_client_itself_fails(pages: Settings) -> None:
    goes_through_quarantine(
        pages,
        lambda now: steps.extract(pages, now=now),
        lambda: broken_client("/two"),
        lambda: extracted(pages),
        ("extract", "article:2"),
    )


@contextmanager
def broken_client(path: str) -> Iterator[None]:
    from pipeline.web.fetching import Fetcher

    whole = Fetcher.fetch
    with Patch.context() as patch:

        async def fetch(self: Fetcher, request: web.Request) -> Any:
            if request.url.endswith(path):
                raise AttributeError("the client itself stumbled")
            return await whole(self, request)

        patch.setattr(Fetcher, "fetch", fetch)
        yield


def test_an_article_in_a_story_stays_so_where_a_later_look_fails(desk: Settings) -> None:
    steps.place(desk, now=NOW)
    rows(desk, "INSERT INTO feeds (url, outlet) VALUES ('https://outlet.example/feed', 'Outlet') RETURNING 1")
    rows(
        desk,
        "INSERT INTO entries (feed_id, key, title, text, published, published_rule, first_seen_at, last_seen_at,"
        " matched_at, article_id) SELECT min(id), 'k', 't', 't', now(), 'published', now(), now(), now(), 1 FROM feeds"
        " RETURNING 1",
    )
    rows(
        desk,
        "INSERT INTO entry_topics (entry_id, topic, on_topic, rule, score, threshold, decided_at)"
        " SELECT max(id), (SELECT slug FROM topics LIMIT 1), true, 'query', 1, 0, now() FROM entries RETURNING 1",
    )
    with database.connect(desk) as connection:
        item = faults.Item("reassign", "article", 1)
        fault = Fault("ValueError", "stumbled", "stories/decide.py:1")
        faults.record(connection, item, fault, tries=1, now=NOW, next_try=NOW)
    [row] = rows(desk, "SELECT stage, fault_step FROM ledger WHERE article_id = 1")
    assert row == {"stage": "in story", "fault_step": "reassign"}


# --- copies, vectors ------------------------------------------------------------------------------------------------


@pytest.fixture
def texts(desk: Settings) -> Settings:
    """Three articles whose origin was not looked for."""
    rows(desk, "DELETE FROM articles WHERE id > 3 RETURNING 1")
    rows(desk, "UPDATE articles SET copies_at = NULL, embedded_at = NULL RETURNING 1")
    rows(desk, "DELETE FROM vectors RETURNING 1")
    return desk


def test_copies(texts: Settings) -> None:
    goes_through_quarantine(
        texts,
        lambda now: steps.find_copies(texts, now=now),
        lambda: broken("pipeline.copies.families.resolve", lambda text, *_, **__: text.id == "2"),
        lambda: rows(texts, "SELECT 1 FROM articles WHERE copies_at IS NOT NULL"),
        ("copies", "article:2"),
    )


def embedded(settings: Settings) -> list[Row]:
    return rows(settings, "SELECT 1 FROM articles WHERE embedded_at IS NOT NULL")


def test_embed_where_one_text_of_a_batch_fails(texts: Settings) -> None:
    rows(texts, "UPDATE articles SET copies_at = now() RETURNING 1")
    goes_through_quarantine(
        texts,
        lambda now: steps.embed(texts, now=now),
        lambda: broken("pipeline.steps.embedding.article_vectors", lambda _, made, __: any(d.id == "2" for d in made)),
        lambda: embedded(texts),
        ("embed", "article:2"),
    )


def test_embed_where_a_verdict_fails(texts: Settings) -> None:
    rows(texts, "UPDATE articles SET copies_at = now() RETURNING 1")
    bad = column(texts, "SELECT title FROM articles WHERE id = 2")[0]
    goes_through_quarantine(
        texts,
        lambda now: steps.embed(texts, now=now),
        lambda: broken("pipeline.topics.match", lambda _, title, *__, **___: title == bad),
        lambda: embedded(texts),
        ("embed", "article:2"),
    )


def test_a_copy_whose_origin_cannot_be_embedded_is_embedded_itself(texts: Settings) -> None:
    rows(texts, "UPDATE articles SET copies_at = now() RETURNING 1")
    rows(texts, "INSERT INTO copies VALUES (3, 2, 1, 1, 'earliest', now()) RETURNING 1")
    with broken("pipeline.steps.embedding.article_vectors", lambda _, made, __: any(d.id == "2" for d in made)):
        counts = steps.embed(texts, now=NOW)
    assert (counts["embedded"], counts["borrowed"], counts["internal"]) == (2, 0, 1)
    assert column(texts, "SELECT article_id FROM vectors ORDER BY 1") == [1, 3]


# --- digests --------------------------------------------------------------------------------------------------------


@pytest.fixture
def stories(desk: Settings) -> Settings:
    """Three stories of the day, by hand."""
    rows(desk, "DELETE FROM articles WHERE id > 3 RETURNING 1")
    for number in (1, 2, 3):
        rows(
            desk,
            "INSERT INTO stories (opened_at, first_published, last_published) VALUES (now(), now(), now()) RETURNING 1",
        )
        rows(
            desk,
            "INSERT INTO memberships (article_id, story_id, since, score, threshold, method)"
            " VALUES (%s, %s, '2024-06-19', 1, 0, 'first') RETURNING 1",
            number,
            number,
        )
    return desk


def test_draft(stories: Settings) -> None:
    def newest() -> list[Row]:
        return rows(
            stories, "SELECT 1 FROM digest_items WHERE digest_id = (SELECT id FROM digests ORDER BY id DESC LIMIT 1)"
        )

    goes_through_quarantine(
        stories,
        lambda now: steps.draft(stories, topic=TOPIC, day=DAY, now=now, as_of=NOW),
        lambda: broken("pipeline.digests.choosing.headline_article", lambda articles, *_: articles[0].article_id == 2),
        newest,
        ("draft", "story:2"),
    )
    [drop] = rows(stories, "SELECT story_id, reason FROM digest_drops ORDER BY digest_id LIMIT 1")
    assert drop == {"story_id": 2, "reason": "internal: our own code failed on it"}


def test_draft_is_red_in_one_line_where_the_digest_cannot_be_stored(stories: Settings) -> None:
    with (
        broken("pipeline.store.digests.save", lambda *_: True),
        pytest.raises(BrokenStepError, match=f"draft: the digest of {DAY} ended internal: .*save stumbled"),
    ):
        steps.draft(stories, topic=TOPIC, day=DAY, now=NOW, as_of=NOW)
    assert rows(stories, "SELECT 1 FROM digests") == []


def test_a_fault_that_no_try_can_clear_is_forgotten_after_a_week(stories: Settings) -> None:
    with broken("pipeline.digests.choosing.headline_article", lambda articles, *_: articles[0].article_id == 2):
        steps.draft(stories, topic=TOPIC, day=DAY, now=NOW, as_of=NOW)
    steps.maintain(stories, now=NOW + timedelta(days=7))
    assert column(stories, "SELECT item FROM quarantine") == ["story:2"]
    steps.maintain(stories, now=NOW + timedelta(days=8))
    assert column(stories, "SELECT item FROM quarantine") == []


def test_publish_is_red_and_the_digest_stays_a_draft(stories: Settings) -> None:
    digest_id = steps.draft(stories, topic=TOPIC, day=DAY, now=NOW, as_of=NOW)["digest_id"]
    approval = Review(True, "ana")
    with (
        broken("pipeline.digests.to_markdown", lambda *_, **__: True),
        pytest.raises(BrokenStepError, match=rf"publish: digest {digest_id} ended internal.*still a draft"),
    ):
        steps.publish(stories, digest_id=digest_id, review=approval, now=NOW)
    assert column(stories, "SELECT state FROM digests") == ["draft"]
    assert column(stories, "SELECT item FROM quarantine") == [f"digest:{digest_id}"]
    assert steps.publish(stories, digest_id=digest_id, review=approval, now=NOW)["state"] == "published"
    assert rows(stories, "SELECT * FROM item_faults") == []


def test_deliver(stories: Settings) -> None:
    desk = replace(stories, webhook_url="https://hook.example/", smtp_url="smtp://mail.example", mail_to="a@b.example")
    digest_id = steps.draft(desk, topic=TOPIC, day=DAY, now=NOW, as_of=NOW)["digest_id"]
    sent: list[str] = []

    def run(now: datetime) -> Row:
        if now > NOW:
            return steps.maintain(desk, now=now)
        outcome = steps.publish(desk, digest_id=digest_id, review=Review(True, "ana"), now=now)
        assert outcome["delivered"] == {"files": "ok", "webhook": "internal", "mail": "ok"}
        return {"internal": 1}

    def done() -> list[Row]:
        return rows(desk, "SELECT 1 FROM deliveries WHERE outcome = 'ok'")

    with Patch.context() as patch:
        patch.setattr("pipeline.steps.channels.mail.send", lambda *_: sent.append("mail"))
        patch.setattr("pipeline.web.post", lambda *_: sent.append("webhook"))
        goes_through_quarantine(
            desk,
            run,
            lambda: broken("pipeline.steps.channels.json.dumps", lambda body, **_: "reviewed_by" in body),
            done,
            ("deliver-webhook", f"digest:{digest_id}"),
        )
    assert sent == ["mail", "webhook"]


def test_maintain_goes_on_past_a_digest_that_fails(stories: Settings) -> None:
    for day in (DAY, "2024-06-20"):
        digest_id = steps.draft(stories, topic=TOPIC, day=day, now=NOW, as_of=NOW)["digest_id"]
        steps.publish(stories, digest_id=digest_id, review=Review(True, "ana"), now=NOW)
    rows(stories, "UPDATE deliveries SET outcome = 'timeout-total', next_try_at = at RETURNING 1")
    with broken("pipeline.steps.channels.digests.to_page", lambda title, _: title.endswith(DAY)):
        counts = steps.maintain(stories, now=NOW)
    assert (counts["redelivered"], counts["internal"]) == (1, 1)


def test_the_desk_is_told_by_mail_where_the_webhook_stumbles(settings: Settings) -> None:
    told: list[str] = []
    desk = replace(settings, desk_webhook_url="https://hook.example/", smtp_url="smtp://x", desk_mail_to="a@b.example")
    with Patch.context() as patch:
        patch.setattr("pipeline.steps.channels.mail.send", lambda *_: told.append("mail"))
        breaks(patch, "pipeline.steps.channels.json.dumps", lambda *_: True)
        outcomes = steps.tell(desk, subject="collect", text="red", link="https://desk.example")
    assert outcomes == {"mail": "ok", "webhook": "internal"}
    assert told == ["mail"]


# --- the feed list, the past ------------------------------------------------------------------------------------


def test_import_goes_on_past_a_feed_that_fails(settings: Settings) -> None:
    outlines = "".join(f"<outline type='rss' text='{n}' xmlUrl='https://{n}.example/rss'/>" for n in NAMES)
    body = f"<opml version='2.0'><body>{outlines}</body></opml>".encode()
    with broken("pipeline.store.feeds.add", lambda _, source, __: "two" in source.url):
        counts, problems = steps.import_feeds(settings, body)
    assert counts == {"feeds": 3, "added": 2, "problems": 1, "internal": 1}
    assert problems[0].startswith("https://two.example/rss: internal: AttributeError: add stumbled")


def test_check_goes_on_past_a_feed_that_fails(fed: Settings) -> None:
    with broken("pipeline.feeds.reading.FeedReader.read", lambda _, document: b"Kim: two" in document.body):
        found = steps.check_feeds(fed, now=NOW, on_result=lambda: None)
    assert sorted((row.health.outlet, row.answer) for row in found) == [
        ("one", "ok"), ("three", "ok"), ("two", "internal"),
    ]  # fmt: skip


def test_backfill_goes_on_past_a_feed_whose_captures_cannot_be_listed(fed: Settings) -> None:
    archived = replace(fed, archive_url="https://archive.example/")
    asked: list[str] = []

    class Client:
        def timemap(self, url: str, _start: datetime, _end: datetime) -> list[datetime]:
            asked.append(url)
            if "two" in url:
                raise AttributeError("timemap stumbled")
            return []

    @contextmanager
    def client(_settings: Settings) -> Iterator[Client]:
        yield Client()

    with Patch.context() as patch:
        patch.setattr("pipeline.steps.backfilling.shared_client", client)
        counts = steps.backfill(archived, start=NOW, end=NOW + timedelta(hours=1), now=NOW)
    assert len(asked) == 3
    assert counts["internal"] == 1
    assert rows(archived, "SELECT step, item FROM quarantine") == [{"step": "captures", "item": "feed:2"}]
