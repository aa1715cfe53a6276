"""Colours, icons and words of states, for dark and light. Colour never stands alone.

The colours were searched for: the least CIEDE2000 distance between two states is 15 in dark and 14
in light, also with a colour-vision deficiency; tests hold contrast and distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["dark", "light"]
MODES: tuple[Mode, ...] = ("dark", "light")


@dataclass(frozen=True)
class Look:
    """How a state appears: word, icon, fill and ink (text) per mode."""

    word: str
    icon: str
    dark: str
    light: str
    light_ink: str

    def fill(self, mode: Mode) -> str:
        """Colour of bars and marks."""
        return self.dark if mode == "dark" else self.light

    def css(self) -> str:
        """The fill as a CSS colour that follows the page's scheme."""
        return f"light-dark({self.light}, {self.dark})"

    def ink(self, mode: Mode) -> str:
        """Colour of text."""
        return self.dark if mode == "dark" else self.light_ink


COMPLETED = Look("completed", "✓", "#5FD6A8", "#23805F", "#17694D")
RUNNING = Look("in progress", "▶", "#2F86F6", "#3D8BF0", "#1457B8")
WAITING = Look("in progress", "○", "#8E939C", "#4A4F57", "#4A4F57")
STUCK = Look("stuck", "◆", "#FF9F1C", "#B87400", "#8A5300")
FAILED = Look("failed", "✕", "#F4406A", "#A3081A", "#9E0B1E")
COMPENSATING = Look("compensating", "↪", "#E3B1FA", "#9B31A9", "#7F2189")
COMPENSATED = Look("compensated", "↩", "#E3B1FA", "#9B31A9", "#7F2189")
UNKNOWN = Look("unknown", "?", "#8E939C", "#4A4F57", "#4A4F57")

STATES: dict[str, Look] = {
    "completed": COMPLETED,
    "in_progress": RUNNING,
    "stuck": STUCK,
    "failed": FAILED,
    "compensating": COMPENSATING,
    "compensated": COMPENSATED,
    "unknown": UNKNOWN,
}
"""The API's states of an order, in the order in which they are listed."""

STEPS: dict[str, Look] = {
    "done": Look("done", "✓", COMPLETED.dark, COMPLETED.light, COMPLETED.light_ink),
    "running": Look("running", "▶", RUNNING.dark, RUNNING.light, RUNNING.light_ink),
    "retrying": Look("retrying", "↻", RUNNING.dark, RUNNING.light, RUNNING.light_ink),
    "failed": FAILED,
    "owed": Look("waiting", "○", WAITING.dark, WAITING.light, WAITING.light_ink),
    "late": STUCK,
    "compensated": Look("compensated", "↩", COMPLETED.dark, COMPLETED.light, COMPLETED.light_ink),
    "undoing": Look("done", "✓", COMPENSATED.dark, COMPENSATED.light, COMPENSATED.light_ink),
}
"""The API's states of a step, `late` for one that is owed and overdue, and `undoing` for one that
undid another: what was undone keeps the colour of what was done, with another mark."""

_HESITANT = {"suspect", "delayed"}


def order_look(state: str, verdict: str = "") -> Look:
    """The look of an order; a state this dashboard doesn't know looks unknown."""
    if state == "in_progress" and verdict in _HESITANT:
        return WAITING
    return STATES.get(state, UNKNOWN)


def step_look(state: str, late: bool = False) -> Look:
    """The look of a step."""
    return STEPS["late"] if state == "owed" and late else STEPS.get(state, UNKNOWN)


@dataclass(frozen=True)
class Tone:
    """A colour with no state behind it, per mode."""

    dark: str
    light: str

    def of(self, mode: Mode) -> str:
        """The colour in that mode."""
        return self.dark if mode == "dark" else self.light

    def css(self) -> str:
        """The colour as CSS that follows the page's scheme."""
        return f"light-dark({self.light}, {self.dark})"


PAGE = Tone("#0B0F17", "#FFFFFF")
PANEL = Tone("#121826", "#F7F8FA")
BORDER = Tone("#222B3B", "#E4E7EC")
TEXT = Tone("#E6EAF2", "#1B2330")
MUTED = Tone("#8B95A7", "#5C667A")
ACCENT = Tone("#4EA1FF", "#0B63CE")
RPC = Tone("#FF5C5C", "#D62839")
MESSAGING = Tone("#4EA1FF", "#0068D6")
DATABASE = Tone("#8B95A7", "#667085")
FAILING = Tone("#FFC233", "#B26B00")
FAILING_INK = Tone("#FFC233", "#8A5300")
COMPENSATION = Tone("#E3B1FA", "#9B31A9")
NODE = Tone("#C9D3E6", "#344054")

TONES: dict[str, Tone] = {
    "page": PAGE,
    "panel": PANEL,
    "border": BORDER,
    "text": TEXT,
    "muted": MUTED,
    "accent": ACCENT,
    "rpc": RPC,
    "messaging": MESSAGING,
    "database": DATABASE,
    "failing": FAILING,
    "failing-ink": FAILING_INK,
    "compensation": COMPENSATION,
    "node": NODE,
}


FONT = "Inter, system-ui, sans-serif"
"""The page's font, for what is drawn outside of its styles."""


def stylesheet() -> str:
    """The palette as CSS custom properties that follow the page's colour scheme.

    `--stuck` is a fill, `--stuck-ink` is for text, `--border` and the like are plain tones.
    """
    lines = [f"--{name}: light-dark({tone.light}, {tone.dark});" for name, tone in TONES.items()]
    looks = {**STATES, "waiting": WAITING}
    for name, look in looks.items():
        token = name.replace("_", "-")
        lines.append(f"--{token}: light-dark({look.light}, {look.dark});")
        lines.append(f"--{token}-ink: light-dark({look.light_ink}, {look.dark});")
    return ":host, .choreoscope { " + " ".join(lines) + " }"


def token(look: Look) -> str:
    """The name under which `stylesheet` has this look's colours."""
    if look.dark == COMPENSATED.dark:
        return "compensated"
    for name, known in {**STATES, "waiting": WAITING}.items():
        if (known.dark, known.light) == (look.dark, look.light):
            return "waiting" if name == "unknown" else name.replace("_", "-")
    return "waiting"


def translucent(colour: str, alpha: float) -> str:
    """`#RRGGBB` with an opacity, as CSS.

    >>> translucent("#FF9F1C", 0.25)
    'rgba(255,159,28,0.25)'
    """
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
