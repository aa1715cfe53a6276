"""What the demo prints: one readable line per important event on stdout, and no more."""

import logging
import sys

_TALKATIVE = ("opentelemetry", "nats", "httpx", "httpcore", "asyncio", "urllib3")
"""Their warnings repeat what the demo says once and shortly (see `telemetry.Outbox`)."""


def open_journal() -> None:
    """Send the demo's own events to stdout; of everybody else only errors, to stderr."""
    events = logging.StreamHandler(sys.stdout)
    events.setFormatter(logging.Formatter("%(asctime)s demo: %(message)s", "%H:%M:%S"))
    ours = logging.getLogger("demo_services")
    ours.addHandler(events)
    ours.setLevel(logging.INFO)
    ours.propagate = False
    logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(name)s: %(message)s")
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
