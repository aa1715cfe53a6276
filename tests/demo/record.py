"""Record what a collector gets from the fulfilment demo, as food for the engine's tests.

About 60 orders of a healthy run, then the distribution centre falls silent and about 15 orders
more are placed, which stay stuck behind `stock.reserved`. One JSON object a line, in the order of
arrival: {"received_at": <Unix nanoseconds>, "request": <OTLP/JSON export request>}.

    python -m tests.demo.record [FILE]
"""

import asyncio
import gzip
import sys
import tempfile
from pathlib import Path

from demo_services.addresses import Addresses
from demo_services.fulfilment import FULFILMENT
from demo_services.nats_server import NatsServer
from demo_services.schedule import Plan
from demo_services.stage import Stage
from demo_services.system import Surroundings
from demo_services.telemetry import PROTOCOLS
from demo_services.traffic import Traffic

from .otlp_receiver import OtlpReceiver, to_line

FILE = Path(__file__).parent.parent / "data" / "fulfilment-recording.jsonl.gz"
HEALTHY, STUCK, RATE, SETTLE_S = 60, 15, 2.0, 3.0


async def record(receiver: OtlpReceiver, folder: Path) -> None:
    """Run the demo until both groups of orders have gone as far as they can."""
    nats = NatsServer(folder / "nats")
    await nats.start()
    around = Surroundings(
        nats.url, receiver.url, PROTOCOLS[0], folder, "127.0.0.1", seed=7, addresses=Addresses()
    )
    stage = Stage((FULFILMENT,), around, Plan(enabled=False))
    await stage.start(rate=0)
    traffic = stage.traffic[FULFILMENT.name]
    await place(traffic, HEALTHY)
    await asyncio.sleep(SETTLE_S)
    await stage.board.begin("fulfilment-cd", "silent_consumer")
    await place(traffic, STUCK)
    await asyncio.sleep(SETTLE_S)
    await stage.stop()
    await nats.stop()


async def place(traffic: Traffic, orders: int) -> None:
    """Let customers place this many orders."""
    sent = traffic.sent[FULFILMENT.name]
    until = sent.sent + orders
    traffic.rate = RATE
    while sent.sent < until:
        await asyncio.sleep(0.01)
    traffic.rate = 0


def main() -> None:
    """Record and write the file."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    with OtlpReceiver() as receiver, tempfile.TemporaryDirectory() as folder:
        asyncio.run(record(receiver, Path(folder)))
    lines = "".join(f"{to_line(at, request)}\n" for at, request in receiver.received)
    file.write_bytes(gzip.compress(lines.encode(), mtime=0))
    print(f"{file}: {len(receiver.received)} requests, {len(receiver.spans)} spans")


if __name__ == "__main__":
    main()
