"""Language tags (BCP 47): in their usual case, and the part that names the language (pure)."""

from __future__ import annotations

import re

_LONGEST = 8  # characters of a subtag (RFC 5646, section 2.1)


def primary(language: str | None) -> str | None:
    """The primary subtag of a BCP 47 tag in lower case: ``zh-Hant-TW`` gives ``zh``; None and ``und`` give None."""
    if not language:
        return None
    tag = re.split(r"[-_]", language.strip().lower(), maxsplit=1)[0]
    return tag if tag.isalpha() and tag != "und" and len(tag) <= _LONGEST else None


def tidy(tag: str | None) -> str | None:
    """A BCP 47 tag in its usual case (``en-US``, ``zh-Hant``), None for what is none."""
    parts = (tag or "").strip().replace("_", "-").split("-")
    if not parts[0].isascii() or not parts[0].isalpha() or not 2 <= len(parts[0]) <= 3:
        return None
    shaped = [parts[0].lower()]
    for part in parts[1:3]:
        if not part.isascii() or not part.isalnum() or len(part) > _LONGEST:
            break
        shaped.append(part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower())
    return "-".join(shaped)
