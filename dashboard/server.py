"""Starts Streamlit for the dashboard: theme, address, life time; from any directory."""

from __future__ import annotations

import os
import socket
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard import login

if TYPE_CHECKING:
    from streamlit.starlette import App

ROOM = Path(__file__).parent
PAGES = ("/", "/orders", "/order", "/map", "/service", "/model", "/health", "/demo")
"""Addresses that get the page; Streamlit decides then whether there is such a page."""
GRACE_S = 1
"""How long open pages may hold up the end: their sockets never close by themselves."""


def options(host: str, port: int) -> dict[str, Any]:
    """Streamlit's settings as dotted names, from theme.toml."""
    with (ROOM / "theme.toml").open("rb") as file:
        settings = flat(tomllib.load(file))
    asked = login.file()
    if asked is not None:
        settings["secrets.files"] = [str(asked)]
    return {**settings, "server.address": host, "server.port": port}


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as one level of dotted names; lists stay as they are.

    >>> flat({"theme": {"dark": {"textColor": "#FFF"}}})
    {'theme.dark.textColor': '#FFF'}
    """
    found: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found.update(flat(value, f"{prefix}{name}."))
        else:
            found[prefix + name] = value
    return found


def bound(host: str, port: int) -> socket.socket:
    """The listening socket; raises SystemExit with a sentence when the address isn't to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SystemExit(f"dashboard: can't listen on {host}:{port}: {error.strerror}") from error
    listener.listen(128)
    return listener


def application() -> App:
    """The ASGI application: Streamlit's own routes, and `/healthz` for probes."""
    from starlette.requests import Request  # noqa: PLC0415 (only after the settings are loaded)
    from starlette.responses import HTMLResponse, JSONResponse  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415
    from streamlit.starlette import App  # noqa: PLC0415

    from dashboard.shell import page_html  # noqa: PLC0415

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    html = page_html()

    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    pages = [Route(path, page) for path in PAGES]
    return App(ROOM / "app.py", routes=[Route("/healthz", healthz), *pages])


def serve(host: str, port: int, collector: str | None) -> None:
    """Serve the dashboard until SIGTERM or Ctrl-C; both end it within about two seconds."""
    if collector:
        os.environ["CHOREOSCOPE_COLLECTOR"] = collector
    asked = login.file()
    if asked is not None:
        login.check(asked)
    listener = bound(host, port)
    import uvicorn  # noqa: PLC0415
    from streamlit import config  # noqa: PLC0415
    from streamlit.web import bootstrap  # noqa: PLC0415

    port = listener.getsockname()[1]
    app = application()
    bootstrap.load_config_options(options(host, port))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_per_message_deflate=bool(config.get_option("server.enableWebsocketCompression")),
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    shown = f"[{host}]" if ":" in host else host
    print(f"dashboard: http://{shown}:{port}", flush=True)
    server.run(sockets=[listener])
