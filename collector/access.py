"""Who may send, ask and change: bearer tokens, compared in constant time."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True)
class Access:
    """What the tokens allow; an empty one isn't set.

    `token` allows everything, `ingest_token` to send spans, `read_token` to ask. What no token
    guards, everybody may. Headers come as Latin-1 text, the way HTTP's libraries give them.
    """

    token: str = ""
    ingest_token: str = ""
    read_token: str = ""
    local_only: bool = False
    """Only this machine can reach us, so nobody calls us by another name than its own."""

    def may_send(self, authorization: str | None) -> bool:
        """Whether spans may be sent with this Authorization header."""
        return _carries(authorization, self.token, self.ingest_token)

    def may_ask(self, authorization: str | None) -> bool:
        """Whether questions may be asked with it."""
        return _carries(authorization, self.token, self.read_token)

    def may_change(self, authorization: str | None) -> bool:
        """Whether declared flows may be changed with it: where asking is guarded, by `token`."""
        if self.read_token and not self.token:
            return False
        return _carries(authorization, self.token)

    def knows(self, host: str | None) -> bool:
        """Whether a Host header can be meant for us.

        A web page may make a name of its own point to 127.0.0.1 and so let a browser ask a
        collector without a token (DNS rebinding); the Host header still has that name. Addresses,
        names without a dot and those below `.internal` (Docker's `host.docker.internal`) nobody
        can own.
        """
        return not self.local_only or host is None or not _may_be_owned(_without_port(host))


def is_local_name(name: str) -> bool:
    """Whether a name or address means this machine only."""
    name = name.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _may_be_owned(name: str) -> bool:
    name = name.lower().rstrip(".")
    if "." not in name or name.endswith((".localhost", ".internal")):
        return False
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return True
    return False


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and not port.endswith("]") else host


def _carries(authorization: str | None, *tokens: str) -> bool:
    wanted = [token.encode() for token in tokens if token]
    if not wanted:
        return True
    scheme, _, given = (authorization or "").partition(" ")
    told = given.strip().encode("latin-1", "replace")
    # Every token is compared, whichever fits: the time tells nothing.
    same = [hmac.compare_digest(told, token) for token in wanted]
    return any(same) and scheme.lower() == "bearer"
