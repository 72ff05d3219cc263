"""The wizard as an application: what outlives a page, the keys that work everywhere, how it ends."""

import asyncio
import signal
import sys
from contextlib import suppress
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace
from textual import work
from textual.app import App
from textual.binding import Binding
from textual.content import Content
from textual.reactive import Reactive
from textual.theme import Theme

from konnect_tui import crash
from konnect_tui.draft import Draft
from konnect_tui.errors import ExitCode, KonnectError, Problem
from konnect_tui.flow.order import KEYS, REVIEW, fitting, owner, step
from konnect_tui.flow.step import Live, Scene
from konnect_tui.ui.chrome import WIDE
from konnect_tui.ui.leaving import Farewell
from konnect_tui.ui.scene import look_around
from konnect_tui.ui.theme import PROJECTOR, THEME
from konnect_tui.ui.wizard import WizardScreen

if TYPE_CHECKING:
    from textual.driver import Driver

    from konnect_tui.converge import Result, Wish
    from konnect_tui.flow.exploration import Exploration
    from konnect_tui.konnect.target import Target
    from konnect_tui.secret import Secret
    from konnect_tui.services import Services
    from konnect_tui.ui.session import Session
    from konnect_tui.ui.training import Training

_READING: Final = 0.1
"""Seconds after which the first page is drawn, and something may be started behind it."""


class KonnectApp(App[int]):
    """Holds the draft, and the secrets that are in no draft, for as long as the wizard runs."""

    TITLE = "konnect-tui"
    CSS_PATH = "konnect.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("ctrl+q", "leave", show=False),  # not before what was typed has gone its way: no letter is lost
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        Binding("f1", "explain", show=False, priority=True),
    ]
    theme: Reactive[str] = Reactive(THEME.name)

    def __init__(self, services: "Services", start: Draft | None = None, *, training: bool = False) -> None:
        super().__init__()
        self.outside = services.apart() if training else services
        """The world as the wizard was started in it."""
        self.services = self.outside
        """The same; in training without the real Konnect."""
        self.training_only = training
        self._around = self._look()
        self.session: Session | None = None
        """The connection to Konnect, where there is one."""
        self.target: Target | None = None
        """The control plane of the draft as Konnect told it; None where it has not told."""
        self.draft = start or Draft()
        self.unclear: dict[str, dict[str, str]] = {}
        """What was typed and is no answer yet, by step and field: going back does not lose it."""
        self.secrets: dict[str, Secret] = {}
        self.consent: set[str] = set()
        self.uploads = True
        """Whether Create gives Konnect the certificates at once."""
        self.busy = False
        self.folder = ""
        """Where a file was chosen last."""
        self.farewell = Farewell()
        self._problems: tuple[Draft | None, tuple[Problem, ...]] = (None, ())
        self._found: tuple[Draft | None, tuple[Problem, ...]] = (None, ())

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Textual's own, and ours: it has to be known before Textual first asks, or all colours are made twice."""
        return {**super().available_themes, THEME.name: THEME, PROJECTOR.name: PROJECTOR}

    def get_driver_class(self) -> "type[Driver]":
        """Ours where it stands in for Textual's, else what Textual takes there."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from konnect_tui.ui.driver import KonnectDriver

        return KonnectDriver

    def on_ready(self) -> None:
        """The first page is there and takes keys: load what the next ones need while it is being read."""
        if self.training_only:
            self.set_timer(_READING, self._train_beside)
        self.set_timer(
            0.4,
            partial(
                self.warm, "konnect_tui.checks", "konnect_tui.resolve", *(f"konnect_tui.flow.{key}" for key in KEYS)
            ),
        )

    @work(thread=True, group="warm")
    def warm(self, *modules: str) -> None:
        """Load modules beside the screen."""
        for module in modules:
            import_module(module)

    def get_default_screen(self) -> WizardScreen:
        """The wizard is the first and lowest screen: no other is made and drawn before it."""
        return WizardScreen("start", self.size.width >= WIDE)

    # --- what is around

    @property
    def scene(self) -> Scene:
        """What is around the wizard now."""
        session, target = self.session, self.target
        if session is None:
            return self._around
        live = Live(
            session.organization.name or session.organization.id,
            session.origin,
            session.regions,
            dict(session.faults),
            target.control_plane.auth_mode if target else "",
            training=session.training,
        )
        return replace(self._around, live=live)

    async def connect(self, session: "Session | None") -> None:
        """Go on with this connection in place of the one before; None goes on without."""
        before, self.session = self.session, session
        self.services = (session.services if session else None) or self.outside
        if before is not None and before is not session:
            self.target = None
            await before.close()
        self.described()

    @cached_property
    def organisation(self) -> "Training":
        """The embedded organisation, which runs once it is asked for."""
        from konnect_tui.ui.training import Training

        return Training()

    async def train(self) -> None:
        """Go on with the embedded organisation, started where none runs. Raises KonnectError where it can't be."""
        async with self.organisation.one:
            if self.session is None or not self.session.training:
                await self.connect(await self.organisation.connect(self.outside))

    @work(exclusive=True, group="train")
    async def _train_beside(self) -> None:
        """While the first page is being read. What goes wrong is told to whoever wants to go on."""
        with suppress(KonnectError):
            await self.train()

    @property
    def in_training(self) -> bool:
        """Whether what is shown is about the embedded organisation: every page says so."""
        return self.training_only or self.draft.control_plane.training

    async def on_unmount(self) -> None:
        """Leave no connection open, and no organisation running that was started here."""
        if self.session is not None:
            await self.session.close()
        if "organisation" in vars(self):
            await self.organisation.end()

    # --- the draft

    @property
    def answers(self) -> Draft:
        """What of the draft applies: all that is checked, made and kept."""
        return fitting(self.draft)

    def checked(self) -> tuple[Problem, ...]:
        """All faults of the draft as it is now, without a look at the files it names."""
        if self._problems[0] is not self.draft:
            from konnect_tui.checks import check

            self._problems = (self.draft, check(self.answers, self.services.now().date()))
        return self._problems[1]

    def found(self, problems: tuple[Problem, ...]) -> None:
        """These were found in the files that the draft names as it is now."""
        self._found = (self.draft, problems)

    def problems(self) -> tuple[Problem, ...]:
        """All faults of the draft as it is now, those in its files too where they have been read."""
        draft, found = self._found
        return self.checked() + self._judged() + (found if draft is self.draft else ())

    def _judged(self) -> tuple[Problem, ...]:
        """What Konnect's own word on the control plane makes wrong."""
        if self.target is None:
            return ()
        from konnect_tui.live.locate import judge

        return judge(self.target, self.draft.control_plane, live=self.services.hosts.live)

    def settle(self, *keys: str) -> bool:
        """Write down the defaults of what these steps' pages are about. Whether that changed the draft."""
        before = self.draft
        for field in (field for key in keys for field in step(key).fields(self.draft, self.scene)):
            if field.main and field.default and not field.get(self.draft):
                self.change(field.put(self.draft, field.default))
        return self.draft != before

    def move_to(self, workspace: str) -> None:
        """Let bundles land in another folder."""
        self.outside, self.services = self.outside.at(workspace), self.services.at(workspace)
        self._around = self._look()

    def _look(self) -> Scene:
        return replace(look_around(self.outside), training=self.training_only)

    def explore(self) -> None:
        """Look at chains: first at a sample."""
        from konnect_tui.ui.exploring import ExploreScreen

        def begin() -> "Exploration":
            from konnect_tui.flow.exploring import sample

            return sample(self.services.now())

        self.push_screen(ExploreScreen(begin))

    async def resume(
        self, draft: Draft, key: str = "", field: str = "", *, target: "Target | None" = None, told: str = ""
    ) -> None:
        """Go on with a draft at this step and field, else where something is still open, else on Review.

        `target` is its control plane as Konnect told it; `told` is why there is none.
        """
        self.unclear.clear()
        self.change(draft)
        self.target = target
        wizard = self.screen
        if isinstance(wizard, WizardScreen):
            wrong = [problem for problem in self.problems() if problem.severity == "error"]
            wizard.seen.update(KEYS[: KEYS.index(REVIEW)])
            await wizard.go(key or (owner(wrong[0]) if wrong else None) or REVIEW)
            if field:
                wizard.page.form.focus_field(field)
            if told:
                wizard.refuse(told)

    async def show_step(self, key: str) -> None:
        """Show another step's page, or the same anew."""
        wizard = self.screen_stack[0]
        if isinstance(wizard, WizardScreen):
            await wizard.go(key)

    def wish(self) -> "Wish":
        """What is asked for: the draft, what the operator has agreed to lose for it, and the secrets typed."""
        from konnect_tui.converge import Wish
        from konnect_tui.flow.sources import ISSUE, imported, issued, made, source

        of_ca = issued.PASSPHRASE if source(self.draft) == ISSUE else made.PASSPHRASE
        return Wish(
            self._trusting(self.answers),
            replace="replace" in self.consent,
            new_keys="new_keys" in self.consent,
            ca_passphrase=self.secrets.get(of_ca),
            passphrase=self.secrets.get(imported.PASSPHRASE),
            target=self.target,
        )

    def _trusting(self, draft: Draft) -> Draft:
        embedded = self.services.reach.embedded
        if embedded is None or not draft.control_plane.training:
            return draft
        from konnect_tui.training.at_hand import trusting

        return trusting(draft, embedded)

    def change(self, draft: Draft) -> None:
        """Take another draft. What was agreed to was agreed for the one before."""
        if draft != self.draft:
            if _which(draft) != _which(self.draft):
                self.target = None
            self.draft = draft
            self.consent.clear()

    def refuse(self, reason: str) -> None:
        """Say why not, at the foot of the page."""
        for screen in self.screen_stack:
            if isinstance(screen, WizardScreen):
                screen.refuse(reason)

    def described(self) -> None:
        """What stands around the page has changed."""
        for screen in self.screen_stack:
            if isinstance(screen, WizardScreen):
                screen.describe()

    # --- the keys that work everywhere

    def made(self, result: "Result") -> None:
        """The bundle is there: its draft has done its work, and so have the secrets."""
        from konnect_tui.ui.making import farewell

        self.farewell.made(self.services, self.draft, result.bundle, farewell(result))
        self.secrets.clear()
        self.consent.clear()

    def action_leave(self) -> None:
        """Leave; the draft is kept. While the bundle is being made, that is stopped first."""
        if self.farewell.leaving or not self.screen_stack:
            return  # the rest of what was typed comes too late
        wizard = self.screen_stack[0]
        if self.busy and isinstance(wizard, WizardScreen):
            wizard.page.stop()
            self.set_timer(0.05, self.action_leave)
            return
        self.farewell.keep(self.services, self.draft)
        self.farewell.leaving = True
        self.exit(int(self.farewell.code), return_code=int(self.farewell.code))

    @work
    async def action_interrupt(self) -> None:
        """Ctrl-C: copy what is selected, else ask; a second one leaves."""
        from konnect_tui.ui.dialogs import LeaveScreen
        from konnect_tui.ui.leaving import selected_text

        if isinstance(self.screen, LeaveScreen):
            if self.busy:
                self.farewell.interrupt()
            self.action_leave()
        elif text := selected_text(self):
            self.copy_to_clipboard(text)
            self.notify("Sent to the terminal's clipboard.", markup=False)
        elif await self.push_screen_wait(LeaveScreen(kept=self.farewell.keeps(self.draft))):
            self.action_leave()

    def action_explain(self) -> None:
        """F1: what the focus is on, and the step or the sheet over it."""
        from konnect_tui.ui.dialogs import HelpScreen, about
        from konnect_tui.ui.sheet import Sheet

        if isinstance(self.screen, Sheet):
            topics = (Content.assemble((title, "bold $primary"), "\n", told) for title, told in self.screen.topics())
            self.push_screen(HelpScreen(topics))
        elif isinstance(self.screen, WizardScreen):
            page = self.screen.page
            form = page.form_or_none
            told = about(page.step, form.current.field if form and form.current else None, self.screen.refusal)
            self.push_screen(HelpScreen(told))

    # --- when something is wrong with the program itself

    def on_load(self) -> None:
        """Hear of what goes wrong beside the screens, and of being told to end."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._loop_fault)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.action_leave)

    def _loop_fault(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        fault = context.get("exception")
        if isinstance(fault, Exception):
            self._handle_exception(fault)

    def _handle_exception(self, error: Exception) -> None:
        """An exception nobody expected: keep the draft, leave, and say where it happened without any value."""
        self._return_code = int(ExitCode.WORLD)
        if self._exception is None:
            self._exception = error
            self.farewell.crashed(self.services, self.draft, error)
            self._exception_event.set()
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Textual would print source lines and locals here. `run` prints the farewell."""
        self._exit_renderables.clear()


def _which(draft: Draft) -> tuple[str | None, ...]:
    """Which control plane the draft is about."""
    plane = draft.control_plane
    return plane.source, plane.region, plane.id, plane.name


def run(services: "Services", *, start: Draft | None = None, training: bool = False) -> int:
    """Run the wizard and return the exit code. `start` is a draft to begin with; `training` offers nothing else."""
    crash.install()
    # What was drawn is sent by a thread, which would wait up to 5 ms while this one goes on with the rest of a key.
    sys.setswitchinterval(0.0005)
    app = KonnectApp(services, start, training=training)
    app.run()
    sys.stderr.write(app.farewell.text())
    return app.return_code or 0
