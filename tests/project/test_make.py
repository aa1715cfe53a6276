"""The Makefile: every command is listed, and the pages name only commands that exist."""

import re
from importlib.util import find_spec

import pytest

from tests.project.tree import text, tracked

MAKEFILE = text("Makefile")
TARGETS = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)
PAGES = [str(path) for path in tracked() if path.suffix == ".md" or path.match(".ci/*")]


def test_every_command_is_listed_by_help_and_is_no_file() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1].split()
    assert sorted(phony) == sorted(TARGETS)


@pytest.mark.parametrize("page", [*PAGES, "Makefile"])
def test_the_commands_that_a_page_names_exist(page: str) -> None:
    named = re.findall(r"(?:`|^|\s{4})make ([a-z-]+)\b", text(page), re.MULTILINE)
    assert set(named) <= set(TARGETS)


def test_what_the_commands_start_exists() -> None:
    modules = re.findall(r"python -m ([\w.]+)", MAKEFILE)
    assert modules
    assert all(find_spec(name) for name in modules)


def test_whatever_needs_the_environment_makes_it() -> None:
    rules = re.findall(r"^([a-z-]+):(.*?)##.*\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)
    for target, needs, recipe in rules:
        assert ("$(BIN)" not in recipe) or ("$(STAMP)" in needs), target
