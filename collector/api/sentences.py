"""What is wrong with an order, in words: facts in, sentences out; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """Seconds as people say them, at most two units: `12 ms`, `4.9 s`, `41 min`, `5 h 05 min`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h {int(seconds % _HOUR // _MINUTE):02d} min"
    return f"{int(seconds // _DAY)} d {int(seconds % _DAY // _HOUR)} h"


def headline(owed: Mapping[str, object]) -> str:
    """Who did not do what: the part that all orders of a cause share.

    `owed` has service, owing, role, operation, destination, after and diagnosis.
    """
    service, owing = str(owed["service"]), str(owed["owing"])
    operation, destination = str(owed["operation"]), str(owed["destination"])
    diagnosis, role = owed["diagnosis"], owed["role"]
    if owed.get("undo"):
        return f"{service} did not compensate: {choice(owed)} is missing"
    if diagnosis == "not_consumed":
        if role == "serve":
            return f"{service} did not answer {operation}"
        return f"{service} did not consume {destination}"
    if diagnosis == "consumed_silent":
        if role in ("process", "receive"):
            return f"{service} took {destination} and did not process it"
        return f"{service} took a message and did not {_deed(role)} {operation}"
    if diagnosis == "no_telemetry":
        return f"{service} sends no telemetry for {operation}"
    if role in ("process", "receive"):
        return f"{owing} did not publish {destination}"
    others = [_operation(name, service) for name in _names(owed.get("any_of"))[1:]]
    called = f"call {service}:" if role == "serve" and owing != service else _deed(role)
    return f"{owing} did not {called} {' or '.join([operation, *others])}"


def owed_sentence(
    owed: Mapping[str, object],
    *,
    now: datetime,
    publisher: str | None,
    published_at: datetime | None,
    waiting: int,
    last_span_at: datetime | None,
) -> str:
    """The whole sentence about a step that is late.

    Adds to the headline when the step before it ended, what is usual, who else waits, and the owing
    service's last sign of life. `publisher` and `published_at` are null when no message was sent.
    """
    since = owed["since"]
    assert isinstance(since, datetime)
    moment = published_at or since
    ago = duration((now - moment).total_seconds())
    if published_at is not None and publisher:
        parts = [f"published {_clock(moment, now)} by {publisher}, {ago} ago"]
    else:
        parts = [f"{owed['after']} ended {_clock(moment, now)}, {ago} ago"]
    seen, of = _int(owed["seen"]), _int(owed["of"])
    if of:
        parts.append(
            f"{seen:,} of {of:,} orders took this step, nearly all within "
            f"{duration(_float(owed['p99_s']))} (median {duration(_float(owed['median_s']))})"
        )
    else:
        parts.append(_declared(owed))
    if waiting:
        parts.append(
            f"{waiting:,} other {'order waits' if waiting == 1 else 'orders wait'} "
            "at the same place"
        )
    if last_span_at is not None:
        quiet = max(0.0, (now - last_span_at).total_seconds())
        parts.append(f"{owed['owing']}'s last span is {duration(quiet)} old")
    return f"{headline(owed)}: " + "; ".join(parts) + "."


def waiting_sentence(owed: Mapping[str, object], *, now: datetime) -> str:
    """About a step that is expected and not late, or late for a reason that isn't the order's."""
    since = owed["since"]
    assert isinstance(since, datetime)
    waited = duration(max(0.0, (now - since).total_seconds()))
    usual = duration(_float(owed["median_s"])) if owed["of"] else ""
    expected = f"the median is {usual}" if usual else _declared(owed)
    late = f"later than usual ({usual})" if usual else f"late, {_declared(owed)}"
    awaited = choice(owed)
    match owed["verdict"]:
        case "delayed":
            why = f": {late}, but orders before it are still getting through"
        case "suspect":
            why = f"; {expected}, and later orders got through: it may be stuck"
        case "flow_changed":
            why = ", but the orders here now go on by a step that is new: the flow has changed"
        case "unconfirmed":
            why = (
                f": late, but nothing follows this step, and spans of {owed['service']} go missing"
            )
        case "no_telemetry":
            why = f": late, but {_unseen(owed)}"
        case _:
            why = f"; {expected}"
    return f"Waiting for {awaited} for {waited}{why}."


def forgone_sentence(owed: Mapping[str, object], order: Mapping[str, object]) -> str:
    """About a step that was expected until its order failed."""
    why = "it ended in failure" if order["verdict"] == "declared" else f"{order['step']} failed"
    return f"{choice(owed)} isn't expected any more: {why}."


def choice(owed: Mapping[str, object]) -> str:
    """The step that is owed, or the steps of which one is."""
    any_of = owed.get("any_of")
    if isinstance(any_of, list | tuple) and len(any_of) > 1:
        names = [str(name) for name in any_of]
        return f"{', '.join(names[:-1])} or {names[-1]}"
    return str(owed["step"])


def failed_sentence(step: str, error: str) -> str:
    """About an order whose step failed for good."""
    return f"{step} failed: {error}" if error else f"{step} failed"


def _unseen(owed: Mapping[str, object]) -> str:
    """Why the step may have been taken all the same."""
    if owed["diagnosis"] == "no_telemetry":
        return f"{owed['service']} has never sent a span"
    return f"orders go on past this step while no span of it comes: {owed['service']}'s are missing"


def _declared(owed: Mapping[str, object]) -> str:
    """What is known of a step that nothing was counted of: its `p99_s` is what was declared."""
    return f"declared to come within {duration(_float(owed['p99_s']))}"


def _names(any_of: object) -> list[str]:
    return [str(name) for name in any_of] if isinstance(any_of, list | tuple) else []


def _operation(step: str, service: str) -> str:
    """A step without its service and role, where that is the service already named."""
    rest = step.removeprefix(f"{service} ")
    return rest.partition(" ")[2] if rest != step else step


def _deed(role: object) -> str:
    return {"send": "publish", "call": "call", "serve": "serve"}.get(str(role), "process")


def _clock(moment: datetime, now: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M:%S}"


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _float(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
