"""The command line as a whole: which commands there are, and what their errors look like."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from collector.cli import Failure, demo, doctor, expectations, flows, lists, load, order, serve
from collector.cli.help import Help
from collector.cli.plain import clean
from collector.settings import SettingsError

_COMMANDS = (demo, serve, load, order, lists, expectations, flows, doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 failed, 2 asked for wrongly."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an ASCII terminal gets `?` for `✓`
    given = parser().parse_args(arguments)
    try:
        code: int = given.run(given)
        sys.stdout.flush()
    except Failure as error:
        return _failed(error, error.code)
    except SettingsError as error:
        return _failed(error, 2)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    top = argparse.ArgumentParser(
        prog="choreoscope",
        description="Follows every order through choreographed microservices by their "
        "OpenTelemetry spans, and says which are stuck, at which step, and why.",
        epilog="`choreoscope COMMAND --help` tells more, with examples. "
        "New here? `choreoscope demo` shows everything at once.",
        formatter_class=Help,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"choreoscope {version('choreoscope')}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.add(commands)
    return top


def _failed(error: Exception, code: int) -> int:
    print(f"choreoscope: {clean(str(error))}", file=sys.stderr)
    return code
