"""What `wirewatch run` shows on a terminal of the usual width, and where there is none."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from pipeline.local.show import Show

DETAILS = "33 feeds, 291 entries, 172 articles, 34 copies, 71 stories, 3 digests"


@pytest.mark.parametrize("terminal", [True, False])
def test_bar_and_counts_fit_eighty_columns(terminal: bool) -> None:
    written = io.StringIO()
    show = Show(Console(file=written, force_terminal=terminal, width=80, highlight=False, color_system=None))
    with show.bar("Recorded coverage", "days") as report:
        report(1, 4, DETAILS)
    text = written.getvalue()
    assert DETAILS in text
    assert ("1/4" if terminal else "1 of 4 days") in text
    assert "Recorded coverage" in text
    assert ("━" in text) is terminal
