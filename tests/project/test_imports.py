"""Who may import whom: data flows one way, and rooms know little of each other."""

import ast
from importlib.util import resolve_name
from pathlib import Path

import pytest

from tests.project.tree import PACKAGES, ROOT, sources

# Rooms of the collector and the rooms they may use besides themselves.
COLLECTOR = {
    "__init__": set(),
    "access": set(),
    "clock": set(),
    "keys": set(),
    "ending": set(),
    "listening": {"ending"},
    "meters": set(),
    "settings": {"access", "keys"},
    "engine": set(),
    "power": set(),
    "schema": {"engine"},
    "writer": {"engine", "schema", "clock"},
    "receivers": {"access", "writer"},
    "flows": set(),
    "jobs": {"engine", "clock", "flows.model"},
    "api": {"access", "engine", "clock", "flows", "jobs.runner.Progress"},
    "app": {
        "access",
        "api",
        "clock",
        "ending",
        "engine",
        "flows",
        "jobs",
        "keys",
        "listening",
        "meters",
        "power",
        "receivers",
        "schema",
        "settings",
        "writer",
    },
    # A client of the API, by HTTP; and for `serve` and `load --data` a second root besides `app`.
    "cli": {
        "access",
        "api.models",
        "api.summary",
        "app",
        "engine",
        "flows",
        "listening",
        "receivers",
        "schema",
        "settings",
        "writer",
    },
    "__main__": {"cli"},
}


def module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    """Full dotted names of what a file imports, also inside its functions."""
    package = module(path) if path.name == "__init__.py" else module(path).rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package)
            found |= {f"{origin}.{alias.name}" for alias in node.names}
    return found


def within(name: str, places: set[str]) -> bool:
    return any(name == place or name.startswith(place + ".") for place in places)


@pytest.mark.parametrize("path", sources("collector"), ids=str)
def test_a_room_of_the_collector_uses_only_the_rooms_before_it(path: Path) -> None:
    room = path.with_suffix("").parts[1]
    assert room in COLLECTOR, f"{room} is a new room: say here what it may import"
    places = {f"collector.{place}" for place in COLLECTOR[room] | {room}}
    inside = {name for name in imports(path) if name.startswith("collector.")}
    assert not {name for name in inside if not within(name, places)}


@pytest.mark.parametrize(
    ("package", "others"),
    [
        ("collector", {"dashboard", "demo_services"}),
        ("dashboard", {"collector", "demo_services"}),
        ("demo_services", {"collector", "dashboard"}),
    ],
)
def test_the_three_packages_meet_only_over_the_network(package: str, others: set[str]) -> None:
    assert not {
        (str(path), name)
        for path in sources(package)
        for name in imports(path)
        if within(name, others)
    }


def test_figures_are_drawn_without_streamlit_and_without_the_network() -> None:
    """Neither themselves nor through any module of the dashboard that they use."""
    modules = {module(path): imports(path) for path in sources("dashboard")}
    reached = {name for name in modules if name.startswith("dashboard.figures")}
    waiting = list(reached)
    while waiting:
        used = modules[waiting.pop()]
        new = {name for name in modules if name != "dashboard" and within_any(used, name)} - reached
        reached |= new
        waiting += new
    outside = {"streamlit", "httpx", "requests", "urllib.request", "socket"}
    assert not {(name, used) for name in reached for used in modules[name] if within(used, outside)}


def within_any(names: set[str], place: str) -> bool:
    return any(within(name, {place}) for name in names)


def test_nothing_but_the_entry_point_imports_the_command_line() -> None:
    users = {
        module(path)
        for package in PACKAGES
        for path in sources(package)
        if any(within(name, {"collector.cli"}) for name in imports(path))
    }
    assert all(user == "collector.__main__" or within(user, {"collector.cli"}) for user in users)
