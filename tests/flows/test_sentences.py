"""What is said of a declared step: its limit, until orders have taken it."""

from datetime import UTC, datetime, timedelta

from collector.api.sentences import owed_sentence, waiting_sentence

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
OWED: dict[str, object] = {
    "step": "stock process payment.taken",
    "service": "stock",
    "owing": "stock",
    "role": "process",
    "operation": "payment.taken",
    "destination": "payment.taken",
    "after": "payment send payment.taken",
    "since": NOW - timedelta(seconds=45),
    "diagnosis": "not_consumed",
    "verdict": "on_time",
    "seen": 0,
    "of": 0,
    "median_s": 0.0,
    "p99_s": 30.0,
}
COUNTED = {"seen": 99, "of": 100, "median_s": 1.0, "p99_s": 2.0}


def late(**more: object) -> str:
    return owed_sentence(
        {**OWED, **more}, now=NOW, publisher=None, published_at=None, waiting=0, last_span_at=None
    )


def test_a_late_step() -> None:
    assert late().endswith("ended 11:59:15, 45 s ago; declared to come within 30 s.")
    assert late(**COUNTED).endswith(
        "99 of 100 orders took this step, nearly all within 2.0 s (median 1.0 s)."
    )


def test_a_step_that_is_waited_for() -> None:
    start = "Waiting for stock process payment.taken for 45 s"
    delayed = {**OWED, "verdict": "delayed"}
    assert waiting_sentence(OWED, now=NOW) == f"{start}; declared to come within 30 s."
    assert waiting_sentence(delayed, now=NOW) == (
        f"{start}: late, declared to come within 30 s, "
        "but orders before it are still getting through."
    )
    assert waiting_sentence({**OWED, **COUNTED}, now=NOW) == f"{start}; the median is 1.0 s."
