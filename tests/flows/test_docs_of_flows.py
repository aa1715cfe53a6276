"""The examples of the documentation are what they say."""

import re
from pathlib import Path

import pytest

from collector.flows.grammar import FIELDS
from collector.flows.reader import read
from collector.flows.writer import written

PAGE = (Path(__file__).parents[2] / "docs" / "flows.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_can_be_declared(example: str) -> None:
    flow = read(example.encode(), "docs/flows.md", ["order"])
    assert any(entry.owed for entry in flow.entries)
    assert read(written(flow).encode(), "again") == flow


def test_every_field_is_described_and_shown() -> None:
    described = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|]*) \|", PAGE, re.M))))
    assert set(FIELDS) <= described
    shown = set(re.findall(r"(\w+):", "".join(EXAMPLES)))
    assert set(FIELDS) - {"on", "namespace", "services"} <= shown
