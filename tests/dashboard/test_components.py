from __future__ import annotations

import re
from collections import Counter

import pytest

from dashboard.components.assets import ROOM, script
from dashboard.components.maps import PARTS

COMPONENTS = sorted(
    file.stem for file in ROOM.glob("*.js") if file.stem != "links" and file.stem not in PARTS
)
TOP = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("name", COMPONENTS)
def test_no_name_is_declared_twice_in_a_module(name: str) -> None:
    """The browser refuses a module that declares a name twice, and its files are joined."""
    declared = TOP.findall(script(name, PARTS if name == "servicemap" else ()))
    assert [found for found, times in Counter(declared).items() if times > 1] == []
    assert "export default function" in script(name)
