"""One field of a form: its label, its control, and below it what follows from the value and what is wrong with it."""

from collections.abc import Iterator

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from konnect_tui.draft import Draft
from konnect_tui.errors import Problem
from konnect_tui.flow.paths import homely
from konnect_tui.flow.step import Field, Value
from konnect_tui.ui.chrome import page_width
from konnect_tui.ui.controls import Control
from konnect_tui.ui.controls.choosing import ChoiceList, MultiList
from konnect_tui.ui.theme import COLOURS, SIGNS
from konnect_tui.words import printable, wrap

_MOST = 3
"""Problems told below one field. The same cure is told once, below the last one it is for."""


class FieldRow(Widget):
    """A field on the screen. The form tells it what to show; its control tells the form what was answered."""

    DEFAULT_CSS = """
    FieldRow {
        layout: grid; grid-size: 2; grid-columns: 20 1fr; grid-rows: auto; height: auto; width: 1fr;
        .label { color: $muted; width: 20; height: 1; }
        &:focus-within > .label { color: $primary; text-style: bold; }
        .below { column-span: 2; }
        &.-main { layout: vertical; margin-bottom: 1; }
    }
    """

    def __init__(self, field: Field, draft: Draft) -> None:
        super().__init__(classes="-main" if field.main else "")
        self.field = field
        self.fault = ""
        self.problems: tuple[Problem, ...] = ()
        self.control = make_control(field, draft)
        self.taken = self.control.answer
        """The answer that the form knows of."""

    def compose(self) -> Iterator[Widget]:
        """Label and control. What the page is about needs no label: the heading is one."""
        if not self.field.main:
            yield Static(Content(self.field.label), classes="label")
        yield self.control
        below = self._below()
        if below:
            yield Static(below, classes="below")

    def show(self, field: Field, draft: Draft) -> None:
        """Show the field as it is now."""
        self.field = field
        said = self.control.answer
        self.control.show(field, draft)
        self._know(said)
        self._tell()

    def settle(self, field: Field, draft: Draft) -> None:
        """What was answered here was put into the draft."""
        said = self.control.answer
        self.control.settle(field, draft)
        self._know(said)

    def _know(self, before: Value) -> None:
        """What came from the draft is no answer. What somebody is typing meanwhile is one."""
        if self.control.answer != before:
            self.taken = self.control.answer

    def blame(self, problems: tuple[Problem, ...], fault: str = "") -> None:
        """Show these problems; `fault` is a text that could not be understood."""
        if (problems, fault) != (self.problems, self.fault):
            self.problems, self.fault = problems, fault
            self._tell()

    @property
    def guilty(self) -> bool:
        """Whether the step can't be left because of this field."""
        return bool(self.fault) or any(problem.severity == "error" for problem in self.problems)

    @property
    def filled(self) -> bool:
        """Whether something stands in the control."""
        return bool(getattr(self.control, "value", True))

    @property
    def explanation(self) -> str:
        """What the line at the foot of the page says while this field has the focus."""
        return self.control.explanation or self.field.help

    @property
    def reason(self) -> str:
        """Why the step can't be left because of this field."""
        wrong = (self._worded(problem) for problem in self.problems if problem.severity == "error")
        return self.fault or next(wrong, "")

    def _worded(self, problem: Problem) -> str:
        """The problem's message with the field called as it is on the screen, not as in an answers file."""
        return homely(problem.message.replace(f"`{problem.field}`", self.field.label))

    def _tell(self) -> None:
        below = self._below()
        static = self.query_one_optional(".below", Static)
        if static:
            static.update(below)
            static.display = bool(below)
        elif below:
            self.mount(Static(below, classes="below"))

    def _below(self) -> Content:
        lines = []
        for fact in self.field.facts:
            mark = Content.styled(f"  {fact.mark}", "$muted italic") if fact.mark else ""
            lines.append(Content.assemble((f"{fact.label:<22}", "$muted"), printable(fact.value), mark))
        if self.field.note:
            lines += self._indented(self.field.note, "$muted")
        if self.fault:
            lines += self._indented(f"{SIGNS['error']} {self.fault}", COLOURS["error"])
        told = [problem for problem in self.problems if not (self.fault and problem.severity == "error")]
        for at, problem in enumerate(told[:_MOST]):
            lines += self._indented(f"{SIGNS[problem.severity]} {self._worded(problem)}", COLOURS[problem.severity])
            if problem.hint and problem.hint not in {later.hint for later in told[at + 1 : _MOST]}:
                lines += self._indented(f"  {problem.hint}", "$muted")
        if len(told) > _MOST:
            lines += self._indented(f"  … and {len(told) - _MOST:,} more", "$muted")
        return Content("\n").join(lines)

    def _indented(self, said: str, style: str) -> Iterator[Content]:
        """The text under the control, wrapped there."""
        indent = 6 if self.field.main else 22
        for line in wrap(printable(said), page_width(self.app.size.width) - indent - 1):
            yield Content.styled(" " * indent + line, style)


def make_control(field: Field, draft: Draft) -> Control:
    """The widget that answers this kind of field. Loaded when first needed: the first page needs one of them."""
    if field.kind == "choice" and field.main:
        return ChoiceList(field, draft)
    if field.kind == "multi":
        return MultiList(field, draft)
    if field.kind in ("choice", "toggle"):
        from konnect_tui.ui.controls.row import ChoiceRow

        return ChoiceRow(field, draft)
    if field.kind == "lines":
        from konnect_tui.ui.controls.lines import Lines

        return Lines(field, draft)
    if field.kind in ("path", "paths"):
        from konnect_tui.ui.controls.paths import PathLine

        return PathLine(field, draft)
    from konnect_tui.ui.controls.typing import Line, PasteLine, SecretLine

    kinds: dict[str, type[Line]] = {"secret": SecretLine, "paste": PasteLine}
    return kinds.get(field.kind, Line)(field, draft)
