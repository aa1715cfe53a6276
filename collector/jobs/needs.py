"""What a step requires: the nearest steps that always came before it. Pure: no SQL and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from collector.jobs.pair_counts import ENTRIES, SURE, Counts


class Needs:
    """What the steps of a workflow require, by its counts."""

    def __init__(self, counts: Counts) -> None:
        self._of = counts
        self._required: dict[str, tuple[str, ...]] = {}

    @cached_property
    def sure(self) -> dict[str, dict[str, bool]]:
        """For each step those that always came before it; True: and led to it."""
        sure: dict[str, dict[str, bool]] = {}
        for step in self._of.alone:
            if self._of.causeless(step):
                among = [
                    first
                    for first in self._of.alone
                    if first != step and not self._of.leads(step, first)
                ]
            else:
                among = self._of.leading[step]
            sure[step] = {
                first: self._of.leads(first, step)
                for first in among
                if self._of.share_before(first, step) >= SURE
                and not self._of.follows_more(first, step)
            }
        return sure

    def requires(self, step: str) -> tuple[str, ...]:
        """The nearest steps that always came before it."""
        if step not in self._required:
            sure = self.sure[step]
            nearest = [
                one
                for one in sure
                if not any(one in self.sure[other] for other in sure if other != one)
            ]
            if nearest and self._of.causeless(step):
                nearest = [min(nearest, key=lambda one: (-len(self.sure[one]), one))]
            elif nearest:
                nearest += self.also(step, nearest)
            self._required[step] = tuple(sorted(nearest))
        return self._required[step]

    def also(self, step: str, nearest: Sequence[str]) -> list[str]:
        """What its service also waits for, though another branch nearly always comes last.

        It led to the step when it was the last, or the step follows it more surely than the rest.
        """
        share = max(self._of.followed(one, [step]) for one in nearest)
        return [
            first
            for first, alone in self._of.alone.items()
            if self._of.same_service(first, step)
            and alone.role in ENTRIES
            and first not in self.sure[step]
            and not self._of.leads(step, first)
            and not any(first in self.sure[one] or one in self.sure[first] for one in nearest)
            and self._of.share_before(first, step) >= SURE
            and (self._of.pairs[first, step].led > 0 or self._of.followed(first, [step]) > share)
        ]

    def near(self, step: str) -> bool:
        """Whether what it requires leads to it without a step between."""
        return self._of.causeless(step) or any(
            self._of.direct(first, step) for first in self.requires(step)
        )
