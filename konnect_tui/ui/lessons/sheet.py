"""What the lesson screens have in common: TRAINING at the top, text that scrolls, and the projector."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from textual import events
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from konnect_tui.flow.paths import homely
from konnect_tui.ui.sheet import Sheet
from konnect_tui.ui.theme import COLOURS, PROJECTOR, SIGNS, THEME
from konnect_tui.words import clip, printable, wrap

Given = TypeVar("Given")

CURSOR: Final = "▸"
_ECHOED: Final = 10
_NAMES: Final = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


class LessonSheet(Sheet[Given]):
    """Whoever is one gives `lines`, with the cursor at the line that begins with `▸`, and `sentence`."""

    DEFAULT_CSS = """
    LessonSheet VerticalScroll { padding: 1 2 0 2; scrollbar-size-vertical: 1; }
    LessonSheet #text { height: auto; }
    """
    BINDINGS = [
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("f7", "project", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._pressed: deque[str] = deque(maxlen=_ECHOED)
        self.fault = ""
        """Why something can't be, at the foot until the next thing is done."""

    @property
    def in_training(self) -> bool:
        """Lessons are, also where the wizard behind them is not."""
        return True

    @property
    def projecting(self) -> bool:
        """Whether it is to be read from far away."""
        return self.app.theme == PROJECTOR.name

    @property
    def width(self) -> int:
        """Columns for text."""
        return max(self.app.size.width - 6, 40)

    def body(self) -> Iterable[VerticalScroll]:
        """Text, longer than the window if need be."""
        yield VerticalScroll(Static(id="text"), can_focus=False)

    def topics(self) -> Iterable[tuple[str, str]]:
        """First, in full, what is wrong: the foot may be too small for it."""
        if self.fault:
            yield "What is wrong", printable(homely(self.fault))
        yield from super().topics()

    def lines(self) -> Sequence[Content]:
        """The text."""
        raise NotImplementedError

    def sentence(self) -> tuple[str, str]:
        """What is said at the foot, and its style."""
        raise NotImplementedError

    def describe(self) -> None:
        """Show all of it as it is now, the cursor in sight."""
        super().describe()
        lines = list(self.lines())
        self.query_one("#text", Static).update(Content("\n").join(lines))
        here = next((at for at, line in enumerate(lines) if line.plain.startswith(CURSOR)), None)
        if here is not None:
            region = Region(0, max(here - 2, 0), 1, 6)
            self.query_one(VerticalScroll).scroll_to_region(region, animate=False, force=True)

    def told(self) -> Content:
        """What was done or can't be, else about what the cursor is on; for a projector the keys that were pressed."""
        said, style = (
            (f"{SIGNS['error']} {homely(self.fault)}", f"bold {COLOURS['error']}") if self.fault else self.sentence()
        )
        projecting = self.projecting
        room = self._foot
        wrapped = wrap(printable(said), self.width)
        if len(wrapped) > room:
            wrapped = [*wrapped[: room - 1], clip(" ".join(wrapped[room - 1 :]), self.width)]
        shown = [Content.styled(line, style) for line in wrapped]
        if projecting:
            shown += [Content("")] * (room - len(shown))
            shown.append(Content.assemble(("Keys  ", "$muted"), ("  ".join(self._pressed), "bold $primary")))
        return Content("\n").join(shown)

    @property
    def _foot(self) -> int:
        """Rows for what is said."""
        return 2 if self.projecting else 3

    def fits(self, said: str) -> bool:
        """Whether all of it can be seen at the foot."""
        return len(wrap(printable(said), self.width)) <= self._foot

    def on_key(self, event: events.Key) -> None:
        """Remember it for the projector. There is no field here: nothing secret is ever typed."""
        if event.key != "f7":
            self._pressed.append(_named(event))
            if self.projecting:
                self.call_later(self.describe)

    def action_page(self, by: int) -> None:
        """Another part of the text."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=by * max(scroll.size.height - 2, 1), animate=False)

    def action_project(self) -> None:
        """To be read from the last row, and back."""
        self._pressed.clear()
        self.app.theme = THEME.name if self.projecting else PROJECTOR.name
        self.describe()


def _named(event: events.Key) -> str:
    if event.key in _NAMES:
        return _NAMES[event.key]
    if event.character and event.is_printable:
        return printable(event.character)
    return event.key.upper() if event.key.startswith("f") else event.key
