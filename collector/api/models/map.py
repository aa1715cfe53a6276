"""Who calls whom?"""

from __future__ import annotations

from pydantic import BaseModel, Field

from collector.api.models.words import EdgeKind, NodeKind, Time


class MapNode(BaseModel):
    """A service, topic, database or outside party."""

    id: str
    name: str
    kind: NodeKind
    domain: str = Field(description="service.namespace, empty if unknown")
    stuck_orders: int = Field(description="orders whose owed step this service owes")


class MapEdge(BaseModel):
    """Who calls whom; a call through a topic is two edges."""

    source: str
    target: str
    kind: EdgeKind
    calls: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    stuck_orders: int
    last_seen_at: Time


class Map(BaseModel):
    """The service call graph."""

    nodes: list[MapNode]
    edges: list[MapEdge]
