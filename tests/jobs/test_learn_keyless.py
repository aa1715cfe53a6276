"""Requests without ids, cut off where a service was down, in shops made up by chance."""

import itertools
from collections.abc import Iterator

import pytest

from collector.engine import Engine
from collector.engine.connect import open_engine
from collector.jobs.judging import Judging
from collector.jobs.learning import Learner
from collector.jobs.statements import Statements
from collector.schema.migrate import migrate
from tests.jobs.keyless_shops import Run, runs
from tests.jobs.told_orders import DAWN, SECOND, tell

RUNS = 1000
NOW = DAWN + 2 * RUNS * SECOND
SHOPS = {f"shop {seed}": runs(seed, RUNS) for seed in range(21, 29)}
_SERVICES = (
    "INSERT INTO services (service, first_seen, last_seen, first_live, last_live) "
    "SELECT arrayJoin({services:Array(String)}), now64(9), now64(9), now64(9), now64(9)"
)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_engine(f"chdb://{tmp_path_factory.mktemp('keyless') / 'data'}")
    try:
        migrate(engine, NOW)
        services = ["front", *(f"s{n}" for n in range(8))]
        engine.query(_SERVICES, {"services": services}, lane="job")
        for workflow, shop in SHOPS.items():
            tell(engine, [run.order for run in shop], workflow)
        Learner(engine).learn(NOW, 0)
        versions = itertools.count(NOW)
        judging = Judging(Statements(engine), lambda: next(versions), min_orders=20)
        judging.touch(NOW, 0)
        judging.judge(NOW, 0, (0, 0))
        yield engine
    finally:
        engine.close()


def stuck(engine: Engine, workflow: str) -> set[float]:
    """When the runs began that are called stuck, in seconds."""
    rows = engine.query(
        "SELECT toUnixTimestamp64Nano(started) AS at FROM orders FINAL "
        "WHERE workflow = {workflow:String} AND state = 'stuck'",
        {"workflow": workflow},
    ).to_pylist()
    return {round((row["at"] - DAWN) / SECOND) for row in rows}


def telling(shop: list[Run]) -> list[tuple[str, str]]:
    """Pairs of steps of which whole runs never have the first without the second."""
    whole = [{told.step for told in run.order.steps} for run in shop if not run.cut]
    steps = sorted(set().union(*whole))
    often = [step for step in steps if sum(step in taken for taken in whole) >= 20]
    return [
        (first, then)
        for first in often
        for then in steps
        if first != then and all(then in taken for taken in whole if first in taken)
    ]


def test_whole_runs_are_never_called_stuck(judged: Engine) -> None:
    for workflow, shop in SHOPS.items():
        whole = {round(run.order.start) for run in shop if not run.cut}
        assert not stuck(judged, workflow) & whole, workflow


def test_most_runs_that_were_cut_off_are_found(judged: Engine) -> None:
    """Of those that can be told from whole ones by any step without which another never comes."""
    found = could = 0
    for workflow, shop in SHOPS.items():
        known, called = telling(shop), stuck(judged, workflow)
        for run in shop:
            if run.cut:
                taken = {told.step for told in run.order.steps}
                could += any(first in taken and then not in taken for first, then in known)
                found += round(run.order.start) in called
    assert could > 150
    assert found > could
