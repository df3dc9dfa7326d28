"""What the DAGs produce, as Airflow shows it in its asset graph."""

from __future__ import annotations

from airflow.sdk import Asset

STORIES = Asset(name="stories", uri="wirewatch://stories", group="wirewatch")
DIGESTS = Asset(name="digests", uri="wirewatch://digests", group="wirewatch")
