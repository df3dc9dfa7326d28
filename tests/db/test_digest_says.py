"""What a digest says of the one published before it, what is filed of it, and how it is mailed, over Postgres."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline import database, steps
from pipeline.models import Review
from pipeline.settings import Settings
from pipeline.steps import filing
from pipeline.store import digests as store
from pipeline.store.digests import StoredDigest
from tests.support import receivers
from tests.support.deskrows import START, TOPIC, add, now, placed

DAY, NEXT = "2024-06-19", "2024-06-20"


@pytest.fixture
def placed_desk(desk: Settings) -> Settings:
    """Two stories of the 19th, in place; the treaty's first article has its first wording kept."""
    steps.cluster(desk, now=START + timedelta(hours=6))
    return desk


def draft(settings: Settings, day: str, at: datetime) -> StoredDigest:
    """A draft as known at a moment."""
    drafted = steps.draft(settings, topic=TOPIC, day=day, now=at, as_of=at)
    return row_of(settings, int(drafted["digest_id"]))


def row_of(settings: Settings, digest_id: int) -> StoredDigest:
    with database.connect(settings) as connection:
        row = store.digest(connection, digest_id)
    assert row is not None
    return row


def publish(settings: Settings, row: StoredDigest, at: datetime, note: str = "") -> StoredDigest:
    steps.publish(settings, digest_id=row.id, review=Review(True, "ana", note), now=at)
    return row_of(settings, row.id)


def wording(settings: Settings, article_id: int, number: int, text: str, at: datetime, kind: str) -> None:
    """Keep a wording of an article; it is the article's from then on."""
    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO article_revisions (article_id, revision, seen_at, kind, title, text)"
            " SELECT id, %s, %s, %s, title, %s FROM articles WHERE id = %s",
            (number, at, kind, text, article_id),
        )
        connection.execute("UPDATE articles SET text = %s, revision = %s WHERE id = %s", (text, number, article_id))


def told_on(settings: Settings, text: str, like: int) -> int:
    """An article of the next day in the story of another; its id."""
    with database.connect(settings) as connection:
        found = connection.execute("SELECT id FROM embedding_models").fetchone()
        assert found is not None
        article_id = add(connection, found["id"], 30, text, 0)
        connection.execute(
            "INSERT INTO memberships (article_id, story_id, since, score, threshold, method)"
            " SELECT %s, story_id, %s, 1, 0, 'must-link' FROM memberships WHERE article_id = %s AND until IS NULL",
            (article_id, START + timedelta(hours=31), like),
        )
        connection.execute("UPDATE articles SET clustered_at = now() WHERE id = %s", (article_id,))
    return article_id


MORNING, EVENING = START + timedelta(hours=25), START + timedelta(hours=50)


def test_without_a_published_digest_every_story_is_new_and_a_draft_does_not_count(placed_desk: Settings) -> None:
    draft(placed_desk, DAY, MORNING)
    told_on(placed_desk, "Seoul convened an emergency session of its security council", min(placed(placed_desk)))
    after = draft(placed_desk, NEXT, EVENING)
    assert [item.status for item in after.items] == ["new"]
    assert after.digest().changes.since is None


def test_a_story_that_readers_had_grows_and_one_that_nobody_tells_on_ends(placed_desk: Settings) -> None:
    first = publish(placed_desk, draft(placed_desk, DAY, MORNING), MORNING)
    text = "Seoul convened an emergency session of its security council"
    told_on(placed_desk, text, min(placed(placed_desk)))
    after = draft(placed_desk, NEXT, EVENING)
    (item,) = after.items
    assert item.status == "grown"
    assert item.details.grown is not None
    assert item.details.grown.text == f"{text}."
    changes = after.digest().changes
    assert changes.since is not None
    assert changes.since.digest_id == first.id
    assert [each.headline for each in changes.ended] == [first.items[1].headline]
    assert "Since the digest of 19 June 2024: 1 has grown and 1 has ended." in after.markdown


def test_a_waiting_draft_is_told_anew_when_an_earlier_day_is_published(placed_desk: Settings) -> None:
    earlier = draft(placed_desk, DAY, MORNING)
    told_on(placed_desk, "Seoul convened an emergency session of its security council", min(placed(placed_desk)))
    waiting = draft(placed_desk, NEXT, EVENING)
    assert "No digest of an earlier day was published" in waiting.markdown
    publish(placed_desk, earlier, EVENING)
    again = row_of(placed_desk, waiting.id)
    assert (again.state, [item.status for item in again.items]) == ("draft", ["grown"])
    assert "Since the digest of 19 June 2024" in again.markdown
    assert "Since the digest of 19 June 2024" in again.html


def test_a_correction_after_a_digest_is_flagged_in_the_next_with_copies_that_say_the_old(
    placed_desk: Settings,
) -> None:
    article_id, copy_id, mended_id = sorted(placed(placed_desk))[:3]
    old = "Satellite pictures show 205 containers at the port.\nThey were moved by night."
    new = old.replace("205", "250") + "\nCorrection: an earlier version of this article gave 205."
    for each in (article_id, copy_id, mended_id):
        wording(placed_desk, each, 1, old, START, "first")
    with database.connect(placed_desk) as connection:
        for each in (copy_id, mended_id):
            connection.execute("INSERT INTO copies VALUES (%s, %s, 1, 1, 'earliest', now())", (each, article_id))
    publish(placed_desk, draft(placed_desk, DAY, MORNING), MORNING)
    wording(placed_desk, article_id, 2, new, MORNING + timedelta(hours=3), "correction")
    wording(placed_desk, mended_id, 2, old.replace("205", "250"), MORNING + timedelta(hours=4), "update")
    told_on(placed_desk, "The port was closed by the navy on Thursday", article_id)

    after = draft(placed_desk, NEXT, EVENING)
    (found,) = after.digest().changes.corrections
    assert (found.was, found.now) == (
        "Satellite pictures show 205 containers at the port.",
        "Satellite pictures show 250 containers at the port.",
    )
    assert [copy.outlet for copy in found.copies] == ["Outlet 1"]
    assert after.items[0].status == "corrected"
    assert "Copies that still say the old: [Outlet 1]" in after.markdown

    before = draft(placed_desk, NEXT, MORNING + timedelta(hours=2))
    assert before.digest().changes.corrections == (), "as of its moment, nothing was corrected yet"
    publish(placed_desk, draft(placed_desk, NEXT, EVENING), EVENING)
    later = draft(placed_desk, "2024-06-21", EVENING + timedelta(days=1))
    assert later.digest().changes.corrections == (), "it was flagged once"


def test_a_draft_quotes_what_an_article_said_at_its_moment(placed_desk: Settings) -> None:
    article_id = min(placed(placed_desk))
    for each in sorted(placed(placed_desk))[:3]:
        wording(placed_desk, each, 1, "The treaty has 22 articles. It was signed at noon.", START, "first")
        wording(placed_desk, each, 2, "The treaty has 23 articles. It was signed at noon.", EVENING, "update")
    then = draft(placed_desk, DAY, MORNING)
    assert then.items[0].summary.startswith("The treaty has 22 articles.")
    assert article_id in {article.article_id for article in then.items[0].articles}
    assert draft(placed_desk, DAY, EVENING).items[0].summary.startswith("The treaty has 23 articles.")


# --- files ------------------------------------------------------------------------------------------------


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "href" and value]


def test_the_folder_leads_from_its_index_to_every_shape_of_every_day(placed_desk: Settings) -> None:
    publish(placed_desk, draft(placed_desk, DAY, MORNING), MORNING, "Quiet <day>")
    top = filing.folder(placed_desk)
    reached, waiting = set[Path](), [top / "index.html"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = Links(page.read_text()).found if page.suffix == ".html" else []
        local = [(page.parent / link).resolve() for link in links if not link.startswith(("http", "#"))]
        waiting += [target for target in local if target not in reached]
    written = {path.resolve() for path in top.rglob("*") if path.is_file()}
    assert {path.resolve() for path in reached} == written
    assert {path.name for path in written} == {
        "index.html", "atom.xml", *(f"{DAY}.{ending}" for ending in ("html", "md", "txt", "json")),
    }  # fmt: skip
    assert "Note: Quiet <day>" in (top / TOPIC / f"{DAY}.txt").read_text()
    assert json.loads((top / TOPIC / f"{DAY}.json").read_text())["note"] == "Quiet <day>"
    assert "<svg" in (top / TOPIC / f"{DAY}.html").read_text()
    assert "svg" not in (top / TOPIC / "atom.xml").read_text(), "readers of feeds drop it"


def test_with_a_public_address_the_feed_leads_there(placed_desk: Settings) -> None:
    settings = replace(placed_desk, published_url="https://news.example/d/", public_url="https://desk.example")
    publish(settings, draft(settings, DAY, MORNING), MORNING)
    feed = (filing.folder(settings, TOPIC) / "atom.xml").read_text()
    assert f'rel="self" type="application/atom+xml" href="https://news.example/d/{TOPIC}/atom.xml"' in feed
    assert f"https://news.example/d/{TOPIC}/{DAY}.html" in feed
    assert "desk.example" not in feed, "that one asks for a log-in"


# --- mail -------------------------------------------------------------------------------------------------


def test_mail_has_both_forms_a_date_and_a_name_of_its_own(placed_desk: Settings) -> None:
    with receivers.box() as box:
        settings = replace(
            placed_desk, smtp_url=box.address, mail_to="readers@news.example",
            desk_mail_to="ana@news.example", mail_from="desk@news.example", published_url="https://news.example/d",
        )  # fmt: skip
        row = draft(settings, DAY, MORNING)
        steps.tell_of_review(settings, digest_id=row.id, subject="19 June", link="https://a.example/r", now=now())
        publish(settings, row, MORNING)
        review, published = box.messages
    assert published["Message-ID"] != review["Message-ID"]
    links = {"Review it": "https://a.example/r", "On the web": f"https://news.example/d/{TOPIC}/{DAY}.html"}
    for message, (label, link) in zip((review, published), links.items(), strict=True):
        assert isinstance(message, EmailMessage)
        assert message["Date"]
        assert message["Message-ID"].endswith("@news.example>")
        text, html = (str(part.get_content()) for kind in ("plain", "html") if (part := message.get_body((kind,))))
        text = text.replace("\r\n", "\n")
        assert text.startswith(f"{label}: {link}\n\n")
        assert "2 stories from 5 articles" in text
        assert "##" not in text, "Markdown is no mail"
        assert f'<a href="{link}">{label}</a>' in html
        assert "<svg" not in html
        assert html.count('<article class="d-story"') == 2


# --- glosses ----------------------------------------------------------------------------------------------


@pytest.fixture
def korean(settings: Settings) -> Settings:
    """One story that is told in Korean alone."""
    from pipeline.store import models

    with database.connect(settings) as connection:
        connection.execute(
            "INSERT INTO topics (slug, name, definition, digest_zone) VALUES (%s, 'Summit', '{}', 'UTC')", (TOPIC,)
        )
        model = models.register(connection, settings.model, "test", 384, ["en"])
        add(connection, model.id, 3, "두 정상은 정원에서 한 시간 동안 산책했다", 0, "ko")
    steps.cluster(settings, now=START + timedelta(hours=6))
    return settings


def test_a_headline_in_another_language_is_glossed_once_and_marked(korean: Settings) -> None:
    with receivers.hook() as hook:
        hook.answers = [(200, {}, json.dumps({"translatedText": "Two leaders <b>walked</b>"}).encode())]
        settings = replace(korean, translate_url=hook.address, translate_key="k")
        first, again = draft(settings, DAY, MORNING), draft(settings, DAY, MORNING)
    headline = first.items[0].headline
    assert hook.bodies == [{"q": headline, "source": "ko", "target": "en", "format": "text", "api_key": "k"}]
    for row in (first, again):
        assert "In Korean: Two leaders \\<b\\>walked\\</b\\> (translated by machine: LibreTranslate at" in row.markdown
        assert "<i>Two leaders &lt;b&gt;walked&lt;/b&gt;</i>" in row.html
    assert headline in first.markdown, "the original stands"


@pytest.mark.parametrize("answer", [503, (200, {}, b"no JSON"), (200, {}, b'{"translatedText": 7}'), (200, {}, b"[]")])
def test_a_service_that_fails_leaves_a_draft_without_a_gloss(korean: Settings, answer: receivers.Answer | int) -> None:
    with receivers.hook() as hook:
        hook.answers = [answer]
        row = draft(replace(korean, translate_url=hook.address), DAY, MORNING)
    assert "In Korean" in row.markdown
    assert "by machine" not in row.markdown


def test_nobody_is_asked_where_no_service_is_set(korean: Settings) -> None:
    row = draft(korean, DAY, MORNING)
    assert "*In Korean*" in row.markdown
    assert row.items[0].details.gloss is None
