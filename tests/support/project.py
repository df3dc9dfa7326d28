"""The checkout that the tests run in."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

MODELS = REPOSITORY / ".wirewatch" / "models"
"""The folder of models that all tests share, so that each is made once a checkout."""
