"""Copies: what is one, what is none, whose it was, and what a late origin changes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from pipeline.copies import overlap
from pipeline.copies.families import resolve
from pipeline.copies.memory_index import MemoryCopyIndex
from pipeline.copies.overlap import Provenance, prepare, signature
from pipeline.models import Copy, Document
from pipeline.text.agencies import AGENCIES, credits_of, is_outlet
from pipeline.text.words import shingle_sequence, shingles, units

DAY = datetime(2024, 6, 19, 0, 1, tzinfo=UTC)  # at midnight it would be a day without an hour


def prose(seed: int, sentences: int = 20, words: int = 14) -> str:
    """Distinct made-up prose: sentences of words that no other seed has."""
    made = random.Random(seed)
    return "\n".join(
        " ".join(f"w{seed}x{made.randrange(400)}" for _ in range(words)).capitalize() + "." for _ in range(sentences)
    )


def document(name: str, text: str, hour: float = 0, source: str | None = None, title: str = "") -> Document:
    return Document(
        name, title or f"Title of {name}", text, DAY + timedelta(hours=hour), f"https://{name}.example/", source or name
    )


def find_origin(
    given: Document,
    candidates: Sequence[Document],
    origins: Mapping[str, str] | None = None,
    provenance: Mapping[str, Provenance] | None = None,
    agencies: Mapping[str, tuple[str, ...]] = AGENCIES,
) -> Copy | None:
    """`resolve` for plain documents, without the boilerplate and the re-rooting; `provenance` is by document id."""
    said = provenance or {}
    texts = [prepare(candidate, said.get(candidate.id), agencies) for candidate in candidates]
    return resolve(prepare(given, said.get(given.id), agencies), texts, origins, agencies).copy


WIRE = prose(1)
LINES = WIRE.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        WIRE,
        "\n".join(LINES[:7]),  # the first third
        "\n".join(LINES[5:9]),  # an excerpt from the middle
        "A local lead of our own desk comes first.\n" + "\n".join(LINES[1:]),
        WIRE + "\n" + prose(2, 8),  # own paragraphs at the end
        WIRE.replace(". ", " … ").replace("w", "W"),
        "\n".join(f"«{line}»" for line in LINES),
    ],
    ids=["whole", "third", "excerpt", "local-lead", "padded", "punctuation", "quotes"],
)
def test_a_copy_is_found_and_traced(text: str) -> None:
    index = MemoryCopyIndex()
    for number in range(10, 20):
        index.place(document(f"other{number}", prose(number), 0))
    index.place(document("wire", WIRE, 1))
    decision = index.place(document("copy", text, 2))
    assert decision.copy is not None
    assert (decision.copy.copy_id, decision.copy.origin_id, decision.copy.rule) == ("copy", "wire", "earliest")
    assert decision.copy.containment > 0.5
    assert index.origins == {"copy": "wire"}


def test_the_shares_are_of_the_copy_and_of_both() -> None:
    third = "\n".join(LINES[:7])
    copy = find_origin(document("copy", third, 1), [document("wire", WIRE)])
    assert copy is not None
    assert copy.containment == 1.0
    assert copy.resemblance == pytest.approx(len(shingles(third)) / len(shingles(WIRE)))


@pytest.mark.parametrize(
    "text",
    [
        prose(3),
        "\n".join([*LINES[:4], *prose(4, 6).split("\n")]),  # four of ten sentences: quoted, not copied
        " ".join(LINES[0].split()[:9]),  # too short to say
        "",
    ],
    ids=["other", "quoted", "short", "empty"],
)
def test_what_is_no_copy(text: str) -> None:
    assert find_origin(document("copy", text, 1), [document("wire", WIRE)]) is None


def test_equal_headlines_are_no_copies() -> None:
    first = Document("a", "Ten dead as storm hits the coast of the northern island", "", DAY)
    second = Document("b", first.title, first.title, DAY)
    assert find_origin(second, [first]) is None
    assert signature("") == overlap.Signature((), 0)


def test_one_address_is_one_article() -> None:
    first = document("wire", WIRE)
    again = Document("other-id", first.title, WIRE, DAY, first.url, first.source)
    assert find_origin(again, [first]) is None


def test_boilerplate_of_one_outlet_makes_no_copy() -> None:
    boilerplate = prose(5, 4)
    index = MemoryCopyIndex()
    for number, subject in enumerate(("storm", "budget", "football", "election")):
        text = prose(20 + number, 3) + "\n" + boilerplate
        placed = index.place(document(subject, text, number, "daily", f"{subject} news of {subject}"))
        assert placed.copy is None
    # by now the index knows the boilerplate, and so sees through it in another outlet's page too
    assert index.place(document("sister", boilerplate + "\n" + prose(40, 2), 9, "sister")).copy is None


def test_takes_of_one_outlet_are_copies() -> None:
    first = document("take1", WIRE, 0, "daily", LINES[0])
    second = document("take2", WIRE + "\n" + prose(6, 3), 1, "daily", LINES[0])
    assert find_origin(second, [first]) is not None


QUAKE = (
    "An earthquake of magnitude {} struck {} on Wednesday, the observatory said. The quake hit at a depth of {} km and "
    "its epicentre lay {} km from the coast. There were no reports of damage or casualties, and no warning was issued. "
    "The observatory had first given a slightly higher magnitude and revised it after data of more stations came in."
)
STATEMENT = (
    "“We regret that passengers waited on the platform for seven hours without water. It must not happen again. Every "
    "passenger will get the full fare back, and we have asked an outside firm to find out why nobody sent buses.”"
)
NOTICE = (
    "We value your privacy. We and our partners store and access information on a device, such as cookies, and process "
    "personal data. You may click to consent to our processing as described above."
)


def copied(first: str, second: str, titles: tuple[str, str] = ("", "")) -> bool:
    one, other = document("a", first, 0, "a", titles[0]), document("b", second, 1, "b", titles[1])
    return find_origin(other, [one]) is not None


def test_two_reports_of_one_template_are_no_copies() -> None:
    chile = QUAKE.format("6.1", "northern Chile", 40, 35)
    assert not copied(chile, QUAKE.format("5.7", "eastern Indonesia", 12, 80))
    assert copied(chile, chile.replace("40 km", "41 km"))


QUARTER = (
    "{0} reported on Wednesday that its revenue rose to {1} million crowns in the second quarter. Net profit at {0} "
    "came to {2} million crowns. Analysts had expected less. The company, which is based in {3}, confirmed its outlook "
    "for the full year and said that it would pay an unchanged dividend. Its shares gained {4} percent."
)
CRASH = (
    "Po południu na drodze koło miejscowości {} doszło do wypadku. Zginął kierowca osobowego auta, a {} osób trafiło "
    "do szpitala w mieście {}. Droga jest zablokowana, a policja kieruje na objazdy przez {}. "
    "Strażacy pracowali {} godzin."
)


@pytest.mark.parametrize(
    ("first", "second", "titles"),
    [
        (
            QUAKE.format("6.1", "northern Chile", 40, 35),
            QUAKE.format("5.7", "eastern Indonesia", 12, 80),
            ("Quake of 6.1 shakes Chile", "Quake of 5.7 shakes Indonesia"),
        ),
        (
            QUARTER.format("Northwind Lines", 412, 31, "Aro", 3.1),
            QUARTER.format("Belt Fisheries", 96, 7, "Kelby", 1.4),
            ("Northwind Lines: revenue rises", "Belt Fisheries: revenue rises"),
        ),
        (
            CRASH.format("Zalesie Górne", 3, "Lipno", "Borki", 5),
            CRASH.format("Brzeziny", 12, "Kamionka", "Stawy", 2),
            ("Wypadek w miejscowości Zalesie", "Śmierć kierowcy w miejscowości Brzeziny"),
        ),
    ],
)
def test_reports_of_two_events_in_one_form_of_words_are_told_apart(
    first: str, second: str, titles: tuple[str, str]
) -> None:
    index = MemoryCopyIndex()
    for name, text, title in (("a", first, titles[0]), ("b", second, titles[1]), ("c", first, titles[0])):
        index.place(document(name, text, 1, title=title))
    assert index.origins == {"c": "a"}
    assert dict(index.apart) == {"a": {"b"}, "b": {"a", "c"}, "c": {"b"}}
    # ... and no longer once the text says something else.
    index.place(document("b", prose(9), 2, title="Another thing"))
    assert not any(index.apart.values())


@pytest.mark.parametrize(
    "later",
    [
        QUAKE.format("6.3", "northern Chile", 38, 41),  # brought up to date
        QUAKE.format("6.1", "northern Chile", 40, 35).replace("no reports of damage", "reports of 12 dead in Iquique"),
        QUAKE.format("6.1", "the coast of Chile", 40, 35).replace("observatory", "Seismological Centre"),
    ],
)
def test_a_report_brought_up_to_date_is_not_told_apart(later: str) -> None:
    index = MemoryCopyIndex()
    index.place(document("a", QUAKE.format("6.1", "northern Chile", 40, 35), 0, title="Quake of 6.1 shakes Chile"))
    index.place(document("b", later, 1, title="Strong quake shakes Chile"))
    assert not index.apart


def test_a_shared_statement_is_no_copy() -> None:
    own = "Families slept on their suitcases in Varn on Sunday night after a fault had stopped all trains to the coast."
    other = "Shares of the railway fell in early trading, and the ministry in Lohm said it wanted a report by Friday."
    assert not copied(f"{own}\n{STATEMENT}", f"{other}\n{STATEMENT}")
    # set without marks, as a paragraph of its own after a colon
    assert not copied(f"{own} It wrote:\n{STATEMENT.strip('“”')}", f"{other} It wrote:\n{STATEMENT.strip('“”')}")
    assert copied(f"{own} {other}\n{STATEMENT}", f"{own} {other}")


def test_a_notice_is_no_copy_where_it_is_the_whole_text() -> None:
    assert not copied(NOTICE, NOTICE, ("Ferry resumes service", "Mayor of Belt resigns"))
    assert copied(NOTICE, NOTICE, ("Your privacy and our partners", "Another headline"))


def test_a_string_of_names_is_no_copy() -> None:
    names = "Russian President Vladimir Putin and North Korean leader Kim Jong Un"
    assert not copied(f"Menu for {names}: soup, sturgeon, ice.", f"{names} wave from a car in the rain.")


def test_background_at_the_end_is_no_copy() -> None:
    background = prose(50, 6)
    assert not copied(prose(51, 5) + "\n" + background, prose(52, 5) + "\n" + background)


def test_what_stands_in_the_papers_day_after_day_is_no_copy() -> None:
    background = prose(60, 6)
    late = document("late", background + "\n" + prose(79, 5), 24 * 8)
    index = MemoryCopyIndex()
    for day in range(overlap.COMMON_DAYS + 2):
        # the notice stands first, so that where it stands says nothing
        decision = index.place(document(f"day{day}", background + "\n" + prose(61 + day, 5), 24 * day))
        assert (decision.copy is None) == (day == 0 or day > overlap.COMMON_DAYS - 1)
    assert index.place(late).copy is None
    # a reprint of what is nothing but that is one all the same
    assert index.place(document("reprint", background, 24 * 8 + 1)).copy is not None


def test_copies_of_a_copy_are_asked_themselves_when_it_gets_an_origin() -> None:
    """The late origin has the first half of the middle; one of the middle's copies has that half, the other has not."""
    added = prose(80, 16)
    index = MemoryCopyIndex()
    index.place(document("middle", WIRE + "\n" + added, 2))
    index.place(document("first-half", WIRE, 3))
    index.place(document("second-half", added, 4))
    assert index.origins == {"first-half": "middle", "second-half": "middle"}
    index.place(document("wire", WIRE, 0))
    assert index.origins == {"middle": "wire", "first-half": "wire", "second-half": "middle"}


# --- whose it was ---------------------------------------------------------------------------------------------


def test_an_agency_is_the_origin_of_an_earlier_copy() -> None:
    early = document("paper", "PYONGYANG, June 19 (Nordwire) - " + WIRE, 0)
    late = document("nordwire", WIRE, 2)
    decision = resolve(prepare(late), [prepare(early)])
    assert decision.copy is None
    assert [(c.copy_id, c.origin_id, c.rule) for c in decision.rerooted] == [("paper", "nordwire", "agency-line")]


def test_an_agencys_page_much_later_than_the_copy_is_not_its_origin() -> None:
    early = document("paper", "PYONGYANG (Nordwire) - " + WIRE, 0)
    late = document("nordwire", WIRE, 48)
    copy = find_origin(late, [early])
    assert copy is not None
    assert copy.origin_id == "paper"


def test_agencies_can_be_given_by_name_and_host() -> None:
    early = document("paper", WIRE + "\n— Qux", 0)
    late = Document("z", "Title", WIRE, DAY + timedelta(hours=1), None, "feeds.zulu-news.example")
    assert find_origin(early, [late], agencies={"Qux": ("zulu-news.example",)}).rule == "agency-line"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        (Provenance(canonical_url="https://b.example/"), "canonical"),
        (Provenance(source_url="https://www.b.example/rss.xml"), "source"),
        (Provenance(source_name="B"), "earliest"),  # one letter names nobody
        (Provenance(), "earliest"),
    ],
)
def test_what_the_page_or_feed_says_of_its_origin(said: Provenance, rule: str) -> None:
    origin, other = document("b", WIRE, 1), document("a", WIRE, 0)
    decision = find_origin(document("c", WIRE, 2), [origin, other], provenance={"c": said})
    assert decision is not None
    assert decision.rule == rule
    assert decision.origin_id == ("a" if rule == "earliest" else "b")


def test_a_copy_of_a_copy_has_the_root_as_origin() -> None:
    middle = document("middle", "\n".join(LINES[:14]) + "\n" + prose(7, 9), 1)
    last = document("last", "\n".join(LINES[6:14]) + "\n" + "\n".join(prose(7, 9).split("\n")[:6]), 2)
    index = MemoryCopyIndex()
    for each in (document("wire", WIRE, 0), middle, last):
        index.place(each)
    assert index.origins == {"middle": "wire", "last": "wire"}


def test_a_copy_of_what_a_copy_added_stays_the_copys() -> None:
    added = prose(8, 20)
    index = MemoryCopyIndex()
    index.place(document("wire", WIRE, 0))
    index.place(document("middle", WIRE + "\n" + added, 1))
    decision = index.place(document("last", added, 2))
    assert decision.copy is not None
    assert decision.copy.origin_id == "middle"


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_the_order_of_arrival_does_not_matter(order: tuple[int, ...]) -> None:
    texts = [
        document("wire", WIRE, 0),
        document("half", "\n".join(LINES[:10]), 1),
        document("other-half", "\n".join(LINES[10:]), 2),
        document("whole", WIRE + "\nOur own last line.", 3),
    ]
    index = MemoryCopyIndex()
    for place in order:
        index.place(texts[place])
    assert index.origins == {"half": "wire", "other-half": "wire", "whole": "wire"}


def test_two_origins_that_share_nothing_stay_two_when_a_roundup_holds_both() -> None:
    index = MemoryCopyIndex()
    index.place(document("one", WIRE, 0))
    index.place(document("two", prose(9), 1))
    decision = index.place(document("roundup", WIRE + "\n" + prose(9), 2))
    assert decision.copy is not None
    assert decision.rerooted == ()
    assert set(index.origins) == {"roundup"}


def test_a_missing_origin_keeps_its_id() -> None:
    copy = document("middle", WIRE, 1)
    decision = find_origin(document("last", WIRE, 2), [copy], origins={"middle": "wire"})
    assert decision is not None
    assert decision.origin_id == "wire"


def test_undated_texts_are_never_the_earliest() -> None:
    undated = Document("a", "T", WIRE, None, None, "a")
    copy = find_origin(undated, [document("b", WIRE, 5)])
    assert copy is not None
    assert copy.origin_id == "b"


# --- fingerprints -----------------------------------------------------------------------------------------------


def test_keys_fit_a_bigint_and_are_few() -> None:
    found = signature(WIRE)
    assert found.shingles == len(shingles(WIRE))
    assert all(-(2**63) <= key < 2**63 for key in found.keys)
    assert found.keys == signature(WIRE).keys
    assert len(found.keys) < found.shingles / 5


@pytest.mark.parametrize("start", [0, 3, 17, 60, 200])
def test_any_twenty_words_in_a_row_have_a_key_in_common(start: int) -> None:
    sequence = shingle_sequence(units(WIRE))
    run = sequence[start : start + overlap.WINDOW]
    in_other = np.concatenate([shingle_sequence(units(prose(30))), run, shingle_sequence(units(prose(31)))])
    assert set(overlap.winnow(sequence).tolist()) & set(overlap.winnow(in_other).tolist())


def test_forgetting_drops_the_old_and_keeps_the_rest() -> None:
    index = MemoryCopyIndex()
    index.place(document("old", WIRE, 0))
    index.place(document("old-copy", WIRE, 1))
    index.place(document("new", prose(2), 72))
    assert index.forget(DAY + timedelta(hours=48)) == 2
    assert len(index) == 1
    assert index.place(document("copy", WIRE, 73)).copy is None
    assert index.place(document("new-copy", prose(2), 74)).copy is not None


def test_an_index_larger_than_its_buffer_finds_the_first_and_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.copies.memory_index._BUFFER", 50)
    index = MemoryCopyIndex()
    for number in range(100, 130):
        index.place(document(f"d{number}", prose(number, 8), 0))
    for number in (100, 115, 129):
        copy = index.place(document(f"copy{number}", prose(number, 8), 1)).copy
        assert copy is not None
        assert copy.origin_id == f"d{number}"


def test_an_id_seen_again_replaces_the_text() -> None:
    index = MemoryCopyIndex()
    index.place(document("a", WIRE, 0))
    index.place(document("a", prose(2), 0))
    assert len(index) == 1
    assert index.place(document("b", WIRE, 1)).copy is None


# --- agency lines ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LONDON, June 19 (Reuters) - Rain fell. He told AP so.", ("Reuters",)),
        ("【新华社平壤6月19日电】普京抵达", ("新华社",)),
        ("新华社平壤6月19日电 普京抵达", ("新华社",)),
        ("[ロンドン 19日 ロイター] 英国は", ("ロイター",)),
        ("(서울=연합뉴스) 김 기자 = 푸틴", ("연합뉴스",)),
        ("МОСКВА, 19 июн - РИА Новости. Путин", ("РИА Новости",)),
        ("МОСКВА, 19 июня. /ТАСС/. Путин", ("ТАСС",)),
        ("BERLIN (dpa/AFP) Der Kanzler", ("dpa", "AFP")),
        ("PYONGYANG (Nordwire) — Kim met", ("Nordwire",)),
        ("By MATTHEW LEE, AP Diplomatic Writer\nThe deal", ("AP",)),
        ("x " * 400 + "in the war. — AFP", ("AFP",)),
        ("x " * 400 + "(With inputs from ANI)", ("ANI",)),
        ("x " * 400 + "\nИсточник: Интерфакс", ("Интерфакс",)),
        ("A spokesman told Reuters that the AP was wrong. " * 20, ()),
        ("", ()),
    ],
)
def test_agency_lines(text: str, expected: tuple[str, ...]) -> None:
    assert credits_of(text) == expected


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("AP", "apnews.com", True),
        ("AP", "www.apnews.com", True),
        ("AP", "map.com", False),
        ("AP", "all-points.example", False),  # a listed name is known by its hosts, not by initials
        ("Nordwire", "nordwire.example", True),
        ("Nordwire", "Nord Wire", True),
        ("Halcyon", "halcyonwire.example", True),
        ("AL", "agence-lemanique.example", True),
        ("AL", "Agence Lémanique", True),
        ("Reuters", None, False),
    ],
)
def test_outlets_of_agencies(name: str, source: str | None, expected: bool) -> None:
    assert is_outlet(name, source) is expected


def test_an_hour_of_the_day_is_before_the_day_alone() -> None:
    day = DAY.replace(minute=0)
    dated = document("dated", WIRE)
    bare = Document("bare", "Title", WIRE, day, "https://bare.example/", "bare")
    late = document("late", WIRE, hour=23.5)
    next_day = document("next", WIRE, hour=24)
    for first, second in ((dated, bare), (late, bare), (bare, next_day)):
        for given, candidate in ((first, second), (second, first)):
            copy = find_origin(given, [candidate])
            assert (copy and copy.origin_id) == (first.id if given is second else None)
