"""OPML as it is found, and the list of real feeds that comes with the project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import urls
from pipeline.errors import ItemError
from pipeline.feeds import opml
from pipeline.models import FeedSource
from pipeline.text import characters
from tests.support.strategies import faults

SEEDS = Path(__file__).resolve().parents[3] / "seeds" / "feeds.opml"


def document(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="1.1"><head><title>x</title></head><body>{body}</body></opml>'.encode()


def test_nested_folders_become_tags() -> None:
    sources, problems = opml.read(
        document(
            '<outline text="Asia"><outline text="Korea"><outline text="A" xmlUrl="https://a.example/rss"/></outline>'
            '<outline text="B" xmlUrl="https://b.example/rss" category="/wire,tv"/></outline>'
            '<outline text="C" xmlUrl="https://c.example/rss"/>'
        )
    )
    assert problems == []
    assert [(s.title, s.tags) for s in sources] == [("A", ("Asia", "Korea")), ("B", ("Asia", "wire", "tv")), ("C", ())]


@pytest.mark.parametrize(
    ("outline", "url", "title"),
    [
        ('<outline title="A & B" xmlUrl="https://a.example/rss?x=1&y=2"/>', "https://a.example/rss?x=1&y=2", "A & B"),
        ('<outline text="Caf&eacute;&nbsp;news" xmlUrl="https://a.example/"/>', "https://a.example/", "Café news"),
        ('<outline text="A &nosuch; B" xmlUrl="https://a.example/"/>', "https://a.example/", "A &nosuch; B"),
        ('<outline text="A" xmlurl="https://a.example/rss"/>', "https://a.example/rss", "A"),
        ('<outline text="A" XMLURL="https://a.example/rss"/>', "https://a.example/rss", "A"),
        ('<outline text="A" type="link" url="https://a.example/rss"/>', "https://a.example/rss", "A"),
        ('<outline text="A" xmlUrl="feed://a.example/rss"/>', "http://a.example/rss", "A"),
        ('<outline text="A" xmlUrl=" https://a.example/rss\n"/>', "https://a.example/rss", "A"),
        ('<outline text="A" xmlUrl="a.example/rss"/>', "https://a.example/rss", "A"),
        ('<outline xmlUrl="https://a.example/rss"/>', "https://a.example/rss", "a.example"),
        ('<outline text="A &amp;amp; B" xmlUrl="https://a.example/rss"/>', "https://a.example/rss", "A & B"),
        ('<OUTLINE text="A" xmlUrl="https://a.example/rss"></OUTLINE>', "https://a.example/rss", "A"),
        ('<outline text="A" xmlUrl="https://a.example/rss"/><outline text="cut off', "https://a.example/rss", "A"),
        ('<outline text="A" xmlUrl="https://a.example/rss" w:x="undeclared"/>', "https://a.example/rss", "A"),
        ('<outline text="A\x0b" xmlUrl="https://a.example/rss"/>', "https://a.example/rss", "A"),
    ],
)
def test_broken_lists_are_read(outline: str, url: str, title: str) -> None:
    sources, _ = opml.read(document(outline))
    assert [(s.url, s.title) for s in sources] == [(url, title)]


@pytest.mark.parametrize(
    ("outline", "problem"),
    [
        ('<outline text="A"/>', "A has no feed address"),
        ('<outline text="A" htmlUrl="https://a.example/"/>', "wirewatch feeds add https://a.example/"),
        ('<outline text="A" xmlUrl="javascript:alert(1)"/>', "an address that is none"),
        ('<outline text="A" type="include" url="https://a.example/list.opml"/>', "includes another list"),
        ('<outline text="A" xmlUrl="https://a.example/x&y"/>', "unescaped ampersands"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(outline: str, problem: str) -> None:
    _, problems = opml.read(document(outline))
    assert any(problem in line for line in problems)
    assert all("\n" not in line for line in problems)


def test_a_repeated_feed_is_kept_once_with_both_folders() -> None:
    one = '<outline text="A" xmlUrl="https://a.example/rss"/>'
    other = '<outline text="again" xmlUrl="http://www.a.example/rss/"/>'
    sources, problems = opml.read(document(f'<outline text="X">{one}</outline><outline text="Y">{other}</outline>'))
    assert [(s.title, s.tags) for s in sources] == [("A", ("X", "Y"))]
    assert any("twice" in line for line in problems)


def test_unknown_values_are_named_and_replaced() -> None:
    sources, problems = opml.read(
        document('<outline text="A" xmlUrl="https://a.example/" ownership="Royal" country="Korea" kind="podcast"/>')
    )
    assert (sources[0].ownership, sources[0].country, sources[0].kind) == ("private", None, "rss")
    assert len(problems) == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1251", "euc-kr"])
def test_charsets_and_byte_order_marks(encoding: str) -> None:
    title = {"windows-1251": "Новости", "euc-kr": "뉴스"}.get(encoding, "뉴스 é")
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><opml><body><outline text="{title}" xmlUrl="https://a.example/"/></body></opml>'
    assert opml.read(text.encode(encoding))[0][0].title == title


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"no markup", b"<rss><channel/></rss>", b"<html><body/></html>", b"\x00\xff"]
)
def test_what_is_no_list_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(ItemError) as caught:
        opml.read(body)
    assert caught.value.reason == "not-opml"


def test_entities_of_a_list_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    body = f'<!DOCTYPE o [<!ENTITY x SYSTEM "file://{secret}">]><opml><body><outline text="&x;" xmlUrl="https://a.example/"/></body></opml>'
    assert "hunter2" not in str(opml.read(body.encode()))


@pytest.mark.timeout(20)
def test_a_bomb_or_a_deep_list_ends_soon() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE o [<!ENTITY l0 "lol">{levels}]><opml><body><outline text="&l9;" xmlUrl="https://a.example/"/></body></opml>'
    assert len(str(opml.read(bomb.encode()))) < 1000
    deep = document('<outline text="x">' * 100_000)
    try:
        sources, _ = opml.read(deep)
    except ItemError:
        return
    assert sources == [] or len(sources) < 100


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=20
)
WORDS = TEXTS.map(lambda text: characters.name(re.sub(r"[&,/]", "", text))).filter(bool)
SOURCES = st.builds(
    FeedSource,
    url=st.from_regex(r"https://[a-z]{3,9}\.example/[a-z]{0,5}\?x=[a-z0-9]{1,6}&y=1", fullmatch=True),
    title=WORDS,
    outlet=WORDS,
    home_url=st.sampled_from([None, "https://home.example/"]),
    country=st.sampled_from([None, "KR", "EU"]),
    language=st.sampled_from([None, "ko", "zh-Hant", "en-GB"]),
    ownership=st.sampled_from(sorted(opml.OWNERSHIPS)),
    kind=st.sampled_from(sorted(opml.KINDS)),
    tags=st.lists(WORDS, max_size=3, unique=True).map(tuple),
)


@given(st.lists(SOURCES, max_size=8, unique_by=lambda s: urls.identity(s.url)))
@settings(max_examples=150, deadline=None)
def test_what_is_written_reads_back_as_it_was(sources: list[FeedSource]) -> None:
    back, problems = opml.read(opml.write(sources, 'A "title" & <more>').encode())
    assert problems == []
    assert sorted(back, key=lambda s: s.url) == sorted(sources, key=lambda s: s.url)


def test_names_are_cleaned_and_addresses_that_no_index_can_hold_are_named() -> None:
    hostile = f"Har\u202ebour{'e' + chr(0x301) * 300} {'x' * 3_000}"
    sources, problems = opml.read(
        document(
            f'<outline text="{hostile}" outlet="{hostile}" category="{hostile},&#x85;" xmlUrl="https://a.example/"/>'
            f'<outline text="Long" xmlUrl="https://b.example/{"é" * 1_500}"/>'
        )
    )
    [source] = sources
    assert list(faults(source)) == []
    assert source.title == source.outlet == source.tags[0]
    assert source.title.startswith("Harboure" + "\u0301" * 4 + " xxx")
    assert [problem[:62] for problem in problems] == ["line 1: Long has an address that is none: https://b.example/éé"]


def test_the_seed_list_says_who_stands_behind_every_feed() -> None:
    body = SEEDS.read_bytes()
    sources, problems = opml.read(body)
    assert problems == []
    assert len(sources) == 133
    for attribute in ("wirewatch:country", "wirewatch:ownership", "wirewatch:outlet", "language"):
        assert body.count(f"{attribute}=".encode()) == 133, f"every feed states its {attribute}"
    for source in sources:
        assert source.country, source.title
        assert source.language, source.title
        assert source.outlet, source.title
        assert source.ownership in opml.OWNERSHIPS
        assert urls.safe_to_fetch(source.url) is None
    assert {s.ownership for s in sources} == opml.OWNERSHIPS
    for outlet in {s.outlet for s in sources}:
        assert len({s.ownership for s in sources if s.outlet == outlet}) == 1, f"{outlet} has one owner"
