"""Where digests and notices go, read from Airflow's connections where no ``WIREWATCH_`` variable says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any
from urllib.parse import quote

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from pipeline import settings as configuration
from pipeline.settings import Settings

Fields = Mapping[str, str]


def _smtp(found: Any) -> Fields:
    """As the SMTP provider's form has it: ``disable_ssl`` says that TLS begins by STARTTLS."""
    if not found.host:
        return {}
    extra = found.extra_dejson
    # a connection that is written as an URI has texts alone
    secure = str(extra.get("disable_ssl") or "").lower() in ("", "0", "false", "no")
    user = f"{quote(found.login, safe='')}:{quote(found.password or '', safe='')}@" if found.login else ""
    port = found.port or (465 if secure else 587)
    scheme = "smtps" if secure else "smtp"
    host = f"[{found.host}]" if ":" in found.host and not found.host.startswith("[") else found.host
    return {"smtp_url": f"{scheme}://{user}{host}:{port}", "mail_from": extra.get("from_email") or ""}


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


CONNECTIONS: Mapping[str, tuple[str, Callable[[Any], Fields]]] = {
    "wirewatch_smtp": ("smtp_url", _smtp),
    "wirewatch_webhook": ("webhook_url", _posts("webhook_url", "webhook_secret")),
    "wirewatch_slack": ("slack_url", _slack("slack_url")),
    "wirewatch_desk_webhook": ("desk_webhook_url", _posts("desk_webhook_url", "desk_webhook_secret")),
    "wirewatch_desk_slack": ("desk_slack_url", _slack("desk_slack_url")),
}
"""The connections, each with the setting that holds its address, and all the settings that it stands for."""


def load(get: Callable[[str], Any] = Connection.get) -> Settings:
    """The settings, with what Airflow's connections say of those that are empty.

    A variable goes before a connection: where one says the address, its connection is not asked for, so that no address
    is used with another one's secret. What is secret of all of it is masked in Airflow's logs from here on.
    """
    loaded = configuration.load()
    given: dict[str, Any] = {}
    for name, (address, said_by) in CONNECTIONS.items():
        if getattr(loaded, address):
            continue
        try:
            said = said_by(get(name))
        except AirflowNotFoundException:
            continue
        if said.get(address):
            given |= {field: value for field, value in said.items() if value and not getattr(loaded, field)}
    settings = replace(loaded, **given)
    for spec in fields(settings):
        if spec.metadata["secret"] and (value := getattr(settings, spec.name)):
            mask_secret(value)
    return settings
