"""Translation by a service: what one must do, and LibreTranslate, whose documented interface anybody can run."""

from __future__ import annotations

import json
from typing import Protocol
from urllib.parse import urlsplit

from pipeline.errors import ItemError
from pipeline.settings import Settings
from pipeline.text import characters
from pipeline.web.posting import ask


class Translator(Protocol):
    """What translates a line of text; `name` is shown beside what it made."""

    name: str

    def translate(self, text: str, source: str, target: str) -> str:
        """The text in `target`; languages are primary BCP 47 tags. Raises `ItemError` where there is no answer."""


class LibreTranslate:
    """A server of LibreTranslate's interface (POST /translate), at `translate_url` of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = settings.translate_url.rstrip("/") + "/translate"
        self.name = f"LibreTranslate at {urlsplit(self._url).hostname or 'an unnamed host'}"

    def translate(self, text: str, source: str, target: str) -> str:
        """See `Translator`; an answer that is none of the interface ends ``bad-answer``."""
        question = {"q": text, "source": source, "target": target, "format": "text"}
        if self._settings.translate_key:
            question["api_key"] = self._settings.translate_key
        answer = ask(self._settings, self._url, json.dumps(question).encode(), "application/json")
        try:
            said = json.loads(answer)["translatedText"]
        except (ValueError, KeyError, TypeError) as error:
            raise ItemError("bad-answer", f"{type(error).__name__}: {error}", url=self._url) from None
        gloss = characters.title(said) if isinstance(said, str) else ""
        if not gloss:
            raise ItemError("bad-answer", "translatedText is no text", url=self._url)
        return gloss
