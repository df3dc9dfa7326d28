"""The sets of words that columns hold are those that the code writes, and the code writes no other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import pipeline
from pipeline import alerts, web
from pipeline.copies import families
from pipeline.extraction import revisions
from pipeline.feeds import history, opml
from pipeline.models.sets import FEEDS, PAGES, REQUESTS, SETS, UNKNOWN
from pipeline.portal import words
from pipeline.steps import barrier
from pipeline.store import overrides
from pipeline.stories import decide, model

CODE = Path(pipeline.__file__).parent
# Reasons of errors that end in no row: of files, lists and addresses that somebody names at a terminal; and those of
# settings and of what is sent, whose column is open.
NOT_STORED = {"no-feed-found", "not-opml", "bad-capture", "bad-line", "unreadable"}
NOT_STORED |= {"no-topic", "bad-secret", "bad-answer"}


def written(column: str) -> set[str]:
    """The words of a set but for that of rows of before."""
    return set(SETS[column]) - set(UNKNOWN)


def tree(module: str) -> ast.Module:
    return ast.parse((CODE / f"{module}.py").read_text("utf-8"))


def strings(node: ast.AST | None) -> set[str]:
    """The strings that an expression may be: a literal, or either side of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return strings(node.body) | strings(node.orelse)
    return set()


def arguments(module: ast.Module, function: str, place: int) -> Iterator[str]:
    """The literals that stand at a place of the calls of a function."""
    for node in ast.walk(module):
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name == function and len(node.args) > place:
            yield from strings(node.args[place])


def returned(module: ast.Module, place: int, function: str = "") -> set[str]:
    """The literals at a place of the tuples that functions of a module return."""
    homes = [each for each in ast.walk(module) if isinstance(each, ast.FunctionDef) and function in ("", each.name)]
    found = [each.value for home in homes for each in ast.walk(home) if isinstance(each, ast.Return)]
    return set().union(*(strings(each.elts[place]) for each in found if isinstance(each, ast.Tuple)))


def literals(module: ast.Module) -> set[str]:
    return {each.value for each in ast.walk(module) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("alerts.kind", {*alerts.KINDS, alerts.NOTICE}),
        ("article_revisions.kind", {"first", *get_args(revisions.Kind)}),
        ("articles.language_rule", returned(tree("text/languages"), 1, "choose")),
        ("articles.ownership", opml.OWNERSHIPS),
        ("copies.rule", families._STRENGTH),
        ("feeds.ownership", opml.OWNERSHIPS),
        ("item_faults.step", {each.name for each in vars(barrier).values() if isinstance(each, barrier.Step)}),
        ("memberships.method", words._WHY),
        ("overrides.kind", get_args(overrides.Kind)),
    ],
)
def test_a_set_is_what_the_code_names(column: str, code: set[str]) -> None:
    assert written(column) == set(code)


def test_every_reason_that_an_error_gives_is_known() -> None:
    given = {
        reason
        for path in CODE.rglob("*.py")
        for function, place in (("ItemError", 0), ("from_feed", 1))
        for reason in arguments(ast.parse(path.read_text("utf-8")), function, place)
    }
    walls = returned(tree("extraction/walls"), 0) | {"notice-page"}
    jobs = {f"{what}-{job}" for what in ("timeout", "too-large") for job in ("extract", "parse")}
    known = {**REQUESTS, **PAGES, **FEEDS}
    assert given - NOT_STORED | walls | jobs <= set(known)
    everywhere = set().union(*(literals(ast.parse(path.read_text("utf-8"))) for path in CODE.rglob("*.py")
                               if path.name != "sets.py"))  # fmt: skip
    assert set(known) <= everywhere, "no word without a line that writes it"
    assert web.REASONS == REQUESTS


def test_methods_of_stories_are_known() -> None:
    named = {model.MIX, model.WORDS, model.VECTORS, model.TOPICAL, decide.MUST_LINK}
    passes = ("settling", "overruling", "reassigning")
    for module in ("stories/orchestration", "stories/decide", *(f"steps/{each}" for each in passes)):
        named.update(arguments(tree(module), "Assignment", 3))
    assert named == written("memberships.method")


def test_rules_of_dates_and_authors_are_known() -> None:
    feed = {each.removeprefix(history.FIRST_SEEN) for each in written("entries.published_rule")}
    dates = literals(tree("feeds/dates"))
    assert feed <= dates
    assert set(arguments(tree("feeds/dates"), "PublishedDate", 2)) | returned(tree("feeds/dates"), 1) <= feed
    page = literals(tree("extraction/dates")) | literals(tree("steps/extracting"))
    assert written("articles.published_rule") <= page
    assert set(arguments(tree("extraction/dates"), "Published", 1)) <= {*written("articles.published_rule"), "missing"}
    assert returned(tree("extraction/dates"), 0, "_in_text") <= written("articles.published_rule")
    assert written("articles.author_rule") <= literals(tree("extraction/authors"))
    assert returned(tree("extraction/authors"), 1, "choose") <= written("articles.author_rule")


def test_every_word_says_what_it_means() -> None:
    assert [f"{column}: {word}" for column, set_ in SETS.items() for word, says in set_.items() if len(says) < 4] == []
