"""Documentation is tested: what exists is described, and what is described exists."""

import argparse
import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import unquote

import pytest
from fastapi import FastAPI

from collector import settings
from collector.api import health, routes
from collector.api.models import STATES, Diagnosis
from collector.api.reader import Reader
from collector.cli.command import parser
from collector.receivers import otlp_http
from demo_services.faults import FAULTS
from tests.project.tree import ROOT, text, tracked

PAGES = [str(path) for path in tracked() if path.suffix == ".md"]


# -- settings --------------------------------------------------------------------------------------


def row(setting: settings.Description) -> str:
    default = f"`{setting.default}`" if setting.default else ""
    unit = f" {setting.unit}" if setting.default and setting.unit else ""
    variable = f"`{setting.variable}`" if setting.variable else "file only"
    return f"| `{setting.name}` | {variable} | {default}{unit} | {setting.help} |"


def test_the_table_of_settings_is_the_one_in_the_code() -> None:
    found = [line for line in text("docs/configuration.md").splitlines() if line.startswith("| `")]
    expected = [row(setting) for setting in settings.describe()]
    assert found == expected, "the table should be:\n" + "\n".join(expected)


def test_the_readmes_settings_say_the_same() -> None:
    known = {(s.variable, s.default, s.help) for s in settings.describe()}
    rows = re.findall(
        r"^\| `(CHOREOSCOPE_\w+)` \|([^|]*)\|([^|]*)\|$", text("README.md"), re.MULTILINE
    )
    assert rows
    assert {(name, default.strip(" `"), help.strip()) for name, default, help in rows} <= known


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_that_a_page_names_exists(page: str) -> None:
    known = {setting.variable for setting in settings.describe()} | {"CHOREOSCOPE_CONFIG"}
    assert set(re.findall(r"CHOREOSCOPE_[A-Z_]+\b", text(page))) <= known


# -- command line ----------------------------------------------------------------------------------


def commands(
    parser: argparse.ArgumentParser, name: str = "choreoscope"
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command by its whole name, also those below others."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for short, command in action.choices.items():
                yield f"{name} {short}", command
                yield from commands(command, f"{name} {short}")


COMMANDS = dict(commands(parser()))


def section(page: str, heading: str) -> str:
    """What stands below a heading, to the next one."""
    found = re.search(
        rf"^##+ {re.escape(heading)}$(.*?)(?=^##+ |\Z)", text(page), re.MULTILINE | re.DOTALL
    )
    assert found, f"{page} has no heading {heading!r}"
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_flag_is_described(name: str) -> None:
    described = section("docs/cli.md", f"`{name}`")
    shared = text("docs/cli.md").partition("\n## ")[0]
    elsewhere = (
        {setting.flag for setting in settings.describe()} if name.endswith("serve") else set()
    )
    for action in COMMANDS[name]._actions:
        if action.help == argparse.SUPPRESS:
            continue
        for flag in set(action.option_strings) - elsewhere - {"-h", "--help"}:
            assert f"`{flag}" in described or f"`{flag}" in shared, f"{name} {flag}"


def test_no_command_is_described_that_is_not_there() -> None:
    described = re.findall(r"^## `(choreoscope [^`]+)`$", text("docs/cli.md"), re.MULTILINE)
    assert sorted(described) == sorted(COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_the_command_lines_of_the_pages_are_understood(page: str) -> None:
    lines = [
        line.partition(" #")[0].removesuffix("&").strip()
        for block in re.findall(r"^```\n(.*?)^```", text(page), re.MULTILINE | re.DOTALL)
        for line in re.split(r"\n|&&", block)
    ]
    for line in lines:
        if found := re.match(r"(?:\.venv/bin/)?choreoscope (.+)$", line.strip()):
            parser().parse_args(found[1].split())


def test_the_faults_of_the_demo_are_described() -> None:
    described = re.findall(
        r"^\| `(\w+)` \|", section("docs/cli.md", "`choreoscope demo fault`"), re.MULTILINE
    )
    assert described == list(FAULTS)


# -- API -------------------------------------------------------------------------------------------


def operations() -> dict[str, dict[str, Any]]:
    app = FastAPI()
    app.include_router(health.router(cast(Reader, None)))
    app.include_router(routes.router(cast(Reader, None)))
    paths = {**app.openapi()["paths"], otlp_http.PATH: otlp_http.openapi()}
    return {
        f"{method.upper()} {path}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


OPERATIONS = operations()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_route_and_parameter_is_described(name: str) -> None:
    described = section("docs/api.md", f"`{name}`")
    for parameter in OPERATIONS[name].get("parameters", ()):
        if parameter["in"] == "query":
            assert f"`{parameter['name']}`" in described, parameter["name"]
    assert "curl" in described


def test_no_route_is_described_that_is_not_there() -> None:
    described = re.findall(r"^### `([A-Z]+ [^`]+)`$", text("docs/api.md"), re.MULTILINE)
    assert sorted(described) == sorted(OPERATIONS)


# -- words -----------------------------------------------------------------------------------------


def test_every_state_and_diagnosis_is_explained() -> None:
    for word in (*STATES, *Diagnosis.__args__):
        assert f"`{word}`" in text("docs/concepts.md"), word


def test_the_verdicts_that_the_judge_gives_are_the_ones_explained() -> None:
    explained = section("docs/concepts.md", "State and verdict")
    judge = text("collector/jobs/judge.sql")
    given = set(re.findall(rf"\('(?:{'|'.join(STATES)})', '(\w+)'\)", judge))
    given |= {"odd_order", "edge_stopped", "delayed"}  # these stand in expressions
    for verdict in given:
        assert f"`{verdict}`" in explained, verdict


@pytest.mark.parametrize("page", PAGES)
def test_the_tests_that_a_page_names_exist(page: str) -> None:
    for file, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text(page)):
        assert f"\ndef {name}(" in text(file), f"{file}::{name}"


# -- links -----------------------------------------------------------------------------------------


def anchors(page: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if "://" not in target:
            name, _, anchor = unquote(target).partition("#")
            place = (folder / name).resolve() if name else ROOT / page
            if not place.exists() or (
                anchor and anchor not in anchors(str(place.relative_to(ROOT)))
            ):
                dead.append(target)
    assert dead == []
