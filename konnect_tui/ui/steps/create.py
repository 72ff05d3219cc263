"""The page of `flow.create`: the deed in a thread, its progress, and what to do with what was made."""

import threading
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from konnect_tui.errors import KonnectError
from konnect_tui.ui import making
from konnect_tui.ui.chrome import page_width
from konnect_tui.ui.steps import StepView

if TYPE_CHECKING:
    from konnect_tui.converge import Result


class CreateStep(StepView):
    """Makes the bundle once, when the page is opened."""

    DEFAULT_CSS = """
    CreateStep VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    """

    class Progressed(Message):
        """So much of a stage is done."""

        def __init__(self, stage: str, done: int, total: int) -> None:
            super().__init__()
            self.stage, self.done, self.total = stage, done, total

    class Ended(Message):
        """The bundle is there, or why it isn't."""

        def __init__(self, result: "Result | None", error: KonnectError | None) -> None:
            super().__init__()
            self.result, self.error = result, error

    result: "Result | None" = None
    error: KonnectError | None = None

    def compose(self) -> ComposeResult:
        """The heading, and a place for what happens."""
        yield Static(self.heading(), classes="heading")
        with VerticalScroll():
            yield Static(making.progress({}), id="told")

    def on_mount(self) -> None:
        """Begin."""
        self._stages: dict[str, tuple[int, int]] = {}
        self._stop = threading.Event()
        self.begin()

    def begin(self) -> None:
        """Make the bundle. The app starts the worker: it must not die with the page."""
        self.error = None
        self._stages.clear()
        self.konnect.busy = True
        self._make()

    @work(thread=True, exclusive=True, group="create")
    def _make(self) -> None:
        from konnect_tui.converge import carry_out

        konnect = self.konnect
        try:
            made = carry_out(konnect.services, konnect.wish(), progress=self._progress)
            self.post_message(self.Ended(made, None))
        except KonnectError as error:
            self.post_message(self.Ended(None, error))

    def _progress(self, stage: str, done: int, total: int) -> None:
        """Called in the thread. Raising ends the work, with nothing written; once all is written it can't be undone."""
        if self._stop.is_set() and not (stage == "files" and done):
            raise KonnectError("cancelled", "Stopped before anything was written.")
        self.post_message(self.Progressed(stage, done, total))

    @on(Progressed)
    def _show_progress(self, event: Progressed) -> None:
        self._stages[event.stage] = (event.done, event.total)
        self._tell(making.progress(self._stages))

    @on(Ended)
    def _end(self, event: Ended) -> None:
        self.result, self.error = event.result, event.error
        self.konnect.busy = False
        if event.result:
            self.konnect.made(event.result)
            self._tell(making.made(event.result, page_width(self.app.size.width) - 1))
            self.describe()
        elif event.error:
            self._tell(making.failed(event.error))
        self.query_one(VerticalScroll).focus()
        self.konnect.described()

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Static).update(content)

    def focus_first(self) -> None:
        """What is told can be scrolled."""

    def stop(self) -> None:
        """End the work as soon as it can be ended."""
        self._stop.set()

    @property
    def why(self) -> str:
        """Before, what is done; after, what is left to do."""
        if not self.result:
            return self.step.why
        waits = bool(self.result.plan.missing)
        return "The bundle waits for certificates." if waits else "The bundle is there. What is left: upload, then run."

    @property
    def explanation(self) -> str:
        """Where to find all this again."""
        return "README.md in the bundle says all of this again, and how to renew." if self.result else ""

    @property
    def onward(self) -> str:
        """What Enter does here."""
        return "Done" if self.result else "Try again" if self.error else ""

    async def leave(self) -> bool:
        """Done leaves the wizard; after a fault it is tried again."""
        if self.result:
            self.konnect.action_leave()
        elif self.error:
            self.begin()
        return False

    async def back(self) -> bool:
        """Not while it is being made: first it is stopped."""
        if self.konnect.busy:
            self.stop()
            return False
        return True


VIEW = CreateStep
