"""docker-compose.yml as Compose reads it: services with their commands, and the variables that each container gets.

What is used of the file is covered: ``${NAME}``, ``${NAME:-default}``, ``${NAME:?message}``, ``$$``, `env_file`,
`environment`. Anything else with a dollar fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.project import REPOSITORY

FILE = REPOSITORY / "docker-compose.yml"
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:[-?])([^}]*))?\}|(?=[\w{(]))")


class MissingVariableError(Exception):
    """A variable that must be set is not; the message is the file's own."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its definition as it stands in the file, variables filled in."""

    name: str
    definition: Mapping[str, Any]

    @property
    def command(self) -> list[str]:
        """The command line."""
        found = self.definition["command"]
        assert isinstance(found, list), "every command here is a list of words"
        return [str(word) for word in found]

    @property
    def check(self) -> list[str]:
        """The command line of the health check."""
        kind, *words = self.definition["healthcheck"]["test"]
        return [str(word) for word in words] if kind == "CMD" else ["/bin/sh", "-c", str(words[0])]

    @property
    def is_ours(self) -> bool:
        """Whether it runs our image."""
        return "build" in self.definition


def read_env(text: str) -> dict[str, str]:
    """The variables of a ``.env`` file of plain lines ``NAME=value``."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


def services(env: Mapping[str, str], files: tuple[Path, ...] = (FILE,)) -> dict[str, Service]:
    """Every service with the variables of a ``.env``; later files change what earlier ones say, as with ``-f``.

    Raises `MissingVariableError` where one that must be set is not.
    """
    merged: dict[str, Any] = {}
    for file in files:
        merged = _merged(merged, yaml.safe_load(file.read_text()))
    return {name: Service(name, _filled(found, env)) for name, found in merged["services"].items()}


def config(name: str, env: Mapping[str, str]) -> str:
    """The content of one of the file's configs."""
    return str(_filled(yaml.safe_load(FILE.read_text())["configs"][name]["content"], env))


def variables(service: Service, env: Mapping[str, str]) -> dict[str, str]:
    """What a container of the service gets: the lines of its `env_file`, overruled by its `environment`."""
    listed = service.definition.get("env_file", [])
    named = [listed] if isinstance(listed, str) else listed
    assert set(named) <= {".env"}, f"{service.name} reads another file than .env"
    own = {name: str(value) for name, value in service.definition.get("environment", {}).items()}
    return (dict(env) if named else {}) | own


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {key: _merged(one[key], value) if key in one else value for key, value in other.items()}
    return other


def _filled(value: Any, env: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, env) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, env) for each in value]
    return _VARIABLE.sub(lambda found: _one(found, env), value) if isinstance(value, str) else value


def _one(found: re.Match[str], env: Mapping[str, str]) -> str:
    dollar, name, kind, more = found[1], found[2], found[3], found[4]
    if dollar:
        return "$"
    if not name:
        raise ValueError(f"what is {found.string[found.start() : found.start() + 20]!r}?")
    value = env.get(name, "")
    if value or kind is None:
        return value
    if kind == ":?":
        raise MissingVariableError(more)
    return more
