"""When a part that ended by itself is started again."""

from __future__ import annotations

from pipeline.local.restarts import LONGEST_WAIT_SECONDS, MOST_IN_A_ROW, STEADY_SECONDS, ended


def test_waits_grow_and_end() -> None:
    waits, in_a_row = [], 0
    while (outcome := ended(in_a_row, lived=0.1)).wait is not None:
        waits.append(outcome.wait)
        in_a_row = outcome.in_a_row
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    assert len(waits) == MOST_IN_A_ROW and max(waits) <= LONGEST_WAIT_SECONDS


def test_a_part_that_lived_a_while_begins_anew() -> None:
    assert ended(MOST_IN_A_ROW, lived=STEADY_SECONDS).wait == 1.0
    assert ended(MOST_IN_A_ROW, lived=STEADY_SECONDS - 1).wait is None
