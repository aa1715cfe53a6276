"""What should come next, and after which flows?"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from collector.api.models.words import Time


class Alternative(BaseModel):
    """One of the steps that keep a rule."""

    step: str
    service: str
    role: str
    operation: str
    destination: str | None
    share: float | None = Field(
        description="of recent orders that took one of them; null where none has"
    )


class Expectation(BaseModel):
    """A rule: when these steps have all come, one of those is owed."""

    workflow: str
    rule: str = Field(description="its id, the same in every model")
    requires: list[str] = Field(
        description="steps that must all have come; none for what is undone when an order fails"
    )
    any_of: list[Alternative] = Field(description="the steps of which one will do")
    handover: list[str] = Field(description="steps between them that start the wait anew")
    after: str = Field(description="for short: the last of `requires`, or what is undone")
    step: str = Field(description="for short: the most frequent of `any_of`")
    service: str
    destination: str | None
    source: Literal["learned", "declared"]
    share: float = Field(
        description="of orders that took `requires`, those that took one of `any_of`; "
        "median over blocks of orders"
    )
    seen: int
    of: int
    median_s: float
    p99_s: float
    limit_s: float = Field(description="wait after which the step is late")
    within_s: float | None = Field(description="the declared wait; null if none is declared")
    critical: bool = Field(description="false: an order completes without it, with gaps")
    compensates: list[str] = Field(description="steps that it undoes")
    valid_from: Time | None = Field(
        description="of a rule that came with a deploy: orders from before owe nothing by it"
    )
    last_kept_at: Time | None = Field(
        description="when an order last kept it, as the collector saw it; null if none is known to"
    )
    text: str


class Undoing(BaseModel):
    """A step that seems to undo another: a guess, until it is declared."""

    workflow: str
    step: str
    compensates: str
    why: str
    seen: int = Field(
        description="of the orders that took it, those in which something had failed before, and "
        "the other step was done"
    )
    of: int


class Drift(BaseModel):
    """A place where all orders go on otherwise than a rule says: a deploy changed the flow."""

    workflow: str
    rule: str
    after: str = Field(description="the step that they took last")
    step: str = Field(description="the step that they take now; the model doesn't know it")
    since: Time


class Expectations(BaseModel):
    """What is expected next."""

    model_at: Time | None
    mature_orders: int
    expectations: list[Expectation]
    proposals: list[Undoing]
    drifts: list[Drift]


class FlowFault(BaseModel):
    """What is wrong with a declared flow, where, and what would do."""

    line: int = Field(description="from 1; 0: the flow as a whole")
    wrong: str
    expected: str


class FlowFile(BaseModel):
    """A file of a declared flow."""

    workflow: str | None = Field(description="null if the file never declared one")
    file: str
    rules: int = Field(description="rules in force that it declares")
    faults: list[FlowFault] = Field(
        description="what is wrong with the file now; what it declared before stays in force"
    )


class FlowFiles(BaseModel):
    """Declared flows."""

    folder: str | None = Field(description="null if none can be kept")
    flows: list[FlowFile]


class FlowTaken(BaseModel):
    """A flow that has been declared."""

    workflow: str
    rules: int
    unseen: list[str] = Field(
        description="steps it names that no order is known to have taken: misspelt, or new"
    )
