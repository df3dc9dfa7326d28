"""Every route that the app has, with every method, tried by a stranger and by somebody who may only read.

The routes are those of the app itself, so that one that is added later is tried without a word here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from psycopg import sql

from pipeline import database

HTML = {"Accept": "text/html,application/xhtml+xml"}
OPEN = ("/push/{token}", "/static", "/health", "/metrics")
"""What strangers may ask for: the address of hubs, which is signed and not there unless it is set; the style sheet; the
light of the house, which names nothing; metrics, which want their token (`test_alarms.py`)."""
VIEWER = "vera"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
DONE = ("publish", "reject", "hold", "save", "merge", "move-1", "off-1")


def routes() -> list[tuple[str, frozenset[str]]]:
    """Path and methods of each route of the app but the open ones, those of routers and mounted apps among them."""
    from pipeline.portal.app import create_app

    def walk(found: Any, above: str = "") -> Iterator[tuple[str, frozenset[str]]]:
        for route in found:
            path = above + str(getattr(route, "path", ""))
            if path in OPEN:
                continue
            yield from walk(getattr(route, "routes", None) or (), path)
            if methods := getattr(route, "methods", None):
                yield path, frozenset(methods)

    return sorted(walk(create_app().routes))


def addresses(portal: dict[str, Any]) -> dict[str, frozenset[str]]:
    """Address -> methods of all routes, with what is there in place of their variables."""
    there = {"digest_id": str(portal["ids"]["2024-06-18"]), "article_id": "2", "slug": "putin-kim-summit"}
    found: dict[str, frozenset[str]] = {}
    for path, methods in routes():
        filled = "/wirewatch" + re.sub(r"{(\w+)(?::\w+)?}", lambda each: there.get(each[1], "1"), path)
        found[filled] = found.get(filled, frozenset()) | methods
    assert len(found) >= 10
    return found


def state(portal: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """The number of rows of each table and a checksum of all that stands in them."""
    found = {}
    with database.connect(portal["server"].settings) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for row in tables:
            query = sql.SQL(
                "SELECT count(*) AS rows, md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) AS sum FROM {} t"
            ).format(sql.Identifier(row["schemaname"], row["tablename"]))
            one = connection.execute(query).fetchone()
            assert one is not None
            found[f"{row['schemaname']}.{row['tablename']}"] = (one["rows"], one["sum"])
    assert found["public.digests"][0] >= 2
    return found


@pytest.mark.parametrize("headers", [{}, HTML], ids=["program", "browser"])
def test_a_stranger_gets_the_log_in_or_401_by_every_method(portal: dict[str, Any], headers: dict[str, str]) -> None:
    before = state(portal)
    with httpx.Client(base_url=portal["server"].address, headers=headers, timeout=30) as client:
        for path, methods in addresses(portal).items():
            for method in sorted(methods | set(WRITES)):
                answer = client.request(method, path, content="do=publish&revision=1&note=x")
                said = f"{method} {path}: {answer.status_code}"
                if method in ("GET", "HEAD") and method in methods and headers:
                    assert answer.status_code in (303, 401), said
                    assert answer.headers.get("location", "/auth/login?").startswith("/auth/login?"), said
                else:
                    assert answer.status_code == (401 if method in methods else 405), said
                assert "putin" not in answer.text.lower(), said
    assert state(portal) == before


def test_a_viewer_reads_every_page_and_changes_nothing(portal: dict[str, Any]) -> None:
    before = state(portal)
    tried = 0
    with portal["server"].login(VIEWER) as client:
        for path, methods in addresses(portal).items():
            for method in sorted(methods - set(WRITES)):
                answer = client.request(method, path, headers=HTML)
                # what may only be filled in by an editor is not shown to others
                wanted = 403 if methods & set(WRITES) else 200
                assert answer.status_code in (wanted, 303), f"{method} {path}: {answer.status_code}"
            for method in WRITES:
                for done in DONE:
                    answer = client.request(method, path, content=f"do={done}&revision=1&note=x&why=x", headers=FORM)
                    assert answer.status_code == (403 if method in methods else 405), f"{method} {path} {done}"
                    tried += method in methods
    assert tried >= len(DONE), "the review at least takes a form"
    assert state(portal) == before
