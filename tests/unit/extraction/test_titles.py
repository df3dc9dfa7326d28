"""The headline is the heading that readers see, without the outlet's name."""

from __future__ import annotations

import pytest
from trafilatura.utils import load_html

from pipeline.extraction import facts as page_facts
from pipeline.extraction import titles

OG = '<meta property="og:title" content="{}"><meta property="og:site_name" content="The Courier">'


def choose(title: str = "", h1: tuple[str, ...] = (), og: str = "", fallback: str = "") -> str:
    head = f"<title>{title}</title>" + (OG.format(og) if og else "")
    body = "".join(f"<h1>{h}</h1>" for h in h1)
    tree = load_html(f"<html><head>{head}</head><body>{body}<p>Text.</p></body></html>")
    return titles.choose(page_facts.read(tree), "courier.example", fallback)


@pytest.mark.parametrize(
    ("title", "h1", "og", "fallback", "expected"),
    [
        (
            "Summit ends | The Courier",
            ("Summit ends with treaty",),
            "Summit ends | The Courier",
            "",
            "Summit ends with treaty",
        ),
        ("Summit ends - courier.example", (), "", "", "Summit ends"),
        ("The Courier: Summit ends – The Courier", (), "Summit ends – The Courier", "", "Summit ends"),
        ("x", ("The Courier",), "Summit ends", "", "Summit ends"),
        ("x", ("The Courier", "Summit ends"), "Summit ends", "", "Summit ends"),
        ("", ("Treaty signed",), "", "", "Treaty signed"),
        ("", ("News", "Sport"), "", "Summit ends", "Summit ends"),
        ("Kim - Putin: what was agreed", (), "", "", "Kim - Putin: what was agreed"),
        ("", (), "", "Summit ends", "Summit ends"),
        ("", (), "", "", ""),
    ],
)
def test_choose(title: str, h1: tuple[str, ...], og: str, fallback: str, expected: str) -> None:
    assert choose(title, h1, og, fallback) == expected


def from_head(head: str, *, body: str = "", host: str = "courier.example", fallback: str = "") -> str:
    tree = load_html(f"<html><head>{head}</head><body>{body}<p>Text.</p></body></html>")
    return titles.choose(page_facts.read(tree), host, fallback)


def test_the_metadata_title_comes_before_the_title_tag_and_before_other_headings() -> None:
    head = '<title>Latest news and more</title><meta property="og:title" content="Summit ends">'
    assert from_head(head) == "Summit ends"
    assert from_head(head, body="<h1>Another article</h1>") == "Summit ends"
    assert (
        from_head(head, body="<h1>Another article</h1><h1>Summit ends with a treaty</h1>")
        == "Summit ends with a treaty"
    )


def test_a_metadata_title_that_only_names_the_outlet_is_none() -> None:
    assert choose("Summit ends", og="The Courier") == "Summit ends"
    assert from_head("<title>Courier</title>", fallback="Summit ends") == "Courier"


@pytest.mark.parametrize(
    ("heading", "is_one"), [("No", False), ("War", True), ("x" * 299, True), ("x" * 300, False), ("The Courier", False)]
)
def test_a_heading_is_neither_a_letter_or_two_nor_a_paragraph_nor_the_outlet(heading: str, is_one: bool) -> None:
    head = '<meta property="og:site_name" content="The Courier">'
    found = from_head(head, body=f"<h1>{heading}</h1>", fallback="From the feed")
    assert found == (heading if is_one else "From the feed")


def test_the_only_heading_counts_unless_the_feed_confirms_the_title_tag() -> None:
    tag, heading = "<title>Summit ends with treaty</title>", "<h1>World in brief</h1>"
    assert from_head(tag, body=heading) == "World in brief"
    assert from_head(tag, body=heading, fallback="Rail strike called off") == "World in brief"
    assert from_head(tag, body=heading, fallback="Summit ends in Pyongyang") == "Summit ends with treaty"
    assert from_head(tag, body=heading + "<h1>Sport</h1>") == "Summit ends with treaty"


def test_what_stands_in_where_nothing_else_names_the_article() -> None:
    assert from_head("", body="<h1>First</h1><h1>Second</h1>") == "First"
    assert from_head("", body="<h1>First</h1><h1>Second</h1>", fallback="From the feed") == "From the feed"
    assert from_head("", body="<h2>Lower</h2>") == ""


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Summit ends | Courier", "Summit ends"),
        ("Courier | Summit ends", "Summit ends"),
        ("Courier | Kim - Putin", "Kim - Putin"),
        ("Courier | World | Summit ends", "World | Summit ends"),
        ("Courier | Summit ends | courier.example", "Summit ends"),
        ("Summit ends | Courier Online", "Summit ends"),
        ("Talks end | What a courier saw at the border today", "Talks end | What a courier saw at the border today"),
        ("Summit ends | Courier 12345678901234", "Summit ends | Courier 12345678901234"),
        ("Summit ends | Courier 1234567890123", "Summit ends"),
        ("Summit ends |  - ", "Summit ends"),
        ("Summit-ends: treaty", "Summit-ends: treaty"),
    ],
)  # fmt: skip
def test_the_outlets_name_goes_from_either_end(title: str, expected: str) -> None:
    assert from_head(f"<title>{title}</title>") == expected


@pytest.mark.parametrize(
    ("host", "title", "expected"),
    [
        ("kbs.example", "Talks begin | KBS World", "Talks begin | KBS World"),
        ("kbs.example", "Talks begin | KBS", "Talks begin"),
        ("kbsn.example", "Talks begin | KBSN World", "Talks begin"),
    ],
)
def test_a_short_name_is_an_outlets_only_when_it_stands_alone(host: str, title: str, expected: str) -> None:
    assert from_head(f"<title>{title}</title>", host=host) == expected


@pytest.mark.parametrize(
    ("heading", "same"),
    [
        ("Summit: ends!", True),
        ("Summit ends with a treaty on mutual defence", True),
        ("Kim", False),
        ("Kims", True),
        ("Treaty agreed", True),
        ("Treaty agreed today", False),
        ("A quite different story", False),
        ("???", False),
    ],
)
def test_a_heading_is_the_headline_where_it_shares_half_its_words_with_the_title(heading: str, same: bool) -> None:
    stated = {"Kim": "Kim meets Putin", "Kims": "Kims meet Putin"}.get(heading, "Summit ends")
    stated = "Treaty signed by both" if heading.startswith("Treaty") else stated
    head = f'<meta property="og:title" content="{stated}">'
    body = f"<h1>{heading}</h1><h1>Something else entirely</h1>"
    assert from_head(head, body=body) == (heading if same else stated)


@pytest.mark.parametrize(
    ("title", "site", "expected"),
    [
        ("渡轮恢复运营-港口新闻网", "港口新闻网", "渡轮恢复运营"),
        ("渡轮恢复运营_港口新闻网", "港口新闻网", "渡轮恢复运营"),
        ("渡轮恢复运营，港口新闻网", "港口新闻网", "渡轮恢复运营"),
        ("渡轮恢复运营_港口新闻网", "", "渡轮恢复运营"),
        ("1-10月港口货运量增长", "港口新闻网", "1-10月港口货运量增长"),
        ("항구뉴스-여객선 운항 재개", "항구뉴스", "여객선 운항 재개"),
        ("フェリー運航再開｜港新聞", "", "フェリー運航再開"),
        ("Harbour Post: Ferry resumes", "Harbour Post", "Ferry resumes"),
        ("Ferry resumes: Harbour Post", "Harbour Post", "Ferry resumes"),
        ("Ferry resumes, Harbour Post", "Harbour Post", "Ferry resumes, Harbour Post"),
        ("Ferry resumes / Harbour Post", "Harbour Post", "Ferry resumes"),
        ("【港口新闻网】渡轮恢复运营", "港口新闻网", "渡轮恢复运营"),
        ("[항구뉴스] 여객선 운항 재개", "항구뉴스", "여객선 운항 재개"),
        ("Ferry resumes (Harbour Post)", "Harbour Post", "Ferry resumes"),
        ("Ferry resumes (again)", "Harbour Post", "Ferry resumes (again)"),
        ("Ferry resumes-Harbour Post", "Harbour Post", "Ferry resumes"),
        ("ADAC-tests of child seats", "ADAC", "ADAC-tests of child seats"),
        ("Courier: what it was", "Harbour Post", "Courier: what it was"),
        ("Ferry: service resumes", "Harbour Post", "Ferry: service resumes"),
        ("Ferry <b>resumes</b> service", "", "Ferry resumes service"),
        ("Ferry resumes after repairs | Local news | Harbour Post", "Harbour Post", "Ferry resumes after repairs"),
        ("Ferry resumes after repairs | Aro | Local | Harbour Post", "Harbour Post", "Ferry resumes after repairs"),
        ("Fähre fährt nach Reparatur wieder | Lokales | Hafenpost", "Hafenpost", "Fähre fährt nach Reparatur wieder"),
        ("Le ferry reprend du service » Région » Le Phare", "Le Phare", "Le ferry reprend du service"),
        ("Паром снова ходит после ремонта | Новости | Вестник", "Вестник", "Паром снова ходит после ремонта"),
        ("渡轮周三早上恢复运营_新闻_港口新闻网", "港口新闻网", "渡轮周三早上恢复运营"),
        ("渡轮周三早上恢复运营_新闻_港口新闻网", "", "渡轮周三早上恢复运营"),
        ("여객선 11주 만에 운항 재개 ‹ 사회 ‹ 뉴스 ‹ 항구뉴스", "항구뉴스", "여객선 11주 만에 운항 재개"),
        ("여객선 11주 만에 운항 재개 ‹ 사회 ‹ 뉴스 ‹", "항구뉴스", "여객선 11주 만에 운항 재개"),
        ("Kim | Putin | Harbour Post", "Harbour Post", "Kim | Putin"),
        ("Паром «Аро» и «Белт» | Вестник", "Вестник", "Паром «Аро» и «Белт»"),
    ],
)
def test_a_stated_name_goes_whatever_sign_is_before_it(title: str, site: str, expected: str) -> None:
    head = f"<title>{title.replace('<', '&lt;')}</title>"
    assert from_head(head + (f'<meta property="og:site_name" content="{site}">' if site else "")) == expected


def test_a_heading_loses_the_outlets_name_where_the_title_stands_without_it() -> None:
    site = '<meta property="og:site_name" content="Harbour Post">'
    head = f"<title>Ferry resumes</title>{site}"
    assert from_head(head, body="<h1>Ferry resumes | Harbour Post</h1>") == "Ferry resumes"
    assert from_head(head, body="<h1>Ferry resumes | At last</h1>") == "Ferry resumes | At last"


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("Ferry resumes - Courier Post", "<h1>Courier Post</h1>", "Ferry resumes"),
        ("Ferry resumes - Post of Aro", '<h1><a href="/">Post of Aro</a></h1>', "Ferry resumes"),
        ("Post of Aro | Ferry resumes", '<a href="https://aro.example"><h1>Post of Aro</h1></a>', "Ferry resumes"),
        ("Ferry resumes - Post of Aro", '<h1 class="site-title">Post of Aro</h1>', "Ferry resumes"),
        ("Post of Aro | Ferry resumes", "<h1>Ferry resumes</h1>", "Ferry resumes"),
        ("Courier Post | Courier strike ends", "<h1>Courier strike ends</h1>", "Courier strike ends"),
        ("Ferry resumes | Aro", '<h1><a href="/ferry">Ferry resumes</a></h1>', "Ferry resumes"),
        (". | Ferry resumes", '<h1><a href="/">Ferry resumes</a></h1>', "Ferry resumes"),
    ],
)
def test_a_heading_that_is_the_outlets_name_is_not_the_headline(title: str, body: str, expected: str) -> None:
    assert from_head(f"<title>{title}</title>", body=body) == expected


def test_a_metadata_title_that_was_cut_off_is_completed_by_the_title_element() -> None:
    head = '<title>Ferry resumes service after eleven weeks | Courier</title><meta property="og:title" content="{}">'
    assert from_head(head.format("Ferry resumes service af...")) == "Ferry resumes service after eleven weeks"
    assert from_head(head.format("Ferry resumes service af…")) == "Ferry resumes service after eleven weeks"
    assert from_head(head.format("And then …")) == "And then …"
