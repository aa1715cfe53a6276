"""Which domain each node of the map belongs to, and the order of domains and nodes on the ring.

A service's domain is what it declares (`service.namespace`), else the first word of its name if
others share it, else the community it talks to most (Louvain, with a fixed seed). Topics and
databases go with the service that uses them most; parties outside are a group of their own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

from dashboard.records import MapEdge, MapNode

OUTSIDE = "outside"
MOST_FOR_COMMUNITIES = 2000
"""Above so many nameless services communities take longer than a page may."""


def grouped(nodes: Sequence[MapNode], edges: Sequence[MapEdge]) -> dict[str, str]:
    """The domain of every node, by its id."""
    found = {n["id"]: n["domain"] for n in nodes if n["domain"]}
    kinds = {n["id"]: n["kind"] for n in nodes}
    found |= {id_: OUTSIDE for id_, kind in kinds.items() if kind == "external"}
    bare = [n["id"] for n in nodes if n["kind"] == "service" and n["id"] not in found]
    first = {id_: re.split(r"[-_./: ]", id_, maxsplit=1)[0] for id_ in bare}
    shared = Counter([*first.values(), *found.values()])
    found |= {id_: word for id_, word in first.items() if word and shared[word] > 1}
    found |= _communities([id_ for id_ in bare if id_ not in found], edges)
    users: dict[str, Counter[str]] = defaultdict(Counter)
    for edge in edges:
        ends = edge["source"], edge["target"]
        for own, other in (ends, ends[::-1]):
            if own not in found and other in found:
                # who sends owns a topic rather than who reads it
                users[own][found[other]] += edge["calls"] * (2 if own == ends[1] else 1) + 1
    for id_ in kinds:
        if id_ not in found:
            most = users[id_].most_common()
            found[id_] = min(most, key=lambda pair: (-pair[1], pair[0]))[0] if most else OUTSIDE
    return found


def _communities(services: Sequence[str], edges: Sequence[MapEdge]) -> dict[str, str]:
    """Communities of services without any domain, each called after its busiest member."""
    if len(services) > MOST_FOR_COMMUNITIES:
        return dict.fromkeys(services, "others")
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(services))
    ends = set(services)
    through: dict[str, list[str]] = defaultdict(list)
    for edge in sorted(edges, key=lambda e: (e["source"], e["target"])):
        one, other = edge["source"], edge["target"]
        if one in ends and other in ends and one != other:
            _join(graph, one, other)
        elif one in ends or other in ends:
            through[other if one in ends else one].append(one if one in ends else other)
    for users in through.values():  # two services that share a topic
        for other in users[1:]:
            if other != users[0]:
                _join(graph, users[0], other)
    found: dict[str, str] = {}
    for part in nx.community.louvain_communities(graph, seed=1):
        name = min(part, key=lambda id_: (-graph.degree(id_), id_))
        found |= dict.fromkeys(part, name)
    return found


def _join(graph: nx.Graph[str], one: str, other: str) -> None:
    held = graph.get_edge_data(one, other, {"weight": 0})
    graph.add_edge(one, other, weight=held["weight"] + 1)


@dataclass(frozen=True)
class RingOrder:
    """The order of domains around the ring and of the nodes in each, with each node's domain."""

    domains: list[str] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)


def appended(
    before: RingOrder,
    homes: Mapping[str, str],
    links: Iterable[tuple[str, str]],
    declared: Collection[str] = (),
) -> RingOrder:
    """The order so far with what is new at its ends: what has a place keeps it.

    To begin with, domains with many links (pairs of nodes) between them become neighbours, and
    nodes lie by name. A node moves to the end of another domain only if that is `declared`: what
    was concluded depends on which part of the graph is asked for.
    """
    moved = {n for n in declared if before.homes.get(n, homes[n]) != homes[n]}
    homes = {n: before.homes.get(n, home) if n not in moved else home for n, home in homes.items()}
    new = sorted(n for n in homes if n not in before.homes or n in moved)
    if not new:
        return before
    members = {d: [n for n in list_ if n not in moved] for d, list_ in before.members.items()}
    for node in new:
        members.setdefault(homes[node], []).append(node)
    domains = [*before.domains]
    fresh = sorted(set(members) - set(domains))
    if fresh:
        between: Counter[tuple[str, str]] = Counter()
        for one, other in links:
            a, b = homes.get(one), homes.get(other)
            if a and b and a != b:
                between[a, b] += 1
                between[b, a] += 1
        domains = _chained(domains, fresh, between)
    return RingOrder(domains, members, {**before.homes, **homes})


def _chained(
    placed: list[str], fresh: Sequence[str], between: Mapping[tuple[str, str], int]
) -> list[str]:
    """Domains one after the other, each next to the one it has most links with."""
    order, rest = [*placed], [d for d in fresh if d not in placed]
    if not order and rest:
        total: Counter[str] = Counter()
        for (one, _), count in between.items():
            total[one] += count
        begin = min(rest, key=lambda d: (-total[d], d))
        rest.remove(begin)
        order.append(begin)
    while rest:
        last = order[-1]
        after = min(rest, key=lambda d: (-between.get((last, d), 0), d))
        rest.remove(after)
        order.append(after)
    return order
