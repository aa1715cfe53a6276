"""`choreoscope flows` and `choreoscope expectations`, in this process, before a real collector."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from collector.cli.command import main
from collector.flows.reader import read
from tests.api.conftest import served
from tests.flows.test_flows_api import DECLARED, TAKEN
from tests.golden.spans import joined
from tests.golden.stories import read as story
from tests.golden.stories import requests
from tests.golden.world import world

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def url(engine_url: Callable[[str], str]) -> Iterator[str]:
    with world(engine_url("chdb")) as here:
        here.take(joined(requests(story("happy"))))
        here.settle()
        with served(here) as client:
            yield str(client.base_url).rstrip("/")


@pytest.fixture
def ask(url: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*arguments: object) -> tuple[int, str, str]:
        code = main([*map(str, arguments), "--collector", url])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return asked


def test_the_round_trip(ask: Ask, tmp_path: Path) -> None:
    code, table, _ = ask("expectations")
    assert code == 0 and TAKEN in table and "learned" in table
    exported = tmp_path / "order.yaml"
    code, said, _ = ask("expectations", "--workflow", "order", "--export", exported)
    assert code == 0 and said.startswith(f"Wrote {exported}; `choreoscope flows put ")
    assert ask("expectations", "--export") == (0, exported.read_text(), "")
    flow = read(exported.read_bytes(), "order.yaml")
    rules = sum(len(entry.ways) for entry in flow.entries)
    assert 0 < rules <= len(table.splitlines())
    assert ask("flows", "put", exported)[:2] == (
        0,
        f"order: {rules} rules declared, in force at once.\n",
    )
    assert ask("flows", "get", "order") == (0, exported.read_text(), "")
    code, listed, _ = ask("flows", "list")
    assert code == 0 and f"order order.yaml {rules} in force" in " ".join(listed.split())
    assert ask("flows", "delete", "order")[:2] == (0, "order: nothing is declared any more.\n")
    assert ask("flows", "list")[1] == "Nothing is declared.\n"


def test_what_is_refused(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(DECLARED.replace("30s", "soon").replace("after", "aftre"))
    code, out, err = ask("flows", "put", file)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"{file}:4: there is no field aftre; expected after",
        f"{file}:4: within: soon; expected a time such as 500ms, 30s, 5m, 8h or 2d, over 0 and at "
        "most 365d",
    ]
    file.write_text(DECLARED.replace("workflow: order", "workflow: ordre"))
    code, _, err = ask("flows", "put", file)
    assert (code, err) == (1, f"{file}:2: there is no workflow 'ordre'; expected order\n")
    assert ask("flows", "put", tmp_path / "none.yaml")[0] == 1
    assert "nothing is declared of workflow 'order'" in ask("flows", "get", "order")[2]
    assert ask("flows", "delete", "order")[0] == 1
    assert ask("expectations", "--export", "--json")[0] == 2
    assert "can't write" in ask("expectations", "--export", tmp_path / "no" / "folder")[2]


def test_a_step_that_nobody_has_taken(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(DECLARED.replace("payment send payment.taken", "payment send payment.token"))
    code, out, _ = ask("flows", "put", file)
    assert code == 0
    assert out.splitlines()[1:] == [
        "No order is known to have taken payment send payment.token: is that its name?"
    ]
    assert ask("flows", "delete", "order")[0] == 0


def test_check_needs_no_collector(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, twice, bad = (tmp_path / f"{name}.yaml" for name in ("a", "b", "c"))
    good.write_text(DECLARED)
    assert main(["flows", "check", str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: order, 1 rule\n"
    twice.write_text(DECLARED)
    bad.write_text("workflow: order\nsteps: []")
    assert main(["flows", "check", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1] == f"{twice}: {good} declares order already"
    assert captured.err.startswith(f"{bad}:2: steps is empty; expected entries such as payment:")

    config = tmp_path / "c.toml"
    config.write_text('[workflows.claim]\nkeys = ["claim.id"]\n')
    assert main(["flows", "check", str(good), "--config", str(config)]) == 1
    assert "there is no workflow 'order'; expected claim" in capsys.readouterr().err
    assert main(["flows", "check", str(tmp_path / "none.yaml")]) == 1
