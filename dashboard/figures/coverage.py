"""What the telemetry lacks, put together by problem; and how far a first run has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypedDict

from dashboard.figures import formats
from dashboard.records import Doctor, DoctorFinding, Summary

Severity = Literal["error", "warning", "info"]
SEVERITIES: dict[str, tuple[str, str, str]] = {
    "error": ("✕", "failed", "orders can't be followed"),
    "warning": ("◆", "stuck", "followed in part"),
    "info": ("○", "waiting", "details"),
}
"""Icon, look and word of each severity, the gravest first."""
TITLES = {
    "no_order_key": "Requests and messages that belong to no order",
    "consumer_detached": "Consumers that begin a new trace",
    "handler_detached": "Handlers outside of their receive span",
    "no_destination": "Messages without a topic or queue",
    "no_message_id": "Messages without an id",
    "no_span_kind": "Spans without a kind",
    "sampled": "Sampled traces",
    "spans_missing": "Parents that never came",
    "many_names": "Too many names for the same step",
    "no_service_name": "Spans without a service name",
    "no_service_version": "No service.version",
    "no_instance": "No instance or host",
    "old_names": "Old attribute names (understood)",
    "exports_late": "Spans come late",
    "clock_off": "Clocks that are off",
    "no_consumer": "Topics that nobody is seen to take from",
    "no_producer": "Topics that nobody is seen to send to",
}
MOST_SENTENCES = 8


class Trouble(TypedDict):
    """A problem and all services that have it."""

    id: str
    icon: str
    look: str
    word: str
    title: str
    count: str
    sentences: list[str]
    fixes: list[str]


class Item(TypedDict):
    """A line of a checklist."""

    state: Literal["done", "now", "later"]
    title: str
    text: str


def troubles(doctor: Doctor) -> list[Trouble]:
    """Findings by problem, the gravest and most common first; then attributes that may be keys."""
    by_problem: dict[str, list[DoctorFinding]] = {}
    for finding in doctor["findings"]:
        by_problem.setdefault(finding["problem"], []).append(finding)
    rank = list(SEVERITIES)
    found = sorted(
        by_problem.items(),
        key=lambda pair: (min(_rank(f, rank) for f in pair[1]), -len(pair[1]), pair[0]),
    )
    made = [_trouble(problem, findings, rank) for problem, findings in found]
    made += [
        {
            "id": f"key:{candidate['key']}",
            "icon": "?",
            "look": "in-progress",
            "word": "may be a key",
            "title": f"{candidate['key']} may be the order's id",
            "count": "",
            "sentences": [candidate["sentence"]],
            "fixes": [candidate["fix"]],
        }
        for candidate in doctor["candidates"]
    ]
    return made


def _rank(finding: DoctorFinding, rank: Sequence[str]) -> int:
    return rank.index(finding["severity"]) if finding["severity"] in rank else len(rank)


def _trouble(problem: str, findings: list[DoctorFinding], rank: Sequence[str]) -> Trouble:
    worst = min(findings, key=lambda f: _rank(f, rank))
    icon, look, word = SEVERITIES.get(worst["severity"], SEVERITIES["info"])
    sentences = [f["sentence"] for f in findings[:MOST_SENTENCES]]
    if len(findings) > MOST_SENTENCES:
        sentences.append(f"and {formats.number(len(findings) - MOST_SENTENCES)} more services")
    count = len({finding["service"] for finding in findings})
    return {
        "id": problem,
        "icon": icon,
        "look": look,
        "word": word,
        "title": TITLES.get(problem, problem.replace("_", " ")),
        "count": f"{formats.number(count)} service{'s' * (count != 1)}",
        "sentences": sentences,
        "fixes": list(dict.fromkeys(finding["fix"] for finding in findings))[:4],
    }


def first_steps(summary: Summary, doctor: Doctor | None) -> list[Item]:
    """From the first span to the first verdict; the first that isn't done is what to do now."""
    keyless = {
        finding["service"]
        for finding in (doctor["findings"] if doctor else [])
        if finding["problem"] == "no_order_key" and finding["severity"] == "error"
    }
    seen = set(doctor["services"]) if doctor else set()
    orders = sum(sum(w["orders"].values()) for w in summary["workflows"] if not w["trivial"])
    judged = summary["judged"]["model_at"] is not None and any(
        summary["orders"][state] for state in ("completed", "stuck", "in_progress", "failed")
    )
    steps = (
        ("The collector answers", "This dashboard talks to it.", True),
        (
            "The first span arrives",
            f"{formats.number(summary['spans'])} spans of {summary['services']} services are "
            "stored."
            if summary["spans"]
            else "Point an exporter at it with the lines beside this.",
            summary["spans"] > 0,
        ),
        (
            "Spans carry an order's id",
            "One line in each service, where the id is known: order.id on the current span.",
            bool(seen - keyless),
        ),
        (
            "The first order is put together across services",
            f"{formats.number(orders)} orders so far." if orders else "It follows by itself.",
            orders > 0,
        ),
        (
            "Expectations are learned",
            "From the first 20 finished orders on it is known what should come next.",
            judged,
        ),
    )
    items: list[Item] = []
    waiting = False
    for title, text, done in steps:
        ok = done and not waiting
        items.append(
            {"state": "done" if ok else "later" if waiting else "now", "title": title, "text": text}
        )
        waiting = waiting or not done
    return items


def arrived(items: Sequence[Item]) -> bool:
    """Whether the first order is there: the checklist has done its work."""
    return all(item["state"] == "done" for item in items[:4])
