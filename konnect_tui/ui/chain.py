"""The chain of what is about to be made, drawn. The real thing is made and judged for it, in a thread."""

from typing import TYPE_CHECKING

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.ui.theme import COLOURS

if TYPE_CHECKING:
    from konnect_tui.pki.chain import Drawing, Example
    from konnect_tui.services import Services

STYLES = {
    "certificate": "",
    "upload": "$primary",
    "present": "$primary",
    "absent": COLOURS["error"],
    "accepted": "bold $success",
    "refused": f"bold {COLOURS['error']}",
    "cure": COLOURS["warning"],
}


class Chain(Static):
    """Draws anew whenever it is given another draft. Keys are never kept waiting."""

    DEFAULT_CSS = """
    Chain { height: auto; margin-top: 1; }
    """

    class Drawn(Message):
        """The drawing for a draft is there; None where none could be made."""

        def __init__(self, draft: Draft, example: "Example | None", drawing: "Drawing | None") -> None:
            super().__init__()
            self.draft, self.example, self.drawing = draft, example, drawing

    class Tall(Message):
        """The drawing takes so many lines now."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    def __init__(self) -> None:
        super().__init__(Content.styled("Drawing the chain …", "$muted"))
        self._draft: Draft | None = None
        self.example: Example | None = None

    def draw(self, services: "Services", draft: Draft, *, sound: bool) -> None:
        """Draw what this draft would make. `sound`: no problem of severity error is in it."""
        if draft == self._draft:
            return
        self._draft = draft
        if sound:
            self._specimen(services, draft)
        else:
            self.update(Content.styled("The chain is drawn when the fields above are right.", "$muted"))

    @work(thread=True, exclusive=True, group="chain")
    def _specimen(self, services: "Services", draft: Draft) -> None:
        from konnect_tui.pki.chain import drawn, example
        from konnect_tui.resolve import resolve

        try:
            made = example(resolve(draft, services.now()))
            self.post_message(self.Drawn(draft, made, drawn(made)))
        except KonnectError:
            self.post_message(self.Drawn(draft, None, None))

    @on(Drawn)
    def _show(self, event: Drawn) -> None:
        event.stop()
        if event.draft != self._draft:
            return
        self.example = event.example
        if event.drawing is None:
            self.update(Content.styled("This can't be drawn yet.", "$muted"))
            return
        lines = (Content.styled(line.text, STYLES[line.role]) for line in event.drawing.lines)
        self.update(Content("\n").join(lines))
        self.post_message(self.Tall(len(event.drawing.lines)))
