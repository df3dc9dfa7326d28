"""The FastAPI app behind *Digests*: what the database holds, as pages for logged-in readers, which only read.

Each module beside this one holds the pages of one subject and adds them by `add_to`. `pipeline.portal.hubs` adds the
one address that strangers call.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from pipeline.portal import access, alarms, articles, digests, hubs, review, search, sources, stories, topics, waiting
from pipeline.portal.rendering import FOLDER, PREFIX

__all__ = ["PREFIX", "create_app"]


def create_app() -> FastAPI:
    """The app, to be mounted at `PREFIX` of Airflow's api-server."""
    app = FastAPI(title="Wirewatch", docs_url=None, redoc_url=None, openapi_url=None)
    # the style sheet and what Airflow loads hold nothing to protect
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    access.add_to(app)
    for pages in (digests, review, waiting, stories, articles, topics, search, sources, alarms):
        pages.add_to(app)
    hubs.add_to(app)
    return app
