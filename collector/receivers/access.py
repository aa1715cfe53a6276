"""Who may send: one bearer token, compared in constant time."""

from __future__ import annotations

import hmac


def allowed(authorization: str | None, token: str | None) -> bool:
    """Whether an Authorization header carries the token; without a token everybody may."""
    if not token:
        return True
    scheme, _, given = (authorization or "").partition(" ")
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    return same and scheme.lower() == "bearer"
