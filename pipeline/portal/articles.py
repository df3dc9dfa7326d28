"""An article: its stored text, its wordings, its way through the pipeline; and a copy beside its origin."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from pipeline.portal.access import READER
from pipeline.portal.marking import changes, marked, paragraphs
from pipeline.portal.rendering import page, reading


def add_to(app: FastAPI) -> None:
    """Add the pages of this module."""
    app.get("/articles/{article_id}", response_class=HTMLResponse, dependencies=[READER])(show_article)
    app.get("/articles/{article_id}/copy", response_class=HTMLResponse, dependencies=[READER])(show_copy)


def show_article(article_id: int) -> HTMLResponse:
    """One article with its text, what was changed in it and how it came here; 404 where there is none."""
    from pipeline.store import reading as store

    with reading() as connection:
        article = store.article(connection, article_id)
        if article is None:
            raise HTTPException(404, f"there is no article {article_id}")
        wordings = store.wordings(connection, article_id)
        ways = store.ways(connection, article_id)
        copies = store.copies_of(connection, article_id)
    return page(
        "article.html",
        section="search",
        article=article,
        text=paragraphs(article.text or ""),
        wordings=[(wording, changes(wording.diff)) for wording in wordings],
        ways=ways,
        copies=copies,
    )


def show_copy(article_id: int) -> HTMLResponse:
    """A copy beside its origin, with the text that both have marked; 404 where the article is no copy."""
    from pipeline.store import reading as store

    with reading() as connection:
        article = store.article(connection, article_id)
        origin = store.article(connection, article.origin_id) if article and article.origin_id else None
    if article is None or origin is None:
        raise HTTPException(404, f"article {article_id} is not known as a copy of another")
    left, right = marked(article.text or "", origin.text or ""), marked(origin.text or "", article.text or "")
    return page("copy.html", section="search", article=article, sides=[(article, left), (origin, right)])
