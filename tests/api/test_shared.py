"""Answers that everybody asks for: computed once, and as old as they may be."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from collector.api.shared import Shared


class Tables:
    """What is asked, and how often."""

    def __init__(self) -> None:
        self.state = self.asked = 0
        self.took_s = 0.0

    def ask(self) -> list[dict[str, Any]]:
        self.asked += 1
        time.sleep(self.took_s)
        return [{"state": self.state}]

    def answer(self, shared: Shared, question: str = "q", *, exact: bool = False) -> int:
        [row] = shared.rows(question, self.ask, lambda: self.state, exact=exact)
        return int(row["state"])


def test_an_answer_holds_while_the_tables_are_the_same() -> None:
    tables, shared = Tables(), Shared()
    assert [tables.answer(shared) for _ in range(3)] == [0, 0, 0]
    assert tables.asked == 1
    tables.state = 1
    assert tables.answer(shared) == 1
    assert tables.asked == 2


def test_a_slow_one_may_be_old_while_they_change_unless_it_must_be_exact() -> None:
    tables, shared = Tables(), Shared(most_age_s=60)
    tables.took_s = 1.0
    assert tables.answer(shared) == 0
    tables.took_s, tables.state = 0.0, 1
    assert (tables.answer(shared), tables.asked) == (0, 1)
    assert tables.answer(shared, exact=True) == 1
    tables.state = 2
    time.sleep(0.05)
    assert tables.answer(shared) == 2  # it was quick: the next is, too


def test_all_who_ask_at_once_wait_for_one() -> None:
    tables, shared = Tables(), Shared()
    tables.took_s = 0.2
    together = threading.Barrier(5)

    def ask(_: int) -> int:
        together.wait()
        return tables.answer(shared)

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(ask, range(5))) == [0] * 5
    assert tables.asked == 1


def test_only_so_many_are_kept() -> None:
    tables, shared = Tables(), Shared()
    for n in range(200):
        tables.answer(shared, f"question {n}")
    assert tables.asked == 200
    tables.answer(shared, "question 199")
    assert tables.asked == 200
    tables.answer(shared, "question 0")
    assert tables.asked == 201
