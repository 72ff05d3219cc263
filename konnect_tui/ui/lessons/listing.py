"""All lessons with how they stand; one is opened, or started over."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons.score import NOTE
from konnect_tui.ui.lessons.sheet import CURSOR, LessonSheet
from konnect_tui.ui.theme import DONE
from konnect_tui.words import cells, clip, printable

if TYPE_CHECKING:
    from konnect_tui.training.lessons.course import Listed
    from konnect_tui.ui.lessons.classroom import Classroom

_COLUMNS: Final = 32
"""Columns of minutes, state and points."""
_TITLE: Final = 60
"""Columns of the longest title."""


class LessonsScreen(LessonSheet[None]):
    """Opens on the first lesson that is not solved."""

    BINDINGS = [
        Binding("escape,q", "leave", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        Binding("enter", "next", show=False),
        Binding("r", "reset", show=False),
    ]
    TOPICS = (
        (
            "Lessons",
            (
                "Each takes about ten minutes: a story, a prediction that you can't change afterwards, real handshakes "
                "that answer it, a repair, and checks that ask the control plane's own record. Enter opens one; they "
                "can be done in any order. What you did is kept, also when you leave."
            ),
        ),
        ("Points", f"Six for its rounds solved, four for right predictions, one less for every hint. They are {NOTE}."),
        (
            "For trainers",
            (
                "KONNECT_TUI_LESSONS names a folder with lessons of your own; they always say so. F7 is for the "
                "projector: high contrast, and the keys pressed at the foot. Notes, handout and results: "
                "konnect-tui training lesson N --notes, --handout, and training results."
            ),
        ),
    )

    class Opened(Message):
        """The lessons were read."""

        def __init__(self, room: "Classroom") -> None:
            super().__init__()
            self.room = room

    def __init__(self, *, at_once: bool = False) -> None:
        """`at_once`: the first one that is not solved is opened, if there is one."""
        super().__init__()
        self._room: Classroom | None = None
        self._listed: tuple[Listed, ...] = ()
        self._at = 0
        self._said = ""
        self._wanted = at_once

    # --- what is shown

    def title_lines(self) -> Content:
        """How many there are, and how many are solved."""
        solved = sum(each.state == "solved" for each in self._listed)
        counts = (
            f"{len(self._listed)} lessons, {solved} solved. Points are not proof: F1 says why."
            if self._listed
            else "Reading …"
        )
        return Content.assemble(("Lessons\n", "bold $primary"), (clip(counts, self.width), "$muted"))

    def lines(self) -> Sequence[Content]:
        """A line for each lesson, and one more for those that were not shipped."""
        lines = []
        for at, each in enumerate(self._listed):
            lines.append(_row(each, self.width, here=at == self._at))
            if each.origin:
                lines.append(Content.styled(f"       {_origin(each, self.width - 7)}", "$warning"))
        return lines

    def sentence(self) -> tuple[str, str]:
        """What was done, else what the lesson under the cursor teaches."""
        if self._said or not self._listed:
            return self._said, "bold"
        return self._listed[self._at].teaches, "$muted"

    def listed(self) -> list[tuple[str, str, str]]:
        """Keys."""
        keys = [("Esc", "Close", "screen.leave"), ("F1", "Help", "app.explain")]
        if self._listed and self._listed[self._at].state != "new":
            keys.append(("r", "Start over", "screen.reset"))
        return [*keys, ("F7", "Projector", "screen.project")]

    @property
    def onward(self) -> str:  # type: ignore[override]
        """What Enter does."""
        if not self._listed:
            return ""
        return {"new": "Begin", "begun": "Go on", "solved": "Look"}[self._listed[self._at].state]

    # --- reading

    def on_mount(self) -> None:
        """Read them."""
        self._open()

    @work(thread=True, group="look")
    def _open(self) -> None:
        from konnect_tui.ui.lessons.classroom import Classroom

        self.post_message(self.Opened(Classroom(self.konnect)))

    @on(Opened)
    def _show(self, event: Opened) -> None:
        event.stop()
        self._room, self.fault = event.room, event.room.fault
        self._read(first=True)
        if self._wanted and any(each.state != "solved" for each in self._listed):
            self.action_next()

    def _read(self, *, first: bool = False) -> None:
        """How they stand now. The cursor goes to the first that is not solved, unless it stays."""
        if self._room is None:
            return
        try:
            self._listed = self._room.course.listed()
        except KonnectError as fault:
            self.fault = f"{fault.message} {fault.hint}"
        if first:
            self._at = next((at for at, each in enumerate(self._listed) if each.state != "solved"), 0)
        self.describe()

    # --- keys

    def action_move(self, by: int) -> None:
        """Go to another lesson."""
        self._said = self.fault = ""
        self._at = min(max(self._at + by, 0), max(len(self._listed) - 1, 0))
        self.describe()

    def action_next(self) -> None:
        """Open the lesson under the cursor."""
        from konnect_tui.ui.lessons.attending import LessonScreen

        if self._room is None:
            self._wanted = True  # the lessons come after the key
        if self._room is None or not self._listed or not self.is_current:
            return
        self._said = self.fault = ""

        def closed(on: bool | None) -> None:
            self._read(first=bool(on))

        try:
            lesson = LessonScreen(self._room, self._listed[self._at].name)
        except KonnectError as fault:
            self.fault = f"{fault.message} {fault.hint}"
            self.describe()
        else:
            self.app.push_screen(lesson, closed)

    @work
    async def action_reset(self) -> None:
        """Start the lesson under the cursor over, if that is meant."""
        from konnect_tui.ui.dialogs import QuestionScreen

        room, chosen = self._room, self._listed[self._at] if self._listed else None
        if room is None or chosen is None or chosen.state == "new":
            return
        told = (
            "What you did in it counts no more: predictions, hints, rounds solved.",
            "Its bundles are not deleted: they go to .backup/ in the workspace.",
        )
        question = QuestionScreen(f"Start lesson {chosen.number} over?", told, "start over", "leave it")
        if not await self.app.push_screen_wait(question):
            return
        self._said = self.fault = ""
        try:
            moved = await room.reset(chosen.name)
        except KonnectError as fault:
            self.fault = f"{fault.message} {fault.hint}"
        else:
            lie = f" Its bundle lies in {', '.join(moved)} now." if moved else ""
            self._said = f"{DONE} Lesson {chosen.number} is new again.{lie}"
        self._read()

    def action_leave(self) -> None:
        """Close it."""
        self.dismiss(None)


def _origin(each: "Listed", width: int) -> str:
    """Where it is from, its end always in sight: that says that it was not shipped."""
    said = printable(each.origin)
    return said if cells(said) <= width else "… " + said[-(width - 2) :]


def _row(each: "Listed", width: int, *, here: bool) -> Content:
    room = min(max(width - _COLUMNS - 7, 16), _TITLE)
    title = clip(printable(each.title), room)
    title += " " * (room - cells(title))
    sign = DONE if each.state == "solved" else " "
    points = f"{each.points:>2} of {each.of}" if each.state != "new" else ""
    text = f"{CURSOR if here else ' '}{sign} {each.number:>3}  {title} {each.minutes:>4} min   {each.state:<8} {points}"
    return Content.styled(clip(text, width), "bold" if here else "" if each.state != "solved" else "$muted")
