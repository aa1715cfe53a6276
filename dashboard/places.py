"""Where things lie on the map's ring, for all sessions of this process."""

from __future__ import annotations

import threading

from dashboard.figures.domains import RingOrder, appended, grouped
from dashboard.records import Map

MOST_PLACES = 50_000
"""Nodes whose places on the map are held; with more (names that never end) all begin anew."""


class Places:
    """Where domains and nodes lie on the ring, for all sessions: what has a place keeps it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._order = RingOrder()

    def of(self, given: Map) -> RingOrder:
        """The order of domains and nodes, with what is new in `given` at its end."""
        homes = grouped(given["nodes"], given["edges"])
        links = ((edge["source"], edge["target"]) for edge in given["edges"])
        with self._lock:
            if len(self._order.homes) > MOST_PLACES:
                self._order = RingOrder()
            declared = {node["id"] for node in given["nodes"] if node["domain"]}
            self._order = appended(self._order, homes, links, declared)
            return self._order
