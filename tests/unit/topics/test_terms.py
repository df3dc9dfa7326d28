"""The terms of topics are found by one pass over a text, as one regular expression a group would find them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import topics
from pipeline.archive.warc import CaptureIndex
from pipeline.topics import LEAD, Topic, Wordings, reading
from pipeline.topics.reading import TermIndex
from tests.support.project import REPOSITORY
from tests.support.recorded import RECORDED, documents, read_entries, read_labels
from tests.support.topic_regexes import Regexes

SUMMIT = topics.load(REPOSITORY / "seeds" / "topics" / "putin-kim-summit.toml", REPOSITORY / "seeds" / "documents")
OTHERS = [
    topics.load(REPOSITORY / "tests" / "data" / "topics" / f"{name}.toml", REPOSITORY / "tests" / "data" / "topics")
    for name in ("topic-karabakh-2023", "topic-morocco-2023")
]
# Pieces that meet in many ways: borders, endings, scripts without blanks, letters with several small forms, ends of
# lines, and marks that a regular expression would read as its own.
PIECES = (
    *(
        "a",
        "b",
        "ab",
        "aba",
        "Kim",
        "kim",
        "KIM",
        "Jong",
        "Un",
        "İ",
        "ı",
        "i",
        "ſ",
        "s",
        "ß",
        "ς",
        "Σ",
        "σ",
        "K",
        "e\u0301",
    ),
    *(
        "金",
        "恩",
        "金正恩",
        "평양",
        "가",
        "나",
        "ー",
        "の",
        "_",
        ".",
        "-",
        "'",
        "·",
        "(",
        "[a",
        "\\",
        "|",
        "+",
        "$",
        "^",
        "1",
        "²",
        "x" * 97,
    ),
)
BLANKS = (" ", "  ", "\n", "\n\n", "\n \t\n", "\r\n", "\u2028", "\x85", "\x1c", "\u3000", "\t", "\xa0")
terms = st.lists(st.sampled_from((*PIECES, "*", "*", " ", "\t")), min_size=1, max_size=5).map("".join).filter(str.strip)
listed = st.lists(terms, min_size=0, max_size=4).map(tuple)
bodies = st.lists(st.one_of(st.sampled_from((*PIECES, *BLANKS)), st.text(max_size=2)), max_size=12).map("".join)
WORDS = [term for topic in (SUMMIT, *OTHERS) for terms in topic.lists for term in terms]
prose = st.lists(
    st.one_of(
        st.sampled_from([term.replace("*", ending) for term in WORDS for ending in ("", "s")]),
        st.sampled_from((*BLANKS, *BLANKS, ", ", ".", "x" * 97)),
        st.text(max_size=3),
    ),
    max_size=20,
).map("".join)


def of(required: tuple[str, ...], optional: tuple[str, ...], excluded: tuple[str, ...], slug: str = "any") -> Topic:
    """A topic of these terms; where one that begins with them differs by group, it is found."""
    groups = {"one": {"en": required}, "two": {"en": (*required[1:], *optional)}, "three": {"en": optional}}
    return replace(SUMMIT, slug=slug, groups=groups, required=("one", "two"), excluded={"en": excluded})


def agree(subjects: list[Topic], title: str, text: str) -> None:
    """Each topic's words are as by its regular expressions, alone and among the others."""
    together = Wordings(subjects).of(title, text)
    for subject in subjects:
        expected = Regexes(subject).wording(title, text)
        assert topics.wording(subject, title, text) == expected
        assert together[subject.slug] == expected
        assert topics.mentions(subject, title, text) == expected.named


@given(listed, listed, listed, listed, bodies, bodies)
@example(("金 *",), (), ("* 金",), (), "", "金\n \n")
@example(("Kim Jong Un",), ("Kim*",), (), (), "Kim", "Jong\n\nUn")
@example(("Putin",), ("Put*",), ("Putins",), (), "", "x" * (LEAD - 5) + "Putins")
@example((), (), ("a",), ("*a",), "", "aa")
@example(("가*나*다", "가*나"), ("가나*다 가*", "*나*다"), ("나*다",), (), "가가나", "가나나다다 가가나다다\n가나 나다")
@example(("a*b*a",), ("a*b*b", "*b*a b"), (), (), "abab", "aabba ababab abba b")
@example(("D.P.R.K.", "*"), (".b",), ("a*b",), ("a* b",), "a.b", "D.P.R.K.a aab\nb")
def test_any_terms_are_found_as_by_regular_expressions(
    one: tuple[str, ...], two: tuple[str, ...], off: tuple[str, ...], other: tuple[str, ...], title: str, text: str
) -> None:
    agree([of(one, two, off), of(other, one, two, "other")], title, text)


@given(prose, prose)
def test_the_terms_of_topic_files_are_found_as_by_regular_expressions(title: str, text: str) -> None:
    agree([SUMMIT, *OTHERS], title, text)


def test_on_the_recorded_web_each_entry_and_each_article_is_read_as_by_regular_expressions() -> None:
    index = CaptureIndex.read([RECORDED])
    texts = [(seen.entry.title, seen.entry.text) for seen in read_entries(index, read_labels())]
    texts += [(document.title, document.text) for _, document in documents()]
    assert len(texts) > 300
    subjects = [SUMMIT, *OTHERS]
    wordings, regexes = Wordings(subjects), {subject.slug: Regexes(subject) for subject in subjects}
    for title, text in texts:
        expected = {slug: each.wording(title, text) for slug, each in regexes.items()}
        assert wordings.of(title, text) == expected
    assert sum(wordings.of(title, text)[SUMMIT.slug].named for title, text in texts) > 200


@pytest.mark.parametrize(
    ("term", "text", "stands"),
    [
        ("Putin", "PUTIN'S visit", "PUTIN"),
        ("Putin", "Putins Besuch", None),
        ("Putin*", "Putins Besuch", "Putins"),
        ("Kim Jong Un", "Kim  Jong\nUn", "Kim  Jong\nUn"),
        ("Северн* Коре*", "в Северной Корее", "Северной Корее"),
        ("平壌", "訪問先の平壌市内", "平壌"),
        ("*minister", "die Außenminister", "Außenminister"),
        ("C++", "C++11", "C++"),
        (".net", "asp.net", ".net"),
        (".net", "in .net", None),
        ("ISTANBUL", "İstanbul", "İstanbul"),
        ("Σόλων", "ΣΌΛΩΝ", "ΣΌΛΩΝ"),
    ],
)
def test_a_term_stands_where_its_word_does(term: str, text: str, stands: str | None) -> None:
    words = topics.wording(of((term,), (), ()), "", text)
    assert words.found.get("one") == stands
    assert Regexes(of((term,), (), ())).wording("", text) == words


def test_half_of_a_pair_hides_no_term() -> None:
    words = topics.wording(of(("Putin", "?"), (), ()), "\ud800", "\udc00 Putin in Pyongyang")
    assert words.found["one"] == "Putin"


@given(listed, listed, listed, bodies, bodies)
def test_parts_and_many_places_tell_the_same(
    one: tuple[str, ...], two: tuple[str, ...], off: tuple[str, ...], title: str, text: str
) -> None:
    """A text is read part by part, and of many places few are kept: here after each letter and each two places."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "_PART", 1)
        patched.setattr(reading, "_MANY", 2)
        agree([of(one, two, off)], title, text)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (("a*a*a*a*a*a*b",), "a" * 20_000),
        (("aaa*a*a*a*a*c x",), "a" * 20_000),
        (("가*가*나",), "가" * 50_000),
        (("가*가*나",), "가" * 50_000 + "나"),
        (("가*나다라",), "가" * 50_000 + " 나다라"),
        (("*나",), "가" * 50_000 + " 나 b"),
        (("* * * x",), "word " * 60_000),
    ],
    ids=["stars", "words", "unspaced", "unspaced-found", "rarer-end", "open-start", "blanks"],
)
def test_a_long_run_of_letters_ends_in_time(terms: tuple[str, ...], text: str) -> None:
    """These took from minutes to ages when every `*` was tried with every length from every letter."""
    began = time.process_time()
    TermIndex([terms]).read("", text)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("letter", ["a", "가"])
def test_terms_within_each_other_take_no_more_memory_in_a_longer_run(letter: str) -> None:
    index = TermIndex([[letter * length for length in range(1, 40)]])
    automaton = _Asked(index._automaton)
    index._automaton = automaton  # type: ignore[assignment]
    found = index.read("", f"{letter * 20_000}\n{letter * 3}")
    assert max(automaton.asked) <= reading._PART + 40
    assert sum(map(len, found.spots.values())) <= 2 * reading._MANY
    assert found.paragraphs(0)[2 if letter == "a" else 1]
    assert found.first(0) == letter * (3 if letter == "a" else 39)


class _Asked:
    """An automaton that notes how long the texts are that it is asked about."""

    def __init__(self, automaton: Any) -> None:
        self._automaton, self.asked = automaton, list[int]()

    def find_matches_as_indexes(self, text: str, **options: Any) -> Any:
        self.asked.append(len(text))
        return self._automaton.find_matches_as_indexes(text, **options)
