"""Values that a page's scripts write in JavaScript's own notation, which is wider than JSON's (pure).

Keys without quotes, single quotes, ``!0`` and ``void 0``; and Nuxt's way to write once what repeats, as the arguments
of a function that returns the value: ``(function(a,b){return {title:a,body:b}}("Title","Text"))``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

_MAX_TOKENS = 400_000  # the data of the longest pages seen has a tenth
_MAX_DEPTH = 60
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.)*`)"""
    r"""|(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|\d*\.?\d+(?:[eE][-+]?\d+)?))|(?P<name>[A-Za-z_$][\w$]*)|(?P<mark>[{}\[\](),:;.!=]))""",
    re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None, "Infinity": None}
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_FUNCTION = re.compile(r"\(?\s*function\s*\(([\w$,\s]*)\)\s*\{")
_RETURN = re.compile(r"\breturn\s*(?=[{\[])")


class _Named(NamedTuple):
    """A name where a value stands: one of the parameters."""

    name: str


class _Tokens:
    """The tokens of a script from a place on, one looked at ahead."""

    def __init__(self, text: str, at: int) -> None:
        self._text, self.at, self._left = text, at, _MAX_TOKENS
        self.kind = self.value = ""
        self.step()

    def step(self) -> tuple[str, str]:
        """The current token, behind which it goes on. Raises `ValueError` where too many came."""
        passed = self.kind, self.value
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many values")
        found = _TOKEN.match(self._text, self.at)
        if found is None:
            self.kind, self.value = "end", ""
        else:
            self.kind, self.value = str(found.lastgroup), str(found[str(found.lastgroup)])
            self.at = found.end()
        return passed

    def take(self, mark: str) -> bool:
        """Whether the current token is this mark, which then is passed."""
        if self.kind == "mark" and self.value == mark:
            self.step()
            return True
        return False


def read(text: str, at: int) -> Any:
    """The value that a script writes from a place on: a literal, or what a function called at once returns.

    Raises `ValueError` for anything else.
    """
    called = _FUNCTION.match(text, at)
    if called is None:
        return _bound(_value(_Tokens(text, at), 0), {}, 0)
    returned = _RETURN.search(text, called.end())
    if returned is None:
        raise ValueError("a function that returns no literal")
    tokens = _Tokens(text, returned.end())
    value = _value(tokens, 0)
    while tokens.take(";") or tokens.take("}") or tokens.take(")"):
        pass
    if not tokens.take("("):
        raise ValueError("a function that is not called")
    given = []
    while not tokens.take(")"):
        given.append(_value(tokens, 0))
        if not tokens.take(",") and tokens.value != ")":
            raise ValueError("arguments that do not end")
    names = [name.strip() for name in called[1].split(",")]
    return _bound(value, dict(zip(names, given, strict=False)), 0)


def _value(tokens: _Tokens, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise ValueError("too deep")
    kind, written = tokens.step()
    if kind == "string":
        return _string(written)
    if kind == "number":
        return float(written) if written.lstrip("+-").isdigit() else 0
    if kind == "name":
        return _named(tokens, written, depth)
    if written == "!":
        return not _value(tokens, depth + 1)
    if written == "[":
        return _items(tokens, depth)
    if written == "{":
        return _pairs(tokens, depth)
    raise ValueError(f"no value: {written or kind}")


def _named(tokens: _Tokens, name: str, depth: int) -> Any:
    if name in _WORDS:
        return _WORDS[name]
    if name in ("void", "new"):
        return _value(tokens, depth + 1)
    if tokens.take("("):  # Array(3), Date("…"): the first argument stands for it
        value = None if tokens.value == ")" else _value(tokens, depth + 1)
        while tokens.take(","):
            _value(tokens, depth + 1)
        if not tokens.take(")"):
            raise ValueError("a call that does not end")
        return value
    return _Named(name)


def _items(tokens: _Tokens, depth: int) -> list[Any]:
    items: list[Any] = []
    while not tokens.take("]"):
        if tokens.take(","):
            continue
        items.append(_value(tokens, depth + 1))
    return items


def _pairs(tokens: _Tokens, depth: int) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    while not tokens.take("}"):
        if tokens.take(","):
            continue
        kind, key = tokens.step()
        if kind not in ("string", "number", "name") or not tokens.take(":"):
            raise ValueError("no literal")
        pairs[_string(key) if kind == "string" else key] = _value(tokens, depth + 1)
    return pairs


def _string(written: str) -> str:
    if written[0] == '"':
        try:
            return str(json.loads(written, strict=False))
        except ValueError:
            pass
    return _ESCAPE.sub(_unescaped, written[1:-1])


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code:
        return chr(min(int(code, 16), 0x10FFFF))
    return _PLAIN.get(found[4], found[4])


def _bound(value: Any, given: Mapping[str, Any], depth: int) -> Any:
    """The value with the arguments in the place of the parameters."""
    if depth > 2 * _MAX_DEPTH:
        return None
    if isinstance(value, _Named):
        other = given.get(value.name)
        return None if isinstance(other, _Named) else other
    if isinstance(value, list):
        return [_bound(each, given, depth + 1) for each in value]
    if isinstance(value, dict):
        return {key: _bound(each, given, depth + 1) for key, each in value.items()}
    return value


def assigned(text: str, pattern: re.Pattern[str], most: int) -> list[Any]:
    """The values that a script writes behind the first matches of a pattern; what is no literal is passed over."""
    found = []
    for match in islice(pattern.finditer(text), most):
        try:
            found.append(read(text, match.end()))
        except (ValueError, RecursionError):
            continue
    return found
