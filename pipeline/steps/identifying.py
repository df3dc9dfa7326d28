"""Which article a page is, when it is stored: the one of its address, or another that names the same address.

A claim that agreed with its page is held against what is stored. An address that pages of different titles claim is
nobody's: the page keeps its own, and so does the one that took the claim before, which also gives back the entries
that were counted to it only by that claim.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline import database, urls
from pipeline.extraction.sameness import Told, one_article
from pipeline.models import Article
from pipeline.store import articles as store
from pipeline.store.articles import ArticleToFetch, Namesake


def identify(connection: database.Connection, row: ArticleToFetch, article: Article) -> tuple[Article, str] | None:
    """The article with the address that is its own, and its identity; None where it is one that is stored already.

    In that case what is known of this row has gone over to the other.
    """
    if shares_its_link(row):
        return article, row.identity
    for claim in (article.claimed_url, article.canonical_url):
        identity = urls.identity(claim) if claim else row.identity
        other = store.namesake(connection, row.id, identity) if identity != row.identity else None
        if other is not None and one_article(Told((article.title,), article.text), _told(other)):
            store.fold(connection, row.id, other.id)
            return None
    if identity == row.identity:
        return article, identity
    if other is None and not store.is_shared(connection, identity):
        return article, identity
    if other is not None:
        _part(connection, other, identity)
    return _unclaimed(row, article), row.identity


def shares_its_link(row: ArticleToFetch) -> bool:
    """Whether the link of an article is that of other stories of its feed, so that it is known by its entry alone."""
    return row.identity.startswith("entry:") and bool(row.url)


def _told(other: Namesake) -> Told:
    page = other.title if other.title else None
    return Told([page] if page else other.entry_titles, other.text or "")


def _unclaimed(row: ArticleToFetch, article: Article) -> Article:
    """The article at the address where it was looked for, which nobody else has."""
    own = urls.canonical(row.url) if row.url else article.canonical_url
    return replace(article, canonical_url=own, problems=(*article.problems, "canonical-shared"))


def _part(connection: database.Connection, other: Namesake, identity: str) -> None:
    """Give an article that stands at a claimed address its own back, and its other entries to be matched anew."""
    own = urls.canonical(other.url) if other.url else ""
    if not own or urls.identity(own) == identity:
        return  # it is found there, and the claims of others do not change that
    store.share(connection, identity)
    store.part(connection, other.id, urls.identity(own), own)
    strangers = [
        entry.id
        for entry in store.sightings(connection, other.id)
        if entry.canonical_url
        and urls.identity(entry.canonical_url) not in (identity, urls.identity(own))
        and not one_article(Told([other.title or ""]), Told([entry.title]))
    ]
    if strangers:
        store.release(connection, strangers)
