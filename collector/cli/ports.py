"""Ports of this machine: which are taken, told before anything is started."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import ExitStack

from collector.cli import Failure

HOST = "127.0.0.1"


def claim(wanted: Mapping[str, tuple[str, int]]) -> dict[str, int]:
    """The port for each flag, `wanted` as {flag: (what it is for, port)}; 0 becomes a free one.

    Raises Failure for the first one that is taken, naming the flag that changes it.
    """
    found: dict[str, int] = {}
    with ExitStack() as held:  # all at once, so that no two get the same
        for flag, (purpose, port) in wanted.items():
            if port and port in found.values():
                raise Failure(f"{flag} is {port}, but another flag names that port, too", 2)
            try:
                listener = held.enter_context(socket.create_server((HOST, port)))
            except OSError as error:
                reason = os.strerror(error.errno or 0).lower()
                raise Failure(
                    f"port {port} for {purpose} can't be had: {reason}; "
                    f"end what uses it, or choose another with {flag}"
                ) from None
            found[flag] = listener.getsockname()[1]
    return found
