"""The head of an order: way back, state, why, what its cause is known by, its traces elsewhere."""

from __future__ import annotations

from dashboard import backends, data
from dashboard.components.details import Crumb, Evidence, FactLink, Sentence, TraceLinks, headline
from dashboard.figures import formats, palette
from dashboard.links import link
from dashboard.records import Cause, Order

MOST_TRACES = 50
MOST_EVIDENCE = 4
HINT = (
    "Set trace_url (CHOREOSCOPE_TRACE_URL), and these open in Jaeger, Zipkin or Grafana: "
    "Jaeger=http://jaeger:16686/trace/{trace_id}"
)


def head(order: Order) -> None:
    """Way back, id, state, and the sentences."""
    look = palette.order_look(order["state"], order["verdict"])
    since = formats.seconds_between(order["state_since"], order["as_of"])
    waits = order["state"] in {"stuck", "in_progress", "compensating"}
    text = f"{look.word} for {formats.age(max(since, 0))}" if waits else look.word
    cause = cause_of(order)
    traces = trace_links(order)
    more = len(order["traces"]) - len(traces)
    hint = "" if backends.configured() else HINT
    headline(
        "headline",
        crumbs=crumbs(order, look.word),
        title=order["order_id"],
        badge={"icon": look.icon, "text": text, "look": palette.token(look)},
        sentences=sentences(order),
        loud=order["state"] in {"stuck", "failed"},
        facts_line=facts_line(order),
        evidence=evidence(cause) if cause else [],
        links=why_links(order, cause),
        traces=traces,
        hint=f"And {formats.number(more)} more. {hint}".strip() if more > 0 else hint,
    )


def crumbs(order: Order, word: str) -> list[Crumb]:
    """Orders, those of this state, those of this cause."""
    workflow, state = order["workflow"], order["state"]
    found: list[Crumb] = [
        {"text": "Orders", "href": link("orders", workflow=workflow)},
        {"text": word, "href": link("orders", workflow=workflow, state=state)},
    ]
    if order["cause_id"]:
        said = formats.shortened(sentence_parts(order["sentence"])["head"], 70)
        href = link("orders", workflow=workflow, cause=order["cause_id"])
        found.append({"text": said, "href": href})
    return found


def cause_of(order: Order) -> Cause | None:
    """What the order's cause is known by; None without one, or when it is over."""
    if not order["cause_id"]:
        return None
    answer = data.causes(order["workflow"]).value
    known = answer["causes"] if answer else []
    return next((c for c in known if c["cause_id"] == order["cause_id"]), None)


def evidence(cause: Cause) -> list[Evidence]:
    """What orders of this cause share and others don't; the deploy that coincides."""
    found: list[Evidence] = []
    if shared := cause["contrast"][:MOST_EVIDENCE]:
        found.append({"name": "What they share", "text": "; and ".join(shared)})
    if deploy := cause["deploy"]:
        when = formats.stamp(deploy["first_seen_at"])
        found.append(
            {
                "name": "Deploy",
                "text": f"{deploy['service']} {deploy['version']} was first seen {when} UTC, "
                "when this began",
            }
        )
    if below := cause["downstream"]:
        said = ", ".join(below[:3]) + (f" and {len(below) - 3} more" if len(below) > 3 else "")
        found.append({"name": "Held up behind it", "text": said})
    return found


def why_links(order: Order, cause: Cause | None) -> list[FactLink]:
    """From the sentence to its rule, to the others that wait, and to the place on the map."""
    workflow = order["workflow"]
    held = [owed for owed in order["owed"] if owed["late"]] or order["owed"]
    found: list[FactLink] = []
    if held and order["state"] not in {"completed", "compensated"}:
        rule = link("model", workflow=workflow, step=held[0]["step"])
        found.append({"text": "The rule behind this", "href": rule})
    if cause and cause["orders"] > 1:
        orders = link("orders", workflow=workflow, cause=cause["cause_id"])
        found.append(
            {"text": f"All {formats.number(cause['orders'])} orders of this cause", "href": orders}
        )
    if order["state"] in {"stuck", "failed"}:
        on_map = link("map", workflow=workflow, focus=order["service"])
        found.append({"text": "On the map", "href": on_map})
    return found


def trace_links(order: Order) -> list[TraceLinks]:
    """The order's traces with where they open elsewhere."""
    known = backends.configured()
    return [
        {
            "id": trace["trace_id"],
            "text": f"{formats.number(trace['span_count'])} spans, "
            + formats.shortened(", ".join(trace["services"]), 60),
            "addresses": [
                {"name": backend.name, "url": backend.address(trace["trace_id"])}
                for backend in known
            ],
        }
        for trace in order["traces"][:MOST_TRACES]
    ]


def facts_line(order: Order) -> str:
    """The small print under the sentence."""
    traces, verdict = order["trace_count"], order["verdict"].replace("_", " ")
    took = formats.seconds_between(order["started_at"], order["last_seen_at"])
    parts = [
        f"workflow {order['workflow']}",
        f"started {formats.stamp(order['started_at'])} UTC",
        f"last seen {formats.clock(order['last_seen_at'])}, {formats.duration(max(took, 0))} later",
        f"{formats.number(order['span_count'])} spans in {traces} trace{'s' * (traces != 1)}",
    ]
    return " · ".join([*parts, f"verdict {verdict}"] if verdict else parts)


def sentences(order: Order) -> list[Sentence]:
    """What holds the order up, step by step; the order's own sentence unless a step says it too."""
    late = [sentence_parts(owed["sentence"]) for owed in order["owed"] if owed["late"]]
    own = sentence_parts(order["sentence"])
    said = late if own["head"] in {parts["head"] for parts in late} else [own, *late]
    return [parts for parts in said if parts["head"]]


def sentence_parts(sentence: str) -> Sentence:
    """A sentence in two: what happened, and the evidence after the first colon or semicolon."""
    ends = [at for mark in (": ", "; ") if (at := sentence.find(mark)) >= 0]
    end = min(ends, default=len(sentence))
    return {"head": sentence[:end], "tail": sentence[end:]}
