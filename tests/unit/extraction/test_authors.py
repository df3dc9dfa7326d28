"""Authors are names: without By, jobs, handles, addresses and the outlet, one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from trafilatura.utils import load_html

from pipeline.extraction import authors, bylines
from pipeline.extraction import facts as page_facts
from pipeline.text.bylines import is_person

OUTLETS = authors.outlet_keys(("The Courier", "courier.example"))


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (["By Ana Lima"], ("Ana Lima",)),
        (["Von Jonas Weiß und Mira Stahl"], ("Jonas Weiß", "Mira Stahl")),
        (["Par Claire Petit et Luc Morel"], ("Claire Petit", "Luc Morel")),
        (["Por María Núñez y José Gil"], ("María Núñez", "José Gil")),
        (["Автор: Иван Петров"], ("Иван Петров",)),
        (["Ana Lima, Jonas Weiß; Mira Stahl & Tom Ek"], ("Ana Lima", "Jonas Weiß", "Mira Stahl", "Tom Ek")),
        (["Ana Lima, Jr."], ("Ana Lima, Jr.",)),
        (["ANA LIMA"], ("Ana Lima",)),
        (["Ana Lima (@analima)", "@courier"], ("Ana Lima",)),
        (["Ana Lima <ana@courier.example>"], ("Ana Lima",)),
        (["https://courier.example/people/ana", "www.courier.example", "courier.com"], ()),
        (["The Courier", "Courier Redaktion", "Ana Lima"], ("Ana Lima",)),
        (["Ana Lima, Foreign Desk"], ("Ana Lima",)),
        (["Ana Lima, Senior Correspondent"], ("Ana Lima",)),
        (["Ana", "Ana Lima"], ("Ana Lima",)),
        (["Ana Lima am 19.06.2024 um 10:00"], ()),
        (["View all posts by Ana Lima"], ("Ana Lima",)),
        (["Veröffentlicht von Ana Lima"], ("Ana Lima",)),
        (["admin", "WordPress", "null", "Staff", ""], ()),
        (["dpa", "Reuters"], ("dpa", "Reuters")),
        (["김철수 기자"], ("김철수",)),
        (["記者 山田太郎"], ("山田太郎",)),
        (["Ana&nbsp;Lima &amp; Tom Ek"], ("Ana Lima", "Tom Ek")),
        (["Interview: Ana Lima"], ("Ana Lima",)),
        (["Courier Verlags-GmbH, Frankfurt, Germany"], ()),
    ],
)
def test_clean(raw: list[str], names: tuple[str, ...]) -> None:
    assert authors.clean(raw, OUTLETS) == names


def choose(head: str = "", body: str = "", feed: tuple[str, ...] = ()) -> tuple[tuple[str, ...], str]:
    tree = load_html(
        f"<html><head>{head}</head><body><article><h1>Summit</h1>{body}<p>Text.</p></article></body></html>"
    )

    def lines() -> Iterator[str]:
        yield from bylines.candidates(tree)

    return authors.choose(page_facts.read(tree), host="courier.example", feed=feed, byline=lines)


def test_a_part_that_holds_the_headline_is_the_articles_own() -> None:
    page = "<div class='content has-sidebar'><h1>Summit</h1><div class='author'>Ana Lima</div></div>"
    beside = "<div class='sidebar'><h1>Others</h1><div class='author'>Tom Ek</div></div>"
    for body, names in ((page, ["Ana Lima"]), ("<h1>Summit</h1>" + beside, [])):
        tree = load_html(f"<html><body>{body}<p>Text.</p></body></html>")
        assert list(bylines.candidates(tree)) == names


def test_words_without_a_capital_are_no_person() -> None:
    assert not is_person("Maske über Strategie")
    assert is_person("Ana von der Lima")


def ld(author: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "author": author})}</script>'


@pytest.mark.parametrize(
    ("head", "body", "feed", "names", "rule"),
    [
        (ld({"@type": "Person", "name": "Ana Lima"}), "", (), ("Ana Lima",), "json-ld"),
        (ld([{"givenName": "Ana", "familyName": "Lima"}, "Tom Ek"]), "", (), ("Ana Lima", "Tom Ek"), "json-ld"),
        (
            ld([{"@type": "Organization", "name": "EFE"}, {"@type": "Person", "name": "Ana Lima"}]),
            "",
            (),
            ("Ana Lima",),
            "json-ld",
        ),
        ('<meta name="author" content="Ana Lima">', "", (), ("Ana Lima",), "meta"),
        ("", '<a rel="author" href="/ana">Ana Lima</a>', (), ("Ana Lima",), "markup"),
        ('<meta name="author" content="Ana">', "", ("Ana Lima",), ("Ana Lima",), "feed"),
        ("", "<p>Von Jonas Weiß und Mira Stahl</p>", (), ("Jonas Weiß", "Mira Stahl"), "byline"),
        ("", '<div class="article-author">By <a href="/a">Ana Lima</a></div>', (), ("Ana Lima",), "byline"),
        ("", "<p>Autorin: Ana Lima, Projektleiterin der Stiftung in Tunis</p>", (), ("Ana Lima",), "byline"),
        ("", "<byline>Von Ana Lima, dpa</byline>", (), ("Ana Lima",), "byline"),
        ("", "<span>- Redaktion: Ana Lima</span>", (), ("Ana Lima",), "byline"),
        ("", '<aside><div class="author">Tom Ek</div></aside>', (), (), "missing"),
        ("", '<div class="comments"><span class="author">Tom Ek</span></div>', (), (), "missing"),
        ("", "<p>Von der Fahrbahn abgekommen ist am Montag ein Auto</p>", (), (), "missing"),
        ('<meta name="author" content="Redaktion">', "", (), ("Redaktion",), "desk"),
        (
            '<meta name="author" content="The Courier"><meta property="og:site_name" content="The Courier">',
            "",
            (),
            (),
            "missing",
        ),
    ],
)
def test_choose(head: str, body: str, feed: tuple[str, ...], names: tuple[str, ...], rule: str) -> None:
    assert choose(head, body, feed) == (names, rule)


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ([[{"@type": "Person", "name": "Ana Lima"}]], ("Ana Lima",)),
        ([[[{"@type": "Person", "name": [["Ana Lima"]]}], "Tom Ek"]], ("Ana Lima", "Tom Ek")),
        ([None], ()),
        ([True], ()),
        ([1.5], ()),
        ([[], [[]], {}], ()),
        (True, ()),
        ({"@type": {"@id": "Person"}, "name": "Ana Lima"}, ("Ana Lima",)),
    ],
)
def test_json_ld_may_hold_anything_where_an_author_belongs(author: object, names: tuple[str, ...]) -> None:
    assert choose(ld(author), "", ()) == (names, "json-ld" if names else "missing")


def test_json_ld_nested_without_end_names_nobody() -> None:
    deep: object = "Ana Lima"
    for _ in range(400):
        deep = [deep]
    assert choose(ld(deep), "", ()) == ((), "missing")
    assert choose(ld({"name": deep}), "", ()) == ((), "missing")
