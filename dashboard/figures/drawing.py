"""What the map component is given. Columns, not rows: 5,000 services stay well below 1 MB."""

from __future__ import annotations

from typing import NotRequired, TypedDict

SCHEMA = 2
NODE_KINDS = ("service", "topic", "database", "external", "domain")
EDGE_KINDS = ("rpc", "messaging", "database")


class Nodes(TypedDict):
    """A value a node in each column. `kind` is a place in NODE_KINDS, `domain` one in `domains`.

    `label` is empty where the name does, and so is `name` where the id does. A ring has `angle`
    (radians from the top, clockwise) and `radius` (of 1), a flow `x` and `y` in pixels.
    """

    id: list[str]
    name: list[str]
    label: list[str]
    kind: list[int]
    domain: list[int]
    count: list[int]
    angle: NotRequired[list[float]]
    radius: NotRequired[list[float]]
    x: NotRequired[list[float]]
    y: NotRequired[list[float]]


class Edges(TypedDict):
    """A value an edge in each column; ends are places in Nodes, `width` is a class from 0 to 2.

    A flow has `points` (cubic Bézier points, flat) and `badge` (where a mark sits).
    """

    source: list[int]
    target: list[int]
    kind: list[int]
    width: list[int]
    calls: list[int]
    errors: list[int]
    p95_ms: list[float]
    points: NotRequired[list[list[float]]]
    badge: NotRequired[list[list[float]]]


class DrawnArc(TypedDict):
    """A domain's arc of the ring; `domain` is a place in `domains`."""

    domain: int
    start: float
    end: float
    closed: bool
    count: int


class Caption(TypedDict):
    """The name over a part of the flow."""

    text: str
    x: float
    y: float


class Frame(TypedDict):
    """A few minutes of the past hour: the calls and errors of each edge that had any."""

    clock: str
    start: str
    end: str
    edge: list[int]
    calls: list[int]
    errors: list[int]


class Elsewhere(TypedDict):
    """What the view doesn't show, to be found all the same; a name that is empty is the id."""

    id: list[str]
    name: list[str]
    domain: list[str]


class DrawnMap(TypedDict):
    """Everything the component draws; sparse marks are pairs of a place and a value."""

    schema: int
    shape: str
    domains: list[str]
    nodes: Nodes
    edges: Edges
    stuck_nodes: list[list[int]]
    stuck_edges: list[list[int]]
    failing: list[int]
    silent: list[tuple[int, str]]
    filtered: bool
    arcs: list[DrawnArc]
    slot: float
    captions: list[Caption]
    box: list[float]
    left_out: int
    elsewhere: Elsewhere
