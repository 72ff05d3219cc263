"""A screen over the wizard: it is closed once, and the wizard can be left from it."""

from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.screen import ModalScreen, ScreenResultType


class Modal(ModalScreen[ScreenResultType]):
    """What all screens over the wizard have in common."""

    BINDINGS = [Binding("ctrl+q", "app.leave", show=False)]

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it. Keys that were on their way to it when it closed change nothing."""
        return super().dismiss(result) if self.is_current else AwaitComplete()
