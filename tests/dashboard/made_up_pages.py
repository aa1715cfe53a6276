"""Made-up answers for the pages of one service, of the model and of health."""

from __future__ import annotations

from typing import Any

from tests.dashboard.made_up import CHAIN, Record, Scene, text_of
from tests.dashboard.made_up_map import fulfilment_map

QUANTILES = {"p50_ms": 12.0, "p95_ms": 80.0, "p99_ms": 410.0}


def service_rows(scene: Scene) -> list[Record]:
    names = [scene.maker.service(name) for name, *_ in CHAIN if scene.orders]
    return [
        {
            "service": name,
            "domain": "fulfilment",
            "first_seen_at": text_of(scene.now - 3600),
            "last_seen_at": text_of(scene.now - (276 if name.endswith("cd") else 4)),
            "spans": 4000,
            "calls_in": 600,
            "calls_out": 1200,
            "errors": 7,
            "stuck_orders": 40 if name.endswith("cd") else 0,
            "versions": ["1.4.1", "1.4.2"],
            "clock_offset_s": 2.5 if name.endswith("stock") else 0.0,
            "clock_width_s": 0.1,
        }
        for name in names
    ]


def service(scene: Scene, name: str) -> Record | None:
    row = next((row for row in service_rows(scene) if row["service"] == name), None)
    if row is None:
        return None
    drawn = fulfilment_map(scene)
    edges = [edge for edge in drawn["edges"] if name in {edge["source"], edge["target"]}]
    waiting = [o for o in scene.orders.values() if o["owed"] and o["owed"][0]["service"] == name]
    points = [
        {
            "t": text_of(scene.now - 3600 + minute * 60),
            "runs": 0 if name.endswith("cd") and minute > 54 else 11,
            "errors": int(minute % 20 == 7),
        }
        | (QUANTILES if not (name.endswith("cd") and minute > 54) else dict.fromkeys(QUANTILES))
        for minute in range(60)
    ]
    step = scene.maker.step([n for n, *_ in CHAIN].index(name.rpartition("-")[2]))
    _, role, operation = (
        step.removeprefix(name).partition(" ")[0],
        *step[len(name) + 1 :].split(" ", 1),
    )
    return row | {
        "as_of": text_of(scene.now),
        "steps": [step],
        "callers": [edge["source"] for edge in edges if edge["target"] == name],
        "callees": [edge["target"] for edge in edges if edge["source"] == name],
        "edges": edges,
        "work": [
            {
                "step": step,
                "role": role,
                "operation": operation,
                "runs": 590,
                "errors": 3,
                "last_at": text_of(scene.now - 4),
            }
            | QUANTILES
        ],
        "interval_s": 60,
        "series": points,
        "durations": [
            {"from_ms": 8 * 2**at, "to_ms": 16 * 2**at, "runs": 100 * (3 - abs(2 - at))}
            for at in range(5)
        ],
        "runs": 590,
        "run_errors": 3,
        **QUANTILES,
        "broker": {"messages": 590, "last_at": text_of(scene.now - 276)} | QUANTILES,
        "waiting": len(waiting),
        "late": sum(o["owed"][0]["late"] for o in waiting),
        "oldest_since": min((o["owed"][0]["since"] for o in waiting), default=None),
        "owed": [
            {name_: o[name_] for name_ in ("workflow", "order_id", "state")}
            | {n: o["owed"][0][n] for n in ("step", "after", "since", "late", "diagnosis")}
            for o in waiting[:12]
        ],
        "instances": [
            {
                "instance": f"{name}-7d9f",
                "version": "1.4.2",
                "spans": 4000,
                "first_seen_at": text_of(scene.now - 3600),
                "last_seen_at": text_of(scene.now - 4),
            }
        ],
    }


def expectations(scene: Scene, _asked: Any) -> Record:
    """A chain with a choice behind payment, and an undo that is proposed."""
    maker = scene.maker
    rules: list[Record] = []
    for at in range(len(CHAIN) - 1):
        own, topic = maker.service(CHAIN[at][0]), maker.topic(CHAIN[at][3])
        sent = f"{own} send {topic}"
        other = f"{own} send {maker.topic('payment.declined')}"
        choice = [sent, other] if CHAIN[at][0] == "payment" else [sent]
        rules.append(rule(scene, [maker.step(at)], choice))
        rules.append(rule(scene, [sent], [maker.step(at + 1)]))
    cold = scene.kind in {"cold", "empty"}
    undo = f"{maker.service('payment')} serve POST /refunds"
    return {
        "model_at": None if cold else text_of(scene.now - 40),
        "mature_orders": 0 if cold else 600,
        "expectations": scene.declared() if cold else rules,
        "proposals": []
        if cold
        else [
            {
                "workflow": maker.workflow,
                "step": undo,
                "compensates": maker.step(1),
                "why": "refund… undoes pay…",
                "seen": 12,
                "of": 12,
            }
        ],
        "drifts": [
            {
                "workflow": maker.workflow,
                "rule": rules[-1]["rule"],
                "after": rules[-1]["after"],
                "step": f"{maker.service('labels')} process {maker.topic('label.printed')}",
                "since": text_of(scene.now - 300),
            }
        ]
        if scene.kind == "hostile"
        else [],
    }


def rule(scene: Scene, requires: list[str], any_of: list[str]) -> Record:
    ways = []
    for at, step in enumerate(any_of):
        role = " send " if " send " in step else " process "
        service, _, operation = step.rpartition(role)
        ways.append(
            {
                "step": step,
                "service": service,
                "role": role.strip(),
                "operation": operation,
                "destination": operation,
                "share": [1.0, 0.0][at] if len(any_of) < 2 else [0.94, 0.06][at],
            }
        )
    return {
        "workflow": scene.maker.workflow,
        "rule": " ".join([*requires, *any_of]),
        "requires": requires,
        "any_of": ways,
        "handover": [],
        "after": (requires or any_of)[-1],
        "step": any_of[0],
        "service": ways[0]["service"],
        "destination": ways[0]["destination"],
        "source": "declared" if len(any_of) > 1 else "learned",
        "share": 1.0,
        "seen": 600,
        "of": 600,
        "median_s": 0.012,
        "p99_s": 2.1,
        "limit_s": 8.4,
        "within_s": None,
        "critical": True,
        "compensates": [],
        "valid_from": None,
        "last_kept_at": text_of(scene.now - 20),
        "text": f"After {' and '.join(requires)} comes {' or '.join(any_of)}.",
    }


def doctor(scene: Scene, _asked: Any) -> Record:
    names = [row["service"] for row in service_rows(scene)]
    told = (
        (
            "no_order_key",
            "error",
            "100 % of {}'s requests and messages belong to no order",
            "line 1",
        ),
        ("old_names", "info", "{} uses old attribute names", "OTEL_SEMCONV_STABILITY_OPT_IN=http"),
    )
    findings = [
        {
            "service": name,
            "problem": problem,
            "severity": severity,
            "sentence": sentence.format(name),
            "share": 1.0,
            "examples": [],
            "fix": fix,
        }
        for name in names[:2]
        for problem, severity, sentence, fix in told
    ]
    return {
        "as_of": text_of(scene.now),
        "spans": 2000 if names else 0,
        "services": names,
        "findings": findings,
        "candidates": [],
    }


def collector(scene: Scene, _asked: Any) -> Record:
    return {
        "as_of": text_of(scene.now),
        "version": "0.0.0",
        "troubles": ["can't store: disk full"] if scene.kind == "hostile" else [],
        "accepted": 12_000,
        "refused": {"overload": 0},
        "spans_per_s": 12.4,
        "queue_bytes": 1_200_000,
        "queue_limit_bytes": 268_435_456,
        "disk_bytes": 155_000_000,
        "disk_free_bytes": 80_000_000_000,
        "retention_days": 30.0,
        "oldest_at": text_of(scene.now - 3600) if scene.orders else None,
    }


def flows(scene: Scene, _asked: Any) -> Record:
    own = {"workflow": scene.maker.workflow, "file": "order.yaml", "rules": 1, "faults": []}
    return {"folder": "/flows", "flows": [own] if scene.orders else []}
