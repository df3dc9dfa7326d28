"""Where a text turns from its subject to its reader: subscribe, read on, follow us, all rights reserved (pure)."""

from __future__ import annotations

import re

from pipeline.text.phrases import any_of

_PLEA = re.compile(
    rf"(?:{any_of('plea')})|(?:{any_of('paywall')})|(?:{any_of('needs_script')})"
    rf"|^\W*(?:{any_of('related')})\s*(?:[:：>»–—]|$)"
    rf"|^\W*(?:{any_of('read_on')})\W*$|^\W*(?:©|\(c\)\s|copyright\b)",
    re.IGNORECASE,
)


def is_plea(sentence: str) -> bool:
    """Whether a sentence asks something of its reader, or speaks of the outlet's rights, and tells no news."""
    return _PLEA.search(sentence) is not None
