"""The machine that a number comes from: without it the number says nothing."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path


def describe() -> str:
    """Processor, cores, memory, system and the versions that matter, in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{_processor()}, {cores} cores, {_memory()}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, chDB {version('chdb')}"
    )


def busy_s() -> float | None:
    """Seconds of processor time that all processes have used since the start (Linux; else None)."""
    try:
        total = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _idle, _iowait, irq, softirq = map(int, total[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("ascii"))
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return "memory unknown"
    return f"{size / 2**30:.0f} GiB"
