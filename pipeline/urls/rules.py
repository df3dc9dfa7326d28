"""The rules of `pipeline.urls`, read once from ``data/url_rules.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class UnwrapRule:
    """A redirector's address: its hosts (and those below them), a path prefix, parameters that may hold the target,
    and whether they may hold it in base64."""

    hosts: tuple[str, ...]
    path: str
    parameters: tuple[str, ...]
    encoded: bool = False


@dataclass(frozen=True)
class RedirectRule:
    """Addresses that only a request resolves, and the reason that says so."""

    reason: str
    hosts: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class UrlRules:
    """The rule file as sets; every name in it is lower case."""

    data: Mapping[str, Any]

    @cached_property
    def tracking_names(self) -> frozenset[str]:
        return frozenset(self.data["tracking"]["names"])

    @cached_property
    def tracking_prefixes(self) -> tuple[str, ...]:
        return tuple(self.data["tracking"]["prefixes"])

    @cached_property
    def tracking_values(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(values) for name, values in self.data["tracking"]["values"].items()}

    @cached_property
    def site_parameters(self) -> Mapping[str, frozenset[str]]:
        return {site: frozenset(names) for site, names in self.data["tracking"]["sites"].items()}

    @cached_property
    def host_labels(self) -> frozenset[str]:
        return frozenset(self.data["mobile"]["host_labels"]) | frozenset(self.data["amp"]["host_labels"])

    @cached_property
    def mobile_hosts(self) -> Mapping[str, str]:
        return dict(self.data["mobile"]["hosts"])

    @cached_property
    def mobile_keep(self) -> frozenset[str]:
        return frozenset(self.data["mobile"]["keep"])

    @cached_property
    def amp_segments(self) -> frozenset[str]:
        return frozenset(self.data["amp"]["segments"])

    @cached_property
    def amp_suffixes(self) -> tuple[str, ...]:
        return tuple(self.data["amp"]["suffixes"])

    @cached_property
    def amp_caches(self) -> tuple[str, ...]:
        return tuple(self.data["amp"]["caches"])

    @cached_property
    def index_pages(self) -> frozenset[str]:
        return frozenset(self.data["index"]["pages"])

    @cached_property
    def unwraps(self) -> tuple[UnwrapRule, ...]:
        return tuple(
            UnwrapRule(tuple(row["hosts"]), row["path"], tuple(row["parameters"]), row.get("encoded", False))
            for row in self.data["unwrap"]
        )

    @cached_property
    def redirects(self) -> tuple[RedirectRule, ...]:
        return tuple(
            RedirectRule(row["reason"], tuple(row["hosts"]), tuple(row["paths"])) for row in self.data["redirect"]
        )


RULES = UrlRules(tomllib.loads((files("pipeline.urls") / "data" / "url_rules.toml").read_text("utf-8")))
