"""Widgets whose value is in the page's address: the address is the truth, Back and links work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

RANGES: dict[str, int | None] = {
    "15m": 900,
    "1h": 3600,
    "6h": 21_600,
    "24h": 86_400,
    "7d": 604_800,
    "all": None,
}
"""Spans of time to look back over, in seconds; None is everything that is stored."""
RANGE_NAMES = {
    "15m": "15 min",
    "1h": "1 h",
    "6h": "6 h",
    "24h": "24 h",
    "7d": "7 d",
    "all": "all",
}
RANGE_WORDS = {
    "15m": "in the last 15 minutes",
    "1h": "in the last hour",
    "6h": "in the last 6 hours",
    "24h": "in the last 24 hours",
    "7d": "in the last 7 days",
    "all": "since the first span",
}


def parameter(name: str) -> str | None:
    """A parameter of the address; None when it is missing or empty."""
    return st.query_params.get(name) or None


def change(**parameters: str | None) -> None:
    """Write parameters into the address; None removes one."""
    for name, value in parameters.items():
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def _synced(
    name: str, value: object, write: Callable[[object], str | None]
) -> tuple[str, Callable[[], None]]:
    """The widget's key, set to `value`, and what to do when the user changes it."""
    key = f"address:{name}"
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value

    def changed() -> None:
        change(**{name: write(st.session_state.get(key)), "next": None, "back": None})

    return key, changed


def workflow_choice(names: Sequence[str]) -> str | None:
    """A selection of one workflow or all; the address may name one that has no orders."""
    chosen = parameter("workflow")
    options = ["", *dict.fromkeys([*names, *([chosen] if chosen else [])])]
    key, changed = _synced("workflow", chosen or "", lambda value: str(value or "") or None)
    st.selectbox(
        "Workflow",
        options,
        key=key,
        format_func=lambda name: name or "All workflows",
        width=210,
        on_change=changed,
        label_visibility="collapsed",
    )
    return chosen


def one_workflow(names: Sequence[str]) -> str | None:
    """A selection of exactly one workflow: the first unless the address names one."""
    chosen = parameter("workflow") or (names[0] if names else None)
    if chosen is None:
        return None
    key, changed = _synced("workflow", chosen, lambda value: str(value or "") or None)
    options = list(dict.fromkeys([*names, chosen]))
    st.selectbox(
        "Workflow", options, key=key, width=210, on_change=changed, label_visibility="collapsed"
    )
    return chosen


def range_asked(default: str) -> str:
    """How far the address looks back, as a name of RANGES."""
    chosen = parameter("range")
    return chosen if chosen in RANGES else default


def range_choice(default: str) -> str:
    """A selection of how far to look back, as a name of RANGES."""
    chosen = range_asked(default)
    key, changed = _synced(
        "range", chosen, lambda value: None if value in {None, default} else str(value)
    )
    st.segmented_control(
        "Range",
        list(RANGES),
        key=key,
        format_func=RANGE_NAMES.__getitem__,
        on_change=changed,
        label_visibility="collapsed",
    )
    return chosen


def search_box(
    label: str, placeholder: str, taken: Callable[[str], bool] = lambda _text: False
) -> str | None:
    """A text to search for, `q` in the address, unless `taken` says that it leads elsewhere."""
    chosen = parameter("q")
    key, changed = _synced("q", chosen or "", lambda value: str(value or "").strip() or None)

    def entered() -> None:
        text = str(st.session_state.get(key) or "").strip()
        if not text or not taken(text):
            changed()

    st.text_input(label, key=key, placeholder=placeholder, on_change=entered)
    return chosen


def choice(
    name: str,
    label: str,
    options: Mapping[str, str],
    *,
    none: str = "",
    width: int | None = None,
) -> str | None:
    """A selection of one of `options` (value → words) or none; a stranger in the address stays.

    With `none`, the words for no selection, the label isn't shown.
    """
    chosen = parameter(name)
    values = ["", *dict.fromkeys([*options, *([chosen] if chosen else [])])]
    key, changed = _synced(name, chosen or "", lambda value: str(value or "") or None)
    st.selectbox(
        label,
        values,
        key=key,
        format_func=lambda value: options.get(value, value) if value else none or "All",
        on_change=changed,
        width=width or "stretch",
        label_visibility="collapsed" if none else "visible",
    )
    return chosen


def segments(name: str, label: str, options: Mapping[str, str], default: str) -> str:
    """One of a few `options` (value → words) side by side; the default isn't in the address."""
    chosen = parameter(name) or default
    if chosen not in options:
        chosen = default
    key, changed = _synced(
        name, chosen, lambda value: None if value in {None, default} else str(value)
    )
    st.segmented_control(
        label,
        list(options),
        key=key,
        format_func=options.__getitem__,
        on_change=changed,
        label_visibility="collapsed",
    )
    return chosen


def several(name: str, label: str, options: Mapping[str, str]) -> None:
    """Some of `options` (value → words), by comma in the address; all of them are none there."""
    asked = (parameter(name) or "").split(",")
    chosen = [value for value in options if value in asked] or list(options)

    def write(value: object) -> str | None:
        picked = [one for one in options if isinstance(value, list) and one in value]
        return None if len(picked) in {0, len(options)} else ",".join(picked)

    key, changed = _synced(name, chosen, write)
    st.pills(
        label,
        list(options),
        selection_mode="multi",
        key=key,
        format_func=options.__getitem__,
        on_change=changed,
        label_visibility="collapsed",
    )


def switch(name: str, label: str) -> None:
    """On or off, `1` in the address when on."""
    key, changed = _synced(name, parameter(name) == "1", lambda value: "1" if value else None)
    st.toggle(label, key=key, on_change=changed)


def tab_choice(names: Sequence[str]) -> Sequence[TabContainer]:
    """Tabs of which one is open, `tab` in the address; the first is the default."""
    chosen = parameter("tab") or names[0]
    if chosen not in names:
        chosen = names[0]
    key, changed = _synced(
        "tab", chosen, lambda value: None if value in {None, names[0]} else str(value)
    )
    return st.tabs(names, key=key, on_change=changed)


def toggle(name: str, label: str, on: str, explained: str) -> bool:
    """A toggle; its parameter in the address is `on`, or missing."""
    chosen = parameter(name) == on
    key, changed = _synced(name, chosen, lambda value: on if value else None)
    st.toggle(label, key=key, help=explained, on_change=changed)
    return chosen


def moment(name: str, label: str) -> None:
    """A date and time in UTC, RFC 3339 in the address; one that can't be read there is none."""
    try:
        chosen = datetime.fromisoformat(parameter(name) or "").astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        chosen = None
    shown = chosen.replace(second=0, microsecond=0) if chosen else None

    def write(value: object) -> str | None:
        return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else None

    key, changed = _synced(name, shown, write)
    st.datetime_input(label, value=None, key=key, format="YYYY-MM-DD", on_change=changed)
