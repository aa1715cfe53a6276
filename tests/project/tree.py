"""The project's own files, as git knows them."""

import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("collector", "dashboard", "demo_services")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project, relative to its root; without git all that lies there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = listed.stdout.split("\0") if listed.returncode == 0 else _lying_there()
    return tuple(sorted(Path(name) for name in names if name and (ROOT / name).is_file()))


def _lying_there() -> list[str]:
    skipped = {".venv", ".git", "__pycache__", "build", "dist"}
    return [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.is_file() and not skipped & set(path.parts)
    ]


def sources(package: str) -> list[Path]:
    """The Python files of a package."""
    return [path for path in tracked() if path.parts[0] == package and path.suffix == ".py"]


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def text(name: str) -> str:
    """A file's text; fails the test when it is missing."""
    return (ROOT / name).read_text("utf-8")
