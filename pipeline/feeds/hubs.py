"""WebSub: which hub tells of a feed, what it is asked, and whether what comes is its own (pure).

The sections named here are those of https://www.w3.org/TR/websub/.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline import urls
from pipeline.feeds import links
from pipeline.models import ParsedFeed

PATH = "/wirewatch/push/"
"""Where hubs call, below the address that the settings name; the token of a subscription follows."""
LEASE = timedelta(days=10)
"""How long a subscription is asked for; what hubs give by themselves."""
MIN_LEASE, MAX_LEASE = timedelta(hours=1), timedelta(days=30)
"""A lease beyond these is taken for the nearer bound; a hub decides, but not that it is never asked again."""
RENEW_AFTER = 0.8
"""Share of a lease after which it is renewed, so that several tries fit into the rest."""
ANSWER_WITHIN = timedelta(days=1)
"""How long after it was asked a hub may ask back; later it speaks of nothing that anybody waits for."""
MAX_CHALLENGE = 2_000
"""Characters of a challenge that are echoed; hubs send about 40."""
_METHODS = ("sha1", "sha256", "sha384", "sha512")  # WebSub, section 7.1; many hubs know only the first


@dataclass(frozen=True, slots=True)
class Named:
    """A hub and the topic to ask it for, as a feed's document or the header of its answer names them."""

    hub: str | None
    topic: str


def named(feed: ParsedFeed, headers: Mapping[str, str], url: str, own_hosts: Collection[str] = ()) -> Named:
    """The hub of a feed that stands at `url`; the header goes before the document (WebSub, section 4).

    A hub is asked over https alone, because the secret goes along; `own_hosts` are in one's own network.
    """
    header = headers.get("link")
    hub = _hub(links.related(header, "hub", url) or feed.hub_url, own_hosts)
    topic = links.related(header, "self", url) or feed.self_url
    usable = topic is not None and not urls.too_long(topic) and topic.startswith(("http://", "https://"))
    return Named(hub, topic if topic is not None and usable else url)


def _hub(address: str | None, own_hosts: Collection[str]) -> str | None:
    if address is None or urls.too_long(address):
        return None
    if urls.host(address) in own_hosts:
        return address
    secure = "https://" + address[len("http://") :] if address.startswith("http://") else address
    return None if urls.safe_to_fetch(secure) else secure


def question(topic: str, callback: str, secret: str) -> dict[str, str]:
    """The fields of a request to subscribe (section 5.1)."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback,
        "hub.secret": secret,
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }


def farewell(topic: str, callback: str) -> dict[str, str]:
    """The fields of a request to end a subscription (section 5.1)."""
    return {"hub.mode": "unsubscribe", "hub.topic": topic, "hub.callback": callback}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a hub's question: `echo` is answered (None: nothing of the kind was asked for).

    `until` and `next_at` are the lease and when it is renewed; `refused` is why the hub will not.
    """

    echo: str | None = None
    until: datetime | None = None
    next_at: datetime | None = None
    refused: str | None = None


def verdict(asked_at: datetime | None, topic: str, query: Mapping[str, str], now: datetime) -> Verdict:
    """Judge a hub's question whether we meant it (section 5.3), or its word that it refuses (section 5.2).

    Nobody can subscribe us to what we did not ask for, and nobody can end what we did.
    """
    if query.get("hub.topic") != topic or asked_at is None or now - asked_at > ANSWER_WITHIN:
        return Verdict()
    if query.get("hub.mode") == "denied":
        return Verdict(refused=" ".join(query.get("hub.reason", "").split()) or "the hub refused")
    challenge = _challenge(query, "subscribe")
    if challenge is None:
        return Verdict()
    given = query.get("hub.lease_seconds", "")
    lease = timedelta(seconds=int(given[:12])) if given.isascii() and given.isdigit() else LEASE
    lease = min(max(lease, MIN_LEASE), MAX_LEASE)
    return Verdict(challenge, now + lease, now + lease * RENEW_AFTER)


def ending(asked_at: datetime | None, topic: str, query: Mapping[str, str], now: datetime) -> str | None:
    """What is answered to a hub that asks whether we meant to end a subscription (section 5.3).

    None where we did not ask for that, or not of late.
    """
    if query.get("hub.topic") != topic or asked_at is None or now - asked_at > ANSWER_WITHIN:
        return None
    return _challenge(query, "unsubscribe")


def _challenge(query: Mapping[str, str], mode: str) -> str | None:
    challenge = query.get("hub.challenge", "")
    fits = 0 < len(challenge) <= MAX_CHALLENGE and challenge.isprintable()
    return challenge if query.get("hub.mode") == mode and fits else None


def is_signed(secret: str, header: str | None, body: bytes) -> bool:
    """Whether the ``X-Hub-Signature`` of a push is that of our secret over these bytes (section 7.1)."""
    method, _, given = (header or "").strip().partition("=")
    if method.lower() not in _METHODS or not given.isascii():
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(expected, given.strip().lower())
