"""What the chain explorer says, as text: the drawing with numbers and a cursor, and the sentence at its foot."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from konnect_tui.ui.chain import STYLES
from konnect_tui.ui.theme import COLOURS, SIGNS
from konnect_tui.words import clip, printable

if TYPE_CHECKING:
    from konnect_tui.flow.exploration import Exploration
    from konnect_tui.flow.exploring import Look

_VERDICT = ("accepted", "refused", "cure")


def lines(exploration: "Exploration", look: "Look | None", at: int, *, opening: bool) -> Iterator[Content]:
    """The drawing and the verdict. `at` is where the cursor is; `opening`: what is looked at first isn't here yet."""
    if opening:
        yield Content.styled("Reading …", "$muted")
    elif not exploration.pool:
        yield Content("No certificate is here. F2 adds files, F3 takes a paste.")
    elif look is None:
        yield Content.styled("Judging …", "$muted")
    else:
        yield from _drawn(exploration, look, at)


def _drawn(exploration: "Exploration", look: "Look", at: int) -> Iterator[Content]:
    from konnect_tui.pki import parse

    numbers = {parse.fingerprint(parse.certificate(der)): number for number, der in enumerate(exploration.pool)}
    for line in look.drawing.lines:
        if line.role not in _VERDICT:
            number = numbers.pop(line.certificate or "", None) if line.role == "certificate" else None
            yield _marked(number, at, Content.styled(line.text, STYLES[line.role]))
    for number in numbers.values():
        name = parse.called(parse.certificate(exploration.pool[number]))
        yield _marked(number, at, Content.styled(f"{clip(name, 60)} is on neither side", "$muted"))
    yield Content("")
    said = (line for line in look.drawing.lines if line.role in _VERDICT)
    yield from (Content.assemble("   ", (line.text, STYLES[line.role])) for line in said)


def _marked(number: int | None, at: int, line: Content) -> Content:
    """A line with its certificate's number, and the cursor."""
    if number is None:
        return Content("   ") + line
    if number == at:
        return Content.styled(f"▸{number + 1} ", "bold $primary") + line.stylize("bold")
    return Content.styled(f" {number + 1} ", "$muted") + line


def sentence(exploration: "Exploration", look: "Look | None", fault: str) -> tuple[str, str]:
    """What Enter does, else what the other keys do; and its style."""
    if fault:
        return f"{SIGNS['error']} {printable(fault)}", f"bold {COLOURS['error']}"
    if look and look.fix:
        return f"Enter does this: {printable(look.fix.sentence)}", "bold"
    if look and not look.drawing.verdict.accepted:
        return "None of these certificates would help. F2 adds files, F3 takes a paste.", ""
    count = min(len(exploration.pool), 9)
    digits = ", ".join(str(number) for number in range(1, count + 1)) if count < 4 else f"1 to {count}"
    keys = f"{digits}: what Konnect is given. Space: whether the node presents the marked one."
    return (keys if count else ""), "$muted"
