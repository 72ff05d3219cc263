"""The chain of what is about to be made, drawn. The real thing is made and judged for it, in a thread."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from konnect_tui.draft import Draft
from konnect_tui.errors import Problem
from konnect_tui.ui.chrome import page_width
from konnect_tui.ui.theme import COLOURS, SIGNS
from konnect_tui.words import clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.converge import Wish
    from konnect_tui.converge.foresee import Foreseen
    from konnect_tui.pki.drawing.chain import Drawing, Example
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
    """Draws anew whenever something else is wished for. Keys are never kept waiting."""

    DEFAULT_CSS = """
    Chain { height: auto; margin-top: 1; }
    """

    class Drawn(Message):
        """What comes of a wish is there."""

        def __init__(self, wish: "Wish", foreseen: "Foreseen", drawing: "Drawing | None") -> None:
            super().__init__()
            self.wish, self.foreseen, self.drawing = wish, foreseen, drawing

    class Told(Message):
        """It takes so many lines now, and these are the problems of what was read for it."""

        def __init__(self, lines: int, problems: tuple[Problem, ...]) -> None:
            super().__init__()
            self.lines, self.problems = lines, problems

    def __init__(self) -> None:
        super().__init__(Content.styled("Drawing the chain …", "$muted"))
        self._wish: Wish | None = None
        self.example: Example | None = None
        self.cure: Draft | None = None
        """What Enter takes where the control plane would refuse."""
        self.room = 1
        """Lines that notes may take."""

    def draw(self, services: "Services", wish: "Wish", *, sound: bool) -> None:
        """Draw what this wish would give. `sound`: the draft has no problem of severity error."""
        if wish == self._wish:
            return
        self._wish = wish
        if sound:
            self._foresee(services, wish)
        else:
            self.example = self.cure = None
            self._tell((Content.styled("The chain is drawn when the fields above are right.", "$muted"),), ())

    @work(thread=True, exclusive=True, group="chain")
    def _foresee(self, services: "Services", wish: "Wish") -> None:
        from konnect_tui.converge.foresee import foresee
        from konnect_tui.pki.drawing.chain import drawn

        foreseen = foresee(services, wish)
        self.post_message(self.Drawn(wish, foreseen, drawn(foreseen.example) if foreseen.example else None))

    @on(Drawn)
    def _show(self, event: Drawn) -> None:
        event.stop()
        if event.wish == self._wish:
            self.example, self.cure = event.foreseen.example, event.foreseen.cure
            self._tell(tuple(self._lines(event.foreseen, event.drawing)), event.foreseen.problems)

    def _lines(self, foreseen: "Foreseen", drawing: "Drawing | None") -> Iterator[Content]:
        if drawing:
            yield from (Content.styled(line.text, STYLES[line.role]) for line in drawing.lines)
        elif foreseen.pending:
            yield from self._wrapped(_waits(foreseen), "")
        elif foreseen.cure:
            given = "the issuing CA" if foreseen.cure.certificate.upload == "intermediate" else "the topmost CA"
            yield from self._wrapped(
                f"→ Enter does this: Konnect is given {given} instead. Then it is accepted.", "bold"
            )
        elif not any(problem.severity == "error" for problem in foreseen.problems):
            yield Content.styled("There is nothing to draw yet.", "$muted")
        else:
            yield Content.styled("This can't be drawn: see above. F4 looks at what there is.", "$muted")
        notes = [problem for problem in foreseen.problems if problem.severity != "error"]
        yield from self._notes(sorted(notes, key=lambda each: (each.severity == "note", each.code != "repaired")))

    def _notes(self, notes: list[Problem]) -> Iterator[Content]:
        """What was put right in the files and what is worth knowing of them, as far as there is room."""
        lines = [line for each in notes for line in self._wrapped(_signed(each), COLOURS[each.severity])]
        if len(lines) > self.room:
            rest = len(notes) - 1
            more = f" And {rest} note{'s' * (rest > 1)} more on Review." if rest else " Review says more."
            width = min(page_width(self.app.size.width), 100) - len(more)
            yield Content.assemble((clip(_signed(notes[0]), width), COLOURS[notes[0].severity]), (more, "$muted"))
        else:
            yield from lines

    def _wrapped(self, said: str, style: str) -> Iterator[Content]:
        width = page_width(self.app.size.width)
        return (Content.styled(line, style) for line in wrap(printable(said), min(width, 100)))

    def _tell(self, lines: tuple[Content, ...], problems: tuple[Problem, ...]) -> None:
        self.update(Content("\n").join(lines))
        self.post_message(self.Told(len(lines), problems))


def _signed(problem: Problem) -> str:
    return printable(f"{SIGNS[problem.severity]} {problem.message}")


def _waits(foreseen: "Foreseen") -> str:
    """What requests wait for, in words."""
    names = foreseen.pending
    named = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    if foreseen.requested:
        return f"Waiting for the certificate of {named}. Name the files or the folder with what came back."
    return (
        f"Keys and requests are made for {named}, with a note for your PKI desk. What comes back is named above, "
        "now or later: the bundle waits for it."
    )
