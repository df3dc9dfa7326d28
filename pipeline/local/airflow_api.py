"""What `wirewatch run` asks of the Airflow that it started, over Airflow's public REST API on loopback.

This is control of a process of our own, not fetching from the web: `pipeline.web` stays the only client for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from pipeline.errors import InfrastructureError

FINISHED = ("success", "failed")
#: Seconds in which an api-server that was killed is there again, its waits and its start included.
PATIENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Review:
    """A digest that waits for a person."""

    subject: str
    dag_id: str
    run_id: str


class Airflow:
    """A logged-in session; `check` starts again what has died of Airflow, and raises where that does not help."""

    def __init__(self, address: str, user: str, password: str, alive: Callable[[], None]) -> None:
        self._login = {"username": user, "password": password}
        self.check = alive
        self._http = httpx.Client(base_url=address, timeout=60.0, trust_env=False)

    def __enter__(self) -> Airflow:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.close()

    def wait_ready(self, dag_ids: Iterable[str], seconds: float = 180.0) -> None:
        """Wait until scheduler and DAG processor beat and the DAGs are parsed.

        Raises `InfrastructureError` with Airflow's own words where a DAG file does not import, or when time is up.
        """
        wanted = set(dag_ids)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            if self._healthy() and wanted <= {dag["dag_id"] for dag in self._get("/api/v2/dags")["dags"]}:
                return
            time.sleep(0.5)
        errors = self._get("/api/v2/importErrors")["import_errors"] if self._healthy() else []
        said = errors[0]["stack_trace"].strip().splitlines()[-1] if errors else "see the logs"
        raise InfrastructureError(f"Airflow is not ready after {seconds:.0f} s: {said}")

    def _healthy(self) -> bool:
        try:
            state = self._http.get("/api/v2/monitor/health").json()
        except (httpx.TransportError, ValueError):
            return False
        return all(state.get(part, {}).get("status") == "healthy" for part in ("scheduler", "dag_processor"))

    def set_paused(self, dag_id: str, paused: bool) -> None:
        """Pause a DAG or let it run."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": paused})

    def trigger(self, dag_id: str) -> str:
        """Start a run now; returns its run id."""
        # an id of ours: asking again, where the answer got lost, starts no second one
        run_id = f"manual__{datetime.now(UTC).isoformat()}"
        asked = {"logical_date": None, "dag_run_id": run_id}
        self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", again_ends=409, json=asked)
        return run_id

    def backfill(self, dag_id: str, start: datetime, end: datetime, *, at_once: int) -> bool:
        """Airflow's own backfill of every interval that begins in [start, end] and has not succeeded yet.

        One that an earlier start left unfinished goes on. False where there is nothing left to do.
        """
        asked = {
            "dag_id": dag_id,
            "from_date": start.isoformat(),
            "to_date": end.isoformat(),
            "reprocess_behavior": "failed",
            "max_active_runs": at_once,
        }
        if any(not known["completed_at"] for known in self._get("/api/v2/backfills", dag_id=dag_id)["backfills"]):
            return True
        if not self._call("POST", "/api/v2/backfills/dry_run", json=asked)["total_entries"]:
            return False
        self._call("POST", "/api/v2/backfills", again_ends=409, json=asked)
        return True

    def states(self, dag_id: str) -> dict[str, str]:
        """Run id -> state of the newest 100 runs, ``review`` where a run only waits for a person."""
        runs = self._get(f"/api/v2/dags/{dag_id}/dagRuns", order_by="-run_after", limit=100)["dag_runs"]
        waiting = {review.run_id for review in self.reviews() if review.dag_id == dag_id}
        return {run["dag_run_id"]: "review" if run["dag_run_id"] in waiting else run["state"] for run in runs}

    def reviews(self) -> list[Review]:
        """What waits in Required Actions, oldest first."""
        found = self._get(
            "/api/v2/dags/~/dagRuns/~/hitlDetails", response_received="false", order_by="created_at", limit=100
        )
        return [
            Review(detail["subject"], detail["task_instance"]["dag_id"], detail["task_instance"]["dag_run_id"])
            for detail in found["hitl_details"]
            if detail["task_instance"]["state"] in ("deferred", "awaiting_input")
        ]

    def _get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._call("GET", path, params=query)

    def _call(self, method: str, path: str, *, again_ends: int = 0, **options: Any) -> dict[str, Any]:
        """One call; logs in first, and again when the token has run out.

        `again_ends` is the status that says, to a call that had to be made again, that the first one got through.
        """
        if "Authorization" not in self._http.headers:
            self._authorize()
        response, tries = self._send(method, path, **options)
        if response.status_code == 401:
            self._authorize()
            response, tries = self._send(method, path, **options)
        if response.is_error and not (tries > 1 and response.status_code == again_ends):
            raise InfrastructureError(
                f"Airflow answered {response.status_code} to {method} {path}: {response.text[:300]}"
            )
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer

    def _send(self, method: str, path: str, **options: Any) -> tuple[httpx.Response, int]:
        """The answer, and at which try it came: an api-server that was killed is started again.

        Raises `InfrastructureError` where it stays away, and what `check` raises.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        tries = 0
        while True:
            tries += 1
            try:
                response = self._http.request(method, path, **options)
                if response.status_code < 500 or time.monotonic() > deadline:
                    return response, tries
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    said = str(error) or type(error).__name__
                    raise InfrastructureError(f"Airflow's api-server does not answer ({said}); see its log") from error
            self.check()
            time.sleep(0.5)

    def _authorize(self) -> None:
        response, _ = self._send("POST", "/auth/token", json=self._login)
        if response.is_error:
            raise InfrastructureError(
                f"Airflow refused the login of {self._login['username']!r}: {response.text[:200]}"
            )
        self._http.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
