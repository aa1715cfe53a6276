"""A PostgreSQL server of our own: in a temporary folder, on a free port, never as root."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType


def programs() -> Path | None:
    """The folder of initdb and postgres: Debian keeps it off the PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Postgres:
    """A context manager; `url` is the address of its database `store`."""

    def __init__(self) -> None:
        found = programs()
        assert found is not None
        self._programs = found
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.port: int = server.getsockname()[1]
        self.url = f"postgresql://store@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> "Postgres":
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody")
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", "store", "-A", "trust", "-E", "UTF8")
        options = f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c fsync=off"
        self._run("pg_ctl", "-D", data, "-o", options, "-l", self._folder / "log", "-w", "start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "-D", self._folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            stdout=subprocess.DEVNULL,  # the server keeps it open: a pipe would never end
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            user="nobody" if os.geteuid() == 0 else None,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (program, done.returncode)
