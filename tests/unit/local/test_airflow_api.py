"""What `wirewatch run` asks of Airflow survives an api-server that dies and comes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipeline.database.ports import free_port
from pipeline.errors import InfrastructureError
from pipeline.local import airflow_api
from pipeline.local.airflow_api import Airflow


class Api(BaseHTTPRequestHandler):
    """Starts a run once per id; breaks off the answer to the first request for one, after it was done."""

    runs: set[str] = set()  # noqa: RUF012

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/auth/token":
            self.answer(201, {"access_token": "t"})
        elif asked["dag_run_id"] in self.runs:
            self.answer(409, {"detail": "exists"})
        else:
            self.runs.add(asked["dag_run_id"])
            self.close_connection = True

    def answer(self, status: int, value: dict[str, str]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nobody listens until `begin` is called."""
    Api.runs.clear()
    yield free_port()


def test_a_run_is_started_once_by_a_server_that_was_away_and_lost_its_answer(port: int) -> None:
    servers: list[HTTPServer] = []
    checks = iter(range(100))

    def check() -> None:
        if next(checks) == 1:
            servers.append(HTTPServer(("127.0.0.1", port), Api))
            threading.Thread(target=servers[0].serve_forever, daemon=True).start()

    with Airflow(f"http://127.0.0.1:{port}", "admin", "x", check) as airflow:
        assert airflow.trigger("collect") in Api.runs
    assert len(Api.runs) == 1
    servers[0].shutdown()
    servers[0].server_close()


def test_one_that_stays_away_is_one_line(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airflow_api, "PATIENCE_SECONDS", 0.2)
    with (
        Airflow(f"http://127.0.0.1:{port}", "admin", "x", lambda: None) as airflow,
        pytest.raises(InfrastructureError, match=r"api-server does not answer \(.*refused.*\); see its log"),
    ):
        airflow.trigger("collect")
