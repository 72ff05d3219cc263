"""What a field is answered with: one widget for each kind of field."""

from textual.widget import Widget

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Field, Value


class Control(Widget):
    """Shows a field's value and posts `Answered` when it becomes another."""

    def show(self, field: Field, draft: Draft) -> None:
        """Show the field's value as it is now in the draft."""
        raise NotImplementedError

    def settle(self, field: Field, draft: Draft) -> None:
        """What was answered here stands in the draft now; what is on the screen may stay as it was typed."""

    @property
    def answer(self) -> Value:
        """What it says now. `Answered` with it may still be on its way to the form."""
        raise NotImplementedError

    @property
    def typed(self) -> str:
        """What was typed, where the control is for typing."""
        return ""

    def type_again(self, text: str) -> None:
        """Type this: it was typed before, and the page was left with it."""

    @property
    def explanation(self) -> str:
        """What the value it stands at means, where the control itself does not say it."""
        return ""
