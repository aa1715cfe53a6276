"""Who may ask: the API's side of `access`."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from collector.access import Access
from collector.api.problems import ProblemError

_UNCHANGING = ("GET", "HEAD", "OPTIONS")


def guard(access: Access) -> Callable[[Request], None]:
    """A dependency that lets through who may; raises ProblemError 401 or 403."""

    def allowed(request: Request) -> None:
        if not access.knows(request.headers.get("host")):
            raise ProblemError(
                403, "without a token this collector answers to localhost and addresses only"
            )
        given = request.headers.get("authorization")
        changes = request.method not in _UNCHANGING
        if changes and access.may_change(given):
            return
        if not access.may_ask(given):
            raise ProblemError(
                401,
                "this collector wants a token: Authorization: Bearer …",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if changes:
            raise ProblemError(403, "the read token only reads: to change flows takes `token`")

    return allowed
