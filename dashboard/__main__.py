"""`python -m dashboard`: serves the dashboard."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Sequence

from dashboard.server import serve

PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends, however that ends (Linux only)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # the parent ended before the call
        raise SystemExit(0)


def main(
    host: str = "127.0.0.1",
    port: int = 8501,
    collector: str | None = None,
    with_parent: bool = False,
) -> None:
    """Serve the dashboard on `host:port` for the collector at that URL until it is told to end.

    Without `collector`, CHOREOSCOPE_COLLECTOR or http://127.0.0.1:4318 is asked.
    """
    if with_parent:
        die_with_parent()
    serve(host, port, collector)


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="dashboard", description="Serve the dashboard.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8501, help="port to listen on; 0 takes any")
    parser.add_argument("--collector", metavar="URL", help="where the collector answers")
    parser.add_argument("--die-with-parent", action="store_true", help="end when the parent ends")
    return parser.parse_args(given)


if __name__ == "__main__":
    asked = arguments()
    main(asked.host, asked.port, asked.collector, asked.die_with_parent)
