"""``wirewatch run``: Postgres, the recorded web, Airflow, and the DAGs over them, from one command.

What is there already is not done again: a second start finds the database, Airflow's tables and the finished
backfills, and ends at the same panel.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

from pipeline import database, inference, steps, topics
from pipeline.archive import warc
from pipeline.database import chosen, embedded
from pipeline.database.ports import LOOPBACK, free_port, port_is_free
from pipeline.database.remote import RemoteServer
from pipeline.errors import ConfigurationError, InfrastructureError
from pipeline.local import airflow_service, housekeeping, model, panel
from pipeline.local.airflow_api import Airflow
from pipeline.local.airflow_service import USER, Service
from pipeline.local.collecting import FirstCollection
from pipeline.local.following import digest_dag, follow
from pipeline.local.postgres import KeptServer
from pipeline.local.processes import Group, Running, Stopped, stoppable, sweep
from pipeline.local.show import Show
from pipeline.local.state import Light
from pipeline.settings import Settings
from pipeline.steps import channels

RECORDED = "recorded"
RECORDED_FEEDS = f"{RECORDED}/feeds.opml"
WATCH = [sys.executable, "-P", "-m", "pipeline", "doctor", "--alert", "--every", "300"]
LONG = "one to two minutes, once"
"""What reading the recorded coverage takes on two cores; a second start finds it read."""
MODEL_SECONDS = 300.0
"""How long the process that holds the model waits for the next task: a backfill asks again within it."""


def run(settings: Settings, *, live: bool = False) -> int:
    """Start everything, run the DAGs, show where to look, and wait; returns the exit status once it is stopped.

    Ctrl-C, SIGTERM and a closed terminal end all that was started. Raises `ConfigurationError` before anything
    starts where a setting, a topic file or a port is wrong.
    """
    show = Show()
    settings = _chosen(settings, live)
    sweep(settings.home)
    inference.end_all(settings.home)
    subjects = _checked(settings, show)
    try:
        with stoppable():
            _run(settings, subjects, live, show)
    except Stopped:
        show.line("Stopped; nothing is left running. The next start picks up here.")
    return 0


def _chosen(settings: Settings, live: bool) -> Settings:
    """The settings of the mode; paths absolute, as every process and every message names them."""
    settings = replace(settings, home=settings.home.absolute(), seeds=settings.seeds.absolute())
    name = settings.database_name or (chosen.LIVE_DATABASE if live else chosen.RECORDED_DATABASE)
    return replace(settings, database_name=name, feeds_file=settings.feeds_file if live else RECORDED_FEEDS)


def _checked(settings: Settings, show: Show) -> list[topics.Topic]:
    """The topics, when all that can be known to be wrong beforehand is right."""
    if not port_is_free(settings.port):
        raise ConfigurationError(f"port {settings.port} is taken; set WIREWATCH_PORT to a free one")
    if not (settings.seeds / settings.feeds_file).is_file():
        raise ConfigurationError(f"the feed list {settings.seeds / settings.feeds_file} does not exist")
    model.prepare(settings, show)
    return steps.check(settings)


def _run(settings: Settings, subjects: list[topics.Topic], live: bool, show: Show) -> None:
    with ExitStack() as stack:
        stack.callback(inference.end_all, settings.home)  # whichever task starts it, it ends with all the rest
        with show.step("Database") as said:
            server = _server(settings, stack, show)
            said.append("your own" if isinstance(server, RemoteServer) else f"Postgres, on port {server.server.port}")
        group = stack.enter_context(Group(settings.home, settings.home / "logs", show.line))
        try:
            _work(settings, subjects, live, show, server, group)
        except Stopped:
            show.line("Stopping")
            raise


def _server(settings: Settings, stack: ExitStack, show: Show) -> KeptServer | RemoteServer:
    """The server named by the settings, else the embedded one, which stops with `stack`."""
    if settings.database_url:
        return RemoteServer(database.database_url(settings))
    server = KeptServer(settings, show.line)
    stack.callback(server.stop)
    return server


def _work(
    settings: Settings,
    subjects: list[topics.Topic],
    live: bool,
    show: Show,
    kept: KeptServer | RemoteServer,
    group: Group,
) -> None:
    started = time.monotonic()
    server = kept.server if isinstance(kept, KeptServer) else kept

    def check() -> None:
        if isinstance(kept, KeptServer):
            kept.check()
        group.check()

    settings = settle(settings, server, live=live)
    with show.step("Tables") as said:
        is_new = database.is_empty(settings)
        changes = len(database.migrate(settings))
        said.append("made" if is_new else f"brought up to date, changes: {changes}" if changes else "up to date")
        steps.claim_coverage(settings, live=live)
        steps.check_thresholds(settings)
        said.append(f"feeds in the list: {steps.import_seed_list(settings)['feeds']}")
    for gap in steps.language_gaps(settings):
        if not live or gap.topic in _open(subjects):  # what an ended topic cannot read is no news
            show.line(str(gap))
    if not live:
        with show.step("Recorded web") as said:
            settings = _replayed(settings, group)
            said.append(f"served at {settings.archive_url}")
    service = _airflow(settings, server, live, group, show)
    with Airflow(service.address, USER, service.password, check) as airflow:
        with show.step("Airflow", takes="some 10 s"):
            airflow.wait_ready(["collect", "backfill", "deliver", "maintenance", *map(digest_dag, subjects)])
        first = FirstCollection(settings, subjects, airflow, show, started) if live else None
        if first is not None:
            first.begin()
        else:
            _recorded(settings, subjects, airflow, show)
        show.panel("Wirewatch is running", panel.rows(settings, service, airflow, live=live))
        light = Light(settings, show)

        def go_on() -> None:
            light.look()
            if first is not None:
                first.go_on()

        _wait(settings, service, group, check, go_on)


def _open(subjects: list[topics.Topic]) -> set[str]:
    return {subject.slug for subject in subjects if subject.covers(datetime.now(UTC))}


def settle(settings: Settings, server: embedded.Server | RemoteServer, *, live: bool) -> Settings:
    """Note in the home which database is worked on, and make the folder that digests are published to.

    Returns settings that name the database by address, so that no task looks for the embedded server itself.
    """
    (settings.home / "published").mkdir(parents=True, exist_ok=True)
    if isinstance(server, RemoteServer):
        server.ensure_itself()
        chosen.note(settings.home, live=live, url=settings.database_url)
        return settings
    server.ensure_database(settings.database_name)
    chosen.note(settings.home, live=live, name=settings.database_name)
    return replace(settings, database_url=server.url(settings.database_name))


def _replayed(settings: Settings, group: Group) -> Settings:
    """Serve the recorded web on loopback; settings whose archive it is."""
    port = free_port()
    serve = [sys.executable, "-P", "-m", "pipeline.archive.replay"]
    command = [*serve, str(settings.seeds / RECORDED), "--port", str(port)]
    process = group.start("replay", command, os.environ, kept=True)
    _until(lambda: not port_is_free(port), process, 60)
    address = f"http://{LOOPBACK}:{port}"
    return replace(settings, archive_url=f"{address}/timegate/", archive_timemap_url=f"{address}/timemap/link/")


def _until(done: Callable[[], bool], process: Running, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        process.check()
        if time.monotonic() > deadline:
            raise InfrastructureError(f"{process.name} is not ready after {seconds:.0f} s; see {process.log}")
        time.sleep(0.1)


def _airflow(
    settings: Settings, server: embedded.Server | RemoteServer, live: bool, group: Group, show: Show
) -> Service:
    names = ("home", "seeds", "database_url", "database_name", "feeds_file", "archive_url", "archive_timemap_url")
    extra = {f"WIREWATCH_{name.upper()}": str(getattr(settings, name)) for name in names}
    extra["WIREWATCH_MODEL_SECONDS"] = str(settings.model_seconds or MODEL_SECONDS)
    with show.step("Airflow's tables") as said:
        service = airflow_service.prepare(settings, server, live=live, extra=extra)
        said.append("brought up" if airflow_service.migrate(service, group) else "up to date")
    airflow_service.start(service, group)
    if channels.of_the_desk(settings):  # somebody can be told of what Airflow cannot tell itself
        group.start("watch", WATCH, service.environment, kept=True)
    return service


def _recorded(settings: Settings, subjects: list[topics.Topic], airflow: Airflow, show: Show) -> None:
    """Airflow's backfill over the recorded days, then over the digests of the days that hold any of it."""
    first, last = _span(settings.seeds / RECORDED)
    midnight = datetime.combine(first.date(), clock(), UTC)
    airflow.set_paused("backfill", False)
    airflow.set_paused("deliver", False)  # what is approved here goes out too
    takes = "" if airflow.states("backfill") else LONG
    airflow.backfill("backfill", midnight, last, at_once=1)
    follow(settings, airflow, "backfill", "Recorded coverage", show, of="days", takes=takes)
    for topic in subjects:
        days = [day for day in topic.days(last) if _was_recorded(topic, day, first, last)]
        if days:
            dag_id = digest_dag(topic)
            airflow.set_paused(dag_id, False)
            begin, _ = topic.day_bounds(days[0])
            _, end = topic.day_bounds(days[-1])
            takes = "" if airflow.states(dag_id) else "some 20 s, once"
            airflow.backfill(dag_id, begin, end - timedelta(seconds=1), at_once=len(days))
            follow(settings, airflow, dag_id, "Digests", show, of="days", takes=takes)


def _span(place: Path) -> tuple[datetime, datetime]:
    """When the first and the last capture of the recorded web were made."""
    moments = [found.captured for file in warc.warc_files(place) for found in warc.captures(file)]
    return min(moments), max(moments)


def _was_recorded(topic: topics.Topic, day: date, first: datetime, last: datetime) -> bool:
    """Whether captures reach into the calendar day; of a first day, into its morning. All of them are in a digest."""
    start, _ = topic.day_bounds(day)
    return first < start + timedelta(hours=12) and start < last


def _wait(
    settings: Settings, service: Service, group: Group, check: Callable[[], None], go_on: Callable[[], None]
) -> None:
    """Until somebody stops it, going on with what is left and tidying up once a day.

    Raises where a part ends again and again.
    """
    while True:
        check()
        go_on()
        if housekeeping.due(settings.home, datetime.now(UTC)):
            housekeeping.tidy(settings, service, group, datetime.now(UTC))
        time.sleep(1.0)
