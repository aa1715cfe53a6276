"""What a wheel holds, what is pinned, and what must not stand in any file."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.project.tree import PACKAGES, ROOT, pyproject, sources, text, tracked

BINARY = {".woff2", ".png", ".gz", ".pb"}
FORBIDDEN = {
    "a package registry: pip's own settings say where packages come from": re.compile(
        r"(py" r"pi\.org|pythonhosted" r"\.org|npm" r"js\.|un" r"pkg\.com|jsdelivr" r"\.net)"
    ),
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/"),
}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_goes_into_the_wheel(package: str) -> None:
    patterns = pyproject()["tool"]["setuptools"]["package-data"][package]
    packed = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
    files = {ROOT / path for path in tracked() if path.parts[0] == package}
    assert not {str(path.relative_to(ROOT)) for path in files - packed if path.suffix != ".py"}, (
        "add a pattern to tool.setuptools.package-data"
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_python_files_stand_in_packages(package: str) -> None:
    folders = {path.parent for path in sources(package)}
    assert not {str(f) for f in folders if not (ROOT / f / "__init__.py").is_file()}


def pins() -> dict[str, str]:
    found = {}
    for line in text("constraints.txt").splitlines():
        match = re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([0-9][A-Za-z0-9.]*)", line)
        assert match, f"constraints.txt holds name==version lines only, not {line!r}"
        found[_normal(match[1])] = match[2]
    return found


def test_every_dependency_is_pinned_at_or_above_its_lower_bound() -> None:
    project = pyproject()
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    pinned = pins()
    for requirement in wanted:
        name, bound = re.fullmatch(
            r"([\w.-]+)(?:\[[\w,]+\])?>=([\w.]+)(?:;.*)?", requirement
        ).groups()
        assert _normal(name) in pinned, f"{name} is not in constraints.txt"
        assert _release(pinned[_normal(name)]) >= _release(bound), requirement


def test_each_name_is_pinned_once() -> None:
    names = [line.partition("==")[0].lower() for line in text("constraints.txt").splitlines()]
    assert len(set(map(_normal, names))) == len(names)


def test_version_numbers_agree() -> None:
    declared = pyproject()["project"]["version"]
    assert version("choreoscope") == declared, "run `make setup`"
    released = re.findall(r"^## (\S+)", text("CHANGELOG.md"), re.MULTILINE)
    assert declared in released[:2]  # what comes next may be written down already


def test_the_readme_and_licence_that_the_package_names_exist() -> None:
    project = pyproject()["project"]
    for name in [project["readme"], *project["license-files"]]:
        assert (ROOT / name).stat().st_size > 100


TEXTS = [path for path in tracked() if path.suffix not in BINARY]


@pytest.mark.parametrize("reason", FORBIDDEN)
def test_no_file_names(reason: str) -> None:
    hits = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in TEXTS
        for number, line in enumerate(_lines(path), 1)
        if FORBIDDEN[reason].search(line)
    ]
    assert not hits, reason


def _lines(path: Path) -> list[str]:
    return (ROOT / path).read_text("utf-8").splitlines()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _release(number: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", number)]
