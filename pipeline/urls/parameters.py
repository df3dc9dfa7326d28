"""The parameters of an address: which of them say how a reader came, wherever a link's maker put them.

A tracking parameter belongs behind a question mark. Those who add them by hand glue them on with a bare ``&``, with a
second ``?``, or escaped into the path; cut off there, two spellings of one article's address are one again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote, unquote_to_bytes

from pipeline.text import folding
from pipeline.urls.rules import RULES

_SESSION_PARAMETERS = frozenset({"jsessionid", "phpsessid", "sessionid", "aspsessionid"})
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What stands before a name and an equals sign where a parameter was glued on.
_SEAM = re.compile(
    r"(?:&amp;|%26amp%3B|[&?;]|%26|%3F|%3B)+(?P<name>[A-Za-z_][\w.%-]{0,40}?)(?:=|%3D)(?P<value>[^&?;/%]*)",
    re.IGNORECASE,
)
# Letters and escapes of what is no ASCII, side by side.
_LETTERS = re.compile(r"[A-Za-z]?(?:%[89A-Fa-f][0-9A-Fa-f])+(?:[A-Za-z](?:%[89A-Fa-f][0-9A-Fa-f])+)*")
_SEGMENT = re.compile(r"/(?=utm_\w{2,20}=)", re.IGNORECASE)


def unglued(path: str, query: str) -> tuple[str, str]:
    """A path without the tracking parameters that were glued to its end; what stood behind them joins the query."""
    if "=" not in path and "%3d" not in path.lower():
        return path, query
    cuts = [seam for seam in (_seam(path, 0), _SEGMENT.search(path)) if seam is not None]
    if not cuts:
        return path, query
    cut = min(cuts, key=lambda found: found.start())
    rest = unquote(path[cut.start() :]).lstrip("/&?;")
    rest = rest.replace("&amp;", "&").replace("?", "&").replace(";", "&")
    return path[: cut.start()], f"{rest}&{query}" if query else rest


def kept(query: str, domain: str) -> str:
    """The parameters of a query that choose what the reader sees, in their order and in one spelling.

    `domain` is the site's registered domain, whose own rules hold beside the general ones.
    """
    if not query:
        return ""
    dropped = RULES.site_parameters.get(domain, frozenset())
    found = []
    for piece in _pieces(query):
        name, equals, value = piece.partition("=")
        plain = unquote(name).lower()
        if not piece or plain in _SESSION_PARAMETERS or _is_tracking(plain, unquote(value).lower(), dropped):
            continue
        found.append(escapes(name, "/:@!$'()*,;?[]") + equals + escapes(value, "/:@!$'()*+,;?=[]"))
    return "&".join(found)


def escapes(text: str, safe: str) -> str:
    """One spelling of percent escapes: unreserved characters plain, everything else escaped in upper case."""

    def one(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return quote(_ESCAPE.sub(one, text), safe=safe + "%", errors="replace")


def composed(text: str) -> str:
    """An address with the letters that its escapes spell composed (NFC); escapes that are no UTF-8 stay."""
    return _respelt(text, folding.composed)


def decomposed(text: str) -> str:
    """An address with those letters and their marks one after the other (NFD)."""
    return _respelt(text, folding.decomposed)


def _respelt(text: str, spelt: Callable[[str], str]) -> str:
    return _LETTERS.sub(lambda found: _one_run(found[0], spelt), text) if "%" in text else text


def _one_run(run: str, spelt: Callable[[str], str]) -> str:
    """A run of letters and escapes; a mark that stands escaped belongs to the plain letter before it."""
    try:
        plain = unquote_to_bytes(run).decode("utf-8")
    except UnicodeDecodeError:
        return run
    other = spelt(plain)
    return run if other == plain else quote(other, safe="")


def _pieces(query: str) -> list[str]:
    """The parameters of a query, those too that were added behind another one's value by a second question mark."""
    pieces = query.lstrip("?").replace("&amp;", "&").split("&")
    if not any(mark in query for mark in "?;%"):
        return pieces
    parted = []
    for piece in pieces:
        if (behind := _behind(piece)) is not None:
            parted += behind
            continue
        # A piece that begins with a mark is one already; a name stands before every seam.
        seam = _seam(piece, 1)
        if seam is None:
            parted.append(piece)
        else:
            rest = unquote(piece[seam.start() :]).lstrip("&?;")
            parted += [piece[: seam.start()], *re.split(r"[&?;]", rest.replace("&amp;", "&"))]
    return parted


def _behind(piece: str) -> list[str] | None:
    """What a second question mark adds behind a tracking parameter (``utm_source=rss?id=3``); None where none does.

    An address in its value has a mark of its own.
    """
    name, _, value = piece.partition("=")
    word, mark, rest = value.partition("?")
    if not mark or "=" not in rest or not re.fullmatch(r"[\w.+-]*", word):
        return None
    return rest.split("?") if _is_tracking(unquote(name).lower(), word.lower(), frozenset()) else None


def _seam(text: str, begin: int) -> re.Match[str] | None:
    """Where the first tracking parameter was glued to a text, from a position on."""
    for found in _SEAM.finditer(text, begin):
        if _is_tracking(unquote(found["name"]).lower(), found["value"].lower(), frozenset()):
            return found
    return None


def _is_tracking(name: str, value: str, dropped: frozenset[str]) -> bool:
    if name in RULES.tracking_names or name in dropped or name.startswith(RULES.tracking_prefixes):
        return True
    return value in RULES.tracking_values.get(name, frozenset())
