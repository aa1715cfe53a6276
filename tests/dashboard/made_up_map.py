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


def answered_map(scene: Scene, asked: Record) -> Record:
    """What the API answers to `map`."""
    if scene.kind.startswith("map-"):
        minutes = asked.get("from", "") if "to" in asked else ""
        return sized_map(int(scene.kind.removeprefix("map-")), minutes)
    return fulfilment_map(scene)


def fulfilment_map(scene: Scene) -> Record:
    if not scene.orders:
        return {"nodes": [], "edges": []}
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


DOMAINS = (
    *("checkout", "payments", "catalog", "shipping", "search", "identity", "inventory", "fraud"),
    *("notifications", "returns", "loyalty", "pricing", "media", "partners", "content", "support"),
    *("billing", "analytics", "subscriptions", "risk", "recommend", "ads", "geo", "tax"),
    *("warehouse", "cart", "reviews", "messaging", "scheduling", "ledger", "export", "gateway"),
)
PARTS = (
    *("api", "worker", "store", "gateway", "router", "engine", "cache", "planner", "projector"),
    *("sync", "saga", "validator", "adapter", "svc"),
)
EVENTS = ("placed", "reserved", "settled", "expired", "updated", "shipped")


def sized_map(services: int, minutes: str = "") -> Record:
    """As many services as asked for, in domains of unlike sizes, with hubs, and a topic for seven.

    Inside a domain a new service calls those that are called a lot already; every fifth edge goes
    to another domain. With `minutes`, a name for a few of the hour, a part of the calls alone.
    """
    chance = random.Random(5)
    count = max(2, min(len(DOMAINS), round(services**0.5)))
    domains = DOMAINS[:count]
    shares = [1 / (at + 1.6) ** 0.8 for at in range(count)]
    inside: dict[str, list[str]] = {domain: [] for domain in domains}
    called: dict[str, list[str]] = {domain: [] for domain in domains}
    nodes, edges = [], {}

    def add(source: str, target: str, kind: str) -> None:
        if source != target:
            rate = int(chance.paretovariate(0.7) * 12)
            failing = chance.random() < 0.02
            errors = int(rate * chance.uniform(0.02, 0.4)) if failing else 0
            edges[source, target] = edge(source, target, kind, rate, errors=errors)

    for at in range(services):
        domain = domains[at] if at < count else chance.choices(domains, shares)[0]
        own = inside[domain]
        part = PARTS[len(own) % len(PARTS)]
        name = f"{domain}-{part}" + (f"-{len(own) // len(PARTS) + 1}" if len(own) >= 14 else "")
        nodes.append(node(name, "service", domain))
        for _ in range(chance.choice((1, 2, 3, 3, 4))):
            home = domain if chance.random() < 0.8 else chance.choice(domains)
            if called[home]:
                target = chance.choice(called[home])
                add(name, target, "rpc")
                called[home].append(target)
        own.append(name)
        called[domain].append(name)
    for at in range(services // 7):
        domain = chance.choices(domains, shares)[0]
        name = f"{domain}.{chance.choice(EVENTS)}.{at}"
        nodes.append(node(name, "topic", "", f"topic:{name}"))
        for _ in range(chance.choice((1, 1, 2))):
            add(chance.choice(inside[domain]), f"topic:{name}", "messaging")
        for _ in range(chance.choice((1, 2, 3, 6))):
            home = domain if chance.random() < 0.6 else chance.choice(domains)
            add(f"topic:{name}", chance.choice(inside[home]), "messaging")
    made = list(edges.values())
    for held in chance.sample(made, min(3, len(made))):
        held["stuck_orders"] = chance.randint(2, 60)
    for quiet in chance.sample(made, max(1, len(made) // 60)):
        quiet["last_seen_at"] = text_of(1_700_000_000 - chance.randint(600, 3000))
        quiet["calls"] = max(quiet["calls"], 400)
    if minutes:
        then = random.Random(minutes)
        made = [found for found in made if then.random() < 0.7]
        for found in made:
            found["calls"] = max(1, int(found["calls"] * then.random() / 6))
            found["errors"] = found["calls"] // 9 if then.random() < 0.03 else 0
    return {"nodes": nodes, "edges": made}
