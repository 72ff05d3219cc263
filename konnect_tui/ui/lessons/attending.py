"""One lesson: story, a prediction that is locked, the run, its log alone, the repair, the checks, the debrief."""

import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons.deeds import Deed
from konnect_tui.ui.lessons import pages
from konnect_tui.ui.lessons.showing import LessonView
from konnect_tui.ui.theme import DONE
from konnect_tui.words import printable

if TYPE_CHECKING:
    from konnect_tui.training.lessons.attempt import Attempt
    from konnect_tui.training.lessons.notebook import Notebook
    from konnect_tui.training.lessons.told import CheckResult, RunResult

T = TypeVar("T")


class LessonScreen(LessonView):
    """Opens where the lesson was left. Gives whether it was gone through to its end."""

    BINDINGS = [
        Binding("escape,q", "leave", show=False),
        Binding("enter", "next", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right,space", "turn(1)", show=False),
        Binding("s", "story", show=False),
        Binding("h", "hint", show=False),
        Binding("p", "prediction", show=False),
        Binding("r", "again", show=False),
        Binding("c", "check", show=False),
        Binding("d", "debrief", show=False),
        Binding("j", "jump", show=False),
        *(Binding(str(place + 1), f"answer({place})", show=False) for place in range(9)),
    ]

    # --- acting

    def on_mount(self) -> None:
        """Show it, and how long things take."""
        self.describe()
        self.set_interval(1, self._tick)

    def _tick(self) -> None:
        if self._doing:
            self.describe()

    def _act(self, doing: str, act: "Callable[[Attempt], Coroutine[Any, Any, T]]", then: Callable[[T], None]) -> None:
        """Do this beside the screen; then go on. One thing at a time."""
        if self._doing:
            return
        self._doing, self._since, self._said, self.fault = doing, time.monotonic(), "", ""
        self.describe()

        async def acting() -> None:
            try:
                came = await self._room.act(self._which, act)
                self._doing = ""
                self._read()
            except KonnectError as fault:
                self._doing = ""
                self._refuse(fault)
            else:
                then(came)
                self.describe()

        self.run_worker(acting(), group="lesson")

    def _noted(self, note: "Callable[[Notebook], object]") -> bool:
        """Write something down, and read how the lesson stands then. False where that can't be, which is said."""
        try:
            note(self._notebook)
            self._read()
        except KonnectError as fault:
            self._refuse(fault)
            return False
        return True

    def _refuse(self, fault: KonnectError) -> None:
        """Say why not. Where the lesson has gone on elsewhere, or was started over, the page is that of where it is."""
        before = self._brief.round, self._brief.step
        with suppress(KonnectError):
            self._read()
        if (self._brief.round, self._brief.step) != before:
            self._show(self._opening)
        self.fault = f"{fault.message} {fault.hint}"
        self.describe()

    def _show(self, page: str) -> None:
        if page != self.page:
            self.query_one(VerticalScroll).scroll_home(animate=False)
        self.page, self._at, self._said, self.fault = page, 0, "", ""
        self.describe()

    def _begin(self, jump: int | None) -> None:
        before = self.page, self._brief.round

        def begun(_: object) -> None:
            self._answers.clear()
            self._wrote, self._result = (), None
            if before == ("story", self._brief.round):
                self._after_story()
            else:
                self._show("story")

        self._act("Setting the scene up", lambda attempt: attempt.begin(jump), begun)

    def _run(self) -> None:
        first = self._brief.step == "predicted"

        def ran(result: "RunResult") -> None:
            self._wrote = result.log
            self._show("log" if result.log else "compared" if first else "repair")

        self._act("They connect", lambda attempt: attempt.run(), ran)

    def _do(self, deed: Deed) -> None:
        def done(log: tuple[str, ...]) -> None:
            self._wrote, self._said = log, f"{DONE} Done: {deed.said}."
            self.call_after_refresh(self._reveal)

        self._act(deed.said, lambda attempt: attempt.do(deed.step), done)

    def _reveal(self) -> None:
        """As much of what was written as fits, with the cursor still in sight."""
        self.query_one(VerticalScroll).scroll_end(animate=False, immediate=True)
        self.describe()

    # --- keys

    def action_next(self) -> None:
        """On to what comes next."""
        if not self._doing:
            self._NEXT[self.page](self)

    def _after_story(self) -> None:
        if self._brief.step == "new":
            self._begin(None)
        else:
            self._show("predict" if self._brief.step == "begun" else self._opening)

    def _after_prediction(self) -> None:
        self._show("repair" if self._brief.step != "solved" else "checked" if self._result else "debrief")

    def _after_check(self) -> None:
        if self._brief.step != "solved":
            self._show("repair")
        elif self._more:
            self._begin(None)
        else:
            self._show("debrief")

    def _after_debrief(self) -> None:
        if self._more:
            self._begin(None)
        else:
            self.dismiss(True)

    def _lock(self) -> None:
        if unanswered := self.unanswered:
            self.fault = "" if self._at not in unanswered else "Answer it first: there is a digit before each answer."
            self._at = next((at for at in unanswered if at >= self._at), unanswered[0])
            self.describe()
            return
        if self._noted(lambda notebook: notebook.predict(self._answers)):
            self._show("locked")

    def action_answer(self, place: int) -> None:
        """Answer the question under the cursor, and go to the next."""
        if self.page != "predict" or self._doing:
            return
        choices = tuple(self._brief.questions[self._at].choices)
        if place < len(choices):
            self._answer(choices[place])
            self._at = min(self._at + 1, len(self._brief.questions) - 1)
            self.describe()

    def _answer(self, value: str) -> None:
        self._answers[self._brief.questions[self._at].key] = value
        self.fault = ""
        self.describe()

    def action_turn(self, by: int) -> None:
        """Another answer to the question under the cursor."""
        if self.page == "predict" and not self._doing:
            question = self._brief.questions[self._at]
            choices = tuple(question.choices)
            now = self._answers.get(question.key)
            self._answer(choices[(choices.index(now) + by) % len(choices) if now else 0 if by > 0 else -1])

    def action_move(self, by: int) -> None:
        """Go to another question or deed; on other pages, scroll."""
        count = {"predict": len(self._brief.questions), "repair": len(self._deeds)}.get(self.page, 0)
        if not count:
            self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
        elif not self._doing:
            self._at, self._said, self.fault = min(max(self._at + by, 0), count - 1), "", ""
            self.describe()

    def action_story(self) -> None:
        """The story again, over the page."""
        from konnect_tui.ui.dialogs import HelpScreen

        if self._brief.step != "new":
            text = Content("\n").join(pages.story(self._brief, 58))
            self.app.push_screen(HelpScreen([text]))

    def action_hint(self) -> None:
        """The next hint: it costs a point, which is no proof of anything."""
        if self._doing or self._brief.step not in ("begun", "predicted", "ran"):
            return
        if not self._noted(lambda notebook: notebook.hint()):
            return
        hints = self._text.rounds[self._standing.round].hints
        taken = min(self._standing.hints, len(hints))
        self._said, self.fault = f"Hint {taken} of {len(hints)}: {hints[taken - 1]}", ""
        self.describe()
        if not self.fits(self._said):
            from konnect_tui.ui.dialogs import HelpScreen

            self.app.push_screen(HelpScreen([Content(printable(self._said))]))

    def action_prediction(self) -> None:
        """What was predicted, and what was true."""
        if not self._doing and self._brief.step in ("ran", "solved"):
            self._show("compared")

    def action_again(self) -> None:
        """Let the same connect again."""
        if self._brief.step in ("ran", "solved"):
            self._run()

    def action_check(self) -> None:
        """Ask the record."""

        def looked(result: "CheckResult") -> None:
            self._result = result
            self._show("checked")

        if self._brief.step in ("ran", "solved"):
            self._act("Asking the control plane's record", lambda attempt: attempt.check(), looked)

    def action_debrief(self) -> None:
        """What to take along."""
        if not self._doing and self._brief.step == "solved":
            self._show("debrief")

    @work
    async def action_jump(self) -> None:
        """To the seeded state of the next round; of this one where it is the last."""
        from konnect_tui.ui.dialogs import QuestionScreen

        brief = self._brief
        number = brief.round % brief.rounds + 1 if brief.step != "new" else 1
        told = (
            "The scene is made anew: its control plane, its certificates and its bundle.",
            "What you repaired in that round is gone; rounds you solved stay solved.",
            "A prediction that is locked and not answered yet stays locked.",
        )
        question = QuestionScreen(f"Set up round {number} from its beginning?", told, "set it up", "leave it")
        if not self._doing and await self.app.push_screen_wait(question):
            self._begin(number)

    def action_leave(self) -> None:
        """Close it. What was begun is ended, and all of it is kept."""
        self.dismiss(self.page == "debrief" and not self._more)

    _NEXT: ClassVar[dict[str, Callable[["LessonScreen"], None]]] = {
        "story": _after_story,
        "predict": _lock,
        "locked": _run,
        "log": lambda self: self._show("compared"),
        "compared": _after_prediction,
        "repair": lambda self: self._do(self._deeds[self._at]),
        "checked": _after_check,
        "debrief": _after_debrief,
    }
    """What Enter does, by page."""
