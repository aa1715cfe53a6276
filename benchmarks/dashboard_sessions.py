"""How many people one dashboard process serves: sessions that refresh as browsers do.

Each session holds a WebSocket, asks for a page once, and then has its fragments drawn again every
few seconds, as the page tells it to. Told are the time until a refresh is answered (median, p95),
the dashboard's processor time, and its memory. No browser draws here: that work is the readers'.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 60.0


@dataclass
class Load:
    """What so many sessions cost in that time. Seconds, bytes."""

    sessions: int
    seconds: float
    refreshes: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    memory: int = 0


@dataclass(frozen=True)
class Refresh:
    """A fragment that draws itself again every so often."""

    fragment: str
    interval_s: float


def cpu_s(pid: int) -> float:
    """Processor seconds of a process (Linux; elsewhere 0)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return 0.0
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Bytes that a process holds in memory (Linux; elsewhere 0)."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


async def _run(socket: ClientConnection, asked: BackMsg) -> list[Refresh]:
    """Ask for a run, wait for its end; the fragments that it wants drawn again."""
    await socket.send(asked.SerializeToString())
    found = []
    async with asyncio.timeout(PATIENCE_S):
        async for payload in socket:
            said = ForwardMsg()
            said.ParseFromString(payload if isinstance(payload, bytes) else payload.encode())
            kind = said.WhichOneof("type")
            if kind == "auto_rerun":
                found.append(Refresh(said.auto_rerun.fragment_id, said.auto_rerun.interval))
            if kind == "script_finished":
                break
    return found


def _asked(address: str, url: str, fragment: str = "") -> BackMsg:
    page, _, query = address.lstrip("/").partition("?")
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.query_string = query
    asked.rerun_script.context_info.url = url + address
    if fragment:
        asked.rerun_script.fragment_id = fragment
        asked.rerun_script.is_auto_rerun = True
    return asked


async def _session(url: str, address: str, until: float, load: Load) -> None:
    """One reader of a page, until that time of the event loop's clock."""
    clock = asyncio.get_running_loop().time
    stream = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    await asyncio.sleep(random.uniform(0, 5))
    async with connect(stream, max_size=None) as socket:
        fragments = await _run(socket, _asked(address, url))
        while clock() < until and fragments:
            await asyncio.sleep(fragments[0].interval_s)
            for one in fragments:
                began = clock()
                await _run(socket, _asked(address, url, one.fragment))
                load.refreshes.append(clock() - began)


async def _all(url: str, addresses: Sequence[str], load: Load, pid: int) -> None:
    until = asyncio.get_running_loop().time() + load.seconds
    readers = [
        asyncio.create_task(_session(url, addresses[at % len(addresses)], until, load))
        for at in range(load.sessions)
    ]
    await asyncio.sleep(6)  # until all have their page
    load.refreshes.clear()
    before, began = cpu_s(pid), time.monotonic()
    await asyncio.sleep(max(1.0, load.seconds - 7))
    load.cpu_s = (cpu_s(pid) - before) / (time.monotonic() - began)
    load.memory = memory(pid)
    with suppress(TimeoutError):
        await asyncio.gather(*readers)


def measure(
    url: str, pid: int, addresses: Sequence[str], sessions: Sequence[int], seconds: float = 30.0
) -> list[Load]:
    """So many sessions at once for so many seconds, spread over those pages of a dashboard."""
    found = []
    for count in sessions:
        load = Load(count, seconds)
        asyncio.run(_all(url, addresses, load, pid))
        found.append(load)
    return found


def tell(found: Sequence[Load]) -> None:
    """The table."""
    head = ("sessions", "refresh, ms", "refreshes", "CPU", "memory")
    print("{:>8}{:>16}{:>11}{:>8}{:>10}".format(*head))
    for load in found:
        ordered = sorted(load.refreshes) or [0.0]
        median, slow = ordered[len(ordered) // 2], ordered[int(0.95 * (len(ordered) - 1) + 0.5)]
        print(
            f"{load.sessions:>8}{f'{median * 1000:.0f} / {slow * 1000:.0f}':>16}"
            f"{len(load.refreshes):>11}{load.cpu_s:>8.0%}{load.memory / 1e6:>7.0f} MB"
        )
    print("refresh: median / p95 until a page's part is drawn again; CPU: of one core")
