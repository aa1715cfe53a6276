"""Has the machine itself gone down since a data folder was last open?

What a process writes outlives the process, not the power: the last half a minute may still have
been in memory, in any mixture. Then what is derived is made anew for longer than that.
"""

from __future__ import annotations

from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  # Linux; elsewhere nobody knows
REWIND_NS = 600_000_000_000
"""How far the jobs go back then; the kernel writes back what is older than 30 s or so."""


def went_down(folder: Path) -> bool:
    """Whether the folder was last open before the machine's present start; notes that one."""
    try:
        present = _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return False
    note = folder / "boot"
    known = note.read_text("ascii").strip() if note.exists() else present
    if known != present or not note.exists():
        note.write_text(present + "\n", "ascii")
    return known != present
