"""Edges gone silent: they had calls, and have had none for much longer than usual."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.records import MapEdge

GAPS = 12.0
"""An edge is silent after so many of its usual gaps: by chance that happens once in 160 000."""
LEAST_S = 60.0
"""No edge is silent sooner: exporters are late, too."""
FEW = 3
"""With fewer calls nobody knows what is usual."""


def silent_for(edges: Sequence[MapEdge], span_s: float | None) -> NDArray[np.float64]:
    """Seconds that each edge has been silent, 0 for those that aren't.

    Measured against the latest call on the whole map, so that telemetry that stopped as a whole
    makes nobody silent. `span_s` is the time that the calls were counted over; None is as long as
    the edges' last calls are apart.
    """
    if not edges:
        return np.zeros(0)
    last = np.array([edge["last_seen_at"].rstrip("Z") for edge in edges], "datetime64[ns]")
    ago = (last.max() - last) / np.timedelta64(1, "s")
    calls = np.array([edge["calls"] for edge in edges], float)
    span = span_s if span_s is not None else float(ago.max())
    usual = np.maximum(span - ago, 1.0) / np.maximum(calls, 1.0)
    silent = (ago > np.maximum(LEAST_S, GAPS * usual)) & (calls >= FEW)
    return np.where(silent | (calls == 0), ago, 0.0)
