"""Slack: how much longer a branch off the critical path could have taken without making the order
slower. Pure; beside `path`, read by `critical_path`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from collector.api.path import Path, PathSpan, causes


def slack(spans: Iterable[PathSpan], path: Path) -> dict[str, int]:
    """Nanoseconds by step, for branches that leave the path; of several the least.

    A branch that nobody waits for (a consumer, or work that goes on behind its caller) has until
    the end of the order; a call beside another has until that other one ends.
    """
    known = causes(spans)
    if not path.segments:
        return {}
    order_end = path.segments[-1].end
    below: defaultdict[str, list[PathSpan]] = defaultdict(list)
    for span, above in known:
        if above:
            below[above].append(span)
    ends = _ends(known)
    found: dict[str, int] = {}
    for above, branches in below.items():
        if above not in path.on_path:
            continue
        taken = sorted(s.end for s in branches if s.id in path.on_path and s.parent == above)
        for branch in branches:
            if branch.id in path.on_path or not branch.step:
                continue
            waited = branch.parent == above and branch.role in ("call", "serve")
            until = next((end for end in taken if end >= branch.end), None) if waited else order_end
            if until is not None:
                left = max(0, until - (branch.end if waited else ends[branch.id]))
                found[branch.step] = min(left, found.get(branch.step, left))
    return found


def _ends(known: list[tuple[PathSpan, str]]) -> dict[str, int]:
    """When each span and all that it led to had ended."""
    ends = {span.id: span.end for span, _ in known}
    waiting = {span.id: 0 for span, _ in known}
    above_of = {span.id: above for span, above in known}
    for above in above_of.values():
        if above:
            waiting[above] += 1
    ready = [id_ for id_, n in waiting.items() if not n]
    while ready:  # a cycle is never ready: its spans keep their own ends
        id_ = ready.pop()
        above = above_of[id_]
        if above:
            ends[above] = max(ends[above], ends[id_])
            waiting[above] -= 1
            if not waiting[above]:
                ready.append(above)
    return ends
