"""The whole pipeline without Airflow over the recorded web, once a session, against the labels.

The archive answers over HTTP, the rows are in a Postgres of the session's own, and the steps are those that the DAGs
call. Floors lie slightly under what was measured (docs/notes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pipeline import alerts, database, steps, urls
from pipeline.archive.replay import ReplayServer
from pipeline.database.embedded import Server
from pipeline.settings import Settings
from pipeline.store import alerts as alert_rows
from pipeline.store.digests import StoredDigest
from pipeline.stories.evaluation import b_cubed
from pipeline.text.pleas import is_plea
from tests.support import recorded_desk, recorded_digests
from tests.support.project import MODELS
from tests.support.recorded import RECORDED, TOPIC, Label, Quality, read_labels

pytestmark = pytest.mark.timeout(900)  # the first test waits for the run; under three minutes on two idle cores

FIRST = datetime(2024, 6, 17, tzinfo=UTC)
DAYS = [FIRST + timedelta(days=n) for n in range(4)]
Row = dict[str, Any]
# Language, B-cubed precision and F1; measured .912, .867 and .942, .929. Half of the stories were in the fit.
STORY_FLOORS = [(None, 0.89, 0.86), ("en", 0.92, 0.91)]

# Of the three digests' 36 slots: those that repeat a development of a higher one; of 24 developments that three
# independent outlets told those in no digest, and those not listed as left out either; of 15 first slots those whose
# independent outlets are counted right. As measured; two repeats, none unlisted and all 15 right are to be reached.
REPEATS, MISSING, UNLISTED, RIGHT = 6, 1, 0, 11


@dataclass(frozen=True)
class Run:
    """What stands in the database after the run; `labels` by article id."""

    settings: Settings
    labels: dict[str, Label]
    articles: dict[int, Label]
    drafts: list[Row]

    def rows(self, query: str) -> list[Row]:
        with database.connect(self.settings) as connection:
            return list(connection.execute(query).fetchall())

    def value(self, query: str) -> Any:
        (row,) = self.rows(query)
        (value,) = row.values()
        return value


@pytest.fixture(scope="module")
def replay() -> Iterator[ReplayServer]:
    with ReplayServer([RECORDED]) as server:
        yield server


@pytest.fixture(scope="module")
def run(embedded: Server, replay: ReplayServer, tmp_path_factory: pytest.TempPathFactory) -> Run:
    embedded.ensure_database("recorded")
    settings = Settings(
        database_url=embedded.url("recorded"),
        home=tmp_path_factory.mktemp("home"),
        archive_url=replay.timegate,
        archive_timemap_url=replay.timemap,
        host_interval=0.0,
        models=str(MODELS),
        extract_processes=2,
    )
    database.migrate(settings)
    steps.import_feeds(settings, (RECORDED / "feeds.opml").read_bytes())
    backfill(settings)
    drafts = [steps.draft(settings, topic=TOPIC, day=f"2024-06-{day}", now=datetime.now(UTC)) for day in (18, 19, 20)]
    labels = read_labels()
    with database.connect(settings) as connection:
        found = connection.execute("SELECT id, canonical_url, url FROM articles").fetchall()
    articles = {row["id"]: labels.get(row["canonical_url"]) or labels[urls.canonical(row["url"])] for row in found}
    return Run(settings, labels, articles, drafts)


def backfill(settings: Settings) -> None:
    for day in DAYS:
        steps.backfill(settings, start=day, end=day + timedelta(days=1), now=datetime.now(UTC))


# --- what is found -------------------------------------------------------------------------------------------


def verdicts(run: Run) -> dict[str, bool]:
    """Canonical address -> whether it was found on topic in the end."""
    query = "SELECT article_id, on_topic FROM article_topics"
    found = {run.articles[row["article_id"]].url for row in run.rows(query) if row["on_topic"]}
    return {url: url in found for url in run.labels}


@pytest.mark.parametrize(("untuned", "precision", "recall"), [(True, 0.97, 0.91), (False, 0.97, 0.92)])
def test_what_is_on_topic_is_found_and_nothing_else(run: Run, untuned: bool, precision: float, recall: float) -> None:
    found = verdicts(run)
    chosen = [label for label in run.labels.values() if not (untuned and label.tuning)]
    quality = Quality.of((label.on_topic, found[label.url]) for label in chosen)
    assert quality.precision >= precision, quality
    assert quality.recall >= recall, quality


def test_no_article_stands_in_two_rows(run: Run) -> None:
    assert len({label.url for label in run.articles.values()}) == len(run.articles)


# --- copies --------------------------------------------------------------------------------------------------


def test_copies_are_found_with_their_origin(run: Run) -> None:
    rows = run.rows("SELECT article_id, origin_id FROM copies")
    found = {(run.articles[row["article_id"]].url, run.articles[row["origin_id"]].url) for row in rows}
    fetched = {label.url for label in run.articles.values()}
    labelled = {(label.url, label.copy_of) for label in run.labels.values() if label.copy_of}
    within_reach = {(copy, origin) for copy, origin in labelled if copy in fetched and origin in fetched}
    assert len(within_reach) >= 22
    assert len(found & labelled) / len(found) >= 0.95, found - labelled
    assert len(found & within_reach) / len(within_reach) >= 0.95, within_reach - found


# --- stories -------------------------------------------------------------------------------------------------


def placed(run: Run) -> dict[int, int]:
    """Article -> story, of articles on topic by their label."""
    rows = run.rows("SELECT article_id, story_id FROM memberships WHERE until IS NULL")
    return {row["article_id"]: row["story_id"] for row in rows if run.articles[row["article_id"]].on_topic}


@pytest.mark.parametrize(("language", "pure", "floor"), STORY_FLOORS)
def test_stories_are_those_of_the_labels(run: Run, language: str | None, pure: float, floor: float) -> None:
    stories = placed(run)
    chosen = [article for article in stories if language in (None, run.articles[article].language)]
    assert len(chosen) >= 50
    found = b_cubed([run.articles[article].story for article in chosen], [stories[article] for article in chosen])
    precision, _, f1 = found
    assert precision >= pure, found
    assert f1 >= floor, found


# --- nothing lost, nothing doubled ---------------------------------------------------------------------------


def test_every_entry_says_where_it_went(run: Run) -> None:
    assert run.value("SELECT count(*) FROM entries") == len(run.labels)
    stages = run.rows("SELECT entry_id, stage FROM ledger")
    assert len(stages) == len(run.labels)
    assert all(row["stage"] and not row["stage"].startswith("waiting") for row in stages), stages


def test_entries_on_topic_reach_a_story(run: Run) -> None:
    (row,) = run.rows("SELECT * FROM topic_recall")
    assert row["on_topic_entries"] >= 100
    assert row["share"] >= 0.99


def test_corrections_are_kept_as_revisions(run: Run) -> None:
    rows = run.rows("SELECT DISTINCT article_id FROM article_revisions WHERE kind = 'correction'")
    corrected = {run.articles[row["article_id"]].url for row in rows}
    labelled = {label.url for label in run.labels.values() if label.corrected}
    assert len(labelled) == 4
    assert corrected <= labelled
    # One page was corrected before any feed showed it, so that its first wording was never seen.
    assert len(corrected) >= 3


def test_no_entry_is_doubled_by_lost_ids_moving_dates_or_returning(run: Run) -> None:
    assert run.rows("SELECT feed_id, canonical_url FROM entries GROUP BY 1, 2 HAVING count(*) > 1") == []
    assert run.value("SELECT count(*) FROM entries WHERE returned > 0") > 0


def test_pages_that_could_not_be_had_are_told_by_their_feed(run: Run) -> None:
    rows = run.rows("SELECT id, text_source, kind FROM articles")
    by_kind = {run.articles[row["id"]].kind: row for row in rows}
    assert by_kind["forbidden403"]["text_source"] == "feed"
    assert by_kind["missing404"]["text_source"] == "feed"
    assert by_kind["script_only"]["text_source"] == "feed"
    assert by_kind["teaser"]["kind"] == "teaser"
    assert by_kind["liveblog"]["kind"] == "liveblog"


def test_each_day_has_a_digest(run: Run) -> None:
    assert [draft["day"] for draft in run.drafts] == ["2024-06-18", "2024-06-19", "2024-06-20"]
    assert all(draft["stories"] >= 5 and draft["outlets"] >= 10 for draft in run.drafts)


@pytest.fixture(scope="module")
def shown(run: Run) -> recorded_digests.Findings:
    return recorded_digests.measure(run.settings)


def test_a_development_has_one_slot(shown: recorded_digests.Findings) -> None:
    assert len(shown.slots) >= 30
    assert len(shown.repeats) <= REPEATS, recorded_digests.report(shown)


def test_what_three_outlets_told_is_in_a_digest_or_listed_as_left_out(shown: recorded_digests.Findings) -> None:
    assert len(shown.told) >= 24
    assert len(shown.missing) <= MISSING, recorded_digests.report(shown)
    assert len(shown.unlisted) <= UNLISTED, recorded_digests.report(shown)


def test_the_first_slots_count_their_independent_outlets(shown: recorded_digests.Findings) -> None:
    assert len(shown.head) == 3 * recorded_digests.HEAD
    assert len(shown.head) - len(shown.wrong) >= RIGHT, recorded_digests.report(shown)


# --- a desk that publishes each day ---------------------------------------------------------------------------

# Slots whose mark says rightly whether their development is new by the labels, of those with a digest before them;
# measured 20 of 24. The four are stories that two developments were put into, or one that was parted.
MARKS = 0.83


@pytest.fixture(scope="module")
def copied(run: Run, embedded: Server) -> Callable[[str], Settings]:
    """Settings on a copy of the run's database by this name."""

    def copy(name: str) -> Settings:
        database.close_idle()
        with psycopg.connect(embedded.url("postgres"), autocommit=True) as connection:
            made = sql.SQL("CREATE DATABASE {} TEMPLATE recorded STRATEGY FILE_COPY").format(sql.Identifier(name))
            connection.execute(made)
        return replace(run.settings, database_url=embedded.url(name), home=run.settings.home / name)

    return copy


@pytest.fixture(scope="module")
def desk(copied: Callable[[str], Settings]) -> tuple[Settings, list[StoredDigest]]:
    """Each day's digest as it was drafted at seven in the morning after it, and published."""
    settings = copied("desk")
    return settings, recorded_desk.publish(settings, recorded_desk.mornings(settings, (18, 19, 20, 21)))


def test_what_came_after_the_last_whole_day_is_in_a_digest(desk: tuple[Settings, list[StoredDigest]]) -> None:
    """The captures end within the 21st of June in Pyongyang."""
    last = desk[1][-1]
    assert [row.day.day for row in desk[1]] == [18, 19, 20, 21]
    assert last.items
    assert sum(row.articles for row in desk[1]) >= 100


def test_every_sentence_stands_in_the_article_that_it_cites(desk: tuple[Settings, list[StoredDigest]]) -> None:
    settings, rows = desk
    sentences = recorded_desk.cited(rows)
    assert len(sentences) >= 60
    for row, sentence in sentences:
        assert sentence.text in recorded_desk.wording(settings, sentence.article_id, row.as_of), sentence


def test_summaries_have_two_or_three_sentences_and_no_plea(desk: tuple[Settings, list[StoredDigest]]) -> None:
    counts = [len(item.details.sentences) for row in desk[1] for item in row.items]
    assert max(counts) <= 3
    assert sum(count >= 2 for count in counts) / len(counts) >= 0.9
    assert not [sentence for _, sentence in recorded_desk.cited(desk[1]) if is_plea(sentence.text)]


def test_marks_of_change_are_those_of_the_labels(desk: tuple[Settings, list[StoredDigest]]) -> None:
    marks = recorded_desk.marks(*desk)
    assert len(marks) >= 24
    wrong = [mark for mark in marks if not mark.right]
    assert 1 - len(wrong) / len(marks) >= MARKS, wrong


def test_corrections_after_a_digest_are_flagged_in_the_next(copied: Callable[[str], Settings]) -> None:
    settings = copied("early_desk")
    rows = recorded_desk.publish(settings, recorded_desk.EARLY)
    shown, flagged = recorded_desk.corrected(rows, read_labels())
    assert len(shown) >= 2
    assert flagged == shown


def test_a_digest_made_again_as_of_its_moment_says_the_same(desk: tuple[Settings, list[StoredDigest]]) -> None:
    settings, rows = desk
    row = rows[1]
    again = steps.draft(settings, topic=TOPIC, day=row.day, now=datetime.now(UTC), as_of=row.as_of)
    text = steps.digest_markdown(settings, digest_id=again["digest_id"])
    replaces = f"*Corrected: this replaces version {row.version} of this day.*\n\n"
    assert replaces in text, "only that it is a second version is new"
    assert text.replace(replaces, "") == row.markdown


STATE = """
SELECT (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM articles) AS articles,
       (SELECT count(*) FROM entry_revisions) AS entry_revisions, (SELECT count(*) FROM fetches) AS fetches,
       (SELECT count(*) FROM article_revisions) AS article_revisions, (SELECT count(*) FROM copies) AS copies,
       (SELECT count(*) FROM memberships) AS memberships, (SELECT count(*) FROM stories) AS stories,
       (SELECT md5(string_agg(m.article_id || ':' || m.story_id, ' ' ORDER BY m.article_id))
        FROM memberships m WHERE m.until IS NULL) AS placed
"""


def test_the_same_days_again_change_nothing(run: Run) -> None:
    before = run.rows(STATE)
    backfill(run.settings)
    assert run.rows(STATE) == before


def test_alerts_of_stories_that_spread_ring_about_once_a_day(run: Run) -> None:
    """Measured: three times by the defaults, for the treaty, the talks and the shots at the line."""
    outlets, within = run.settings.alert_outlets, timedelta(minutes=run.settings.alert_minutes)
    with database.connect(run.settings) as connection:
        told = alert_rows.tellings(connection, FIRST - timedelta(days=30), run.settings.desk_language)
    rung: dict[str, str] = {}
    for moment in sorted(telling.at for telling in told):
        known = [telling for telling in told if telling.at <= moment]
        rung |= {found.subject: found.title for found in alerts.spreading(known, outlets, within, moment)}
    assert 1 <= len(rung) <= 6, rung
    assert any("sign treaty" in headline for headline in rung.values()), rung
