"""What a run of the demo consists of: ports, customers, faults, and each part's command line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from collector.cli import Failure
from collector.cli.ports import HOST

SYSTEMS = ("fulfilment", "saga", "marketplace", "aggregator", "store", "sync")

# What an order looks like is known after twenty of them have finished: a fault that comes before
# shows nothing.
_LEARNING_S = 35.0


@dataclass(frozen=True)
class Plan:
    """What to run. Seconds; `fault_first` is None when nothing goes wrong by itself."""

    folder: Path
    kept: bool
    """The data folder is the user's and stays."""
    http_port: int
    grpc_port: int
    dashboard_port: int
    control_port: int
    systems: tuple[str, ...]
    rate: float
    day: float
    seed: int
    tour: bool
    fault_first: float | None
    fault_lasts: float
    fault_every: float

    @property
    def collector_url(self) -> str:
        """Where OTLP is taken over HTTP and the API answers."""
        return f"http://{HOST}:{self.http_port}"

    @property
    def dashboard_url(self) -> str:
        """Where the pages are."""
        return f"http://{HOST}:{self.dashboard_port}"

    @property
    def control_url(self) -> str:
        """Where faults begin and end."""
        return f"http://{HOST}:{self.control_port}"

    def collector(self) -> tuple[str, ...]:
        """Module and arguments of the collector."""
        return (
            *("collector", "serve", "--data", str(self.folder / "collector"), "--host", HOST),
            *("--http-port", str(self.http_port), "--grpc-port", str(self.grpc_port)),
            *(
                "--config",
                str(_beside_the_demo("collector.toml")),
                "--flows",
                str(_beside_the_demo("flows")),
            ),
            *("--log-level", "warning", "--die-with-parent"),
        )

    def dashboard(self) -> tuple[str, ...]:
        """Module and arguments of the dashboard."""
        return (
            *("dashboard", "--host", HOST, "--port", str(self.dashboard_port)),
            *("--collector", self.collector_url, "--die-with-parent"),
        )

    def services(self, after_s: float) -> tuple[str, ...]:
        """Module and arguments of the demo services; they start the broker and the customers.

        `after_s` of the seconds to the first fault are over already.
        """
        faults: tuple[str, ...] = ("--no-schedule",)
        if self.fault_first is not None:
            first = max(min(self.fault_first, _LEARNING_S), self.fault_first - after_s)
            faults = (
                *("--fault-first", f"{first:.1f}", "--fault-lasts", str(self.fault_lasts)),
                *("--fault-every", str(self.fault_every)),
            )
        return (
            *("demo_services", "all", "--otlp", self.collector_url),
            *("--otlp-protocol", "http/protobuf", "--data", str(self.folder / "services")),
            *("--control-port", str(self.control_port)),
            *("--systems", ",".join(self.systems), "--day", str(self.day)),
            *("--rate", str(self.rate), "--seed", str(self.seed)),
            *(*faults, "--die-with-parent"),
        )


def _beside_the_demo(name: str) -> Path:
    """What the collector is told of the demo lies beside the demo's code, which we never import."""
    spec = find_spec("demo_services")
    if spec is None or spec.origin is None:
        raise Failure("the demo services aren't installed")
    return Path(spec.origin).with_name(name)


def environ() -> dict[str, str]:
    """The environment without what would configure the parts otherwise than the plan says."""
    foreign = ("CHOREOSCOPE_", "OTEL_", "DEMO_", "STREAMLIT_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONUNBUFFERED": "1"}
