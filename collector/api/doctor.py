"""What does the telemetry lack, and which line of code adds it? From a sample of recent traces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collector.api.candidates import candidates
from collector.api.doctor_fixes import fix
from collector.api.models import Doctor, Finding
from collector.api.reader import Reader, Row
from collector.api.times import text

_LATE_S = 2.0
_CLOCK_S = 0.5
_MANY_NAMES = 100
_ENOUGH = 10  # spans or messages before a share says anything
_RANK = {"error": 0, "warning": 1, "info": 2}


def doctor(reader: Reader) -> Doctor:
    """Findings by service, the gravest first."""
    spans = reader.rows("doctor_spans")
    attributes = {row["service"]: row for row in reader.rows("doctor_attributes")}
    services = {row["service"]: row for row in reader.rows("doctor_services")}
    found: list[Finding] = []
    for row in spans:
        service = row["service"]
        told = _Told(service, str(attributes.get(service, {}).get("language", "")))
        found += _of_spans(told, row)
        found += _of_attributes(told, attributes.get(service))
        found += _of_service(told, services.get(service))
    found += _of_topics(spans, {row["service"]: row["language"] for row in attributes.values()})
    keyless = any(finding.problem == "no_order_key" for finding in found)
    found.sort(key=lambda f: (f.service, _RANK[f.severity], -(f.share or 0), f.problem))
    return Doctor(
        as_of=text(reader.now()),
        spans=sum(row["spans"] for row in spans),
        services=[row["service"] for row in spans],
        findings=found,
        candidates=candidates(reader) if keyless else [],
    )


class _Told:
    """Says findings of one service."""

    def __init__(self, service: str, language: str) -> None:
        self.service, self.language = service, language

    def __call__(
        self,
        problem: str,
        severity: Any,
        sentence: str,
        share: float | None = None,
        examples: list[str] | None = None,
    ) -> Finding:
        return Finding(
            service=self.service,
            problem=problem,
            severity=severity,
            sentence=sentence,
            share=share,
            examples=sorted(set(examples or [])),
            fix=fix(problem, self.language),
        )


def _of_spans(told: _Told, row: Row) -> Iterator[Finding]:
    entries, taken, messaging = row["entries"], row["taken"], row["messaging"]
    if row["keyless"]:
        share = row["keyless"] / entries
        yield told(
            "no_order_key",
            "error" if share >= 0.5 else "warning",
            f"{_percent(share)} of {told.service}'s requests and messages belong to no order: "
            "neither they nor anything linked to them carries an order's id",
            share,
            row["keyless_in"],
        )
    if row["detached"]:
        share = row["detached"] / taken
        yield told(
            "consumer_detached",
            "error" if share >= 0.5 else "warning",
            f"{_percent(share)} of the messages that {told.service} takes begin a new trace "
            "without a parent or a link to their producer",
            share,
            row["detached_in"],
        )
    if row["received"] and not row["processed"] and row["alone"]:
        yield told(
            "handler_detached",
            "error",
            f"{told.service}'s receive spans end before its handlers begin; what the handlers do "
            "are new traces that belong to no order",
            row["alone"] / (row["alone"] + row["received"]),
            row["alone_in"],
        )
    if row["aimless"]:
        yield told(
            "no_destination",
            "warning",
            f"{row['aimless']:,} producer or consumer spans of {told.service} don't say which "
            "topic or queue they mean",
            row["aimless"] / row["spans"],
            row["aimless_in"],
        )
    if messaging >= _ENOUGH and row["idless"] * 2 > messaging:
        yield told(
            "no_message_id",
            "info",
            f"{_percent(row['idless'] / messaging)} of {told.service}'s messages have neither an "
            "id nor an offset; a message delivered twice can't be told from two messages",
            row["idless"] / messaging,
        )
    if row["spans"] >= _ENOUGH and row["kindless"] == row["spans"]:
        yield told(
            "no_span_kind",
            "warning",
            f"no span of {told.service} has a kind; requests and messages are told by their "
            "neighbours only",
            1.0,
        )
    if row["samples"]:
        yield told(
            "sampled",
            "error",
            f"{_percent(row['samples'] / row['spans'])} of {told.service}'s spans are a sample; "
            "what is missing from orders may merely not have been kept, so none is called stuck",
            row["samples"] / row["spans"],
            row["samples_in"],
        )
    if row["orphans"] >= 3 and row["orphans"] * 100 > row["spans"]:
        yield told(
            "spans_missing",
            "warning",
            f"{_percent(row['orphans'] / row['spans'])} of {told.service}'s spans name a parent "
            "that never came: spans are dropped, or a service on the way sends none",
            row["orphans"] / row["spans"],
            row["orphans_in"],
        )
    if row["names"] > _MANY_NAMES:
        yield told(
            "many_names",
            "warning",
            f"{told.service} uses {row['names']:,} different names for what it does; ids in names "
            "hide which steps are the same",
        )


def _of_attributes(told: _Told, row: Row | None) -> Iterator[Finding]:
    if row is None:
        return
    spans = row["spans"]
    for problem, count, severity, words in (
        ("no_service_name", row["nameless"], "error", "don't name their service"),
        ("no_service_version", row["versionless"], "info", "don't tell their service's version; "
         "a deploy that breaks orders can't be named as their cause"),
        ("no_instance", row["instanceless"], "info", "don't tell which instance or host made them; "
         "one bad instance can't be told from the others"),
    ):  # fmt: skip
        if count * 2 > spans:
            sentence = f"{_percent(count / spans)} of {told.service}'s spans {words}"
            yield told(problem, severity, sentence, count / spans, row["examples"])
    names, counts = row["old_names"].values() if row["old_names"] else ([], [])
    if names:
        old = sorted(zip(names, counts, strict=True), key=lambda pair: (-pair[1], pair[0]))
        yield told(
            "old_names",
            "info",
            f"{told.service} uses old attribute names ({', '.join(name for name, _ in old[:4])}); "
            "they are understood",
            max(counts) / spans,
            row["old_in"],
        )


def _of_service(told: _Told, row: Row | None) -> Iterator[Finding]:
    if row is None:
        return
    if row["lag_s"] and row["lag_s"] > _LATE_S:
        yield told(
            "exports_late",
            "warning",
            f"{told.service}'s spans come {row['lag_s']:.1f} s after they end; stuck orders are "
            "found that much later",
        )
    offset, width = row["clock_s"] or 0.0, row["clock_width_s"] or 0.0
    if abs(offset) > _CLOCK_S and abs(offset) > width:
        way = "ahead of" if offset > 0 else "behind"
        yield told(
            "clock_off",
            "warning",
            f"{told.service}'s clock is {abs(offset):.1f} s {way} the others; no alarm depends on "
            "it, but times on its orders look odd",
        )


def _of_topics(rows: list[Row], languages: dict[str, str]) -> Iterator[Finding]:
    sent = {topic for row in rows for topic in row["sends_to"]}
    taken = {topic for row in rows for topic in row["takes_from"]}
    for row in rows:
        told = _Told(row["service"], languages.get(row["service"], ""))
        unheard = sorted(set(row["sends_to"]) - taken)
        if unheard:
            yield told(
                "no_consumer",
                "info",
                f"nobody is seen to take what {told.service} sends to {_some(unheard)}",
                len(unheard) / len(row["sends_to"]),
            )
        unsent = sorted(set(row["takes_from"]) - sent)
        if unsent:
            yield told(
                "no_producer",
                "info",
                f"nobody is seen to send what {told.service} takes from {_some(unsent)}",
                len(unsent) / len(row["takes_from"]),
            )


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.01 else "less than 1 %"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
