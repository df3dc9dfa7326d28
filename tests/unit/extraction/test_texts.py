"""The text of a page is its own article's, whole: beside other articles, in layout tables, with its lists."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import UTC, datetime

import pytest

from pipeline import extraction
from pipeline.errors import ItemError
from pipeline.models import Article

NOW = datetime(2024, 7, 1, tzinfo=UTC)
TITLE = "Lighthouse keeper retires"
PARTS = (
    "The last keeper of the lighthouse on Gull Rock climbed its stairs for the final time on Friday, at the age of 71.",
    "From Monday a computer in the harbour office will switch the lamp, which sailors have steered by since 1868.",
    "His grandfather lit the first lamp with whale oil, and his mother kept the log through the storms of two wars.",
    "The parish has asked the government to keep the tower open, as a museum or as a shelter for birds on their way.",
)
OTHER = tuple(
    f"The bakers of Northby have raised the price of bread for the {rank} time since March, as flour costs them more."
    for rank in ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
)
OWN, FOREIGN = (("".join(f"<p>{line}</p>" for line in lines)) for lines in (PARTS, OTHER))
HALF = "".join(f"<p>{line}</p>" for line in PARTS[:2])
H1 = f"<h1>{TITLE}</h1>"
BREAD = "Bread grows dearer in Northby"
TEASER = f"<p>{OTHER[0]}</p>"


def extracted(body: str, head: str = "") -> Article:
    page = f"<html lang='en'><head><title>{TITLE} - Shore Herald</title>{head}</head><body>{body}</body></html>"
    return extraction.extract(page.encode(), "https://shore.example/news/keeper", now=NOW)


@pytest.mark.parametrize(
    "body",
    [
        f"<article>{H1}{OWN}</article><article><h1>{BREAD}</h1>{FOREIGN}</article>",
        f"<article><h2>{BREAD}</h2>{FOREIGN}</article><article>{H1}{OWN}</article>",
        f"<article><h2>{TITLE}</h2>{OWN}</article><article><h2>{BREAD}</h2>{FOREIGN}</article>",
        f"<div class='post'>{H1}{OWN}</div><div class='post'><h1>{BREAD}</h1>{FOREIGN}</div>",
        f"<main><div>{H1}{HALF}</div><div><h1>{BREAD}</h1>{FOREIGN}</div></main>",
        f"<div class='story'>{H1}{HALF}</div><article><h2>{BREAD}</h2>{FOREIGN}</article>",
        f"{H1}<article>{OWN}</article><article><h2>{BREAD}</h2>{FOREIGN}</article>",
        f"<header>{H1}</header><article><h2>{BREAD}</h2>{FOREIGN}</article><article>{OWN}</article>",
        f"<main>{H1}{OWN}</main><section class='next'><h2>{BREAD}</h2>{FOREIGN}</section>",
        f"<div id='content'>{H1}{OWN}</div><div><h3>{BREAD}</h3>{FOREIGN}</div>",
        f"<article>{H1}{OWN}<article><h2><a href='/b'>{BREAD}</a></h2>{FOREIGN}</article></article>",
        f"<div id='s'>{H1}{OWN}</div>" + f"<article class='t'><h2>{BREAD}</h2>{TEASER}</article>" * 6,
        f"<div id='s'>{H1}{OWN}</div>" + f"<article class='t'>{TEASER}</article>" * 6,
        f"<div id='s'>{H1}{HALF}</div><div>" + f"<div><a href='/b'><h3>{BREAD}</h3></a>{TEASER}</div>" * 6 + "</div>",
        f"<div id='s'>{H1}{OWN}</div><ul>" + f"<li><h3>{BREAD}</h3>{TEASER}</li>" * 6 + "</ul>",
        f"<div>{H1}{OWN}<h1>{BREAD}</h1>{FOREIGN}</div>",
        f"<div id='s'>{H1}{OWN}</div>" + f"<article><time>10:35</time><h3>{BREAD}</h3>{TEASER}</article>" * 2,
        # inside the article's own element, named and not linked
        f"<article>{H1}{OWN}<article class='related'><h2>{BREAD}</h2>{FOREIGN}</article></article>",
        f"<article>{H1}{HALF}<div id='next-story'><h2>{BREAD}</h2>{FOREIGN}</div><p>{PARTS[2]}</p></article>",
        f"<article>{H1}{OWN}{OWN}<section class='also-read'><h3>{BREAD}</h3>{FOREIGN}</section></article>",
        # the headline apart from its text, another story built alike or named
        f"<header>{H1}</header><div class='body'>{HALF}</div><div class='x'><h2>{BREAD}</h2>"
        f"<div class='body'>{FOREIGN}{FOREIGN}</div></div>",
        f"<header>{H1}</header><div class='recirc'><h2>{BREAD}</h2>{FOREIGN}</div><div>{OWN}</div>",
        # stories as items of a list, or as rows
        f"<ul class='stories'><li>{H1}{OWN}</li><li><h2>{BREAD}</h2>{FOREIGN}</li></ul>",
        f"<ol><li><h2>{BREAD}</h2>{FOREIGN}</li><li><div><h2>{TITLE}</h2>{OWN}</div></li></ol>",
        f"<table><tr><td>{H1}{OWN}</td></tr><tr><td><h2>{BREAD}</h2>{FOREIGN}</td></tr></table>",
    ],
)
def test_another_article_on_the_page_is_not_its_text(body: str) -> None:
    text = extracted(body).text
    assert all(line in text for line in PARTS[:2])
    assert "bakers" not in text


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        # the article's own body, beside a headline with a lead
        (
            f"<div>{H1}<p>{PARTS[0]}</p></div><article><h2>Of the lighthouse and its keeper</h2>{OWN}</article>",
            PARTS[3],
        ),
        # posts of a live report
        (
            f"<div>{H1}{OWN}</div>"
            + "".join(
                f"<article><h2>At {n}</h2><time>1{n}:00</time><p>{line}</p></article>" for n, line in enumerate(OTHER)
            ),
            OTHER[7],
        ),
        # the headline of the site, not of an article
        (f"<h1>Shore Herald</h1><article><h2>{TITLE}</h2>{OWN}</article>", PARTS[3]),
        # parts of a list within the article
        (f"<article>{H1}<p>{PARTS[0]}</p><article><h3>Gull Rock</h3>{OWN}</article></article>", PARTS[3]),
        # parts of the article with headings of their own, in one block and in blocks alike
        (f"<header>{H1}</header><div class='b'>{HALF}</div><div class='b'><h2>Whale oil</h2>{OWN}</div>", PARTS[3]),
        (f"<article>{H1}{HALF}<ol><li><h3>Whale oil</h3><p>{PARTS[3]}</p></li></ol></article>", PARTS[3]),
        (f"{H1}{HALF}<ul><li><h3>Whale oil</h3><p>{PARTS[2]}</p></li><li><p>{PARTS[3]}</p></li></ul>", PARTS[3]),
        # a part named for what is related that speaks of the headline
        (f"<article>{H1}{HALF}<div class='related'><h2>The keeper's lighthouse</h2>{OWN}</div></article>", PARTS[3]),
        # a subheading within the text
        (f"<article>{H1}{HALF}<h1>Birds</h1>{OWN}</article>", PARTS[3]),
    ],
)
def test_what_belongs_to_the_article_stays(body: str, kept: str) -> None:
    assert kept in extracted(body).text


NAVIGATION = "<a href='/'>Home</a><br><a href='/world'>World</a>"


@pytest.mark.parametrize(
    "body",
    [
        f"<table><tr><td>{NAVIGATION}</td><td>{H1}{OWN}</td></tr></table>",
        f"<table><tr><td>{NAVIGATION}</td><td><b>{TITLE}</b><br><br>{'<br><br>'.join(PARTS)}</td></tr></table>",
        f"<table><tr><td>{NAVIGATION}</td><td><table><tr><td>{H1}</td></tr><tr><td>{OWN}</table></table>",
        "<table role='presentation'>"
        + "".join(f"<tr><td><p>{line}</p></td></tr>" for line in (TITLE, *PARTS))
        + "</table>",
        f"{H1}<table>" + "".join(f"<tr><td>{line}</td></tr>" for line in PARTS) + "</table>",
        f"<center><table><tr><td>{H1}{''.join(f'<div>{line}</div>' for line in PARTS)}</td></tr></table></center>",
        f"<table><thead><tr><th>{NAVIGATION}</th></tr></thead><tbody><tr><td>{H1}{OWN}</td></tr></tbody></table>",
    ],
)
def test_a_table_that_places_the_page_is_paragraphs(body: str) -> None:
    text = extracted(body).text
    assert all(line in text for line in PARTS)
    assert "|" not in text
    assert "Home" not in text
    assert len(text.splitlines()) >= 3


def test_a_table_of_values_stays_one() -> None:
    rows = (
        "<tr><th>Year</th><th>Lamp</th></tr><tr><td>1868</td><td>whale oil</td></tr><tr><td>1931</td><td>gas</td></tr>"
    )
    text = extracted(f"<article>{H1}{HALF}<table>{rows}</table>{OWN}</article>").text
    assert "1868 | whale oil" in text
    inner = f"<table><tr><td>{H1}{HALF}<table>{rows}</table>{OWN}</td></tr></table>"
    assert "1868 | whale oil" in extracted(inner).text


@pytest.mark.parametrize("tag", ["ul", "ol"])
@pytest.mark.parametrize("item", ["{}", "<p>{}</p>", "<span>{}</span>"])
@pytest.mark.parametrize(
    "frame",
    [
        "<h1>T</h1><p>A</p>L<p>B</p><p>C</p>",
        "<h1>T</h1><p>A</p><p>B</p><p>C</p>L",
        "<h1>T</h1>L<p>A</p><p>B</p><p>C</p>",
        "<div><h1>T</h1><p>A</p><div>L</div><p>B</p><p>C</p></div>",
        "<article><h1>T</h1><p>A</p>L<p>B</p><p>C</p></article>",
    ],
)
def test_a_list_of_the_article_is_in_its_text(tag: str, item: str, frame: str) -> None:
    items = ("The tower has 134 steps of granite.", "Its lamp is seen from nineteen miles away.")
    made = f"<{tag}>" + "".join(f"<li>{item.format(line)}</li>" for line in items) + f"</{tag}>"
    for mark, line in zip("TABC", (TITLE, *PARTS), strict=False):
        frame = frame.replace(f">{mark}<", f">{line}<")
    text = extracted(frame.replace("L<", f"{made}<") if not frame.endswith("L") else frame[:-1] + made).text
    assert all(line in text for line in (*items, *PARTS[:3]))


def test_lists_of_definitions_and_inner_lists_are_in_the_text() -> None:
    made = "<dl><dt>Steps</dt><dd>The tower has 134 steps of granite.</dd></dl>"
    assert "134 steps" in extracted(f"{H1}<p>{PARTS[0]}</p>{made}<p>{PARTS[1]}</p>").text
    inner = "<ul><li>The tower has steps.<ul><li>There are 134 of granite in it.</li></ul></li></ul>"
    text = extracted(f"{H1}<p>{PARTS[0]}</p>{inner}<p>{PARTS[1]}</p>").text
    assert text.index("tower has steps") < text.index("134 of granite") < text.index("computer")
    assert text.count("134 of granite") == 1


def test_lists_of_links_labels_and_buttons_are_not() -> None:
    links = f"<ul><li><a href='/b'>{BREAD}</a></li><li><a href='/c'>Storm nears the coast this week</a></li></ul>"
    labels = "<ul><li>Share</li><li>Print</li><li>19 June 2024</li></ul>"
    text = extracted(f"{labels}{H1}{OWN}{links}{labels}").text
    assert not any(word in text for word in ("Bread", "Storm", "Share", "Print"))
    between = extracted(f"{H1}<p>{PARTS[0]}</p>{links}<p>{PARTS[1]}</p><p>{PARTS[2]}</p>").text
    assert "Bread" not in between


@pytest.mark.parametrize(
    "cell",
    [
        "<ul><li>10:00 to 20:00</li><li>from pier two</li></ul>",
        "<ol><li>10:00 to 20:00</li><li>from pier two</li></ol>",
        "<dl><dt>10:00 to 20:00</dt><dd>from pier two</dd></dl>",
        "<div>10:00 to 20:00</div><div>from pier two</div>",
    ],
)
def test_a_list_in_a_cell_is_in_its_table(cell: str) -> None:
    table = f"<table><tr><td>Saturday</td><td>{cell}</td></tr><tr><td>Sunday</td><td>closed</td></tr></table>"
    text = extracted(f"<article>{H1}{HALF}{table}{OWN}</article>").text
    line = next(line for line in text.splitlines() if "Saturday" in line)
    assert "10:00 to 20:00" in line
    assert "from pier two" in line


# --- witnesses --------------------------------------------------------------------------------------------


def ld(**more: object) -> str:
    node = {"@type": "NewsArticle", "headline": TITLE, **more}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def state(data: object, kind: str = "application/json") -> str:
    return f'<script id="__NEXT_DATA__" type="{kind}">{json.dumps(data)}</script>'


@pytest.mark.parametrize(
    "body", [" ".join(PARTS), "\n\n".join(PARTS), OWN, "&lt;p&gt;".join(PARTS).replace("&lt;p&gt;", "<br><br>")]
)
def test_the_text_in_json_ld_stands_in_for_one_that_the_page_does_not_show(body: str) -> None:
    for shown in ("<div id='app'></div>", f"<p>{PARTS[0]}</p>", f"<div>{FOREIGN}</div>"):
        article = extracted(f"<h1>{TITLE}</h1>{shown}", ld(articleBody=body))
        assert all(line in article.text for line in PARTS)
        assert "bakers" not in article.text
        assert article.problems == ("text-in-json-ld",), shown


def test_what_the_page_shows_goes_before_the_same_text_in_json_ld() -> None:
    article = extracted(f"<article>{H1}{OWN}</article>", ld(articleBody=" ".join(PARTS)))
    assert article.problems == ()
    assert len(article.text.splitlines()) >= 4


def test_json_ld_is_no_witness_for_another_article_nor_for_a_closed_one() -> None:
    other = ld(articleBody=" ".join(OTHER), headline=BREAD)
    assert "bakers" not in extracted(f"<article>{H1}{HALF}</article>", other).text
    closed = ld(articleBody=" ".join(PARTS), isAccessibleForFree=False)
    article = extracted(f"<article>{H1}<p>{PARTS[0]}</p></article>", closed)
    assert PARTS[3] not in article.text
    assert article.kind == "teaser"
    short = extracted(f"<article>{H1}{OWN}</article>", ld(articleBody=PARTS[0]))
    assert PARTS[3] in short.text


SPAN = [{"_type": "span", "text": PARTS[0][:20]}, {"_type": "span", "text": PARTS[0][20:], "marks": ["em"]}]
RICH = [{"_type": "block", "children": SPAN}] + [{"_type": "block", "children": [{"text": line}]} for line in PARTS[1:]]
NODES = [{"nodeType": "paragraph", "content": [{"nodeType": "text", "value": line}]} for line in PARTS]
BESIDE = {"related": [{"title": BREAD, "body": " ".join(OTHER)}], "seo": {"description": PARTS[0]}, "locale": "en"}


@pytest.mark.parametrize(
    "held",
    [
        {"headline": TITLE, "body": OWN},
        {"title": TITLE, "body": "\n\n".join(PARTS)},
        {"title": {"rendered": TITLE}, "content": {"rendered": OWN}},
        {
            "headlines": {"basic": TITLE},
            "title": TITLE,
            "content_elements": [{"type": "text", "content": p} for p in PARTS],
        },
        {"title": TITLE, "body": RICH},
        {"title": TITLE, "body": {"json": {"nodeType": "document", "content": NODES}}},
        {"name": TITLE, "paragraphs": list(PARTS)},
        {"title": TITLE, "items": [{"title": BREAD, "text": OTHER[0]}], "text": " ".join(PARTS)},
    ],
)
def test_the_text_in_the_data_of_scripts_stands_in(held: dict[str, object]) -> None:
    data = {"props": {"pageProps": {"article": held, **BESIDE}}, "page": "/[slug]"}
    scripts = (
        state(data),
        f"<script>window.__INITIAL_STATE__ = {json.dumps(data)};boot()</script>",
    )
    for script in scripts:
        article = extracted(f"<div id='__next'></div>{script}")
        assert all(line in article.text for line in PARTS)
        assert "bakers" not in article.text
        assert article.problems == ("text-in-script",)
        assert article.text_source == "page"


def pushed(*rows: str) -> str:
    """What Next.js pushes piece by piece, cut anywhere."""
    stream = "".join(rows)
    pieces = [stream[at : at + 150] for at in range(0, len(stream), 150)]
    calls = "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)
    return f"<script>(self.__next_f=self.__next_f||[]).push([0])</script>{calls}"


def element(tag: str, *children: object) -> list[object]:
    return ["$", tag, None, {"children": list(children)}]


DRAWN = [element("p", line[:9], element("em", line[9:30]), line[30:]) for line in PARTS]
FAR = f"é{OWN}"
NUXT = [["ShallowReactive", 1], {"data": 2, "state": 4}, ["Reactive", 3], {"article": 5}, {},
        {"title": 6, "body": 7, "related": 8, "date": 11}, TITLE, OWN, [9], {"title": 10, "body": 10},
        f"{BREAD} {OTHER[0]}", ["Date", "2024-06-19"]]  # fmt: skip


@pytest.mark.parametrize(
    "script",
    [
        pushed(
            '1:HL["/a.css","style"]\n', f'0:["$","$L2",null,{json.dumps({"article": {"title": TITLE, "body": OWN}})}]\n'
        ),
        # a text of so many bytes, named elsewhere
        pushed(
            f"a:T{len(FAR.encode()):x},{FAR}",
            f"5:{json.dumps({'post': {'headline': TITLE, 'body': '$a', **BESIDE}})}\n",
        ),
        # the elements of the page, in two values
        pushed(
            f"0:{json.dumps(element('main', element('h1', TITLE), '$L7'))}\n",
            f"7:{json.dumps(element('div', *DRAWN, element('h1', BREAD), element('p', OTHER[0])))}\n",
        ),
        f'<script type="application/json" id="__NUXT_DATA__" data-ssr="true">{json.dumps(NUXT)}</script>',
        f"<script>window.__NUXT__=(function(a,b,c,d){{d.x=1;return {{layout:'default',data:[{{article:{{title:a,body:b,"
        f"tags:[c,d],ok:!0,n:void 0,related:{{title:'{BREAD}',body:\"{OTHER[0]}\"}}}}}}],error:c}}}}("
        f"{json.dumps(TITLE)},{json.dumps(OWN)},null,Array(2)));</script>",
        f"<script>window.__NUXT__={{data:[{{post:{{title:{json.dumps(TITLE)},paragraphs:{json.dumps(PARTS)}}}}}]}};</script>",
    ],
    ids=["next-props", "next-text", "next-elements", "nuxt-list", "nuxt-function", "nuxt-literal"],
)
def test_the_text_that_frameworks_write_for_their_scripts_stands_in(script: str) -> None:
    for shown in ("<div id='app'></div>", f"{H1}<p>{PARTS[0]}</p>"):
        article = extracted(shown + script)
        assert all(line in article.text for line in PARTS)
        assert "bakers" not in article.text
        assert article.problems == ("text-in-script",)


@pytest.mark.parametrize(
    "script",
    [
        state({"title": BREAD, "body": " ".join(OTHER)}),
        "<script type='application/json'>{not json</script>",
        "<script>window.a = {b: 1}</script>",
        state({"title": TITLE, "body": "One word, settings, true."}),
        state({"title": TITLE, "url": "https://shore.example/news/keeper", "body": ["/a/b", "color: red"]}),
    ],
)
def test_data_that_holds_no_text_of_the_article_is_no_witness(script: str) -> None:
    with pytest.raises(ItemError):
        extracted(f"<div id='__next'></div>{script}")


@pytest.mark.parametrize(
    "script",
    [
        f"<script type='application/json'>{'[' * 100_000}</script>",
        f"<script type='application/json'>{json.dumps({'title': TITLE, 'body': ['x'] * 1_000_000})}</script>",
        f"<script type='application/json'>{json.dumps({'title': TITLE, 'body': 'A word. ' * 700_000})}</script>",
        "<script>" + "a.b = {" * 100_000 + "</script>",
        "<script>" + "a" * 3_000_000 + "</script>",
        f'<script type="application/ld+json">{{"@type": "Article", "articleBody": "{"<p>" * 300_000}"}}</script>',
        "<script>window.__NUXT__=" + "[" * 100_000 + "</script>",
        "<script>window.__NUXT__=(function(a){return {" + "a:a," * 300_000 + "}}(1))</script>",
        "<script>" + "window.__NUXT__={a:'" * 100_000 + "</script>",
        "<script>window.__NUXT__='" + "\\" * 1_000_001 + "</script>",
        f"<script type='application/json' id='__NUXT_DATA__'>{json.dumps([[n + 1] * 999 for n in range(99)])}</script>",
        pushed(*(f'{n:x}:{{"title":"{TITLE}","b":["$L{n + 1:x}","$L{n + 1:x}"]}}\n' for n in range(3_000))),
        pushed('1:["$1","$L1"]\n') + "<script>" + 'self.__next_f.push([1,"a' * 100_000 + "</script>",
        "<table><tr><td>" * 3_000,
        f"<h1>{TITLE}</h1>" + f"<article><h1>{BREAD}</h1><p>{OTHER[0]}</p></article>" * 2_000,
        f"<h1>{TITLE}</h1>" + "<ul><li>x" * 3_000,
        f"<h1>{TITLE}</h1>{OWN}" + "<ul><li>The tower has 134 steps of granite.</li></ul>" * 5_000,
    ],
    ids=[
        *("depth", "values", "length", "assignments", "one-word", "tags", "nuxt-depth", "nuxt-names", "nuxt-many"),
        *("nuxt-escapes", "nuxt-places", "next-rows", "next-circle", "tables", "articles", "inner-lists", "lists"),
    ],
)
def test_hostile_sizes_end_in_time(script: str) -> None:
    began = time.process_time()
    with contextlib.suppress(ItemError):
        extracted(f"<div id='root'></div>{script}")
    assert time.process_time() - began < 15
