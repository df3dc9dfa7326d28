"""What is known of words, dates and languages is known in `pipeline/text` alone; other rooms ask it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import Locale

from pipeline.text import phrases

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "pipeline"
HOME = PACKAGE / "text"

_ENGLISH = Locale("en")
CALENDAR = {
    name.casefold()
    for names in (_ENGLISH.months["format"]["wide"], _ENGLISH.days["format"]["wide"])
    for name in names.values()
    if name not in ("May", "March")  # words of other meanings
}
_WORD = re.compile(r"[^\W\d_]+")
# A word in another language: three letters and more, or any of the scripts in which one says as much.
_FOREIGN = re.compile(r"(?=[^\W\d_]*[^\W\d_\x00-\x7f])[^\W\d_]{3,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")

MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if HOME not in path.parents]
IDS = [str(path.relative_to(PACKAGE)) for path in MODULES]


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module that is no docstring, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def foreign(path: Path) -> list[str]:
    return [f"{line}: {found[0]}" for line, text in strings(path) if (found := _FOREIGN.search(text))]


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_months_and_weekdays_are_known_in_text_alone(path: Path) -> None:
    found = [
        (line, word) for line, text in strings(path) for word in _WORD.findall(text) if word.casefold() in CALENDAR
    ]
    assert not found, f"pipeline.text.calendars knows these names: {found}"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_phrases_of_languages_are_data(path: Path) -> None:
    assert not foreign(path), f"a phrase belongs into pipeline/text/data/phrases/<language>.toml: {foreign(path)}"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_words_are_folded_in_text_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "casefold" not in names, "pipeline.text.folding folds case"
    if path != PACKAGE / "urls" / "fetchable.py":  # host names, by the rules of IDNA
        assert "normalize" not in names, "pipeline.text.folding knows what is the same character"


@pytest.mark.parametrize("path", sorted((HOME / "data" / "phrases").glob("*.toml")), ids=lambda path: path.stem)
def test_the_phrases_of_a_language_are_known_kinds_without_groups(path: Path) -> None:
    for kind, listed in tomllib.loads(path.read_text(encoding="utf-8")).items():
        assert kind in phrases.KINDS
        assert len(listed) == len(set(listed))
        for phrase in listed:
            assert phrase == phrase.lower(), "phrases are matched without regard to case"
            assert re.compile(phrase).groups == 0, "groups would shift those of the pattern that it stands in"
            assert not re.compile(phrase).match(""), "a phrase that matches nothing matches everything"


def test_every_kind_of_phrase_has_one_in_some_language() -> None:
    assert [kind for kind in phrases.KINDS if phrases.any_of(kind) == "(?!)"] == []


def test_every_kind_of_phrase_is_asked_for() -> None:
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "phrases.py"]
    asked = set(re.findall(r"(?:any_of|by_language|listed)\(['\"](\w+)['\"]", "\n".join(sources)))
    assert asked == set(phrases.KINDS)
