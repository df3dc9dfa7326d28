"""Every shape of a digest: as it was, and harmless whatever strangers and reviewers write."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from lxml import html as lxml_html

from pipeline import digests
from pipeline.models import PublishedDigest
from pipeline.models.details import Details
from tests.support import commonmark
from tests.support.digest_cases import DAY, NOON, NOTE, SNAPSHOTS, article, sample, shapes, story, summit
from tests.support.hostile_words import hostile

SHAPES = shapes()
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_as_it_was(name: str) -> None:
    """`python -m tests.support.digest_cases` renews the snapshots; read the difference before it is committed."""
    assert SHAPES[name] == (SNAPSHOTS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["digest.md", "digest.txt", "body.html", "mail.html"])
def test_every_shape_for_readers_says_the_same(name: str) -> None:
    """What a reader is to know stands in each of them, tags and line breaks aside."""
    text = SHAPES[name]
    if name.endswith("html"):
        text = lxml_html.fromstring(text).text_content()
    text = re.sub(r"\\([*<>])|\]\(<[^>]*>\)|[\[\]]|\*\*", r"\1", " ".join(text.split()))
    for said in (
        "19 June 2024 (Asia/Pyongyang, UTC+09:00)",
        NOTE,
        "Since the digest of 18 June 2024: 2 stories are new, 1 has grown, 1 was corrected, 1 goes on and 1 has ended.",
        "The limousine has 205 horsepower.",
        "Copies that still say the old:",
        "Lakefront",
        "In Korean: The leaders' walk (translated by machine: LibreTranslate at gloss.example)",
        "First known hour: 하늘통신, 19 Jun 21:31",
        "Minato (JP, ja, private), 19 Jun, hour unknown",
        "New in it: South Korea's security council convened an emergency session within hours.",
        "4 outlets, 3 independent",
        "Embassy *moves* staff",
        "Left out: 1 smaller story (beyond the 5 stories of a digest).",
    ):
        assert said in text
    assert "Baobab" not in text, "this copy says the new"
    assert "newsletter" not in text
    assert "story 1" not in text, "numbers of rows mean nothing to a reader"
    assert "utm_source" not in SHAPES[name]


def test_the_json_shape_has_what_programs_need() -> None:
    found = json.loads(SHAPES["digest.json"])
    assert [story["status"] for story in found["stories"]] == ["grown", "new", "corrected", "continuing", "new"]
    assert found["stories"][1]["articles"][1]["published"] == DAY, "an hour that nobody knows is none"
    assert found["stories"][0]["spread"]["languages"] == {"English": 3, "Spanish": 1}
    assert found["corrections"][0]["old_copies"][0]["outlet"] == "Lakefront"


def test_what_an_editor_wrote_stands_without_citations() -> None:
    digest, topic = sample()
    first = replace(digest.items[1], headline="The walk", summary="They walked, says everybody.")
    edited = replace(digest, items=(digest.items[0], first))
    text = digests.to_text(edited, topic)
    assert "They walked, says everybody.\n" in text
    assert "In Korean" not in text, "the headline is the editor's own"
    assert "translated by machine" not in text
    assert json.loads(digests.to_json(edited, topic))["stories"][1]["edited"] is True


def test_an_empty_day_says_so() -> None:
    digest = digests.draft(summit(), DAY, [])
    assert "No story of this topic" in digests.to_markdown(digest, summit())
    assert "No story of this topic" in digests.to_text(digest, summit())
    assert "No story of this topic" in digests.to_body(digest, summit())


# --- links ------------------------------------------------------------------------------------------------


def test_a_feed_names_itself_and_leads_to_pages_that_need_no_account() -> None:
    row = PublishedDigest(7, DAY, "A & B", "<p>x</p>", NOON)
    feed = ET.fromstring(digests.to_atom(summit(), [row], NOON, "https://news.example/summit/"))
    links = {link.get("rel"): link.get("href") for link in feed.findall("a:link", ATOM)}
    assert links == {"self": "https://news.example/summit/atom.xml", "alternate": "https://news.example/summit/"}
    assert feed.findtext("a:entry/a:title", namespaces=ATOM) == "A & B"
    assert feed.find("a:entry/a:link", ATOM).get("href") == f"https://news.example/summit/{DAY}.html"  # type: ignore[union-attr]


def test_without_an_address_a_feed_leads_to_the_files_beside_it() -> None:
    feed = ET.fromstring(digests.to_atom(summit(), [PublishedDigest(7, DAY, "T", "", NOON)], NOON, ""))
    assert [link.get("href") for link in feed.iter(f"{{{ATOM['a']}}}link")] == [
        "atom.xml",
        "index.html",
        f"{DAY}.html",
    ]


def test_the_contents_lead_to_each_topic() -> None:
    page = digests.to_contents([digests.Listed("summit", "A & <b>", DAY)])
    assert '<a href="summit/index.html">A &amp; &lt;b&gt;</a>' in page
    assert f'href="summit/{DAY}.html"' in page


# --- strangers --------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "# heading",
    "a\n\n# heading",
    "<img src=x onerror=alert(1)>",
    "`code` *bold* _it_ | table |",
    "- a list",
    "1. a list",
    "===",
    "---",
    '"><svg onload=alert(1)>',
    "</title></style></main><script>x</script>",
    "{{ body }} {{ style }} {{ title }}",
    "$\\frac{1}{0}$",
    "javascript:alert(1)",
    "\x1b]8;;http://evil.example\x07x\u202e",
]
TAGS = {
    "h1",
    "h2",
    "p",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "a",
    "blockquote",
    "code",
    "section",
    "article",
    "span",
    "cite",
}
TAGS |= {"i", "q", "dl", "div", "dt", "dd", "svg", "g", "path", "rect", "text", "use", "defs", "clippath", "figure"}
TAGS |= {"figcaption", "table", "tr", "th", "td"}


class Tags(HTMLParser):
    """Tags and attributes of a piece of HTML, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(text)
    return parser.found


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("shape", ["markdown", "body", "mail"])
def test_nothing_of_a_stranger_becomes_markup(text: str, shape: str) -> None:
    digest = hostile(text)
    html = {
        "markdown": lambda: commonmark.rendered(digests.to_markdown(digest, summit(), note=text)),
        "body": lambda: digests.to_body(digest, summit(), note=text),
        "mail": lambda: digests.to_mail_body(digest, summit(), note=text),
    }[shape]()
    found = tags(html)
    assert {tag for tag, _ in found} <= TAGS
    for _, attributes in found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert not re.match(r"\s*(?!https?://|#)\w+:", attributes.get("href") or "https://")
    assert sum(tag == "h1" for tag, _ in found) == 1
    assert sum(tag == "ol" for tag, _ in found) == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_the_page_and_the_feed_hold_whatever_is_in_them(text: str) -> None:
    digest = hostile(text)
    page = digests.to_page(text, digests.to_body(digest, summit(), note=text))
    found = [tag for tag, _ in tags(page)]
    assert "script" not in found
    assert (found.count("body"), found.count("style"), found.count("title")) == (1, 1, 1)
    row = PublishedDigest(7, DAY, digest.title, digests.to_mail_body(digest, summit(), note=text), NOON)
    assert ET.fromstring(digests.to_atom(summit(), [row], NOON, "")).findtext("a:entry/a:content", namespaces=ATOM)
    assert json.loads(digests.to_json(digest, summit(), note=text))["stories"]


# What Slack reads as more than text: what stands between angle brackets (a link, a name, a whole channel).
SLACK = re.compile(r"<([^<>]*)>")


@pytest.mark.parametrize(
    "text", [*HOSTILE, "<!channel> <@U1> <https://evil.example|bank>", "&lt;!here&gt;", "x " * 4000]
)
def test_a_message_to_slack_calls_nobody_and_leads_only_where_it_says(text: str) -> None:
    linked = replace(hostile(text), items=hostile("https://evil.example/<!channel>|x").items)
    for digest in (hostile(text), linked):
        message = digests.to_slack(digest, summit(), note=text, link="https://news.example/1.html")
        notice = digests.slack_notice(text, text, "https://news.example/1")
        assert len(message["blocks"]) <= 50
        for block in (*message["blocks"], *notice["blocks"]):
            shown = block["text"]["text"]
            assert 0 < len(shown) <= (150 if block["type"] == "header" else 3000)
            if block["type"] == "section":
                assert all(mark.startswith(("http://", "https://")) for mark in SLACK.findall(shown))
                assert len(SLACK.findall(shown)) == shown.count("<") == shown.count(">")


def test_a_long_digest_is_cut_to_what_slack_takes_and_leads_to_the_whole() -> None:
    digest, topic = sample()
    long = replace(digest, items=tuple(replace(digest.items[0], rank=n + 1) for n in range(80)))
    message = digests.to_slack(long, topic, link="https://news.example/1.html")
    assert len(message["blocks"]) <= 50
    assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= 12_000
    more, whole = (block["text"]["text"] for block in message["blocks"][-2:])
    shown = sum(block["text"]["text"].startswith("*") and ". <" in block["text"]["text"] for block in message["blocks"])
    assert (shown, more) == (shown, f"and {80 - shown} more stories")
    assert whole == "<https://news.example/1.html|The whole digest>"


def test_where_not_all_sentences_fit_slack_gets_each_headline() -> None:
    digest, topic = sample()
    items = tuple(
        replace(digest.items[0], rank=n + 1, summary="many words " * 180, details=Details()) for n in range(20)
    )
    message = digests.to_slack(replace(digest, items=items), topic, link="https://news.example/1.html")
    told = [block["text"]["text"] for block in message["blocks"] if ". <http" in block["text"]["text"]]
    assert [text.partition(".")[0] for text in told] == [f"*{n + 1}" for n in range(20)]
    assert "many words" in told[0]
    assert "many words" not in told[-1]
    assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= 12_000


@pytest.mark.parametrize("text", ["首脑会谈" * 2000, "x" * 9000, "& " * 5000, "<" * 5000])
def test_what_has_no_blanks_is_cut_as_well(text: str) -> None:
    [block] = digests.slack_notice("subject", text, "https://news.example/1")["blocks"]
    shown = block["text"]["text"]
    assert 2900 < len(shown) <= 3000
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown), "an escape stays whole"


def test_a_headline_longer_than_slack_takes_still_leads_somewhere() -> None:
    digest, topic = sample()
    items = (replace(digest.items[0], headline="会" * 4000),)
    text = digests.to_slack(replace(digest, items=items), topic)["blocks"][-1]["text"]["text"]
    assert re.match(r"\*1\. <https://[^|]+\|会{200,}…>\*", text)


@pytest.mark.parametrize("text", ["<!channel> now", "<!here>", "@all: look", "@channel", "@Here", "@everyone!"])
def test_a_headline_calls_no_room_of_any_chat(text: str) -> None:
    notice = digests.slack_notice(text, text, "")
    for shown in (notice["text"], digests.chat_text(text, text, "https://news.example/@all/1")):
        assert "<" not in shown
    assert not re.search(r"@(all|channel|here|everyone)\b", digests.chat_text(text), re.IGNORECASE)
    assert digests.chat_text("Kim & Putin", "", "a@b.example") == "Kim &amp; Putin\na@b.example"


# What renderers of GitHub's Markdown, as Airflow's form has, make a link of in any text but code, escaped or not.
AUTOLINKS = re.compile(r"(?:https?://|www(?=\.))[-.\w]+|[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/x",
        "Post (HTTP://evil.example)",
        "www.evil.example",
        "a+b@evil.example",
        "`www.evil.example`",
    ],
)
def test_an_address_in_a_name_or_a_headline_is_no_link(text: str) -> None:
    bad = replace(article(1, text, title=f"Talks {text}", url="https://a.example/", lead=text), outlet=text)
    digest = digests.draft(summit(), DAY, [story(1, bad)])
    html = commonmark.rendered(digests.to_markdown(digest, summit(), note=text))
    assert set(re.findall(r'href="([^"]*)"', html)) == {"https://a.example/"}
    written = re.sub(r"<code>.*?</code>|<[^>]*>", " ", html)
    assert AUTOLINKS.findall(written) == []
    assert "evil.example" in html


def test_control_characters_leave_feed_and_links_readable() -> None:
    digest = digests.draft(summit(), DAY, [story(1, article(1, "a", url="https://a.example/\n\x08x"))])
    html = digests.to_mail_body(digest, summit(), note="seen\x1b")
    row = PublishedDigest(7, DAY, "T", html, NOON)
    feed = ET.fromstring(digests.to_atom(summit(), [row], NOON, ""))
    assert "<p>seen</p>" in (feed.findtext(".//*[@type='html']") or "")
    assert 'href="https://a.example/' in html
    assert "\x08" not in html
