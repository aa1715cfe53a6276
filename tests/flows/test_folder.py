"""A folder of declared flows that changes while it is watched."""

import threading
from pathlib import Path

import pytest

from collector.flows.folder import Declared, NoFolder, file_name
from collector.flows.reader import FlowError

FLOW = "workflow: {}\nsteps:\n  b process x: {{after: a send x}}\n"
NAMES = [
    "order",
    "../../etc/passwd",
    "..",
    ".hidden",
    "shop GET /orders/{id}",
    "C:\\orders",
    "nul\x00byte",
    "line\nbreak",
    "ä😀 %2F",
    "long " * 200,
    "long " * 200 + "x",
    "order~1",
]


def content(workflow: str) -> bytes:
    quoted = '"' + "".join(f"\\U{ord(c):08x}" for c in workflow) + '"'
    return FLOW.format(quoted).encode()


def test_workflows_of_any_name_have_files_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "flows"
    declared = Declared(folder, NAMES)
    for name in NAMES:
        assert declared.put(name, content(name)).workflow == name
    assert {path.parent for path in declared.files().values()} == {folder}
    assert len(set(folder.iterdir())) == len(NAMES)
    assert [path for path in tmp_path.rglob("*") if path.parent not in (folder, folder.parent)] == [
        tmp_path / "a"
    ]
    assert all(len(file_name(name).encode()) < 200 for name in NAMES)
    assert [flow.workflow for flow in declared.flows()] == sorted(NAMES)
    again = Declared(folder, NAMES)
    assert again.flows() == declared.flows()
    for name in NAMES:
        assert again.text(name) == content(name).decode()
        assert again.delete(name)
        assert not again.delete(name)
    assert list(folder.iterdir()) == []
    assert declared.flows() == ()


def test_names_that_would_meet_in_one_file_do_not(tmp_path: Path) -> None:
    (tmp_path / "order.yaml").write_bytes(content("claim"))
    declared = Declared(tmp_path, ["order", "claim"])
    declared.put("order", content("order"))
    assert declared.files()["claim"].name == "order.yaml"
    assert declared.files()["order"].name.startswith("order~")
    kept = declared.files()["order"]
    declared.put("order", content("order") + b"# again\n")
    assert declared.files()["order"] == kept


def test_what_changes_is_taken_over_and_what_breaks_stays(tmp_path: Path) -> None:
    declared = Declared(tmp_path, ["order", "claim"])
    declared.check()
    assert declared.flows() == ()
    path = tmp_path / "mine.yml"
    path.write_bytes(content("order"))
    first = declared.flows()
    assert [flow.workflow for flow in first] == ["order"]
    assert declared.flows() is first

    path.write_bytes(content("order") + b"# a remark changes nothing\n")
    assert declared.flows() is first
    path.write_text("workflow: order\nsteps: {x: }\n")
    assert declared.flows() is first
    [fault] = declared.faults()[path]
    assert (fault.line, fault.wrong) == (2, "'x' says no step")
    with pytest.raises(FlowError):
        Declared(tmp_path, ["order"]).check()

    declared.put("order", content("order").replace(b"a send x", b"a send y"))
    assert path.read_text().count("a send y") == 1
    assert declared.faults() == {}
    assert declared.flows() != first
    (tmp_path / "other.yaml").write_bytes(content("order"))
    assert "declares workflow order already" in str(declared.faults()[tmp_path / "other.yaml"])
    path.unlink()
    assert declared.flows() == first
    assert declared.files()["order"].name == "other.yaml"


def test_what_is_not_put(tmp_path: Path) -> None:
    with pytest.raises(NoFolder, match="name one with the setting flows"):
        Declared(None, ["order"]).put("order", content("order"))
    assert Declared(None, ["order"]).flows() == ()
    declared = Declared(tmp_path / "flows", ["order"])
    with pytest.raises(FlowError, match="this declares workflow 'order'; expected 'claim'"):
        declared.put("claim", content("order"))
    with pytest.raises(FlowError, match="there is no workflow 'claim'; expected order"):
        declared.put("claim", content("claim"))
    assert not (tmp_path / "flows").exists()
    (tmp_path / "flows").write_text("a file")
    with pytest.raises(NoFolder, match=r"can't write into .*flows: "):
        declared.put("order", content("order"))


def test_a_file_is_whole_at_any_time(tmp_path: Path) -> None:
    declared = Declared(tmp_path, ["order"])
    long = content("order") + b"# " + b"x" * 200_000 + b"\n"
    declared.put("order", long)
    seen: set[int] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(len((tmp_path / "order.yaml").read_bytes()))

    watcher = threading.Thread(target=look)
    watcher.start()
    for n in range(20):
        declared.put("order", content("order") if n % 2 else long)
    done.set()
    watcher.join()
    assert seen <= {len(long), len(content("order"))}
    assert [path.name for path in tmp_path.iterdir()] == ["order.yaml"]
