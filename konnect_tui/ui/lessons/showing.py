"""What is seen of a lesson: which page, what its foot says, which keys do something."""

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from textual.content import Content

from konnect_tui.flow.paths import shown
from konnect_tui.training.lessons.deeds import Deed, deeds
from konnect_tui.training.lessons.shelf import glossary
from konnect_tui.ui.chrome import WIDE
from konnect_tui.ui.lessons import pages
from konnect_tui.ui.lessons.sheet import LessonSheet
from konnect_tui.ui.reviewing import quoted
from konnect_tui.ui.theme import DONE
from konnect_tui.words import cells, clip, printable

if TYPE_CHECKING:
    from konnect_tui.training.lessons.notebook import Notebook
    from konnect_tui.training.lessons.told import Brief, CheckResult, Debrief
    from konnect_tui.ui.lessons.classroom import Classroom

_PHASES: Final = ("Story", "Prediction", "Run", "Repair", "Check", "Debrief")
_PHASE_OF: Final = {"story": 0, "predict": 1, "locked": 1, "log": 2, "compared": 2, "repair": 3, "checked": 4}
_OPENS_AT: Final = {"new": "story", "begun": "story", "predicted": "locked", "ran": "repair", "solved": "debrief"}
_KEYS: Final = (
    "s shows the story again, h the next hint for a point less, p what you predicted, d the debrief once it is solved. "
    "r runs it again, c checks. j sets up a round from its beginning, also one you have not come to. F7 is for a "
    "projector. Esc closes; all you did is kept."
)


class LessonView(LessonSheet[bool]):
    """A lesson as it is written down, and what the learner is about to answer or to do."""

    def __init__(self, room: "Classroom", name: str) -> None:
        """Raises KonnectError where what was written down of it can't be read."""
        super().__init__()
        self._room = room
        self._which = name
        self._at = 0
        self._answers: dict[str, str] = {}
        self._wrote: tuple[str, ...] = ()
        self._result: CheckResult | None = None
        self._debrief: Debrief | None = None
        self._said = ""
        self._doing = ""
        self._since = 0.0
        self._read()
        self.page = self._opening

    @property
    def _notebook(self) -> "Notebook":
        return self._room.course.notebook(self._which)

    @property
    def _opening(self) -> str:
        """The page for where the lesson stands."""
        return _OPENS_AT[self._brief.step]

    def _read(self) -> None:
        """Where the lesson stands now, as it is written down: the only place where that is looked at.

        Raises KonnectError; then all stays as it was read last.
        """
        notebook = self._notebook
        brief, standing = notebook.brief(), notebook.standing
        self._debrief = notebook.debrief() if standing.step == "solved" else self._debrief
        self._brief: Brief = brief
        self._standing = standing
        self._lesson, self._text = notebook.shelved.lesson, notebook.shelved.text
        round_ = self._lesson.rounds[self._standing.round]
        self._deeds: tuple[Deed, ...] = deeds(round_, quoted(shown(self._brief.bundle)))

    @property
    def unanswered(self) -> list[int]:
        """The places of the questions that have no answer yet."""
        return [at for at, each in enumerate(self._brief.questions) if each.key not in self._answers]

    @property
    def _runs(self) -> bool:
        """Whether handshakes answer the prediction: in the first lesson there is nobody yet to connect."""
        return bool(self._lesson.rounds[self._standing.round].run)

    @property
    def _more(self) -> bool:
        """Whether there is another round behind this one."""
        return self._brief.round < self._brief.rounds

    # --- what is shown

    def title_lines(self) -> Content:
        """Which lesson and round; where it is from if it was not shipped; how far it is."""
        brief = self._brief
        rounds = f"   Round {brief.round} of {brief.rounds}" if brief.rounds > 1 else ""
        room = self.width - cells(rounds) - 12
        named = clip(f"Lesson {brief.number}: {printable(brief.title)}", room)
        first = Content.assemble((named, "bold $primary"), (rounds, "$muted"), "\n")
        phase = _PHASE_OF.get(self.page, 5)
        if brief.origin:
            where = printable(brief.origin)
            tail = f"   {_PHASES[phase]}"
            left = self.width - cells(tail)
            where = where if cells(where) <= left else "… " + where[-(left - 2) :]
            return first + Content.assemble((where, "$warning"), (tail, "bold"))
        done = len(_PHASES) if brief.step == "solved" else _PHASES.index("Repair")
        parts = [
            Content.styled(f"{DONE} {name}" if at < min(phase, done) else name, "bold" if at == phase else "$muted")
            for at, name in enumerate(_PHASES)
        ]
        return first + Content("  ›  ").join(parts)

    def lines(self) -> Sequence[Content]:
        """The page."""
        return list(self._lines(self.width))

    def _lines(self, width: int) -> Iterable[Content]:
        brief, at = self._brief, self._standing
        match self.page:
            case "story":
                return pages.story(brief, width)
            case "predict":
                return pages.predict(brief, self._answers, self._at, width)
            case "locked":
                return pages.locked(brief, at.answers, width)
            case "log":
                return pages.log(self._wrote, width)
            case "compared":
                return pages.compared(brief, at.answers, at.truth, at.log, width)
            case "repair":
                hints = self._text.rounds[at.round].hints[: at.hints]
                return pages.repair(brief, self._deeds, self._at, self._wrote, hints, width)
            case "checked":
                return pages.checked(self._result.outcomes, width) if self._result else ()
        return pages.debrief(self._debrief, glossary(self._room.language), width) if self._debrief else ()

    def sentence(self) -> tuple[str, str]:
        """What is being done or was, else what this page wants."""
        if self._doing:
            seconds = int(time.monotonic() - self._since)
            return f"{self._doing} …" + (f" {seconds} s" if seconds else ""), "bold"
        if self._said:
            return self._said, "bold"
        if self.page == "repair" and self._deeds:
            instead = self._deeds[self._at].otherwise
            return (f"Without the lesson: {instead}" if instead else "Only the lesson can do that."), "$muted"
        return self._wanted(), "$muted"

    def _wanted(self) -> str:
        solved = self._brief.step == "solved"
        done = f"{DONE} Round {self._brief.round} is solved. The next has the same fault in another disguise."
        done = done if self._more else f"{DONE} The lesson is solved."
        new = self._brief.step == "new"
        story = "Enter sets the scene up: a control plane, certificates, a bundle. Nothing of it is real."
        story = story if new else "The scene is set up. Read it; Enter goes on."
        return {
            "story": story,
            "predict": "A digit answers, ↑ and ↓ go from question to question. Once it is locked, it stays.",
            "locked": "Enter lets the handshakes answer." if self._runs else "Enter tells what is true.",
            "log": "What does it tell you, and what not? Enter compares it with what you predicted.",
            "compared": "Enter goes back." if solved else "Enter goes on to the repair.",
            "checked": done if solved else "It is not solved yet.",
        }.get(self.page, "↓ and PgDn show the rest; F1 explains the words.")

    @property
    def onward(self) -> str:  # type: ignore[override]
        """What Enter does."""
        if self._doing:
            return ""
        solved, open_ = self._brief.step == "solved", self.unanswered
        return {
            "story": {"new": "Begin", "begun": "Predict"}.get(self._brief.step, "Go on"),
            "predict": "Lock it in" if not open_ else "" if self._at in open_ else "Next question",
            "locked": "Run" if self._runs else "Compare",
            "log": "Compare",
            "compared": "Repair" if not solved else "Back",
            "repair": "Do it",
            "checked": ("Next round" if self._more else "Debrief") if solved else "Back to the repair",
        }.get(self.page, "Next round" if self._more else "Close")

    def listed(self) -> list[tuple[str, str, str]]:
        """Keys that do something here."""
        keys = [("Esc", "Close", "screen.leave"), ("F1", "Words", "app.explain")]
        step, wide = self._brief.step, self.app.size.width >= WIDE
        if step != "new" and self.page != "story":
            keys.append(("s", "Story", "screen.story"))
        if step in ("begun", "predicted", "ran"):
            keys.append(("h", "Hint", "screen.hint"))
        if step in ("ran", "solved"):
            keys += [("p", "Prediction", "screen.prediction")] if wide else []
            keys += [("r", "Run again", "screen.again")] if wide else []
            keys.append(("c", "Check", "screen.check"))
        if step == "solved":
            keys.append(("d", "Debrief", "screen.debrief"))
        if wide or step == "new":
            keys += [("j", "Jump", "screen.jump"), ("F7", "Projector", "screen.project")]
        return keys

    def topics(self) -> Iterable[tuple[str, str]]:
        """The words of the lesson, then the keys."""
        words = pages.terms(self._lesson.terms, glossary(self._room.language))
        return (*super().topics(), *words, ("Keys", _KEYS))
