"""OTLP over gRPC: `TraceService/Export`, on bytes: the request is decoded once, by the check."""

from __future__ import annotations

import logging
from typing import Any

import grpc

from collector.access import Access
from collector.receivers import answers
from collector.receivers.answers import Failure
from collector.receivers.request import Door, Undecodable
from collector.writer import WriteError

_log = logging.getLogger(__name__)

MAX_METADATA_BYTES = 64 * 1024
_MAX_STREAMS = 1000  # requests at once on one connection
SERVICE = "opentelemetry.proto.collector.trace.v1.TraceService"


class GrpcReceiver:
    """A gRPC server for OTLP; start and stop it in the event loop that the writer's callers use."""

    def __init__(
        self,
        door: Door,
        address: str,
        *,
        access: Access,
        max_request_bytes: int,
        certificate: tuple[bytes, bytes] | None = None,
    ) -> None:
        """`certificate` is the chain and its key, both in PEM, for TLS."""
        self._door = door
        self._address = address
        self._access = access
        self._max_request_bytes = max_request_bytes
        self._certificate = certificate
        self._server: grpc.aio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen; afterwards `port` is the port. Raises OSError when the address is taken."""
        self._server = grpc.aio.server(
            options=[
                # Checked while a message is unpacked, too.
                ("grpc.max_receive_message_length", self._max_request_bytes),
                ("grpc.max_metadata_size", MAX_METADATA_BYTES),
                ("grpc.absolute_max_metadata_size", MAX_METADATA_BYTES),
                ("grpc.max_concurrent_streams", _MAX_STREAMS),
                # Without this a second collector could take half of the requests unseen.
                ("grpc.so_reuseport", 0),
            ]
        )
        handler = grpc.unary_unary_rpc_method_handler(self._export)
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, {"Export": handler}),)
        )
        try:
            if self._certificate:
                chain, key = self._certificate
                self.port = self._server.add_secure_port(
                    self._address, grpc.ssl_server_credentials([(key, chain)])
                )
            else:
                self.port = self._server.add_insecure_port(self._address)
        except RuntimeError:
            raise OSError(f"can't listen on {self._address}: is it in use?") from None
        await self._server.start()

    async def stop(self, grace_s: float = 5.0) -> None:
        """Take no more, finish what is under way."""
        if self._server:
            await self._server.stop(grace_s)

    async def _export(self, body: bytes, context: grpc.aio.ServicerContext[Any, Any]) -> bytes:
        metadata = dict(context.invocation_metadata() or ())
        if not self._access.may_send(_text(metadata.get("authorization"))):
            self._door.refuse("unauthenticated")
            await _abort(context, answers.unauthenticated())
        try:
            with self._door.arrival() as grow:
                grow(len(body))
            checked = await self._door.take(body)
        except (Undecodable, WriteError) as error:
            await _abort(context, answers.failure(error))
        except Exception as error:
            _log.exception("a request failed")
            await _abort(context, answers.failure(error))
        return answers.success(checked).SerializeToString()


async def _abort(context: grpc.aio.ServicerContext[Any, Any], failure: Failure) -> None:
    details = failure.status().SerializeToString()
    code = next(code for code in grpc.StatusCode if code.value[0] == failure.grpc)
    await context.abort(code, failure.short, (("grpc-status-details-bin", details),))


def _text(value: str | bytes | None) -> str | None:
    """gRPC gives bytes where a value isn't ASCII."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
