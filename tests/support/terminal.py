"""`wirewatch` as a person at a terminal meets it: arguments in, exit status and both streams out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from dataclasses import dataclass
from typing import Any
from unittest import mock

from pipeline import cli
from tests.support import light


@dataclass(frozen=True)
class Answer:
    """How one call ended."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What stdout holds as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line on stderr of a call that failed."""
        lines = self.err.splitlines()
        assert self.status == 1, (self.status, self.out, self.err)
        assert len(lines) == 1, self.err
        assert lines[0].startswith("wirewatch: ")
        return lines[0]


def wirewatch(*arguments: object, stdin: bytes | io.RawIOBase = b"", **environment: object) -> Answer:
    """Call the program with `arguments` and the light model; `environment` is settings by name, as ``home=folder``."""
    variables = {f"WIREWATCH_{name.upper()}": str(value) for name, value in environment.items()}
    raw = io.BytesIO(stdin) if isinstance(stdin, bytes) else stdin
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2)]
    status = 0
    with (
        mock.patch.object(sys, "argv", ["wirewatch", *map(str, arguments)]),
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BufferedReader(raw))),
        mock.patch.dict(os.environ, without_ours() | light.ENVIRONMENT | variables, clear=True),
        contextlib.redirect_stdout(streams[0]),
        contextlib.redirect_stderr(streams[1]),
    ):
        try:
            cli.main()
        except SystemExit as ended:
            status = int(ended.code or 0)
    for stream in streams:
        stream.flush()
    out, err = (stream.buffer.getvalue().decode("utf-8") for stream in streams)
    return Answer(status, out, err)


def without_ours() -> dict[str, str]:
    """The environment without anybody's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}
