"""Login by OpenID Connect, where a file demands it. Streamlit talks to the provider.

The file is TOML: an `[auth]` table as Streamlit documents it, and maybe `[login]` with `allow`,
the addresses (`ann@example.com`) or domains (`@example.com`) that may come in.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")


def file() -> Path | None:
    """The file that demands a login; None where nobody has to."""
    named = os.environ.get("CHOREOSCOPE_DASHBOARD_LOGIN")
    return Path(named) if named else None


def check(path: Path) -> None:
    """Raises SystemExit with a sentence when nobody could log in by this file."""
    try:
        with path.open("rb") as opened:
            auth = tomllib.load(opened).get("auth")
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SystemExit(f"dashboard: login: {path}: {error}") from error
    if not isinstance(auth, dict):
        raise SystemExit(f"dashboard: login: {path} has no table [auth]")
    named = [auth, *(value for value in auth.values() if isinstance(value, dict))]
    missing = [key for key in NEEDED if not any(key in table for table in named)]
    if missing:
        raise SystemExit(f"dashboard: login: {path}: [auth] lacks {', '.join(missing)}")
    if find_spec("authlib") is None:
        raise SystemExit("dashboard: login needs Authlib: pip install 'choreoscope[login]'")


def allowed(email: str | None, allow: Sequence[str]) -> bool:
    """Whether an address may come in; without a list every one that the provider knows.

    >>> allowed("Ann@Example.com", ["@example.com"])
    True
    """
    if not allow:
        return True
    address = (email or "").lower()
    known = [entry.lower() for entry in allow]
    return any(address.endswith(e) if e.startswith("@") else address == e for e in known if e)
