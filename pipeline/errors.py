"""The two kinds of failure: this item's (recorded on its row) and the world's (the task is tried again)."""

from __future__ import annotations


class WirewatchError(Exception):
    """Base of what Wirewatch raises on purpose; the message is one line that says what to do."""


class ItemError(WirewatchError):
    """One feed, entry or page failed; the run goes on and the row keeps `reason`.

    `reason` is a short stable code (``timeout``, ``not-a-feed``), `detail` a line for people, `url` the
    address concerned, `retry_after` seconds until another try is sensible (None: the caller decides).
    """

    def __init__(self, reason: str, detail: str = "", *, url: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.url = url
        self.retry_after = retry_after


class InfrastructureError(WirewatchError):
    """The database, the disk or the model cannot be reached; nothing was recorded and the task is retried."""


class ConfigurationError(WirewatchError):
    """A setting, topic file, database address or model name is wrong; raised before any work starts."""
