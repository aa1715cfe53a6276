"""Made-up service maps: the fulfilment chain, and a large one by chance."""

from __future__ import annotations

import random
from typing import Any

from tests.dashboard.made_up import CHAIN, Record, Scene, text_of


def node(name: str, kind: str, domain: str, own: str | None = None, stuck: int = 0) -> Record:
    return {
        "id": own or name,
        "name": name,
        "kind": kind,
        "domain": domain,
        "stuck_orders": stuck,
    }


def edge(source: str, target: str, kind: str, calls: int, **more: Any) -> Record:
    return {
        "source": source,
        "target": target,
        "kind": kind,
        "calls": calls,
        "errors": 0,
        "p50_ms": 12.0,
        "p95_ms": 48.0,
        "p99_ms": 130.0,
        "stuck_orders": 0,
        "last_seen_at": text_of(1_700_000_000),
        **more,
    }


def fulfilment_map(scene: Scene) -> Record:
    if not scene.orders:
        return {"nodes": [], "edges": []}
    if scene.kind == "large":
        return large_map()
    stuck = scene.counts(list(scene.orders.values()))["stuck"]
    service, topic = scene.maker.service, scene.maker.topic
    nodes = [node("shop-web", "service", "shop"), node("psp-gateway", "external", "")]
    edges = [
        edge("shop-web", service("checkout"), "rpc", 660),
        edge(service("payment"), "psp-gateway", "rpc", 650, errors=48),
    ]
    for at, (name, _, _, sent) in enumerate(CHAIN):
        waiting = stuck if name == "cd" else 0
        topic_id = f"topic:{topic(sent)}"
        nodes.append(node(service(name), "service", "fulfilment", stuck=waiting))
        nodes.append(node(topic(sent), "topic", "fulfilment", topic_id))
        edges.append(edge(service(name), topic_id, "messaging", 640 - 8 * at))
        if at + 1 < len(CHAIN):
            after = service(CHAIN[at + 1][0])
            held = stuck if sent == "stock.reserved" else 0
            edges.append(edge(topic_id, after, "messaging", 640 - 8 * at, stuck_orders=held))
    for name in ("payment", "stock", "invoice"):
        database = f"db:sqlite:/{name}.db"
        nodes.append(node(f"{name}.db", "database", "fulfilment", database))
        edges.append(edge(service(name), database, "database", 1200))
    return {"nodes": nodes, "edges": edges}


def large_map(size: int = 200) -> Record:
    chance = random.Random(3)
    domains = ["catalog", "checkout", "payments", "shipping", "search", "loyalty", "media", "risk"]
    nodes = [
        node(f"{domains[n % 8]}-{n}", "service" if n % 7 else "topic", domains[n % 8])
        for n in range(size)
    ]
    edges = {}
    for _ in range(size * 3):
        one, other = chance.choice(nodes), chance.choice(nodes)
        kinds = {one["kind"], other["kind"]}
        if one is not other and kinds != {"topic"}:
            ends = one["id"], other["id"]
            kind = "messaging" if "topic" in kinds else "rpc"
            errors = chance.choice([0] * 30 + [900])
            edges[ends] = edge(*ends, kind, chance.randint(5, 9000), errors=errors)
    return {"nodes": nodes, "edges": list(edges.values())}
