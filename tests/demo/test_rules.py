"""What keeps the demo a demo: a user of OpenTelemetry like any other."""

import ast
from pathlib import Path
from random import Random

import demo_services
from demo_services.customers import draw_order
from demo_services.ids import run_prefix
from demo_services.systems import SYSTEMS

HOME = Path(demo_services.__file__).parent


def test_the_demo_imports_nothing_of_the_product() -> None:
    for file in HOME.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.partition(".")[0] not in ("collector", "dashboard"), file


def test_files_are_rooms() -> None:
    for file in HOME.rglob("*.py"):
        assert len(file.read_text().splitlines()) <= 250, file


def test_the_same_seed_draws_the_same_baskets() -> None:
    first, second = Random("7 fulfilment traffic"), Random("7 fulfilment traffic")
    assert [draw_order(first) for _ in range(20)] == [draw_order(second) for _ in range(20)]


def test_nothing_is_shared_between_systems() -> None:
    names = [blueprint.name for system in SYSTEMS for blueprint in system.blueprints]
    assert len(set(names)) == len(names) == 34
    assert all(
        b.name.startswith(f"{system.name}-") for system in SYSTEMS for b in system.blueprints
    )
    subjects = [subject for s in SYSTEMS for subject in (*s.subjects, s.dead_letters)]
    assert len(set(subjects)) == len(subjects)
    assert not [subject for subject in subjects if "*" in subject or ">" in subject]
    workflows = [journey.workflow for system in SYSTEMS for journey in system.journeys]
    assert len(set(workflows)) == len(workflows)


def test_order_ids_of_two_runs_differ() -> None:
    start = 1_800_000_000
    assert len({run_prefix(start + second) for second in range(1000)}) == 1000
