"""Which characters a text from outside may hold; what no store, parser or terminal takes is left out (pure)."""

from __future__ import annotations

import re

# Not characters of XML 1.0 (https://www.w3.org/TR/xml/#charsets): among them NUL, which Postgres refuses, and halves of
# a surrogate pair, which JSON can write and UTF-8 cannot.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def storable(text: str) -> str:
    """The text without characters that XML 1.0 forbids and Postgres or UTF-8 cannot hold."""
    return _UNSTORABLE.sub("", text)
