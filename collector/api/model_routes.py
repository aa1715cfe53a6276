"""The addresses of the model: what is expected, and the flows that people declare."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response

from collector.api import expectations as _expectations
from collector.api import flows as _flows
from collector.api import models
from collector.api.problems import ProblemError
from collector.api.reader import Reader
from collector.flows.folder import Declared
from collector.flows.reader import LARGEST_BYTES

_YAML = "application/yaml"


class _Anything(Convertor[str]):
    """The rest of a path, whatever characters it holds."""

    regex = r"[\s\S]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


def add(api: APIRouter, reader: Reader, declared: Declared) -> None:
    """Add them to the API."""

    @api.get(
        "/expectations",
        tags=["model"],
        response_model=models.Expectations,
        responses={200: {"content": {_YAML: {"schema": {"type": "string"}}}}},
    )
    def expectations(
        request: Request,
        workflow: Annotated[str, Query(description="only this workflow; all when left out")] = "",
        format: Annotated[
            str, Query(description="`json`, or `yaml`: a flow that declares the same")
        ] = "",
    ) -> Any:
        """What is expected after each step, and how that is known; or the same as a flow."""
        if format not in ("", "json", "yaml"):
            raise ProblemError(422, f"format: {format} is neither json nor yaml")
        accepted = request.headers.get("accept", "")
        if format == "yaml" or (not format and "yaml" in accepted and "json" not in accepted):
            made = _expectations.exported(reader, declared, workflow=workflow)
            return Response(made, media_type=_YAML)
        return _expectations.expectations(reader, workflow=workflow)

    @api.get("/flows", tags=["model"])
    def flows() -> models.FlowFiles:
        """The files of declared flows, and what is wrong with them."""
        return _flows.flows(declared)

    @api.get(
        "/flows/{workflow:anything}",
        tags=["model"],
        response_class=Response,
        responses={200: {"content": {_YAML: {"schema": {"type": "string"}}}}},
    )
    def flow(workflow: str) -> Response:
        """A declared flow as it stands in its file."""
        return Response(_flows.flow(declared, workflow), media_type=_YAML)

    @api.put(
        "/flows/{workflow:anything}",
        tags=["model"],
        openapi_extra={
            "requestBody": {"content": {_YAML: {"schema": {"type": "string"}}}, "required": True}
        },
    )
    async def put_flow(workflow: str, request: Request) -> models.FlowTaken:
        """Declare a workflow: writes its file, which stays the truth."""
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > LARGEST_BYTES:
                raise ProblemError(413, f"a flow has at most {LARGEST_BYTES:,} bytes")
        return await run_in_threadpool(_flows.put, reader, declared, workflow, bytes(content))

    @api.delete("/flows/{workflow:anything}", tags=["model"], status_code=204)
    def delete_flow(workflow: str) -> None:
        """Declare nothing of a workflow any more: deletes its file."""
        _flows.delete(declared, workflow)
