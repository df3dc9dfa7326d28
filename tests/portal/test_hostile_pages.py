"""Hostile words in the pages of the portal and in a published page: no script runs and no request leaves the host."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import database, digests, topics
from pipeline.store import digests as store
from tests.support.hostile_words import WORDS, hostile

MARK = "owned"
"""The title that each of the scripts among the words would give the page."""


def test_no_script_runs_and_nothing_is_asked_of_another_host(page: Any, portal: dict[str, Any], tmp_path: Path) -> None:
    """The digest, its review, the search and the published file, with all hostile words in them."""
    server = portal["server"]
    topic = topics.find(server.settings, "putin-kim-summit")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialog.dismiss())
    made = []
    with database.connect(server.settings) as connection:
        now = datetime.now(UTC)
        for number, words in enumerate(WORDS.values(), 1):
            told = digests.to_body(hostile(words), topic, words)
            path = tmp_path / f"{number}.html"
            path.write_text(digests.to_page(words, told), encoding="utf-8")
            made.append(path)
        words = " ".join(w for w in WORDS.values() if "\0" not in w)
        digest = replace(hostile(words), day="2024-06-29")  # a day of its own: a draft replaces that of its day
        rendered = store.Rendered(
            digests.to_markdown(digest, topic, words), digests.to_body(digest, topic, words), now, now
        )
        digest_id = store.save(connection, digest, rendered).id
        connection.execute("UPDATE digests SET note = %s WHERE id = %s", [words, digest_id])
    try:
        pages = [f"{server.address}/wirewatch{path}" for path in (
            f"/digests/{digest_id}", f"/digests/{digest_id}/review", "/search?q=%3Cscript%3E&by=words", "/articles/2",
        )]  # fmt: skip
        for address in [*pages, *(path.as_uri() for path in made)]:
            page.goto(address)
            page.locator("main").wait_for()
            assert page.title() != MARK, f"a script ran on {address}"
            assert page.locator("a[href^='javascript:' i], a[href^='data:' i], script, img, iframe").count() == 0
        assert {url.split("/")[2] for url in asked} <= {"", server.address.split("/")[2]}, "a request left"
    finally:
        with database.connect(server.settings) as connection:
            connection.execute("DELETE FROM digests WHERE id = %s", [digest_id])
