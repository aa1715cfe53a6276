"""What of the service map is asked for: the parameters of its address, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.figures.ego import DEPTHS

KINDS = ("rpc", "messaging", "database")
LEVELS = ("services", "domains")
SHAPES = ("flow", "ring")
LEAST = (10, 100, 1_000, 10_000, 100_000)
"""Numbers of calls below which edges can be hidden."""


@dataclass(frozen=True)
class View:
    """A view of the map; every part of it is a parameter of the address.

    `level` is services or domains, `open` the one domain that is open, `focus` a node's id, `edge`
    an edge's, `depth` how many steps around `focus` are shown (0: the whole map), `shape` flow or
    ring (None: by size), `kinds` of edges that are shown, `least` calls they have, `q` a part of
    names to mark.
    """

    level: str = "services"
    open: str | None = None
    focus: str | None = None
    edge: str | None = None
    depth: int = 0
    shape: str | None = None
    kinds: tuple[str, ...] = KINDS
    failing: bool = False
    least: int = 0
    q: str = ""

    @property
    def filtered(self) -> bool:
        """Whether edges are hidden."""
        return self.kinds != KINDS or self.failing or self.least > 0


def view_of(parameters: Mapping[str, str]) -> View:
    """The view of an address; what isn't understood is left at its default.

    >>> view_of({"depth": "2", "focus": "a", "kind": "rpc", "level": "galaxy"}).kinds
    ('rpc',)
    """
    asked = set(parameters.get("kind", "").split(","))
    kinds = tuple(kind for kind in KINDS if kind in asked)
    focus = parameters.get("focus") or None
    depth = _whole(parameters.get("depth", ""))
    level, shape = parameters.get("level", ""), parameters.get("shape", "")
    return View(
        level=level if level in LEVELS else LEVELS[0],
        open=parameters.get("open") or None,
        focus=focus,
        edge=parameters.get("edge") or None,
        depth=depth if focus and depth in DEPTHS else 0,
        shape=shape if shape in SHAPES else None,
        kinds=kinds or KINDS,
        failing=parameters.get("failing") == "1",
        least=_whole(parameters.get("min", "")),
        q=parameters.get("q", ""),
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
