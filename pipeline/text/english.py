"""The English names of languages and countries (CLDR, by Babel)."""

from __future__ import annotations

from babel import Locale

from pipeline.text.tags import primary

_ENGLISH = Locale("en")


def language_name(language: str | None) -> str | None:
    """The name of a language by its tag (BCP 47); its primary subtag where it has none, None for no language."""
    tag = primary(language)
    return str(_ENGLISH.languages.get(tag, tag)) if tag else None


def country_name(country: str | None) -> str | None:
    """The name of a country by its code (ISO 3166-1, ``EU``, ``UN``); the code where it has none, None for none."""
    return str(_ENGLISH.territories.get(country, country)) if country else None
