"""A gloss for headlines in other languages, by the service that a setting names: asked once, and kept."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pipeline import database, digests
from pipeline.errors import ItemError
from pipeline.models import Digest, DigestItem, StoryView
from pipeline.models.details import Gloss
from pipeline.settings import Settings
from pipeline.store import glosses as store
from pipeline.store.glosses import Pair
from pipeline.text.tags import primary
from pipeline.web.translating import LibreTranslate, Translator

log = logging.getLogger(__name__)

FAILURES = 3
"""Headlines in a row without an answer after which a draft asks no more: the service is away, and a draft is not."""


def translator(settings: Settings) -> Translator | None:
    """The service of the settings; None where they name none."""
    return LibreTranslate(settings) if settings.translate_url else None


def prepare(settings: Settings, stories: Sequence[StoryView], now: datetime) -> None:
    """Have the headlines of stories translated that nobody told in the desk's language; what fails is in the log.

    It holds no transaction while it waits for an answer.
    """
    service = translator(settings)
    if service is None:
        return
    failed = 0
    for source, headlines in _foreign(settings, stories).items():
        pair = Pair(source, settings.desk_language, service.name)
        with database.connect(settings) as connection:
            known = store.known(connection, headlines, pair)
        for headline in headlines:
            if headline in known or failed >= FAILURES:
                continue
            try:
                gloss = service.translate(headline, source, settings.desk_language)
            except ItemError as error:
                failed += 1
                log.warning("no gloss of a headline in %s: %s %s", source, error.reason, error.detail or "")
                continue
            failed = 0
            with database.connect(settings) as connection:
                store.save(connection, headline, gloss, pair, now)


def _foreign(settings: Settings, stories: Sequence[StoryView]) -> dict[str, list[str]]:
    """Language -> headlines of stories that are told only in others than the desk's."""
    found: dict[str, list[str]] = defaultdict(list)
    for story in stories:
        lead = digests.headline_article(story.articles, settings.desk_language)
        source = primary(lead.language)
        if source not in (None, settings.desk_language):
            found[str(source)].append(lead.title)
    return found


def glossed(connection: database.Connection, settings: Settings, digest: Digest) -> Digest:
    """The digest with the glosses that are kept of its headlines."""
    service = translator(settings)
    if service is None:
        return digest
    return replace(digest, items=tuple(_item(connection, settings, service, item) for item in digest.items))


def _item(connection: database.Connection, settings: Settings, service: Translator, item: DigestItem) -> DigestItem:
    source, target = primary(item.articles[0].language), settings.desk_language
    if source in (None, target):
        return item
    known = store.known(connection, [item.headline], Pair(str(source), target, service.name))
    if item.headline not in known:
        return item
    gloss = Gloss(known[item.headline], target, service.name, item.headline)
    return replace(item, details=replace(item.details, gloss=gloss))
