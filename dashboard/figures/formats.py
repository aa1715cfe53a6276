"""Numbers, durations and times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

THIN = "\u202f"
"""Narrow no-break space: between thousands and before units."""
NONE = "–"
"""Where there is no value."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def number(count: float) -> str:
    """A count: 49 947 below 100 000, then 100 k, 1.2 M, 3.4 G.

    >>> number(812)
    '812'
    """
    if abs(count) < 100_000:
        return f"{count:,.0f}".replace(",", THIN)
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(count) >= size * 0.9995:
            value = count / size
            return f"{value:.1f}{THIN}{unit}" if value < 99.95 else f"{value:.0f}{THIN}{unit}"
    return f"{count:.0f}"


def percent(share: float) -> str:
    """A share of one with one decimal: 18.4 %, <0.1 %."""
    value = share * 100
    if 0 < value < 0.1:
        return f"<0.1{THIN}%"
    return f"{value:.1f}{THIN}%" if value else f"0{THIN}%"


def size(count: float) -> str:
    """Bytes: 812 B, 1.2 MB, 3.4 GB (powers of 1000).

    >>> size(812)
    '812\u202fB'
    """
    for limit, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= limit * 0.9995:
            value = count / limit
            return f"{value:.1f}{THIN}{unit}" if value < 99.95 else f"{value:.0f}{THIN}{unit}"
    return f"{count:.0f}{THIN}B"


def rate(per_s: float) -> str:
    """A rate: 41.2/s; below one a second it is told by the minute."""
    if per_s == 0:
        return "0/s"
    if per_s < 1:
        return f"{per_s * 60:.1f}/min"
    return f"{per_s:.1f}/s" if per_s < 1000 else f"{number(per_s)}/s"


def duration(seconds: float | None) -> str:
    """At most two units: 47 µs, 12 ms, 4.9 s, 41 min 00 s, 5 h 05 min, 3 d 4 h; a dash for None."""
    if seconds is None:
        return NONE
    if seconds < 0:
        return "−" + duration(-seconds)
    if 0 < seconds < 0.00095:
        return f"{seconds * 1e6:.0f}{THIN}µs"
    if seconds < 0.0095:
        text = f"{seconds * 1000:.1f}{THIN}ms"
        return text.replace(".0", "")
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}{THIN}ms"
    if seconds < 9.95:
        return f"{seconds:.1f}{THIN}s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}{THIN}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}{THIN}min {whole % _MINUTE:02}{THIN}s"
    if whole < _DAY:
        return f"{whole // _HOUR}{THIN}h {whole % _HOUR // _MINUTE:02}{THIN}min"
    return f"{whole // _DAY}{THIN}d {whole % _DAY // _HOUR}{THIN}h"


def age(seconds: float | None) -> str:
    """A duration in its largest unit alone, for badges: 41 min, 5 h, 3 d."""
    if seconds is None:
        return NONE
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // size)}{THIN}{unit}"
    return f"{int(max(seconds, 0))}{THIN}s"


def milliseconds(value: float | None) -> str:
    """A duration given in milliseconds; a dash for None."""
    return duration(None if value is None else value / 1000)


def nanoseconds(time: str) -> int:
    """RFC 3339 with up to nine decimals as nanoseconds since 1970; raises ValueError.

    >>> nanoseconds("1970-01-01T00:00:01.000000005Z")
    1000000005
    """
    head, _, rest = time.partition(".")
    digits = ""
    zone = rest
    if rest:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        zone = rest[len(digits) :]
    whole = datetime.fromisoformat(head + zone)
    if whole.tzinfo is None:
        whole = whole.replace(tzinfo=UTC)
    return int(whole.timestamp()) * 1_000_000_000 + int((digits + "0" * 9)[:9])


def seconds_between(start: str, end: str) -> float:
    """Seconds from one time to another."""
    return (nanoseconds(end) - nanoseconds(start)) / 1e9


def stamp(time: str | None) -> str:
    """A time of the API in UTC: 2026-11-20 14:02:18; a dash for None."""
    if time is None:
        return NONE
    return moment(nanoseconds(time)).strftime("%Y-%m-%d %H:%M:%S")


def clock(time: str | None, decimals: int = 0) -> str:
    """The time of day alone, in UTC, with up to six decimals: 14:02:18."""
    if time is None:
        return NONE
    text = moment(nanoseconds(time)).strftime("%H:%M:%S.%f")
    return text[: 8 + decimals + 1] if decimals else text[:8]


def moment(ns: int) -> datetime:
    """Nanoseconds since 1970 as a datetime in UTC; times out of its years are held at its ends."""
    seconds = min(max(ns / 1e9, -62_135_596_800), 253_402_300_799)
    return datetime.fromtimestamp(seconds, UTC)


def shortened(text: str, length: int) -> str:
    """Text of at most that many characters, with an ellipsis where it was cut."""
    return text if len(text) <= length else text[: max(length - 1, 1)].rstrip() + "…"


def squeezed(text: str, length: int) -> str:
    """A name of at most that many characters, cut in the middle: names differ at their ends.

    >>> squeezed("fulfilment-payment", 11)
    'fulfi…yment'
    """
    if len(text) <= length:
        return text
    head = length // 2
    return f"{text[:head]}…{text[len(text) - (length - head - 1) :]}"


def step_name(step: str, service: str) -> str:
    """A step without its service: `payment process order.placed` is `process order.placed`."""
    return step.removeprefix(service).strip() or step
