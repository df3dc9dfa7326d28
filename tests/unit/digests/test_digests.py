"""Choosing, ranking and rendering a day's stories."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from pipeline import digests, topics
from pipeline.models import PublishedDigest, StoryArticle, StoryView
from tests.support.project import REPOSITORY

NOON = datetime(2024, 6, 19, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def summit() -> topics.Topic:
    return topics.load(REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml", REPOSITORY / "seeds" / "documents")


def article(number: int, outlet: str, **changes: object) -> StoryArticle:
    base = StoryArticle(
        article_id=number,
        title=f"Headline {number}",
        url=f"https://{outlet}.example/{number}",
        outlet=outlet,
        country="GB",
        ownership="private",
        language="en",
        published=NOON + timedelta(minutes=number),
        copy_of=None,
        lead="The treaty was signed on Wednesday. It has 23 articles.",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def story(number: int, *articles: StoryArticle) -> StoryView:
    return StoryView(number, articles[0].published, articles[-1].published, articles, 0.5)


def test_copies_do_not_count_as_independent_confirmation(summit: topics.Topic) -> None:
    copied = story(1, article(1, "wire"), *(article(n, f"paper{n}", copy_of=1) for n in range(2, 9)))
    told = story(2, article(11, "a"), article(12, "b"))
    digest = digests.draft(summit, "2024-06-19", [copied, told], {})
    assert [item.story_id for item in digest.items] == [2, 1]
    assert (digest.items[1].outlets, digest.items[1].independent) == (8, 1)


def test_status_compares_with_the_digest_before(summit: topics.Topic) -> None:
    stories = [story(n, article(n * 10, "a"), article(n * 10 + 1, "b")) for n in (1, 2, 3)]
    digest = digests.draft(summit, "2024-06-19", stories, {2: 1, 3: 2})
    assert {item.story_id: item.status for item in digest.items} == {1: "new", 2: "developing", 3: "continuing"}


def test_what_does_not_fit_is_dropped_with_its_reason(summit: topics.Topic) -> None:
    stories = [story(n, article(n, "a")) for n in range(1, 16)]
    digest = digests.draft(summit, "2024-06-19", stories, {})
    assert len(digest.items) == summit.max_stories
    assert {drop.story_id for drop in digest.dropped} == {13, 14, 15}
    assert "beyond the 12 stories" in digest.dropped[0].reason


def test_the_same_rows_give_the_same_digest(summit: topics.Topic) -> None:
    stories = [story(n, article(n, "a")) for n in range(1, 6)]
    forward = digests.draft(summit, "2024-06-19", stories, {})
    assert forward == digests.draft(summit, "2024-06-19", stories[::-1], {})


def test_the_headline_is_an_own_text_in_english_where_there_is_one() -> None:
    korean = article(1, "haneul", language="ko")
    copy = article(2, "paper", copy_of=1)
    english = article(3, "daily")
    agency = article(4, "wire", ownership="agency")
    assert digests.headline_article([korean, copy, english, agency]) is agency
    assert digests.headline_article([korean, copy, english]) is english
    assert digests.headline_article([korean, copy]) is korean


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "![x](https://evil.example/p.png)",
        "# heading",
        "a\n\n# heading",
        "<img src=x onerror=alert(1)>",
        "`code` *bold* _it_ | table |",
    ],
)
def test_nothing_in_a_headline_becomes_markup(summit: topics.Topic, hostile: str) -> None:
    bad = article(1, "a", title=hostile, url="javascript:alert(1)", lead=hostile)
    digest = digests.draft(summit, "2024-06-19", [story(1, bad)], {})
    html = digests.to_html(digests.to_markdown(digest, summit, note=hostile))
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert html.count("<h1>") == 1
    assert html.count("<h2>") == 1


# What renderers of GitHub's Markdown, as Airflow's form has, make a link of in any text but code, escaped or not.
AUTOLINKS = re.compile(r"(?:https?://|www(?=\.))[-.\w]+|[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE)


@pytest.mark.parametrize(
    "hostile",
    [
        "https://evil.example/x",
        "Post (HTTP://evil.example)",
        "www.evil.example",
        "a+b@evil.example",
        "`www.evil.example`",
    ],
)
def test_an_address_in_a_name_or_a_headline_is_no_link(summit: topics.Topic, hostile: str) -> None:
    bad = replace(article(1, hostile, title=f"Talks {hostile}", url="https://a.example/", lead=hostile), outlet=hostile)
    digest = digests.draft(summit, "2024-06-19", [story(1, bad)], {})
    html = digests.to_html(digests.to_markdown(digest, summit, note=hostile))
    assert re.findall(r'href="([^"]*)"', html) == ["https://a.example/"]
    written = re.sub(r"<code>.*?</code>|<[^>]*>", " ", html)
    assert AUTOLINKS.findall(written) == []
    assert "evil.example" in html


def test_a_note_with_control_characters_leaves_the_feed_readable(summit: topics.Topic) -> None:
    digest = digests.draft(summit, "2024-06-19", [story(1, article(1, "a", url="https://a.example/\n\x08x"))], {})
    html = digests.to_html(digests.to_markdown(digest, summit, note="seen\x1b"))
    row = PublishedDigest(7, "2024-06-19", "T", html, NOON)
    assert "<blockquote>\n<p>seen</p>" in (
        ET.fromstring(digests.to_atom(summit, [row], NOON, "")).findtext(".//*[@type]") or ""
    )
    assert 'href="https://a.example/%0Ax"' in html


def test_an_article_of_which_only_the_day_is_known_has_no_hour(summit: topics.Topic) -> None:
    day = article(1, "wire", published=NOON.replace(hour=0))
    digest = digests.draft(summit, "2024-06-19", [story(1, day, article(2, "paper"))], {})
    text = digests.to_markdown(digest, summit)
    assert "19 Jun\n" in text
    assert "19 Jun 12:02 UTC" in text
    assert "00:00" not in text


def test_an_empty_day_says_so(summit: topics.Topic) -> None:
    digest = digests.draft(summit, "2024-06-19", [], {})
    assert "No story of this topic" in digests.to_markdown(digest, summit)


def test_extracts_end_with_a_sentence() -> None:
    text = "First sentence here. Second one follows! 第三句。" + "x" * 500
    assert digests.extract(text, 41) == "First sentence here. Second one follows!"
    assert digests.extract("word " * 100, 30).endswith("…")
    assert digests.extract("", 30) == ""


PROSE = "The visit shows how much Moscow depends on Pyongyang. It will be raised at the summit in July."


@pytest.mark.parametrize(
    "before",
    [
        "",
        "World\nHeadline\nJens Stoltenberg spoke beside the secretary of state.\nWASHINGTON, June 18 (Halcyon) — ",
        "Headline\nBy Ana Lima\nJune 18, 2024\n",
        "Bitte anschnallen!\n",
        "SEOUL, June 19 (Halcyon)–",
        "Moskau, 19. Juni /Halcyon/ - ",
        "SEOUL, 19. Juni (Halcyon) – ",
        "CIUDAD DE MÉXICO, 20 jun (Halcyon) — ",
        "Руководители заслушали гимны.\nПХЕНЬЯН, 19 июня. /Халкион/. ",
        "(Corrects number of items to 243, not 234, in paragraph 4)\n",
        "BEIJING, June 19 ",
        "PYONGYANG — ",
        "【环球社平壤6月19日电】",
        "(서울=하늘통신) 김하늘 기자 = ",
    ],
)
def test_a_summary_begins_with_the_articles_own_prose(before: str) -> None:
    assert digests.summary("Headline", before + PROSE, 420) == PROSE


def test_a_summary_keeps_what_only_looks_like_boilerplate() -> None:
    assert digests.summary("Headline", "Headline", 420) == "Headline"
    assert digests.summary("T", "Mr. Kim said on June 19 - a Wednesday - that it was done.", 99).startswith("Mr. Kim")
    assert digests.summary("T", f"{PROSE}\nIt was so.\nWorld", 420) == f"{PROSE} It was so."
    assert digests.summary("T", "普京抵达平壤，金正恩到机场迎接。\n两人同车离开。", 99) == (
        "普京抵达平壤，金正恩到机场迎接。 两人同车离开。"
    )
    assert digests.summary("T", "", 99) == ""


@pytest.mark.parametrize(
    ("base", "link"), [("https://desk.example", "https://desk.example/wirewatch/digests/7"), ("", "2024-06-19.html")]
)
def test_the_atom_feed_is_valid_xml_with_an_entry_a_day(summit: topics.Topic, base: str, link: str) -> None:
    rows = [PublishedDigest(7, "2024-06-19", "A & B", "<p>x</p>", NOON)]
    feed = ET.fromstring(digests.to_atom(summit, rows, NOON, base))
    namespace = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.findtext("a:entry/a:title", namespaces=namespace) == "A & B"
    assert feed.find("a:entry/a:link", namespace).get("href") == link  # type: ignore[union-attr]
