"""Where digests and notices go, read from Airflow's connections where no ``WIREWATCH_`` variable says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from pipeline import settings as configuration
from pipeline.settings import Settings

Fields = Mapping[str, str]


def _smtp(found: Any) -> Fields:
    """As the SMTP provider's form has it: ``disable_ssl`` says that TLS begins by STARTTLS."""
    extra = found.extra_dejson
    secure = not extra.get("disable_ssl", False)
    user = f"{quote(found.login, safe='')}:{quote(found.password or '', safe='')}@" if found.login else ""
    port = found.port or (465 if secure else 587)
    scheme = "smtps" if secure else "smtp"
    return {"smtp_url": f"{scheme}://{user}{found.host}:{port}", "mail_from": extra.get("from_email") or ""}


def _posts(url: str, secret: str) -> Callable[[Any], Fields]:
    def fields(found: Any) -> Fields:
        return {url: _address(found), secret: found.password or ""}

    return fields


def _slack(url: str) -> Callable[[Any], Fields]:
    """As the Slack provider's form has it: the webhook's token is the password, or stands in the address."""

    def fields(found: Any) -> Fields:
        base = _address(found)
        token = (found.password or "").strip("/")
        if token.startswith("https://"):
            return {url: token}
        return {url: f"{base.rstrip('/') or 'https://hooks.slack.com/services'}/{token}" if token else base}

    return fields


def _address(found: Any) -> str:
    """A connection's address: its host may be a whole one. Of an URI, Airflow puts scheme and path into two fields."""
    host = found.host or ""
    if "://" in host or not host:
        return host
    schema = found.schema or ""
    scheme = schema if schema in ("http", "https") else found.conn_type if found.conn_type == "http" else "https"
    path = "" if schema in ("http", "https") else schema
    return f"{scheme}://{host}" + (f":{found.port}" if found.port else "") + (f"/{path.lstrip('/')}" if path else "")


CONNECTIONS: Mapping[str, Callable[[Any], Fields]] = {
    "wirewatch_smtp": _smtp,
    "wirewatch_webhook": _posts("webhook_url", "webhook_secret"),
    "wirewatch_slack": _slack("slack_url"),
    "wirewatch_desk_webhook": _posts("desk_webhook_url", "desk_webhook_secret"),
    "wirewatch_desk_slack": _slack("desk_slack_url"),
}
"""The connections that are looked for, each with the settings that it stands for."""


def load(get: Callable[[str], Any] = Connection.get) -> Settings:
    """The settings, with what Airflow's connections say of those that are empty. A variable goes before a connection.

    The secrets of a connection are masked in Airflow's logs by Airflow itself.
    """
    loaded = configuration.load()
    given: dict[str, Any] = {}
    for name, fields in CONNECTIONS.items():
        try:
            found = get(name)
        except AirflowNotFoundException:
            continue
        given |= {field: value for field, value in fields(found).items() if value}
    return replace(loaded, **{field: value for field, value in given.items() if not getattr(loaded, field)})
