"""What is declared? The files of declared flows: read, written, deleted; they are the truth."""

from __future__ import annotations

from collector.api.models import FlowFault, FlowFile, FlowFiles, FlowTaken
from collector.api.problems import ProblemError
from collector.api.reader import Reader
from collector.flows.folder import Declared, NoFolder
from collector.flows.model import Flow
from collector.flows.reader import Fault, FlowError


def flows(declared: Declared) -> FlowFiles:
    """Every file, by workflow; those that never could be read last."""
    faults = declared.faults()
    found = [
        FlowFile(
            workflow=workflow,
            file=path.name,
            rules=_rules(declared.flow(workflow)),
            faults=_faults(faults.pop(path, ())),
        )
        for workflow, path in sorted(declared.files().items())
    ]
    found += [
        FlowFile(workflow=None, file=path.name, rules=0, faults=_faults(wrong))
        for path, wrong in faults.items()
    ]
    return FlowFiles(folder=str(declared.folder) if declared.folder else None, flows=found)


def flow(declared: Declared, workflow: str) -> str:
    """The text of a workflow's file."""
    text = declared.text(workflow)
    if text is None:
        raise ProblemError(404, f"nothing is declared of workflow {workflow!r}")
    return text


def put(reader: Reader, declared: Declared, workflow: str, content: bytes) -> FlowTaken:
    """Declare a workflow. It is in force when the orders are judged next."""
    try:
        taken = declared.put(workflow, content)
    except FlowError as error:
        raise ProblemError(
            400, str(error), errors=[vars(fault) for fault in error.faults]
        ) from None
    except NoFolder as error:
        raise ProblemError(409, str(error)) from None
    named = sorted(_named(taken))
    rows = reader.rows("seen_steps", {"workflow": workflow, "steps": named})
    seen = {row["step"] for row in rows}
    unseen = [step for step in named if step not in seen]
    return FlowTaken(workflow=workflow, rules=_rules(taken), unseen=unseen)


def delete(declared: Declared, workflow: str) -> None:
    """Declare nothing of a workflow any more."""
    try:
        gone = declared.delete(workflow)
    except NoFolder as error:
        raise ProblemError(409, str(error)) from None
    if not gone:
        raise ProblemError(404, f"nothing is declared of workflow {workflow!r}")


def _rules(flow: Flow | None) -> int:
    return sum(len(entry.ways) for entry in flow.entries) if flow else 0


def _named(flow: Flow) -> set[str]:
    """Every step that a flow speaks of."""
    named = {*flow.ends_success, *flow.ends_failure}
    for entry in flow.entries:
        named |= {*entry.steps, *entry.compensates, *(s for way in entry.after for s in way)}
    return named


def _faults(faults: tuple[Fault, ...]) -> list[FlowFault]:
    return [FlowFault(line=f.line, wrong=f.wrong, expected=f.expected) for f in faults]
