"""What frameworks write into a page for their scripts, put together again: Next.js' stream, Nuxt's flat list (pure).

Next.js pushes pieces of one text (``self.__next_f.push([1,"…"])``), whose lines are values that refer to each other by
number. Nuxt 3 writes all values into one list (``__NUXT_DATA__``), where a number is the place of another value; Nuxt 2
calls a function (`literals`). Referring values may go round in circles, so what is built is bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from pipeline.extraction import literals

_MAX_NODES = 200_000  # values of one page's data that are put together
_MAX_DEPTH = 60
_MAX_PUSHES = 5_000
_MAX_ROWS = 20_000
_PUSH = re.compile(r"__next_f\s*(?:=[^;]{0,40})?\)?\.push\(\s*(?=\[)")
_ROW = re.compile(r"(?P<id>[0-9a-fA-F]{1,6}):(?P<tag>T(?P<size>[0-9a-fA-F]{1,7}),|[A-Z]{1,2}(?=[\[{\"])|)")
_REFERENCE = re.compile(r"\$[L@]?(?P<id>[0-9a-f]{1,6})")
_NUXT = re.compile(r"__NUXT__(?:\[[^\]]{1,60}\])?\s*=\s*")
_WRAPPERS = frozenset({"Reactive", "ShallowReactive", "Ref", "ShallowRef", "EmptyRef", "EmptyShallowRef", "Island"})


def next_data(texts: Sequence[str]) -> list[Any]:
    """The values of the lines that scripts push for Next.js, each with what it refers to."""
    pieces = [piece for text in texts if "__next_f" in text for piece in _pushed(text)]
    rows = _rows("".join(pieces)) if pieces else {}
    budget = [_MAX_NODES]
    return [
        _followed(value, rows, frozenset({key}), budget) for key, value in rows.items() if not isinstance(value, str)
    ]


def _pushed(text: str) -> Iterator[str]:
    for found in islice(_PUSH.finditer(text), _MAX_PUSHES):
        try:
            value = json.JSONDecoder(strict=False).raw_decode(text, found.end())[0]
        except (ValueError, RecursionError):
            continue
        if isinstance(value, list) and len(value) == 2 and value[0] == 1 and isinstance(value[1], str):
            yield value[1]


def _rows(stream: str) -> dict[str, Any]:
    """The stream's values by number. A text says how many bytes it has, every other value ends with its line."""
    rows: dict[str, Any] = {}
    at = 0
    while len(rows) < _MAX_ROWS and (found := _ROW.match(stream, at)) is not None:
        if found["size"]:
            size = int(found["size"], 16)
            # No more characters than bytes; the rest of those are the next lines'.
            text = stream[found.end() : found.end() + size].encode("utf-8", "replace")[:size].decode("utf-8", "ignore")
            rows[found["id"].lower()] = text
            at = found.end() + len(text)
            continue
        end = stream.find("\n", found.end())
        end = len(stream) if end < 0 else end
        if found["tag"] in ("", None):
            with suppress(ValueError, RecursionError):
                rows[found["id"].lower()] = json.loads(stream[found.end() : end], strict=False)
        at = end + 1
    return rows


def _followed(value: Any, rows: Mapping[str, Any], above: frozenset[str], budget: list[int], depth: int = 0) -> Any:
    """A value with what its references name in their place; one that leads back is left as it is."""
    budget[0] -= 1
    if budget[0] < 0 or depth > _MAX_DEPTH:
        return None
    if isinstance(value, str):
        if value.startswith("$$"):
            return value[1:]
        found = _REFERENCE.fullmatch(value) if value.startswith("$") else None
        if found is None or found["id"] not in rows or found["id"] in above:
            return value
        return _followed_to(found["id"], rows, above, budget, depth)
    if isinstance(value, list):
        return [_followed(each, rows, above, budget, depth + 1) for each in value]
    if isinstance(value, dict):
        return {key: _followed(each, rows, above, budget, depth + 1) for key, each in value.items()}
    return value


def _followed_to(key: str, rows: Mapping[str, Any], above: frozenset[str], budget: list[int], depth: int) -> Any:
    named = rows[key]
    return named if isinstance(named, str) else _followed(named, rows, above | {key}, budget, depth + 1)


def nuxt_list(values: Any) -> Any:
    """The value that a flat list of values stands for; None where it is no such list."""
    if not isinstance(values, list) or not values or not isinstance(values[0], list | dict):
        return None
    return _placed(0, values, frozenset(), [_MAX_NODES])


def _placed(place: Any, values: Sequence[Any], above: frozenset[int], budget: list[int]) -> Any:
    budget[0] -= 1
    if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(values):
        return None
    if budget[0] < 0 or place in above or len(above) > _MAX_DEPTH:
        return None
    value, above = values[place], above | {place}
    if isinstance(value, dict):
        return {key: _placed(each, values, above, budget) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    if value and isinstance(value[0], str):
        # A wrapper around another value, or a type of its own such as a date, whose text says nothing here.
        return _placed(value[1], values, above, budget) if value[0] in _WRAPPERS and len(value) > 1 else None
    return [_placed(each, values, above, budget) for each in value]


def nuxt_state(text: str) -> list[Any]:
    """The values that a script assigns to Nuxt's state."""
    return literals.assigned(text, _NUXT, 2) if "__NUXT__" in text else []


def shown(value: Any, budget: list[int], depth: int = 0) -> Iterator[tuple[str, str]]:
    """The elements of a page that a stream holds, in their order: tag and text of those that hold words.

    An element is ``["$", tag, key, {"children": …}]``.
    """
    budget[0] -= 1
    if budget[0] < 0 or depth > 2 * _MAX_DEPTH:
        return
    if isinstance(value, list) and len(value) >= 4 and value[0] == "$" and isinstance(value[3], Mapping):
        tag = value[1] if isinstance(value[1], str) else ""
        if tag in ("p", "li", "blockquote", "h1", "h2", "h3", "h4", "figcaption"):
            said = "".join(_words(value[3], budget, depth))
            if said.strip():
                yield tag, " ".join(said.split())
            return
        for each in value[3].values():
            if isinstance(each, list | Mapping):
                yield from shown(each, budget, depth + 1)
    elif isinstance(value, list | Mapping):
        for each in value.values() if isinstance(value, Mapping) else value:
            if isinstance(each, list | Mapping):
                yield from shown(each, budget, depth + 1)


def _words(properties: Mapping[str, Any], budget: list[int], depth: int) -> Iterator[str]:
    waiting: list[Any] = [properties.get("children")]
    while waiting and budget[0] > 0:
        budget[0] -= 1
        value = waiting.pop()
        if isinstance(value, str):
            yield "" if value.startswith("$") and len(value) < 8 else value
        elif isinstance(value, list):
            if len(value) >= 4 and value[0] == "$":
                waiting.append(value[3].get("children") if isinstance(value[3], Mapping) else None)
            else:
                waiting.extend(reversed(value))
    inner = properties.get("dangerouslySetInnerHTML")
    if isinstance(inner, Mapping) and isinstance(inner.get("__html"), str):
        yield re.sub(r"<[^<>]*>", " ", inner["__html"])
