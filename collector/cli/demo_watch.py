"""What becomes of the demo's orders, in a line whenever a cause appears or goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import httpx
from pydantic import ValidationError

from collector.api.models import Causes

_EVERY_S = 2.0


async def watch(collector_url: str, say: Callable[[str], None]) -> None:
    """Ask the collector until cancelled; `say` a sentence when a cause begins or ends."""
    known: dict[str, str] = {}
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while True:
            await asyncio.sleep(_EVERY_S)
            with contextlib.suppress(httpx.HTTPError, ValidationError):
                answer = await client.get(f"{collector_url}/api/v1/causes")
                if answer.is_success:
                    known = _told(Causes.model_validate_json(answer.content), known, say)


def _told(causes: Causes, known: dict[str, str], say: Callable[[str], None]) -> dict[str, str]:
    for cause in causes.causes:
        if cause.cause_id not in known:
            orders = f"{cause.orders:,} {'order' if cause.orders == 1 else 'orders'}"
            icon = "✕" if cause.state == "failed" else "◆"
            say(f"{icon} {orders} {cause.state}: {cause.sentence}")
    found = {cause.cause_id: cause.sentence for cause in causes.causes}
    for cause_id, sentence in known.items():
        if cause_id not in found:
            say(f"✓ cleared: {sentence}")
    return found
