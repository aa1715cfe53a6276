"""Where do orders spend their time? The critical paths of the latest orders, added up by hop."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from collector.api.models import CriticalPaths, PathShare, PathSlack, PathWorkflow
from collector.api.path import Kind, Segment, critical_path
from collector.api.path_order import path_spans
from collector.api.path_slack import slack
from collector.api.reader import Reader
from collector.api.skew import read_clocks
from collector.api.times import text
from collector.engine import Param

_SAMPLE = 200  # orders
_MOST_SPANS = 1_000  # of an order
_AROUND = 0.025  # the orders at a quantile: those whose rank is within so much of it
_QUANTILES = (0.5, 0.95, 0.99)

Hop = tuple[Kind, str, str, str, str]
"""kind, step, service, after, callee"""


def critical_paths(
    reader: Reader, *, workflow: str = "", from_ns: int, to_ns: int
) -> CriticalPaths:
    """Shares of time by hop and kind, and the slack of what isn't on the path."""
    wanted: dict[str, Param] = {
        "workflow": workflow,
        "from": from_ns,
        "to": to_ns,
        "limit": _SAMPLE,
    }
    by_workflow: defaultdict[str, list[str]] = defaultdict(list)
    for row in reader.rows("path_sample", wanted):
        by_workflow[row["workflow"]].append(row["order_id"])
    answer = CriticalPaths(as_of=text(reader.now()), orders=0, workflows=[], hops=[], slack=[])
    clocks = read_clocks(reader)
    for name, ids in sorted(by_workflow.items()):
        times: list[Counter[Hop]] = []
        spare: defaultdict[str, list[int]] = defaultdict(list)
        for order in path_spans(reader, clocks, name, ids, most=_MOST_SPANS).values():
            path = critical_path(order.spans)
            times.append(_by_hop(path.segments))
            for step, nanoseconds in slack(order.spans, path).items():
                spare[step].append(nanoseconds)
        answer.orders += len(times)
        answer.workflows.append(_workflow(name, times))
        answer.hops += _hops(name, times)
        answer.slack += _slack(name, spare)
    return answer


def _by_hop(segments: Sequence[Segment]) -> Counter[Hop]:
    times: Counter[Hop] = Counter()
    for s in segments:
        times[s.kind, s.step, s.service, s.after, s.callee] += s.end - s.start
    return times


def _workflow(name: str, times: Sequence[Counter[Hop]]) -> PathWorkflow:
    took = sorted(order.total() for order in times)
    p50, p95, p99 = (_quantile(took, q) / 1e9 for q in _QUANTILES)
    return PathWorkflow(workflow=name, orders=len(times), p50_s=p50, p95_s=p95, p99_s=p99)


def _hops(workflow: str, times: Sequence[Counter[Hop]]) -> list[PathShare]:
    """Every hop that took time, the one that took most first."""
    slowest_last = sorted(times, key=lambda order: order.total())
    around = [_at(slowest_last, q) for q in _QUANTILES]
    whole: Counter[Hop] = Counter()
    for order in times:
        whole.update(order)
    found: list[PathShare] = []
    for hop, nanoseconds in sorted(whole.items(), key=lambda item: (-item[1], item[0])):
        kind, step, service, after, callee = hop
        took = sorted(order[hop] for order in times)
        p50, p95, p99 = (_quantile(took, q) / 1e9 for q in _QUANTILES)
        share_p50, share_p95, share_p99 = (_share(orders, hop) for orders in around)
        found.append(
            PathShare(
                workflow=workflow,
                kind=kind,
                step=step,
                service=service,
                after=after or None,
                callee=callee or None,
                orders=sum(1 for order in times if hop in order),
                share=nanoseconds / max(1, whole.total()),
                p50_s=p50,
                p95_s=p95,
                p99_s=p99,
                share_p50=share_p50,
                share_p95=share_p95,
                share_p99=share_p99,
            )
        )
    return found


def _slack(workflow: str, spare: dict[str, list[int]]) -> list[PathSlack]:
    return [
        PathSlack(
            workflow=workflow,
            step=step,
            orders=len(spans),
            least_s=min(spans) / 1e9,
            p50_s=_quantile(sorted(spans), 0.5) / 1e9,
        )
        for step, spans in sorted(spare.items())
    ]


def _quantile(ordered: Sequence[int], q: float) -> int:
    """The smallest value that at least a share `q` of them doesn't exceed; 0 of none."""
    return ordered[max(0, -int(-q * len(ordered) // 1) - 1)] if ordered else 0


def _at(ordered: Sequence[Counter[Hop]], q: float) -> Sequence[Counter[Hop]]:
    """The orders around a quantile: at least one."""
    n = len(ordered)
    first = min(max(0, int((q - _AROUND) * n)), max(0, n - 1))
    return ordered[first : max(first + 1, int((q + _AROUND) * n) + 1)]


def _share(orders: Sequence[Counter[Hop]], hop: Hop) -> float:
    return sum(order[hop] for order in orders) / max(1, sum(order.total() for order in orders))
