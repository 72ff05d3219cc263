"""All choices of one question over the wizard, to see what each means and take one."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Choice, Field
from konnect_tui.ui.controls.choosing import ChoiceList
from konnect_tui.ui.dialogs import BOX
from konnect_tui.ui.messages import GoOn, Pointed
from konnect_tui.ui.modal import Modal


class PickScreen(Modal[str | None]):
    """Gives the chosen value, None when it was closed with Esc."""

    DEFAULT_CSS = f"PickScreen {{ {BOX} }}"
    BINDINGS = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, title: str, choices: tuple[Choice, ...], chosen: str) -> None:
        super().__init__()
        self._title = title
        self._field = Field(key="", label=title, kind="choice", choices=choices, default=chosen, main=True, help="")

    def compose(self) -> ComposeResult:
        """The title and the list."""
        with VerticalScroll(can_focus=False):
            yield Static(Content.styled(f"{self._title}\n", "bold $primary"))
            yield ChoiceList(self._field, Draft())
            yield Static(Content.styled("\nEnter takes it, Esc leaves it as it was.", "$muted"))

    def on_mount(self) -> None:
        """Begin at the one it stands at."""
        self.query_one(ChoiceList).focus()

    @on(Pointed)
    def _keep_seen(self, event: Pointed) -> None:
        event.stop()
        control = self.query_one(ChoiceList)
        self.query_one(VerticalScroll).scroll_to_region(
            event.region.translate(control.virtual_region.offset), animate=False
        )

    @on(GoOn)
    def _take(self, event: GoOn) -> None:
        event.stop()
        self.dismiss(next(iter(self.query_one(ChoiceList).chosen), None))
