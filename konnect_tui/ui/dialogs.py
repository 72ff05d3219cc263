"""What stands over the wizard: help, leaving, a choice out of many, an error in its four parts."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from konnect_tui.flow.step import Field, Step
from konnect_tui.ui.modal import Modal
from konnect_tui.words import printable

BOX = """
    align: center middle; background: $background 60%;
    & > VerticalScroll {
        width: 72; max-width: 90%; height: auto; max-height: 85%; padding: 1 3;
        background: $surface; border: round $secondary;
    }
"""


_CLOSE = "Esc closes this. Hold Shift to select text with the mouse in most terminals."


class HelpScreen(Modal[None]):
    """Help, a paragraph after the other."""

    DEFAULT_CSS = f"HelpScreen {{ {BOX} }}"
    BINDINGS = [
        Binding("escape,f1,q,enter", "app.pop_screen", show=False, priority=True),
    ]

    def __init__(self, paragraphs: Iterable[Content]) -> None:
        super().__init__()
        self._paragraphs = (*paragraphs, Content.styled(_CLOSE, "$muted"))

    def compose(self) -> ComposeResult:
        """All paragraphs."""
        with VerticalScroll():
            yield Static(Content("\n\n").join(self._paragraphs))


def about(step: Step, field: Field | None, refusal: str = "") -> Iterable[Content]:
    """What is said about a step's page: first, in full, what went wrong, then the field, then the page."""
    if refusal:
        yield Content.styled(printable(refusal), "bold $error")
    if field:
        yield Content.assemble((field.label, "bold $primary"), "\n", field.help)
        for choice in field.choices:
            if choice.explanation:
                yield Content.assemble((printable(choice.label), "bold"), "\n", printable(choice.explanation))
    yield Content.styled(step.title, "bold $primary")
    yield from (Content(paragraph) for paragraph in step.help)


class QuestionScreen(Modal[bool]):
    """A question with yes and no. Enter is yes, Esc is no."""

    DEFAULT_CSS = f"QuestionScreen {{ {BOX} }}"
    BINDINGS = [
        Binding("enter,y", "dismiss(True)", show=False),
        Binding("escape,n", "dismiss(False)", show=False),
    ]

    def __init__(self, title: str, told: Iterable[str], yes: str, no: str) -> None:
        super().__init__()
        self._title = title
        self._told = tuple(told)
        self._answers = (yes, no)

    def compose(self) -> ComposeResult:
        """The question, what follows from it, and the two keys."""
        with VerticalScroll():
            yield Static(Content("\n").join(self._lines()))

    def _lines(self) -> Iterable[Content]:
        yield Content.styled(self._title, "bold $primary")
        yield Content("")
        yield from (Content(printable(line)) for line in self._told)
        yield Content("")
        yes, no = self._answers
        yield Content.assemble((" Enter ", "bold $background on $primary"), f" {yes}    ", ("Esc", "bold"), f" {no}")


class LeaveScreen(QuestionScreen):
    """Whether Ctrl-C was meant. A second one means it. `kept` says that there is a draft to be kept."""

    DEFAULT_CSS = f"LeaveScreen {{ {BOX} }}"

    def __init__(self, *, kept: bool) -> None:
        first = "What you chose is kept and offered next time." if kept else "There is nothing that would be lost."
        told = (first, "Ctrl+C once more leaves, too.")
        super().__init__("Leave the wizard?", told, "leave", "stay")
