"""Whatever the articles of a day hold, they become a digest that can be stored, read, mailed and followed by feed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

import lxml.html
from hypothesis import given
from hypothesis import strategies as st

from pipeline import digests, topics
from pipeline.digests.summaries import SENTENCES
from pipeline.models import PublishedDigest, StoryArticle, StoryView
from pipeline.models.details import Before, Earlier, Print, Revised, ShownBefore
from tests.support import commonmark
from tests.support.digest_cases import SINCE
from tests.support.project import REPOSITORY
from tests.support.strategies import ADDRESSES, NOW, PROSE, faults, near_moments, storable_texts

SUMMIT = replace(
    topics.load(REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml", REPOSITORY / "seeds" / "documents"),
    max_stories=2,
)
DATELINES = (
    "SEOUL, June 19 (Halcyon) — ",
    "【环球社平壤6月19日电】",
    "(서울=하늘통신) 김하늘 기자 = ",
    "By Ana Lima\n",
    "",
)
names = st.one_of(st.sampled_from(("The Courier", "Wire", "하늘")), storable_texts)
leads = st.builds(lambda opening, parts: opening + "".join(parts), st.sampled_from(DATELINES),
                  st.lists(st.one_of(st.just(PROSE), storable_texts), max_size=4))  # fmt: skip
urls = st.one_of(
    st.sampled_from(tuple(a for a in ADDRESSES if "\ud800" not in a)), storable_texts,
    storable_texts.map(lambda text: "https://a.example/" + text),
)  # fmt: skip
articles = st.builds(
    StoryArticle,
    article_id=st.integers(1, 2**31),
    title=storable_texts,
    url=urls,
    outlet=names,
    country=st.sampled_from((None, "KR", "")),
    ownership=st.sampled_from((None, "agency", "state")),
    language=st.sampled_from((None, "en", "ko")),
    published=near_moments,
    copy_of=st.one_of(st.none(), st.integers(1, 9)),
    lead=leads,
)
views = st.builds(
    lambda number, members, similarity: StoryView(number, members[0].published, members[-1].published, tuple(members),
                                                  similarity),
    st.integers(1, 2**31),
    st.lists(articles, min_size=1, max_size=3).map(lambda found: sorted(found, key=lambda a: a.published)),
    st.floats(0, 1),
)  # fmt: skip
days = st.lists(views, max_size=4, unique_by=lambda view: view.story_id)


marked = st.builds(
    lambda told, texts: Before(SINCE, (ShownBefore(told[0], texts[0], (1,)),), {
        number: (Earlier(1, texts[0], texts[1], "en", NOW - timedelta(days=1), texts[2], True),) for number in told
    }, (Revised(1, told[0], texts[0], texts[1], texts[2], NOW, texts[3], texts[4], (Print(*texts[:4]),)),)),
    st.lists(st.integers(1, 2**31), min_size=1, max_size=3),
    st.lists(storable_texts, min_size=5, max_size=5),
)  # fmt: skip


@given(days, marked, storable_texts)
def test_a_day_becomes_a_digest(stories: list[StoryView], before: Before, note: str) -> None:
    known = next(iter(before.earlier.values()))
    before = replace(before, earlier=dict(before.earlier) | {story.story_id: known for story in stories[:2]})
    digest = digests.draft(SUMMIT, "2024-06-19", stories, before)
    assert list(faults(digest)) == []
    assert len(digest.items) == min(len(stories), SUMMIT.max_stories)
    assert {i.story_id for i in digest.items} | {d.story_id for d in digest.dropped} == {s.story_id for s in stories}
    assert all(i.independent <= i.outlets <= len(i.articles) for i in digest.items)
    assert all(len(item.details.sentences) <= SENTENCES for item in digest.items)
    for item in digest.items:
        for sentence in (*item.details.sentences, *filter(None, [item.details.grown])):
            (told,) = {" ".join(a.lead.split()) for a in item.articles if a.article_id == sentence.article_id} or {""}
            assert sentence.text.removesuffix("…") in told
    assert digests.draft(SUMMIT, "2024-06-19", stories[::-1], before) == digest

    markdown = digests.to_markdown(digest, SUMMIT, note)
    html = commonmark.rendered(markdown)
    assert html.count("<h1>") == 1
    assert html.count("<h2>") == len(digest.items)
    assert html.count("<li>") == sum(len(i.articles) for i in digest.items) + len(digest.changes.ended) + 1
    assert set(re.findall(r"<(\w+)", html)) <= {"h1", "h2", "p", "strong", "em", "ul", "li", "a", "blockquote", "code"}
    assert all(link.startswith(("http://", "https://")) for link in re.findall(r'href="([^"]*)"', html))
    assert "\0" not in markdown + html

    body = digests.to_mail_body(digest, SUMMIT, note)
    lxml.html.fragments_fromstring(body)
    assert all(link.startswith(("http://", "https://")) for link in re.findall(r'href="([^"]*)"', body))
    assert set(re.findall(r"<(\w+)", body)) <= {
        *("h1", "h2", "p", "strong", "i", "ul", "li", "a", "blockquote", "section", "article", "span", "cite", "q"),
        *("dl", "div", "dt", "dd"),
    }
    row = PublishedDigest(7, "2024-06-19", digest.title, body, NOW - timedelta(hours=1))
    feed = ET.fromstring(digests.to_atom(SUMMIT, [row], NOW, ""))
    assert feed.findtext("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}title") == digest.title
    digests.to_page(digest.title, body).encode("utf-8")
    digests.to_text(digest, SUMMIT, note).encode("utf-8")
    assert len(json.loads(digests.to_json(digest, SUMMIT, note))["stories"]) == len(digest.items)
