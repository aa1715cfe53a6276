"""How states, times and amounts look in a terminal: an icon and a word, never colour alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from collector.cli.fitted import Fitted
from collector.cli.plain import clean

_STATES = {
    "completed": ("✓", "green"),
    "done": ("✓", "green"),
    "in_progress": ("▶", "blue"),
    "running": ("▶", "blue"),
    "retrying": ("↻", "blue"),
    "delayed": ("○", ""),
    "waiting": ("○", ""),
    "stuck": ("◆", "yellow"),
    "owed": ("◆", "yellow"),
    "failed": ("✕", "red"),
    "compensating": ("↪", "magenta"),
    "compensated": ("↩", "magenta"),
    "unknown": ("?", "dim"),
}
_HESITANT = ("delayed", "suspect")
_PIPE_WIDTH = 100_000
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def console() -> Console:
    """Standard output; a pipe gets lines as long as they are."""
    wide = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(highlight=False, width=_PIPE_WIDTH if wide else None)


def state(name: str, verdict: str = "", *, bold: bool = False) -> Text:
    """Icon and word of a state, with the finer word where it says more."""
    look = "delayed" if name == "in_progress" and verdict in _HESITANT else name
    icon, colour = _STATES.get(look, ("?", "dim"))
    text = Text(f"{icon} ", f"bold {colour}" if bold else colour)
    word = clean(name).replace("_", " ")
    text.append(word)
    if verdict and verdict not in (name, "on_time"):
        text.append(f" ({clean(verdict).replace('_', ' ')})")
    return text


def table(
    *columns: str,
    right: tuple[str, ...] = (),
    long: tuple[str, ...] = (),
    extra: tuple[str, ...] = (),
    least: Mapping[str, int] | None = None,
) -> Fitted:
    """An empty table; see `Fitted` for which columns give way where the terminal is narrow."""
    return Fitted(columns, right, long, extra, least)


def cut(text: str, style: str = "") -> Text:
    """Text for a long column: one line, cut where the column ends."""
    return Text(clean(text), style, no_wrap=True, overflow="ellipsis")


def duration(seconds: float | None) -> str:
    """Seconds as people say them, at most two units: `12 ms`, `4.9 s`, `5 h 05 min`."""
    if seconds is None:
        return "–"
    if seconds < 0.9995:
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def moment(time: str) -> datetime:
    """A time of the API, to the microsecond."""
    return datetime.fromisoformat(time)


def ago(time: str, now: datetime) -> str:
    """How long ago a time of the API was."""
    return duration((now - moment(time)).total_seconds())


def clock(time: str | None) -> str:
    """Time of day in UTC with milliseconds; a dash for None."""
    return clean(time)[11:23] if time else "–"


def when(time: str | None) -> str:
    """A time in UTC to the second, with the day unless that is today; a dash for None."""
    if not time:
        return "–"
    day, clock = clean(time)[:10], clean(time)[11:19]
    return clock if day == f"{datetime.now(UTC):%Y-%m-%d}" else f"{day} {clock}"


def counted(number: int, noun: str) -> str:
    """So many of something: `1 span`, `1,234 spans`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def spans(number: int) -> str:
    """So many spans."""
    return counted(number, "span")


def amount(number: int) -> Text:
    """A count; nothing looks like nothing."""
    return Text(f"{number:,}", "dim" if not number else "")
