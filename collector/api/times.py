"""Times at the API's door: RFC 3339 outside, nanoseconds since 1970 inside."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from collector.api.problems import ProblemError

FIRST = -2_208_988_800_000_000_000  # 1900-01-01, the first day of ClickHouse's DateTime64
LAST = 9_223_372_036_000_000_000  # 2262-04-11, its last

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|z|[+-]\d\d:\d\d)")


def rfc3339(unix_ns: int) -> str:
    """A moment in UTC with nine decimals, e.g. `2026-11-20T14:02:18.000000000Z`."""
    seconds, nanoseconds = divmod(unix_ns, 1_000_000_000)
    return f"{_second(seconds)}.{nanoseconds:09d}Z"


@lru_cache(4096)
def _second(unix_s: int) -> str:
    """A second in UTC; the spans of an order share theirs."""
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%M:%S}"


def text(moment: datetime) -> str:
    """A moment from the engine as the API writes it."""
    return rfc3339(nanoseconds(moment))


def nanoseconds(moment: datetime) -> int:
    """Nanoseconds since 1970 of a moment from the engine (a pandas Timestamp keeps them all)."""
    value = getattr(moment, "value", None)
    if isinstance(value, int):
        return value
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * 1_000_000_000 + moment.microsecond * 1000


def from_text(value: str | None, *, name: str, default: int) -> int:
    """Nanoseconds of an RFC 3339 time in a query; the default when it is left out.

    Raises ProblemError 422 on anything else.
    """
    if not value:
        return default
    match = _RFC3339.fullmatch(value.replace(" ", "+") if "T" in value else value)
    if match is None:
        raise ProblemError(422, f"{name}: {value!r} is no RFC 3339 time, e.g. 2026-11-20T14:02:18Z")
    day, clock, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{zone.upper().replace('Z', '+00:00')}")
    except ValueError as error:
        raise ProblemError(422, f"{name}: {error}") from None
    ns = int(moment.timestamp()) * 1_000_000_000 + int((fraction or "0").ljust(9, "0"))
    return max(FIRST, min(LAST, ns))
