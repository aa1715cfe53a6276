"""Who may send and ask: one bearer token, compared in constant time."""

from __future__ import annotations

import hmac


def allowed(authorization: str | None, token: str | None) -> bool:
    """Whether an Authorization header (as Latin-1 text, the way HTTP's libraries give it) carries
    the token; without a token everybody may.
    """
    if not token:
        return True
    scheme, _, given = (authorization or "").partition(" ")
    same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), token.encode())
    return same and scheme.lower() == "bearer"
