"""What should come next? The rules of the model in force."""

from __future__ import annotations

from collector.api.models import Expectation, Expectations
from collector.api.reader import Reader
from collector.api.times import rfc3339


def expectations(reader: Reader, *, workflow: str = "") -> Expectations:
    """The rules, by workflow and step."""
    model_at = reader.progress().model_at
    rows = reader.rows("expectations", {"workflow": workflow})
    mature = reader.rows("mature", {"workflow": workflow})[0]["mature_orders"]
    return Expectations(
        model_at=rfc3339(model_at) if model_at else None,
        mature_orders=mature or 0,
        expectations=[
            Expectation(**{**row, "destination": row["destination"] or None}) for row in rows
        ],
    )
