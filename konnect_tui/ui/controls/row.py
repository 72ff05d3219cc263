"""Choosing in one line: the value between arrows, all choices a key away."""

from textual import events, work
from textual.binding import Binding
from textual.content import Content

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Field, Value
from konnect_tui.ui.controls import Control
from konnect_tui.ui.messages import Answered, Explain, GoOn
from konnect_tui.words import printable


class ChoiceRow(Control, can_focus=True):
    """One answer out of several, showing the one it stands at."""

    DEFAULT_CSS = """
    ChoiceRow { height: 1; width: 1fr; background: $surface; &:focus { background: $surface-lighten-1; } }
    """
    BINDINGS = [
        Binding("left,h", "turn(-1)", show=False),
        Binding("right,l", "turn(1)", show=False),
        Binding("space", "list", show=False),
        Binding("enter", "go_on", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, field: Field, draft: Draft) -> None:
        super().__init__()
        self._title = field.label
        self.choices = field.choices
        self.chosen = field.chosen(draft)

    @property
    def position(self) -> int:
        """Which choice it stands at."""
        return next((at for at, choice in enumerate(self.choices) if choice.value == self.chosen), 0)

    @property
    def answer(self) -> Value:
        """The choice it stands at."""
        return self.chosen

    @property
    def explanation(self) -> str:
        """What the choice it stands at means."""
        return self.choices[self.position].explanation

    def show(self, field: Field, draft: Draft) -> None:
        """Show the choices as they are now, and the one it stands at."""
        self.choices, self.chosen = field.choices, field.chosen(draft)
        self.refresh()

    def render(self) -> Content:
        """The value, with arrows while it has the focus."""
        label = printable(self.choices[self.position].label)
        if not self.has_focus:
            return Content(f"  {label}")
        count = f"  {self.position + 1} of {len(self.choices)}" if len(self.choices) > 2 else ""
        return Content.assemble(("‹ ", "$primary"), (label, "bold $primary"), (" ›", "$primary"), (count, "$muted"))

    def action_turn(self, by: int) -> None:
        """Stand at the next choice that can be taken."""
        at = self.position + by
        while 0 <= at < len(self.choices):
            if not self.choices[at].refused:
                return self.stand_at(self.choices[at].value)
            at += by
        return None

    def stand_at(self, value: str) -> None:
        """Take this choice."""
        if value != self.chosen:
            self.chosen = value
            self.refresh()
            self.post_message(Answered(self, value))
            self.post_message(Explain())

    @work
    async def action_list(self) -> None:
        """Show all choices and take the one that is picked."""
        from konnect_tui.ui.picking import PickScreen

        picked = await self.app.push_screen_wait(PickScreen(self._title, self.choices, self.chosen))
        if picked is not None:
            self.stand_at(picked)

    def action_go_on(self) -> None:
        """On to the next."""
        self.post_message(GoOn())

    def on_click(self, event: events.Click) -> None:
        """The left arrow goes back, everything else forth."""
        self.action_turn(-1 if event.x < 2 else 1)

    def on_focus(self) -> None:
        """Show the arrows."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the arrows."""
        self.refresh()
