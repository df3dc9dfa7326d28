"""Consent walls, and links that hold their own address twice: the address inside (pure).

An outlet's wall stands on a host of its own (``consent.outlet.example``) or on the outlet's (``/privacy-gate/``), and
carries the page that was asked for in a parameter, whole or without its host.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urljoin

# Labels of hosts that do nothing but ask for consent, below a domain that does more.
_HOSTS = re.compile(r"(?:^|\.)(?:consents?|guce|myprivacy|cookie-?wall|cmp|privacy-?(?:gate|wall))\.(?=[^.]+\.)")
_PATH = re.compile(
    r"/(?:(?:cookie|collect|copy|user|gdpr|tcf2?)?[_-]?consent|privacy-?(?:gate|wall)|cookie-?(?:wall|gate))(?=[/.]|$)",
    re.IGNORECASE,
)
# Parameters in which walls carry where the visitor wanted to go; on an outlet's own host only those that say so.
_RETURNING = re.compile(
    r"(?:return|redirect|callback|original|forward|landing|success)[_-]?(?:ur[il]|to|page|path|target)?|continue|done",
    re.IGNORECASE,
)
_CARRYING = re.compile(
    rf"{_RETURNING.pattern}|next|url|ref|referr?er|target|dest(?:ination)?|goto|origin", re.IGNORECASE
)
_INSIDE = re.compile(r"^/+(?P<target>https?:/+(?P<host>[^/?#]+).*)", re.IGNORECASE)


def carried(parts: SplitResult, name: str) -> str | None:
    """The address that a consent wall stands in front of; None where an address is no wall, or carries none.

    `name` is the host. On a host of its own a wall may carry any address, elsewhere one of its own outlet.
    """
    query = parts.query
    if "=" not in query:
        return None
    alone = _HOSTS.search(name) is not None
    if not alone and not _PATH.search(parts.path):
        return None
    for parameter, value in parse_qsl(query):
        if not (_CARRYING if alone else _RETURNING).fullmatch(parameter):
            continue
        for target in (value, unquote(value)):
            if target.lower().startswith(("http://", "https://")):
                if alone or _one_outlet(target, name):
                    return target
            elif target.startswith("/") and not target.startswith("//") and not alone and len(target) > 1:
                return urljoin(parts.geturl(), target)
    return None


def _one_outlet(target: str, name: str) -> bool:
    host = re.split(r"[/?#]", target.partition("://")[2], maxsplit=1)[0].lower().removeprefix("www.")
    own = name.removeprefix("www.")
    return bool(host) and (host == own or own.endswith("." + host) or host.endswith("." + own))


def doubled(parts: SplitResult, name: str) -> str | None:
    """The second half of an address that was put together of a host and an address of the same host.

    ``https://outlet.example/https://outlet.example/a`` and ``https://outlet.example/outlet.example/a`` are printed by
    templates, and lead nowhere.
    """
    path = unquote(parts.path) if "%3a" in parts.path[:24].lower() else parts.path
    own = name.removeprefix("www.")
    found = _INSIDE.match(path)
    tail = f"?{parts.query}" if parts.query else ""
    if found:
        if found["host"].lower().partition(":")[0].removeprefix("www.") != own:
            return None
        return re.sub(r"^(https?):/+", r"\1://", found["target"], flags=re.IGNORECASE) + tail
    first, slash, rest = path.lstrip("/").partition("/")
    if "." in first and slash and first.lower().removeprefix("www.") == own:
        return f"{parts.scheme}://{first}/{rest}{tail}"
    return None
