"""Sockets, TLS and the HTTP server: what stands between the network and the application."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from collector.ending import STOP_S

MAX_HEAD_BYTES = 64 * 1024
_HEAD_PATIENCE_S = 30.0
# Longer than exporters pause between two batches (5 s): a connection that closes just when a
# request comes fails that request.
_KEEP_ALIVE_S = 75


class CannotListen(Exception):  # noqa: N818
    """An address can't be had; the message says which one and by what setting it is changed."""


def listener(host: str, port: int, setting: str) -> socket.socket:
    """A socket that listens; raises CannotListen, which names the setting."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        number = error.errno or 0  # names that can't be resolved have negative ones
        reason = os.strerror(number).lower() if number > 0 else str(error.strerror or error)
        raise CannotListen(
            f"can't listen on {address(host, port)}: {reason} "
            f"(setting {setting}, flag --{setting.replace('_', '-')})"
        ) from None


def address(host: str, port: int) -> str:
    """Host and port as one text."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def certificate(chain: Path | None, key: Path | None) -> tuple[bytes, bytes] | None:
    """The chain and its key, both in PEM; None without. Raises CannotListen when they don't fit."""
    if chain is None or key is None:
        return None
    try:
        # gRPC would say nothing of what is wrong.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key)
        return chain.read_bytes(), key.read_bytes()
    except OSError as error:  # ssl.SSLError is one
        raise CannotListen(f"can't use tls_cert {chain} with tls_key {key}: {error}") from None


def http_server(app: FastAPI | ASGIApp, **more: Any) -> HttpServer:
    """A server for the application, with the limits that hold before it is asked."""
    return HttpServer(
        uvicorn.Config(
            app,
            http=_LimitedHttp,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=int(STOP_S),
            **more,
        )
    )


class HeadAsGet:
    """Answers HEAD wherever GET is answered, as HTTP wants it; the server leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on every request, a HEAD as a GET."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


class HttpServer(uvicorn.Server):
    """Uvicorn, but signals are ours: its own handling would end the process before we commit."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    def stop(self) -> None:
        """Take no more, finish what is under way."""
        self.should_exit = True


class _HeadTooLarge(Exception):  # noqa: N818
    """Ends the parsing of a request."""


class _LimitedHttp(HttpToolsProtocol):
    """A connection whose requests have heads of bounded size that come in bounded time."""

    _head_bytes = 0  # of URL and headers that are whole
    _coming_bytes = 0  # of the head, as they came
    _in_head = True
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hurry_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._coming_bytes += len(data)
            if self._coming_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self._refuse_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = self._coming_bytes = 0
        self._hurry()

    def on_url(self, url: bytes) -> None:
        self._head_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._hurry_no_more()
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()
            raise _HeadTooLarge
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _hurry(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(_HEAD_PATIENCE_S, self.timeout_keep_alive_handler)

    def _hurry_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse_head(self) -> None:
        message = b"The request's head is too large."
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
            b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(message), message)
        )
        self.transport.close()
