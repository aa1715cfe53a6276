"""What several records are made of."""

from __future__ import annotations

Time = str
"""RFC 3339 in UTC."""
OrderCounts = dict[str, int]
"""Orders by state."""
