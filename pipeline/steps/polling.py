"""Poll feeds: claim, ask, sort what came into entries and revisions, decide the next time; all of it on the row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline import database, feeds, polling, web
from pipeline.errors import ItemError
from pipeline.feeds import sightings
from pipeline.models import ParsedFeed, Response, Validators
from pipeline.polling.state import PollState
from pipeline.settings import Settings
from pipeline.steps.asking import shared_client
from pipeline.store import entries as entry_store
from pipeline.store import feeds as store

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Poll:
    """One feed to ask, as of a past moment or (None) now."""

    feed_id: int
    as_of: datetime | None = None


def due_batches(settings: Settings, *, now: datetime, size: int = 50) -> list[list[int]]:
    """The ids of the feeds to ask now, in batches of `size`, longest overdue first."""
    with database.connect(settings) as connection:
        due = store.due(connection, now)
    return [due[start : start + size] for start in range(0, len(due), size)]


def poll(
    settings: Settings, *, feed_ids: Sequence[int], now: datetime, as_of: datetime | None = None
) -> dict[str, Any]:
    """Ask these feeds; those that another worker holds are left to it. Returns counts by outcome and of entries."""
    return poll_all(settings, [Poll(feed_id, as_of) for feed_id in feed_ids], now=now)


def poll_all(settings: Settings, polls: Sequence[Poll], *, now: datetime | None = None) -> dict[str, Any]:
    """Ask feeds in the given order, a feed's own polls one after the other; `now` is the clock for those as of now."""
    counts: dict[str, int] = defaultdict(int)
    rounds: list[dict[int, Poll]] = []
    for each in polls:
        free = next((r for r in rounds if each.feed_id not in r), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[each.feed_id] = each
    with shared_client(settings) as client:
        for group in rounds:
            _ask(settings, client, group, counts, now)
    return dict(counts)


def _ask(
    settings: Settings, client: web.Client, group: dict[int, Poll], counts: dict[str, int], now: datetime | None
) -> None:
    with database.connect(settings) as connection:
        rows = {row["id"]: row for row in store.claim(connection, list(group), settings.lease_seconds)}
    counts["held_elsewhere"] += len(group) - len(rows)
    requests, sent = [], {}
    for feed_id, row in rows.items():
        moment = group[feed_id].as_of or now or datetime.now(UTC)
        sent[feed_id] = polling.validators_for(PollState.from_json(row["poll_state"]), moment)
        requests.append(web.Request(row["url"], sent[feed_id], group[feed_id].as_of, purpose="feed", key=feed_id))

    def settle(request: web.Request, result: Response | ItemError) -> None:
        moment = request.as_of or now or datetime.now(UTC)
        with database.connect(settings) as connection:
            _settle(settings, connection, rows[request.key], sent[request.key], request, result, moment, counts)

    client.gather(requests, settle)


def _settle(
    settings: Settings,
    connection: database.Connection,
    row: Row,
    sent: Validators | None,
    request: web.Request,
    result: Response | ItemError,
    now: datetime,
    counts: dict[str, int],
) -> None:
    """Write how one poll ended: entries, log, gap, state and the next time, in one transaction."""
    state = PollState.from_json(row["poll_state"])
    feed: ParsedFeed | None = None
    sighting: sightings.Sighting | None = None
    error: ItemError | None = None
    if isinstance(result, ItemError):
        error = result
    elif not result.not_modified and polling.body_hash(result.body) != state.body_hash:
        try:
            feed = feeds.parse(result.body, result.final_url, result.headers.get("content-type"), now)
            sighting = sightings.reconcile(entry_store.known(connection, row["id"], feed.entries), feed.entries)
            if row["last_polled_at"] is not None and now < row["last_polled_at"]:
                sighting = sightings.only_new(sighting)
            entry_store.apply(connection, row["id"], sighting, now)
        except ItemError as found:
            error = found
    new = sighting.new if sighting else ()
    if error is not None or isinstance(result, ItemError):
        outcome = polling.PollOutcome.failed(error or result)  # type: ignore[arg-type]
    else:
        outcome = polling.PollOutcome.answered(result, sent, web.validators_of(result), feed, new, now)
    headers = {} if isinstance(result, ItemError) else result.headers
    hints = polling.update_hints(headers, feed, now)
    bounds = polling.Bounds(settings.min_poll_interval, settings.max_poll_interval)
    decision = polling.next_poll(state, outcome, hints, now, bounds=bounds, feed_id=row["id"])
    _write(connection, row, decision, feed, len(new), now)
    _log(connection, row, request, result, error, decision, feed, len(new), now)
    counts["polled"] += 1
    counts[decision.outcome.replace("-", "_")] += 1
    counts["entries"] += len(new)
    counts["edited"] += len(sighting.edited) if sighting else 0


def _write(
    connection: database.Connection,
    row: Row,
    decision: polling.PollDecision,
    feed: ParsedFeed | None,
    new: int,
    now: datetime,
) -> None:
    url, state, reason = row["url"], decision.feed_state, decision.feed_reason
    if decision.new_url is not None:
        twin = store.url_taken(connection, row["id"], decision.new_url)
        if twin is None:
            url = decision.new_url
        else:
            state, reason = "retired", f"moved to {decision.new_url}, which is feed {twin}"
    store.polled(
        connection,
        poll_state=decision.state.to_json(),
        id=row["id"],
        url=url,
        state=state,
        state_reason=reason,
        next_poll_at=decision.next_at,
        new=new,
        now=now,
        format=feed.format if feed else None,
        title=feed.title if feed else None,
        home_url=feed.home_url if feed else None,
    )
    if decision.gap is not None:
        store.gap(connection, row["id"], now, decision.gap.since, decision.gap.until)


def _log(
    connection: database.Connection,
    row: Row,
    request: web.Request,
    result: Response | ItemError,
    error: ItemError | None,
    decision: polling.PollDecision,
    feed: ParsedFeed | None,
    new: int,
    now: datetime,
) -> None:
    answered = (
        {}
        if isinstance(result, ItemError)
        else {
            "status": result.status,
            "captured": result.captured,
            "bytes": result.wire_bytes,
            "elapsed": result.elapsed,
        }
    )
    store.log_fetch(
        connection,
        at=now,
        as_of=request.as_of,
        kind="feed",
        feed_id=row["id"],
        url=request.url,
        outcome=decision.outcome,
        detail=error.detail if error else None,
        entries=len(feed.entries) if feed else None,
        new_entries=new,
        **answered,
    )
