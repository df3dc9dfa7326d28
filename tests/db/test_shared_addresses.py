"""An address that pages of different titles claim makes none of them one; pages that are one find each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pipeline import database, urls
from pipeline.models import Article
from pipeline.settings import Settings
from pipeline.shipped import SQL
from pipeline.steps.identifying import identify
from pipeline.store.articles import ArticleToFetch

NOW = datetime(2024, 6, 19, 12, tzinfo=UTC)
SITE = "https://harbour.example"
CLAIM = f"{SITE}/news/view"
FERRY = "\n".join(
    f"The ferry between the islands of Aro and Belt resumed service on Wednesday, its {rank} officer said in port."
    for rank in ("first", "second", "third", "fourth")
)
MAYOR = "\n".join(
    f"The mayor of Belt resigned after the council had rejected her budget, its {rank} reader said on Tuesday."
    for rank in ("first", "second", "third", "fourth")
)


def page(connection: database.Connection, path: str, title: str | None = None, text: str | None = None) -> int:
    """A row of an article that was found at a path; without a title it waits for its page."""
    url = SITE + path
    row = connection.execute(
        "INSERT INTO articles (identity, canonical_url, url, outlet, state, first_seen_at, title, text, revision,"
        " published) VALUES (%s, %s, %s, 'Harbour Post', %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            urls.identity(url),
            url,
            url,
            "extracted" if title else "pending",
            NOW,
            title,
            text,
            *((1, NOW) if title else (0, None)),
        ),
    ).fetchone()
    assert row is not None
    return int(row["id"])


def entry(connection: database.Connection, path: str, title: str, article: int) -> int:
    """A row of an entry that shows a path, as a sighting of an article."""
    connection.execute(
        "INSERT INTO feeds (url, title, outlet) VALUES (%s, 'Harbour', 'Harbour Post') ON CONFLICT DO NOTHING",
        (f"{SITE}/feed",),
    )
    row = connection.execute(
        "INSERT INTO entries (feed_id, key, url, canonical_url, title, text, published, published_rule, first_seen_at,"
        " last_seen_at, article_id, matched_at) SELECT id, %(url)s, %(url)s, %(url)s, %(title)s, '', %(now)s,"
        " 'published', %(now)s, %(now)s, %(article)s, %(now)s FROM feeds RETURNING id",
        {"url": SITE + path, "title": title, "now": NOW, "article": article},
    ).fetchone()
    assert row is not None
    return int(row["id"])


def claimed(connection: database.Connection, article: int) -> ArticleToFetch:
    """The row as extraction holds it."""
    row = connection.execute(
        "SELECT id, identity, url, attempts, first_seen_at, published, title, text, revision, body_hash, etag,"
        " last_modified, fetched_at, 0::bigint AS leased_by, outlet, text_source FROM articles WHERE id = %s",
        (article,),
    ).fetchone()
    assert row is not None
    return ArticleToFetch(**row)


def read(title: str, text: str, path: str, claim: str = CLAIM, **more: Any) -> Article:
    return Article(url=SITE + path, canonical_url=claim, title=title, text=text, **more)


def addresses(connection: database.Connection) -> dict[int, tuple[str, str]]:
    rows = connection.execute("SELECT id, identity, canonical_url FROM articles").fetchall()
    return {row["id"]: (row["identity"], row["canonical_url"]) for row in rows}


def save(connection: database.Connection, article: int, found: tuple[Article, str] | None) -> None:
    assert found is not None
    connection.execute(
        "UPDATE articles SET identity = %s, canonical_url = %s, title = %s, text = %s, state = 'extracted',"
        " published = %s WHERE id = %s",
        (found[1], found[0].canonical_url, found[0].title, found[0].text, NOW, article),
    )


def test_pages_of_different_titles_that_claim_one_address_keep_their_own(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute("DELETE FROM articles")
        names = ("/a/ferry", "/a/mayor", "/a/storm")
        first, second, third = (page(connection, name) for name in names)
        save(
            connection, first, identify(connection, claimed(connection, first), read("Ferry resumes", FERRY, names[0]))
        )
        assert addresses(connection)[first] == ("harbour.example/news/view", CLAIM)
        later = [(second, "Mayor steps down", MAYOR, names[1]), (third, "Storm nears", "A storm nears Belt.", names[2])]
        for article, title, text, name in later:
            found = identify(connection, claimed(connection, article), read(title, text, name))
            save(connection, article, found)
            assert found is not None
            assert found[0].problems == ("canonical-shared",)
        own = {
            number: (urls.identity(SITE + name), SITE + name)
            for number, name in zip((first, second, third), names, strict=True)
        }
        assert addresses(connection) == own
        assert connection.execute("SELECT identity FROM shared_addresses").fetchall() == [
            {"identity": "harbour.example/news/view"}
        ]


def test_entries_that_a_shared_address_brought_to_another_article_are_matched_anew(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute("DELETE FROM articles")
        first, second = page(connection, "/a/ferry", "Ferry resumes", FERRY), page(connection, "/a/mayor")
        connection.execute(
            "UPDATE articles SET identity = 'harbour.example/news/view', canonical_url = %s WHERE id = %s",
            (CLAIM, first),
        )
        own = entry(connection, "/a/ferry", "Ferry resumes", first)
        edition = entry(connection, "/m/ferry", "Ferry resumes service", first)
        stranger = entry(connection, "/a/storm", "Storm nears Belt", first)
        found = identify(connection, claimed(connection, second), read("Mayor steps down", MAYOR, "/a/mayor"))
        assert found is not None
        assert found[0].canonical_url == f"{SITE}/a/mayor"
        rows = connection.execute("SELECT id, article_id, matched_at IS NULL AS anew FROM entries").fetchall()
        assert {row["id"]: (row["article_id"], row["anew"]) for row in rows} == {
            own: (first, False),
            edition: (first, False),
            stranger: (None, True),
        }


def test_one_page_at_two_addresses_is_one_article(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute("DELETE FROM articles")
        whole, edition = page(connection, "/news/view", "Ferry resumes service", FERRY), page(connection, "/amp/1")
        seen = entry(connection, "/amp/1", "Ferry", edition)
        assert identify(connection, claimed(connection, edition), read("Ferry", FERRY, "/amp/1")) is None
        assert list(addresses(connection)) == [whole]
        row = connection.execute("SELECT article_id FROM entries WHERE id = %s", (seen,)).fetchone()
        assert row == {"article_id": whole}


def test_a_page_that_waits_is_known_by_what_its_feed_calls_it(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute("DELETE FROM articles")
        waiting = page(connection, "/news/view")
        entry(connection, "/news/view", "Mayor of Belt steps down", waiting)
        other, same = page(connection, "/a/1"), page(connection, "/a/2")
        found = identify(connection, claimed(connection, other), read("Ferry resumes", FERRY, "/a/1"))
        assert found is not None
        assert found[0].canonical_url == f"{SITE}/a/1"
        assert addresses(connection)[waiting] == ("harbour.example/news/view", CLAIM), "it is found there"
        assert identify(connection, claimed(connection, same), read("Mayor of Belt steps down", MAYOR, "/a/2")) is None


def test_a_claim_that_nothing_speaks_for_is_believed_where_the_article_stands_there(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute("DELETE FROM articles")
        whole = page(connection, "/news/view", "Ferry resumes service", FERRY)
        same, other = page(connection, "/a/1"), page(connection, "/a/2")
        article = read("Ferry", FERRY, "/a/1", f"{SITE}/a/1", claimed_url=CLAIM)
        assert identify(connection, claimed(connection, same), article) is None
        article = read("Mayor", MAYOR, "/a/2", f"{SITE}/a/2", claimed_url=CLAIM)
        assert identify(connection, claimed(connection, other), article) == (article, "harbour.example/a/2")
        assert set(addresses(connection)) == {whole, other}


def test_the_migration_lets_entries_go_that_every_page_s_claim_brought_together(desk: Settings) -> None:
    text = next((SQL / "migrations").glob("0023_*.sql")).read_text("utf-8")
    mending = text[text.index("WITH first AS") :]
    with database.connect(desk) as connection:
        connection.execute("DELETE FROM articles")
        article = page(connection, "/a/1", "Ferry resumes service", FERRY)
        kept = [
            entry(connection, "/a/1", "Ferry back", article),
            entry(connection, "/m/1", "Ferry resumes", article),
            entry(connection, "/amp/1", "FERRY BACK: what we know", article),
        ]
        gone = [
            entry(connection, "/a/2", "Mayor of Belt steps down", article),
            entry(connection, "/a/3", "시장 사임", article),
        ]
        untitled = entry(connection, "/a/4", "", article)
        connection.execute(mending)
        rows = connection.execute("SELECT id, article_id, matched_at IS NULL AS anew FROM entries").fetchall()
        found = {row["id"]: (row["article_id"], row["anew"]) for row in rows}
        assert found == dict.fromkeys([*kept, untitled], (article, False)) | dict.fromkeys(gone, (None, True))


def test_an_article_whose_link_is_that_of_other_stories_is_known_by_its_entry(desk: Settings) -> None:
    with database.connect(desk) as connection:
        connection.execute("DELETE FROM articles")
        page(connection, "/live", "Storm over Aro", FERRY)
        row = replace(claimed(connection, page(connection, "/other")), identity="entry:7", url=f"{SITE}/live")
        said = read("Trains stop in Belt", FERRY, "/live", f"{SITE}/live")
        assert identify(connection, row, said) == (said, "entry:7"), "the page of both is not the article of one"
