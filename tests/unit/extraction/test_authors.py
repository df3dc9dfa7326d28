"""Authors are names: without By, jobs, handles, addresses and the outlet, one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from trafilatura.utils import load_html

from pipeline.extraction import authors, bylines
from pipeline.extraction import facts as page_facts
from pipeline.text.names import is_person

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
        (["Ana Lima am 19.06.2024 um 10:00"], ("Ana Lima",)),
        (["Ana Lima, Foto: Tom Ek"], ("Ana Lima",)),
        (["Departement für Verkehr, Energie und Klima"], ()),
        (["Christopher Guest", "Courier Staff", "Reuters Staff"], ("Christopher Guest",)),
        (["José Ortega y Gasset"], ("José Ortega y Gasset",)),
        (["By Ana Lima in Moscow"], ("Ana Lima",)),
        (["View all posts by Ana Lima"], ("Ana Lima",)),
        (["Veröffentlicht von Ana Lima"], ("Ana Lima",)),
        (["admin", "WordPress", "null", "Staff", ""], ()),
        (["dpa", "Reuters"], ("dpa", "Reuters")),
        (["김철수 기자"], ("김철수",)),
        (["記者 山田太郎"], ("山田太郎",)),
        (["Ana&nbsp;Lima &amp; Tom Ek"], ("Ana Lima", "Tom Ek")),
        (["Interview: Ana Lima"], ("Ana Lima",)),
        (["Courier Verlags-GmbH, Frankfurt, Germany"], ()),
        (["Published 19 June 2024 by Ana Lima"], ("Ana Lima",)),
        (["Posted on June 19, 2024 by Ana Lima and Tom Ek"], ("Ana Lima", "Tom Ek")),
        (["Veröffentlicht am 19. Juni 2024 von Anna Berg"], ("Anna Berg",)),
        (["19.06.2024 von Anna Berg"], ("Anna Berg",)),
        (["Publié le 19 juin 2024 par Anne Moreau"], ("Anne Moreau",)),
        (["Publicado el 19 de junio de 2024 por Ana Ruiz"], ("Ana Ruiz",)),
        (["Publicado em 19 de junho de 2024 por Ana Silva"], ("Ana Silva",)),
        (["Pubblicato il 19 giugno 2024 da Anna Riva"], ("Anna Riva",)),
        (["Gepubliceerd op 19 juni 2024 door Anna Visser"], ("Anna Visser",)),
        (["Publicerad 19 juni 2024 av Anna Lind"], ("Anna Lind",)),
        (["Udgivet 19. juni 2024 af Anna Lind"], ("Anna Lind",)),
        (["Анна Берг, Ян Лид"], ("Анна Берг", "Ян Лид")),
        (["Christopher Guest and Ana Lima"], ("Christopher Guest", "Ana Lima")),
        (["Ana Lima and Christopher Guest"], ("Ana Lima", "Christopher Guest")),
        (["Ministry of Transport and Guest"], ()),
        (["By Von Miller"], ("Von Miller",)),
        (["By Di Moor and Ana Lima"], ("Di Moor", "Ana Lima")),
        (["Ana Lima BBC News"], ("Ana Lima",)),
        (["김민수·이영희 기자"], ("김민수", "이영희")),
        (["张伟、李娜"], ("张伟", "李娜")),
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


PERSON = {"@type": "Person", "@id": "https://courier.example/#/person/1", "name": "Ana Lima"}


@pytest.mark.parametrize(
    ("author", "others", "names"),
    [
        ({"@id": PERSON["@id"]}, [PERSON], ("Ana Lima",)),
        ([{"@id": PERSON["@id"]}], [PERSON], ("Ana Lima",)),
        (PERSON["@id"], [PERSON], ("Ana Lima",)),
        ({"@type": "Person", "@id": "#/person/1"}, [PERSON], ("Ana Lima",)),
        ([{"@id": "#a"}, {"@id": "#b"}], [{"@id": "#a", "name": "Ana Lima"}, {"@id": "#b", "name": "Tom Ek"}],
         ("Ana Lima", "Tom Ek")),
        ({"@id": "#a"}, [{"@type": "WebPage", "reviewedBy": {"@id": "#a", "givenName": "Ana", "familyName": "Lima"}}],
         ("Ana Lima",)),
        ({"@list": [{"@id": "#a"}]}, [{"@id": "#a", "name": "Ana Lima"}], ("Ana Lima",)),
        ({"@type": "Role", "author": {"@id": "#a"}}, [{"@id": "#a", "name": "Ana Lima"}], ("Ana Lima",)),
        ({"@type": "Role", "author": {"@type": "Person", "name": "Ana Lima"}}, [], ("Ana Lima",)),
        ({"@id": "#nobody"}, [PERSON], ()),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scripts", ["graph", "several"])
def test_json_ld_may_describe_an_author_elsewhere(
    author: object, others: list[object], names: tuple[str, ...], scripts: str
) -> None:
    nodes = [{"@type": "NewsArticle", "author": author}, *others]
    parts: list[object] = [{"@graph": nodes}] if scripts == "graph" else nodes
    head = "".join(f'<script type="application/ld+json">{json.dumps(part)}</script>' for part in parts)
    assert choose(head) == (names, "json-ld" if names else "missing")


def test_a_publisher_who_is_a_person_may_be_the_author() -> None:
    nodes = [{"@type": "BlogPosting", "author": {"@id": PERSON["@id"]}, "publisher": {"@id": PERSON["@id"]}}, PERSON]
    head = f'<script type="application/ld+json">{json.dumps({"@graph": nodes})}</script>'
    assert choose(head)[0] == ("Ana Lima",)


def test_tags_that_write_the_familys_name_first() -> None:
    tags = '<meta name="citation_author" content="Ahumada Sempoal, Miguel">'
    tags += '<meta name="citation_author" content="Byron, Ada">'
    assert choose(tags) == (("Miguel Ahumada Sempoal", "Ada Byron"), "meta")


MAIL = '<a href="mailto:ana@courier.example">Email the author</a>'


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (f'<div class="author"><span class="name">Ana Lima</span> {MAIL} | ana@courier.example</div>', ("Ana Lima",)),
        (f'<div class="author">Ana Lima {MAIL}</div>', ("Ana Lima",)),
        ('<div class="byline">By <b class="author-name">Ana Lima</b> and <b class="author-name">Tom Ek</b></div>',
         ("Ana Lima", "Tom Ek")),
        ('<p class="byline">Ana Lima in Moscow</p>', ("Ana Lima",)),
        ("<p>Posted on 19 June 2024 by Ana Lima</p>", ("Ana Lima",)),
        ("<p>Posted in 2024 by a reader who saw it.</p>", ()),
        ('<div class="byline"><span>By Ana Lima</span> <span>BBC News, Aro</span></div>', ("Ana Lima",)),
        ('<div class="byline"><span>By Ana Lima,</span> <span>BBC News, Aro</span></div>', ("Ana Lima",)),
        ("<p>김민수 기자·이영희 기자</p>", ("김민수", "이영희")),
        ("<p>本报记者张伟、李娜</p>", ("张伟", "李娜")),
        ('<p class="byline">Ana Lima Updated June 19, 2024</p>', ("Ana Lima",)),
        ('<p>(평양=항구뉴스) 김민수 기자 = 두 섬을 잇는 여객선이 운항을 재개했다.</p>', ("김민수",)),
        ('<div class="info">来源：港口报　作者：张伟</div>', ("张伟",)),
        ("<p>Text of it.</p><p>(Reporting by Ana Lima; editing by Tom Ek)</p>", ("Ana Lima",)),
        ('<figure><img src="/a.jpg"><figcaption class="author">Tom Ek</figcaption></figure>', ()),
        ('<div class="author">Foto: Tom Ek</div>', ()),
        ("<p>wherever von allen gesagt</p>", ()),
    ],
)  # fmt: skip
def test_bylines_of_the_body(body: str, names: tuple[str, ...]) -> None:
    assert choose(body=body)[0] == names


CARD = '<a href="/x">Mayor steps down</a> <span class="author-name">Tom Ek</span>'


@pytest.mark.parametrize(
    ("card", "foreign"),
    [
        (f"<ul class=latest><li>{CARD}</li></ul>", True),
        (f"<table><tr><td>{CARD}</td></tr></table>", True),
        (f"<article>{CARD}</article>", True),
        ('<div><h3><a href="/x">Mayor quits</a></h3><p class="author">Tom Ek</p></div>', True),
        ('<a href="/x"><h3>Mayor quits</h3><p class="author">Tom Ek</p></a>', True),
        ('<ul><li class="author"><a href="/tom">Tom Ek</a></li><li>19 June</li></ul>', False),
        ('<ul><li><span class="author">Tom Ek</span> <a href="mailto:tom@courier.example">Write to Tom</a></li></ul>',
         False),
        ('<div><span class="author">Tom Ek</span> <a href="#comments">3 comments on this</a></div>', False),
    ],
)  # fmt: skip
def test_the_cards_of_other_articles_name_nobody(card: str, foreign: bool) -> None:
    tree = load_html(f"<html><body><article><h1>Summit</h1><p>Text.</p></article>{card}</body></html>")
    assert list(bylines.candidates(tree)) == ([] if foreign else ["Tom Ek"])


def test_json_ld_nested_without_end_names_nobody() -> None:
    deep: object = "Ana Lima"
    for _ in range(400):
        deep = [deep]
    assert choose(ld(deep), "", ()) == ((), "missing")
    assert choose(ld({"name": deep}), "", ()) == ((), "missing")
