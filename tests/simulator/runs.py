"""Small runs, played once for all tests."""

from functools import cache
from typing import get_args

from benchmarks.detection_runs import RUNS, Size
from benchmarks.simulator import choreographies
from benchmarks.simulator.choreographies import Choreography
from benchmarks.simulator.events import Flow, Plan, Recording, play
from benchmarks.simulator.faults import Fault, System, Telemetry
from benchmarks.simulator.otlp import Exports, exports

KINDS = (*get_args(System), *get_args(Telemetry))
SHOP = choreographies.shop()


@cache
def played(
    *faults: Fault,
    choreography: Choreography = SHOP,
    per_s: float = 4.0,
    seconds: float = 120.0,
    seed: int = 1,
) -> Recording:
    return play(Plan((Flow(choreography, per_s),), seconds, seed, faults))


@cache
def exported(*faults: Fault, seed: int = 1, seconds: float = 60.0) -> tuple[Recording, Exports]:
    recording = play(Plan((Flow(SHOP, 2.0),), seconds, seed, faults))
    return recording, exports(recording)


def kinds_in_runs() -> set[str]:
    """The kinds of faults that the benchmark has, over two seeds."""
    return {
        f.kind for make in RUNS.values() for seed in (1, 2) for f in make(seed, Size()).plan.faults
    }
