"""YAML → flows. What is wrong with a file is said with its line and with what would do."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from collector.flows.grammar import Grammar
from collector.flows.model import Flow
from collector.flows.nodes import Fault, FlowError, compose

SUFFIXES = (".yaml", ".yml")
LARGEST_BYTES = 1024 * 1024
__all__ = ["LARGEST_BYTES", "SUFFIXES", "Fault", "FlowError", "read", "read_file", "read_flows"]


def read_flows(folder: Path, workflows: Collection[str]) -> list[Flow]:
    """The flows of every `.yaml` and `.yml` file in a folder, by file name.

    `workflows` are the names that are configured. Raises FlowError.
    """
    flows: list[Flow] = []
    declared_in: dict[str, Path] = {}
    for path in paths(folder):
        flow = read_file(path, workflows)
        if flow.workflow in declared_in:
            wrong = f"{declared_in[flow.workflow]} declares workflow {flow.workflow} already"
            raise FlowError(str(path), [Fault(0, wrong)])
        declared_in[flow.workflow] = path
        flows.append(flow)
    return flows


def paths(folder: Path) -> list[Path]:
    """The files of a folder that hold flows, by name. Raises FlowError."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    except OSError as error:
        wrong = f"can't read the folder: {error.strerror}"
        raise FlowError(str(folder), [Fault(0, wrong)]) from None


def read_file(path: Path, workflows: Collection[str] | None = None) -> Flow:
    """The flow of one file. Raises FlowError."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise FlowError(str(path), [Fault(0, f"can't be read: {error.strerror}")]) from None
    return read(content, str(path), workflows)


def read(content: bytes, place: str, workflows: Collection[str] | None = None) -> Flow:
    """The flow in a file's bytes; `place` is what errors call it. Raises FlowError.

    Without `workflows` any name of a workflow will do.
    """
    if len(content) > LARGEST_BYTES:
        raise FlowError(place, [Fault(0, "too large", f"at most {LARGEST_BYTES:,} bytes")])
    try:
        root = compose(content.decode())
    except UnicodeDecodeError:
        raise FlowError(place, [Fault(0, "not text", "text in UTF-8")]) from None
    except FlowError as error:
        raise FlowError(place, error.faults) from None
    if root is None:
        raise FlowError(place, [Fault(0, "is empty", "workflow and steps")])
    grammar = Grammar(workflows)
    flow = grammar.flow(root)
    if grammar.faults:
        raise FlowError(place, grammar.faults)
    return flow
