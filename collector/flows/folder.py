"""The declared flows in force: a folder of files that people, and the API, change at any time.

The files are the truth. What changes is taken over when somebody asks next; of a file that has
become wrong the last good flow stays in force, and `faults` says what is wrong.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from collector.flows.model import Flow
from collector.flows.reader import Fault, FlowError, paths, read, read_file, read_flows

log = logging.getLogger(__name__)

_LONGEST_NAME = 120
_Stamp = tuple[tuple[Path, int, int, int], ...]


class NoFolder(Exception):  # noqa: N818
    """Flows can't be kept; the message says why, and by what setting it is changed."""


class Declared:
    """The flows of a folder, whole or None; safe to ask from several threads."""

    def __init__(self, folder: Path | None, workflows: Collection[str]) -> None:
        self.folder = folder
        self._workflows = workflows
        self._lock = threading.RLock()
        self._stamp: _Stamp | None = None
        self._files: dict[Path, Flow] = {}
        self._faults: dict[Path, FlowError] = {}
        self._flows: tuple[Flow, ...] = ()

    def check(self, *, must_exist: bool = False) -> None:
        """Read all for the first time. Raises FlowError for the first file that is wrong."""
        if self.folder is not None and (must_exist or self.folder.exists()):
            read_flows(self.folder, self._workflows)
        self.flows()

    def flows(self) -> tuple[Flow, ...]:
        """The flows in force, by workflow; the same object until one of them changes."""
        with self._lock:
            stamp = self._look()
            if stamp is not None and stamp != self._stamp:
                self._stamp = stamp
                self._read([path for path, *_ in stamp])
            return self._flows

    def flow(self, workflow: str) -> Flow | None:
        """The flow of one workflow; None if it declares nothing."""
        return next((flow for flow in self.flows() if flow.workflow == workflow), None)

    def files(self) -> dict[str, Path]:
        """The file of each workflow that has one."""
        with self._lock:
            self.flows()
            return {flow.workflow: path for path, flow in sorted(self._files.items())}

    def faults(self) -> dict[Path, tuple[Fault, ...]]:
        """What is wrong with files as they stand now."""
        with self._lock:
            self.flows()
            return {path: error.faults for path, error in sorted(self._faults.items())}

    def text(self, workflow: str) -> str | None:
        """A workflow's file as it stands; None if there is none."""
        path = self.files().get(workflow)
        if path is None:
            return None
        try:
            return path.read_text("utf-8", errors="replace")
        except OSError:
            return None

    def put(self, workflow: str, content: bytes) -> Flow:
        """Declare a workflow, writing its file at once and whole. Raises FlowError or NoFolder."""
        flow = read(content, "the flow", self._workflows)
        if flow.workflow != workflow:
            wrong = f"this declares workflow {flow.workflow!r}"
            raise FlowError("the flow", [Fault(0, wrong, repr(workflow))])
        with self._lock:
            folder = self._kept()
            try:
                folder.mkdir(parents=True, exist_ok=True)
                _write(self.files().get(workflow) or self._free(folder, workflow), content)
            except OSError as error:
                raise NoFolder(f"can't write into {folder}: {error.strerror}") from None
            self.flows()
        return flow

    def delete(self, workflow: str) -> bool:
        """Declare nothing of a workflow any more; False if nothing was. Raises NoFolder."""
        with self._lock:
            path = self.files().get(workflow)
            if path is None:
                return False
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise NoFolder(f"can't delete {path}: {error.strerror}") from None
            self.flows()
        return True

    def _kept(self) -> Path:
        if self.folder is None:
            raise NoFolder(
                "there is no folder for declared flows: name one with the setting flows "
                "(CHOREOSCOPE_FLOWS, --flows) and start the collector again"
            )
        return self.folder

    def _free(self, folder: Path, workflow: str) -> Path:
        """A path for a workflow that has no file yet; one that is broken may be written over."""
        path = folder / file_name(workflow)
        if path in self._files:
            path = folder / f"{path.stem}~{_digest(workflow)}.yaml"
        return path

    def _look(self) -> _Stamp | None:
        """What tells whether a file has changed; None if that can't be seen now."""
        if self.folder is None or not self.folder.exists():
            return ()
        found = []
        try:
            for path in paths(self.folder):
                with suppress(FileNotFoundError):  # gone meanwhile
                    stat = path.stat()
                    found.append((path, stat.st_mtime_ns, stat.st_size, stat.st_ino))
        except (OSError, FlowError) as error:
            log.warning("declared flows stay as they are: %s", error)
            return None
        return tuple(found)

    def _read(self, found: list[Path]) -> None:
        files: dict[Path, Flow] = {}
        faults: dict[Path, FlowError] = {}
        by_workflow: dict[str, Path] = {}
        for path in found:
            try:
                flow = read_file(path, self._workflows)
            except FlowError as error:
                log.warning("what it declared before stays in force: %s", error)
                faults[path] = error
                if path not in self._files:
                    continue
                flow = self._files[path]
            other = by_workflow.setdefault(flow.workflow, path)
            if other is path:
                files[path] = flow
            else:
                twice = Fault(0, f"{other} declares workflow {flow.workflow} already")
                faults[path] = FlowError(str(path), [twice])
                log.warning("%s", faults[path])
        self._files, self._faults = files, faults
        flows = {flow.workflow: flow for flow in files.values()}
        in_force = tuple(flows[name] for name in sorted(flows))
        if in_force != self._flows:
            self._flows = in_force


def file_name(workflow: str) -> str:
    """A name for a workflow's file that leads to no other folder, whatever the workflow is called.

    >>> file_name("order"), file_name("../etc"), file_name("shop GET /orders")
    ('order.yaml', '%2E.%2Fetc.yaml', 'shop%20GET%20%2Forders.yaml')
    """
    name = quote(workflow, safe="", errors="replace")
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 17]}~{_digest(workflow)}"
    return f"{name}.yaml"


def _digest(workflow: str) -> str:
    return hashlib.blake2b(workflow.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Replace a file whole: whoever reads it meanwhile, or after a crash, sees one or the other."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
