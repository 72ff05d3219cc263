"""The page of `flow.create`: the deed in a thread, then upload and watch, and what to do with what was made."""

import threading
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from konnect_tui.draft import TOLD
from konnect_tui.errors import ExitCode, KonnectError
from konnect_tui.ui import making
from konnect_tui.ui.chrome import page_width
from konnect_tui.ui.steps import StepView

if TYPE_CHECKING:
    from textual.worker import Worker

    from konnect_tui.converge import Result
    from konnect_tui.ui.delivery import Delivery
    from konnect_tui.ui.practising import Practising

_REDRAW: Final = 0.1


class CreateStep(StepView):
    """Makes the bundle once, when the page is opened."""

    DEFAULT_CSS = """
    CreateStep VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    """
    BINDINGS = [
        Binding("r", "again", show=False),
        Binding("w", "watch", show=False),
        Binding("p", "practise", show=False),
    ]

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
    delivery: "Delivery | None" = None
    practice: "Practising | None" = None
    _upload: "Worker[None] | None" = None
    _due = False

    def compose(self) -> ComposeResult:
        """The heading, and a place for what happens."""
        yield Static(self.heading(), classes="heading")
        with VerticalScroll():
            yield Static(making.progress({}), id="told")

    def on_mount(self) -> None:
        """Begin."""
        self.set_interval(1, self._tick)
        self._stages: dict[str, tuple[int, int]] = {}
        self._stop = threading.Event()
        if self.konnect.in_training:
            self.konnect.warm("konnect_tui.training.practice.fleet", "konnect_tui.training.practice.given")
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
            self._deliver(event.result)
        self._show_all()
        self.query_one(VerticalScroll).focus()

    def _show_all(self) -> None:
        """Show everything as it is now, unless the page is being taken away."""
        if self.query_one_optional(".heading", Static) is None:
            return
        if self.result:
            self._tell(making.made(self.result, page_width(self.app.size.width) - 1, self.delivery, self.practice))
            self.describe()
        elif self.error:
            self._tell(making.failed(self.error))
        self.konnect.described()

    def _tell(self, content: Content) -> None:
        self.query_one("#told", Static).update(content)

    def _tick(self) -> None:
        """Seconds pass in what is shown."""
        if self.delivery and (self.delivery.uploading or self.delivery.watching or self._practising):
            self._show_all()

    # --- for a control plane in Konnect

    def _deliver(self, result: "Result") -> None:
        """Give Konnect what it lacks and see the nodes arrive, or say how that is done later."""
        konnect = self.konnect
        if result.plan.control_plane.source not in TOLD or result.plan.missing:
            return
        from konnect_tui.ui.delivery import Delivery

        session = konnect.session if konnect.uploads else None
        self.delivery = Delivery(konnect.services, result, session, konnect.target, self._heard)
        self._heard()
        if self.delivery.live:
            self._begin_giving(self.delivery)

    def _heard(self) -> None:
        """Something came. While many certificates go out it is shown a few times a second, its end at once."""
        if not (self.delivery and self.delivery.uploading):
            self._catch_up()
        elif not self._due:
            self._due = True
            self.set_timer(_REDRAW, self._catch_up)

    def _catch_up(self) -> None:
        """There is more to show, and another farewell."""
        self._due = False
        if self.result and self.delivery:
            lines = making.farewell(self.result, self.delivery)
            fault = self.delivery.fault
            code = fault.exit_code if fault else ExitCode.OK
            self.konnect.farewell.goes_on(self.result.bundle, lines, code)
        self._show_all()

    def action_again(self) -> None:
        """Give Konnect what it does not have yet."""
        if self.delivery and self._unsent:
            self._begin_giving(self.delivery)

    def _begin_giving(self, delivery: "Delivery") -> None:
        self.konnect.busy = True
        self._upload = self._give(delivery)

    @work(exclusive=True, group="konnect")
    async def _give(self, delivery: "Delivery") -> None:
        try:
            await delivery.upload()
        finally:
            self.konnect.busy = False
            self.konnect.described()
        if delivery.complete:
            self.action_watch()

    def action_watch(self) -> None:
        """See the nodes arrive."""
        if self.delivery and self.delivery.live and not (self.delivery.watching or self.delivery.uploading):
            self._watch(self.delivery)

    @work(exclusive=True, group="watch")
    async def _watch(self, delivery: "Delivery") -> None:
        await delivery.watch()

    # --- in training

    @property
    def _practising(self) -> bool:
        return self.practice is not None and self.practice.running

    @property
    def _may_practise(self) -> bool:
        """Whether nodes could come in: a bundle of training with nodes, whose certificates were given."""
        made = self.result is not None and self.result.plan.control_plane.training and bool(self.result.plan.nodes)
        return made and self._given

    def action_practise(self) -> None:
        """Run practice nodes, or stop those that run."""
        if self._practising and self.practice:
            self.practice.stop()
        elif self._may_practise and self.result:
            from konnect_tui.ui.practising import Practising

            self.practice = Practising(self.konnect.services, self.result, self._heard)
            self._practise(self.practice)
            self.action_watch()

    @work(exclusive=True, group="practice")
    async def _practise(self, practice: "Practising") -> None:
        await practice.run()

    # --- what the page says of itself

    def focus_first(self) -> None:
        """What is told can be scrolled."""

    def stop(self) -> None:
        """End the work as soon as it can be ended."""
        self._stop.set()
        if self._upload is not None:
            self._upload.cancel()

    @property
    def why(self) -> str:
        """Before, what is done; after, what is left to do."""
        if not self.result:
            return self.step.why
        if self.result.plan.missing:
            return "The bundle waits for certificates."
        if self.delivery is None:
            return "The bundle is there. What is left: upload, then run."
        return "The bundle is there. " + ("Konnect knows its nodes; run them." if self._given else "Upload, then run.")

    @property
    def _given(self) -> bool:
        return self.delivery is not None and self.delivery.complete

    @property
    def _unsent(self) -> bool:
        """Whether an upload ended before everything was given, and can go on."""
        delivery = self.delivery
        return delivery is not None and delivery.live and not delivery.complete and not delivery.uploading

    @property
    def explanation(self) -> str:
        """Where to find all this again."""
        if not self.result:
            return ""
        if self.delivery and self.delivery.uploading:
            return "Esc stops the upload. The bundle is there and whole, whatever happens."
        if self._may_practise and self.delivery and self.delivery.arrived:
            return "That was the whole way. What can go wrong on it, the lessons teach: konnect-tui training lesson"
        if self._may_practise and not self._practising:
            return "p lets practice nodes join, in place of Kong. Leave at any time: the bundle is there and whole."
        if self.delivery and self.delivery.watching:
            return "Run the commands; the nodes appear here. Leave at any time: nothing depends on this page."
        return "README.md in the bundle says all of this again, and how to renew."

    def keys(self) -> list[tuple[str, str, str]]:
        """What can be done again."""
        delivery = self.delivery
        if delivery is None or not delivery.live or delivery.uploading:
            return []
        if self._unsent:
            return [("r", "Upload again", "page.again")]
        listed = [] if delivery.watching else [("w", "Watch", "page.watch")]
        if self._may_practise:
            listed.insert(0, ("p", "Stop nodes" if self._practising else "Practice nodes", "page.practise"))
        return listed

    @property
    def onward(self) -> str:
        """What Enter does here."""
        if self.delivery and self.delivery.uploading:
            return ""
        return "Try again" if self.error or self._unsent else "Done" if self.result else ""

    async def leave(self) -> bool:
        """Done leaves the wizard; after a fault it is tried again."""
        if self.delivery and (self.delivery.uploading or self._unsent):
            self.action_again()
        elif self.result:
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
