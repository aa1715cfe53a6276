"""A collector without doors that stores orders as fast as it can and says which are acknowledged.

`python -m tests.e2e.killed FOLDER ROUND`; it runs until it is killed.
"""

import sys
import time
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from collector.app import parts
from collector.settings import load
from tests.golden.spans import joined, request

FLOW = (
    {"does": "shop serve POST /orders", "id": "placed", "order": True},
    {"does": "shop send order.placed", "id": "sent", "under": "placed"},
    {"does": "stock process order.placed", "id": "taken", "under": "sent"},
)
ORDERS_A_REQUEST = 20


def main() -> None:
    folder, round_ = Path(sys.argv[1]), sys.argv[2]
    settings = replace(load(environ={}), data=folder, linger_ms=20, learn_every_s=0.2)
    with parts(settings) as held:
        held.runner.start(0.05)
        print("ready", flush=True)
        for number in range(10**9):
            ids = [f"{round_}-{number}-{n}" for n in range(ORDERS_A_REQUEST)]
            spans = [request(id_, time.time_ns(), told) for id_ in ids for told in FLOW]
            stored: Future[None] = held.writer.submit(joined(spans), len(spans))
            stored.result()
            print(" ".join(ids), flush=True)


if __name__ == "__main__":
    main()
