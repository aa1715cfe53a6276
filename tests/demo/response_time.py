"""Measure how long the aggregator takes, by the number of services that it asks.

Prints the medians, and the chart of docs/systems/aggregator.md.

    python -m tests.demo.response_time
"""

from statistics import median
from time import perf_counter

from .conftest import QUIET
from .demo_process import BASKET, DemoProcess
from .otlp_receiver import OtlpReceiver

PURCHASES, MOST = 40, 4


def measured() -> list[float]:
    """Milliseconds, in the median, with 0, 1, … services asked."""
    found = []
    flags = (*QUIET, "--systems", "aggregator")
    with OtlpReceiver() as receiver, DemoProcess("--otlp", receiver.url, *flags) as demo:
        url = demo.service("aggregator-aggregation")["url"]
        for calls in range(MOST + 1):
            took = []
            for _ in range(PURCHASES):
                began = perf_counter()
                answer = demo.client.post(f"{url}/purchases?calls={calls}", json=BASKET)
                answer.raise_for_status()
                took.append((perf_counter() - began) * 1000)
            found.append(median(took))
    return found


def main() -> None:
    """Measure and print."""
    found = [round(milliseconds) for milliseconds in measured()]
    print("xychart-beta")
    print('  title "Response time of a purchase, median"')
    print(f'  x-axis "services asked" [{", ".join(map(str, range(len(found))))}]')
    print(f'  y-axis "ms" 0 --> {max(found) + 50}')
    print(f"  bar [{', '.join(map(str, found))}]")


if __name__ == "__main__":
    main()
