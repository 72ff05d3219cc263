"""The wizard as an application: what outlives a page, the keys that work everywhere, how it ends."""

import sys
from typing import TYPE_CHECKING

from textual import work
from textual.app import App
from textual.binding import Binding
from textual.reactive import Reactive
from textual.theme import Theme

from konnect_tui import crash
from konnect_tui.draft import Draft
from konnect_tui.errors import ExitCode, Problem
from konnect_tui.flow.order import step
from konnect_tui.ui.leaving import Farewell
from konnect_tui.ui.scene import look_around
from konnect_tui.ui.theme import THEME
from konnect_tui.ui.wizard import WizardScreen

if TYPE_CHECKING:
    from textual.driver import Driver

    from konnect_tui.pki.material import Secret
    from konnect_tui.services import Services


class KonnectApp(App[int]):
    """Holds the draft, and the secrets that are in no draft, for as long as the wizard runs."""

    TITLE = "konnect-tui"
    CSS_PATH = "konnect.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("ctrl+q", "leave", show=False, priority=True),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        Binding("f1", "explain", show=False, priority=True),
    ]
    theme: Reactive[str] = Reactive(THEME.name)

    def __init__(self, services: "Services", start: Draft | None = None) -> None:
        super().__init__()
        self.services = services
        self.scene = look_around(services)
        self.draft = start or Draft()
        self.secrets: dict[str, Secret] = {}
        self.farewell = Farewell()
        self._problems: tuple[Draft | None, tuple[Problem, ...]] = (None, ())

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Textual's own, and ours: it has to be known before Textual first asks, or all colours are made twice."""
        return {**super().available_themes, THEME.name: THEME}

    def get_driver_class(self) -> "type[Driver]":
        """Ours where it stands in for Textual's, else what Textual takes there."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from konnect_tui.ui.driver import KonnectDriver

        return KonnectDriver

    def on_mount(self) -> None:
        """Begin with the first page."""
        self.push_screen(WizardScreen("start"))

    # --- the draft

    def problems(self) -> tuple[Problem, ...]:
        """All faults of the draft as it is now."""
        if self._problems[0] is not self.draft:
            from konnect_tui.checks import check

            self._problems = (self.draft, check(self.draft, self.services.now().date()))
        return self._problems[1]

    def settle(self, key: str) -> None:
        """Write down the default of what a step's page is about, now that it was seen."""
        for field in step(key).fields(self.draft, self.scene):
            if field.main and field.default and not field.get(self.draft):
                self.draft = field.put(self.draft, field.default)

    # --- the keys that work everywhere

    def action_leave(self) -> None:
        """Leave; the draft is kept."""
        self.farewell.keep(self.services, self.draft)
        self.exit(int(self.farewell.code), return_code=int(self.farewell.code))

    @work
    async def action_interrupt(self) -> None:
        """Ctrl-C: copy what is selected, else ask; a second one leaves."""
        from konnect_tui.ui.dialogs import LeaveScreen
        from konnect_tui.ui.leaving import selected_text

        if isinstance(self.screen, LeaveScreen):
            self.action_leave()
        elif text := selected_text(self):
            self.copy_to_clipboard(text)
            self.notify("Sent to the terminal's clipboard.", markup=False)
        elif await self.push_screen_wait(LeaveScreen()):
            self.action_leave()

    def action_explain(self) -> None:
        """F1: what the focus is on, and the step."""
        from konnect_tui.ui.dialogs import HelpScreen

        if isinstance(self.screen, WizardScreen):
            page = self.screen.page
            form = page.form_or_none
            self.push_screen(HelpScreen(page.step, form.current.field if form and form.current else None))

    # --- when something is wrong with the program itself

    def _handle_exception(self, error: Exception) -> None:
        """An exception nobody expected: keep the draft, leave, and say where it happened without any value."""
        self._return_code = int(ExitCode.WORLD)
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self.farewell.crashed(self.services, self.draft, error)
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Textual would print source lines and locals here. `run` prints the farewell."""
        self._exit_renderables.clear()


def run(services: "Services", *, start: Draft | None = None) -> int:
    """Run the wizard and return the exit code. `start` is a draft to begin with."""
    crash.install()
    app = KonnectApp(services, start)
    app.run()
    sys.stderr.write(app.farewell.text())
    return app.return_code or 0
