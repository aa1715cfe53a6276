"""What is said to those who ask wrongly, and to those who ask for help."""

import socket
import subprocess
import sys

import pytest

from collector.cli.command import main, parser
from collector.settings import describe

from .processes import choreoscope, failed

NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there


def test_help_of_serve_lists_every_setting_with_default_and_unit() -> None:
    text = " ".join(choreoscope("serve", "--help", COLUMNS="500").stdout.split())
    for setting in describe():
        if setting.flag:
            unit = f" {setting.unit}" if setting.unit else ""
            default = f"[{setting.default}{unit}]" if setting.default else ""
            shown = text[text.index(f"{setting.flag} ") :]
            assert setting.help in shown
            assert default in shown[shown.index(setting.help) :]


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    [commands] = [action for action in parser()._actions if action.dest == "command"]
    assert commands.choices
    for arguments in [*([name] for name in commands.choices), ["demo", "fault"]]:
        with pytest.raises(SystemExit, match="0"):
            main([*arguments, "--help"])
        text = capsys.readouterr().out
        assert f"example:\n  choreoscope {arguments[0]}" in text.replace("examples", "example")
        assert all(len(line) <= 100 for line in text.splitlines())


def test_version() -> None:
    assert choreoscope("--version").stdout.startswith("choreoscope 0.")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--http-port", "x"], "--http-port: 'x' is no whole number"),
        (["serve", "--http-port", "70000"], "--http-port: 70000 must be at least 0 and at most"),
        (["serve", "--host", "0.0.0.0"], "host 0.0.0.0 can be reached by others: set a token"),
        (["serve", "--config", "/nowhere.toml"], "can't read /nowhere.toml"),
        (["dashboard", "--port", "x"], "--port: 'x' is no whole number"),
        (["orders", "--collector", "nowhere"], "nowhere is no address of a collector"),
        (["demo", "--fault-every", "30"], "--fault-every has to be longer than --fault-lasts"),
        (["demo", "fault", "crash"], "whom shall it hit?"),
        (["demo", "fault", "crash", "--clear", "x"], "begin a fault or --clear one"),
    ],
)
def test_wrong_values_are_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert sentence in line


@pytest.mark.parametrize(
    "arguments",
    [[], ["ordres"], ["serve", "--http-prot", "1"], ["order"], ["load", "x", "--rate", "-1"]],
)
def test_unknown_commands_and_flags(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert capsys.readouterr().err.startswith("usage: choreoscope")


def test_a_misspelt_variable_is_an_error_that_names_the_nearest() -> None:
    sentence = failed(choreoscope("orders", CHOREOSCOPE_COLECTOR="http://127.0.0.1:1"), 2)
    assert "did you mean CHOREOSCOPE_COLLECTOR?" in sentence


@pytest.mark.parametrize(
    "command", [["orders"], ["order", "X"], ["causes"], ["map"], ["services"], ["expectations"]]
)
def test_a_collector_that_is_away(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--collector", NOBODY]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith(f"choreoscope: no collector answers at {NOBODY}; `choreoscope ")
    assert captured.out == ""


def test_a_demo_that_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "fault", "--control", NOBODY]) == 1
    assert capsys.readouterr().err.startswith(f"choreoscope: no demo answers at {NOBODY}; ")


@pytest.mark.parametrize(
    ("flag", "purpose"),
    [
        ("--http-port", "OTLP/HTTP and the API"),
        ("--grpc-port", "OTLP/gRPC"),
        ("--dashboard-port", "the dashboard"),
        ("--control-port", "the demo's control API"),
    ],
)
def test_the_demo_names_a_taken_port_before_it_starts_anything(
    flag: str, purpose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    free = ["--http-port=0", "--grpc-port=0", "--dashboard-port=0", "--control-port=0"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["demo", *free, flag, str(port)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"choreoscope: port {port} for {purpose} can't be had: address already in use; "
        f"end what uses it, or choose another with {flag}\n"
    )


def test_the_demo_refuses_one_port_for_two(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    assert main(["demo", "--http-port", port, "--grpc-port", port]) == 2
    assert "another flag names that port" in capsys.readouterr().err


def test_asking_loads_no_engine() -> None:
    """Half a second that nobody who only asks should wait."""
    script = (
        "import sys; from collector.cli.command import main; "
        f"main(['orders', '--collector', '{NOBODY}']); "
        "print([name for name in ('chdb', 'grpc', 'uvicorn', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
