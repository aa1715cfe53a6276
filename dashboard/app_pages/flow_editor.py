"""The declared flow of a workflow: take over what was learned, confirm, edit, export, take back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard.client import CollectorProblem
from dashboard.components.signs import notice
from dashboard.figures import formats
from dashboard.figures.flowtext import NotToBeAddedError, with_compensation
from dashboard.records import FlowFile, Undoing

MOST_PROPOSALS = 6


@st.fragment(key="flow-editor")
def editor(workflow: str | None) -> None:
    """Everything that changes the declared flow of a workflow."""
    if workflow is None:
        return
    files = data.flows().value
    known = data.expectations(workflow).value
    if files is None or known is None:
        return
    st.subheader("Declared flow", anchor=False)
    if files["folder"] is None:
        notice(
            "no-folder",
            "This collector keeps no declared flows",
            "Give it a folder for their files; until then a flow can be exported only.",
            lines=["choreoscope serve --flows flows"],
        )
    own = next((file for file in files["flows"] if file["workflow"] == workflow), None)
    said(own)
    if files["folder"] is not None:
        proposals(workflow, known["proposals"])
    actions(workflow, own, keeps=files["folder"] is not None)


def said(own: FlowFile | None) -> None:
    """What the file is now, and what came of the last action."""
    told = st.session_state.pop("flow-told", None)
    if told:
        title, text, look = told
        notice("told", title, text, look=look, icon="✓" if look == "completed" else "✕")
    if own is None:
        notice(
            "declared",
            "Nothing is declared of this workflow",
            "What is learned holds. Declare it to enforce it as it is, to set waits of your own, "
            "or to say what undoes what.",
        )
        return
    wrong = [f"line {f['line']}: {f['wrong']}; {f['expected']}" for f in own["faults"]]
    rules = f"{own['rules']} rule{'s' * (own['rules'] != 1)} in force"
    if wrong:
        text = f"What it declared before stays in force ({rules})."
        notice("declared", f"{own['file']} has faults", text, look="failed", icon="✕", lines=wrong)
    else:
        notice("declared", f"Declared in {own['file']}", f"{rules}.", look="completed", icon="✓")


def proposals(workflow: str, found: list[Undoing]) -> None:
    """Steps that seem to undo others: a guess until somebody confirms it."""
    confirmed = st.session_state.get("flow-confirmed", set())
    open_ = [guess for guess in found if (guess["step"], guess["compensates"]) not in confirmed]
    for at, guess in enumerate(open_[:MOST_PROPOSALS]):
        left, right = st.columns([5, 1], vertical_alignment="center")
        with left:
            notice(
                f"proposal-{at}",
                f"Does {guess['step']} undo {guess['compensates']}?",
                f"{guess['why']}. In {formats.number(guess['seen'])} of "
                f"{formats.number(guess['of'])} orders it came after something had failed and the "
                "other was done. Once confirmed it is owed when an order fails.",
                look="compensated",
                icon="↩",
            )
        with right:
            st.button(
                "It does",
                key=f"confirm:{guess['step']}:{guess['compensates']}",
                on_click=confirm,
                args=(workflow, guess),
                width="stretch",
            )


def actions(workflow: str, own: FlowFile | None, *, keeps: bool) -> None:
    """Export, take over, edit, take back."""
    with st.container(horizontal=True):
        st.download_button(
            "Export as YAML",
            data=lambda: export(workflow),
            file_name=f"{file_name(workflow)}.yaml",
            mime="application/yaml",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            "Declare what was learned",
            icon=":material/task_alt:",
            on_click=accept,
            args=(workflow,),
            disabled=not keeps,
            help="Writes all rules in force into the file: what changes from then on is an error, "
            "not a new habit.",
        )
        editing = st.toggle("Edit", key="flow-edit", disabled=not keeps)
        if own is not None:
            with st.popover("Declare nothing"):
                st.markdown("The file is deleted; what is learned holds again.")
                st.button("Delete the file", on_click=forget, args=(workflow,), type="primary")
    if editing and keeps:
        edit(workflow)


def edit(workflow: str) -> None:
    """The file's text, or what would be in it, to be changed and put."""
    key = f"flow-text:{workflow}"
    if key not in st.session_state:
        try:
            st.session_state[key] = data.flow_text(workflow) or data.flow_export(workflow)
        except CollectorProblem as problem:
            notice("edit-problem", problem.title, problem.detail, look="failed", icon="✕")
            return
    st.text_area("Flow as YAML", key=key, height=420)
    with st.container(horizontal=True):
        st.button("Check and declare", type="primary", on_click=declare, args=(workflow, key))
        st.button("Start over", on_click=lambda: st.session_state.pop(key, None))


def declare(workflow: str, key: str) -> None:
    """Put what was typed."""
    text = str(st.session_state.get(key, ""))
    _try(lambda: _put(workflow, text))


def accept(workflow: str) -> None:
    """Declare exactly what is expected now."""
    _try(lambda: _put(workflow, data.flow_export(workflow)))
    st.session_state.pop(f"flow-text:{workflow}", None)


def confirm(workflow: str, guess: Undoing) -> None:
    """Declare that a step undoes another."""

    def add() -> tuple[str, str]:
        text = data.flow_text(workflow)
        added = with_compensation(text, workflow, guess["step"], guess["compensates"])
        told = _put(workflow, added)
        # The API proposes it until the next learning.
        confirmed = st.session_state.setdefault("flow-confirmed", set())
        confirmed.add((guess["step"], guess["compensates"]))
        return told

    _try(add)
    st.session_state.pop(f"flow-text:{workflow}", None)


def forget(workflow: str) -> None:
    """Delete the file."""

    def gone() -> tuple[str, str]:
        data.delete_flow(workflow)
        return "Nothing is declared any more", "What is learned holds."

    _try(gone)
    st.session_state.pop(f"flow-text:{workflow}", None)


def export(workflow: str) -> str:
    """What is expected, as YAML; the problem as a remark when there is one."""
    try:
        return data.flow_export(workflow)
    except CollectorProblem as problem:
        return f"# {problem.title}: {problem.detail}\n"


def file_name(workflow: str) -> str:
    """A name for a file, without what file systems refuse."""
    kept = "".join(c if c.isalnum() or c in "-_." else "-" for c in workflow)
    return kept.strip("-.")[:80] or "flow"


def _put(workflow: str, text: str) -> tuple[str, str]:
    taken = data.put_flow(workflow, text)
    unseen = taken["unseen"]
    words = "It is in force when the orders are judged next."
    if unseen:
        words += f" No order has taken these steps yet: {', '.join(unseen[:5])}."
    return f"Declared: {taken['rules']} rules", words


def _try(action: Callable[[], tuple[str, str]]) -> None:
    """Do it and keep what came of it for the next run."""
    try:
        title, text = action()
    except CollectorProblem as problem:
        st.session_state["flow-told"] = ("Not declared", problem.detail, "failed")
    except NotToBeAddedError as error:
        st.session_state["flow-told"] = ("Not declared", str(error), "failed")
    else:
        st.session_state["flow-told"] = (title, text, "completed")
