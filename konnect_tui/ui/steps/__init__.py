"""One thin module for each step: what its page shows beside the fields. The order stands in `flow.order`."""

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Scene, Step, Value
from konnect_tui.ui.form import Form

if TYPE_CHECKING:
    from konnect_tui.ui.app import KonnectApp


class StepView(Widget):
    """A step's page: title, why, fields. Steps that show more override `extras` and `show`."""

    DEFAULT_CSS = """
    StepView { layout: vertical; height: 100%; padding: 0 2; }
    StepView > .heading { height: auto; margin-bottom: 1; }
    """

    def __init__(self, step: Step, draft: Draft, scene: Scene) -> None:
        super().__init__()
        self.step = step
        self.draft = draft
        self.scene = scene

    @property
    def konnect(self) -> "KonnectApp":
        """The app, by its own type."""
        return self.app  # type: ignore[return-value]

    @property
    def form(self) -> Form:
        """The fields."""
        return self.query_one(Form)

    @property
    def form_or_none(self) -> Form | None:
        """The fields, where the page has any."""
        return self.query_one_optional(Form)

    def keys(self) -> list[tuple[str, str, str]]:
        """Keys that only this page has: key, word, action."""
        return []

    def compose(self) -> ComposeResult:
        """Heading, fields, and what the step adds."""
        yield Static(self.heading(), classes="heading")
        unclear = self.konnect.unclear.setdefault(self.step.key, {})
        yield Form(self.step.fields(self.draft, self.scene), self.draft, unclear)
        yield from self.extras()

    def on_mount(self) -> None:
        """Begin."""
        self.focus_first()

    def heading(self) -> Content:
        """The one sentence why, below the title where the rail doesn't show it in a line of its own."""
        why = Content.styled(self.why, "$muted")
        return Content.assemble((self.step.title, "bold"), "\n", why) if self.screen.has_class("-wide") else why

    @property
    def why(self) -> str:
        """The one sentence why."""
        return self.step.why

    def describe(self) -> None:
        """Show the heading as it is now."""
        self.query_one(".heading", Static).update(self.heading())

    @property
    def explanation(self) -> str:
        """What the foot of the page says: about the field that has the focus."""
        form = self.form_or_none
        return form.current.explanation if form and form.current else ""

    def extras(self) -> Iterable[Widget]:
        """What the page shows below its fields."""
        return ()

    def show(self, draft: Draft) -> None:
        """Show the draft as it is now."""
        self.draft = draft
        self.form.show(self.step.fields(draft, self.scene), draft)

    def answered(self, key: str, value: Value) -> None:
        """A field was answered: for answers that don't go into the draft."""

    def reason_to_stay(self) -> tuple[str, str]:
        """Why the step can't be left, beside problems of the draft, and the field that is about; else empty."""
        return "", ""

    def take(self) -> None:
        """Next was pressed: what the cursor is on goes into the draft, where the page is about that."""

    def cure(self) -> bool:
        """Next was pressed and something is in the way. True where the page has put it right itself."""
        return False

    async def leave(self) -> bool:
        """Next was pressed and nothing is in the way. False where the step goes on in its own way."""
        return True

    async def proceed(self) -> bool:
        """What `leave` had to wait for is there. False where the step goes on in its own way."""
        return True

    def look_again(self) -> None:
        """What is around the wizard has changed."""
        self.scene = self.konnect.scene
        if self.form_or_none:
            self.show(self.draft)

    def stop(self) -> None:
        """End what the page is doing, if it does anything that takes long."""

    @property
    def onward(self) -> str:
        """What Enter does here; empty where it does nothing."""
        return "Next"

    async def back(self) -> bool:
        """Back was pressed. False where the step goes back within itself."""
        return True

    def focus_first(self) -> None:
        """Put the focus where the work begins."""
        self.form.focus_first()


def view(step: Step, draft: Draft, scene: Scene) -> StepView:
    """The page of a step. Loads only its module."""
    made: StepView = import_module(f"{__name__}.{step.key}").VIEW(step, draft, scene)
    return made
