"""Ids for people: `ORD-2VQ4W-000042`. They differ from those of other runs of the demo."""

import time
from collections.abc import Callable

DIGITS = "0123456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without I, O and U, which are misread; five of them count 39 million seconds (1.2 years)."""


def run_prefix(now: float) -> str:
    """Write the Unix time `now` as five characters."""
    seconds, text = int(now), ""
    for _ in range(5):
        seconds, digit = divmod(seconds, len(DIGITS))
        text = DIGITS[digit] + text
    return text


def numbered(kind: str) -> Callable[[int], str]:
    """Make the function that turns a number of this run into an id of this kind."""
    prefix = run_prefix(time.time())
    return lambda number: f"{kind}-{prefix}-{number:06}"


def number_in(order_id: str) -> int:
    """Give the number in an id."""
    return int(order_id.rpartition("-")[2])
