"""When a part that ended by itself is started again: after waits that grow, and not for ever."""

from __future__ import annotations

from dataclasses import dataclass

#: Seconds after which a part that lives counts as well again.
STEADY_SECONDS = 60.0
#: Seconds before the first start anew; each further one in a row waits twice as long.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
#: Ends in a row, each soon after the start, after which a part is given up.
MOST_IN_A_ROW = 6


@dataclass(frozen=True, slots=True)
class Ended:
    """What follows from an end: `in_a_row` counts it, `wait` is seconds until the next start, None to give up."""

    in_a_row: int
    wait: float | None


def ended(in_a_row: int, lived: float) -> Ended:
    """What to do with a part that ended after `lived` seconds, and before that `in_a_row` times soon after a start."""
    now_in_a_row = 1 if lived >= STEADY_SECONDS else in_a_row + 1
    if now_in_a_row > MOST_IN_A_ROW:
        return Ended(now_in_a_row, None)
    return Ended(now_in_a_row, min(FIRST_WAIT_SECONDS * 2.0 ** (now_in_a_row - 1), LONGEST_WAIT_SECONDS))
