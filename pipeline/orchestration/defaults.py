"""Retries, timeouts and the owner that every task starts from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from pipeline import settings

# Named by path, not by class: the policy is stored with the DAG and read by processes that import nothing of ours.
RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="pipeline.errors.ConfigurationError",
            action=RetryAction.FAIL,
            reason="a setting, topic file or address is wrong; another try would fail the same way",
        ),
        RetryRule(
            exception="pipeline.errors.ItemError",
            action=RetryAction.FAIL,
            reason="one item's fault belongs on its row; reaching the task is a defect",
        ),
        RetryRule(
            exception="pipeline.errors.BrokenStepError",
            action=RetryAction.FAIL,
            reason="most items failed by a defect of ours; they are recorded, and wait for the next runs",
        ),
        RetryRule(
            exception="pipeline.errors.InfrastructureError",
            action=RetryAction.RETRY,
            reason="nothing was recorded; the database, disk or model may be back soon",
        ),
    ],
)

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "wirewatch",
    "retries": 3,
    "retry_delay": timedelta(seconds=settings.load().retry_seconds),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": RETRY_POLICY,
    "execution_timeout": timedelta(hours=1),
}
