"""The row that stands for the fields that most people need not see."""

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from konnect_tui.words import cells


class More(Widget, can_focus=True):
    """Shows the rare fields when it is pressed."""

    DEFAULT_CSS = """
    More { height: 1; width: 1fr; color: $muted; &:focus { color: $primary; text-style: bold; } }
    """
    BINDINGS = [
        Binding("space,right,enter", "press", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    class Pressed(Message):
        """The rare fields are wanted."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__()
        self.labels = labels

    def show(self, labels: tuple[str, ...]) -> None:
        """Stand for these fields."""
        if labels != self.labels:
            self.labels = labels
            self.refresh()

    def render(self) -> Content:
        """What is behind it: as many names as there is room for."""
        said = [self._said(count) for count in (3, 2, 1)]
        return Content(next((line for line in said if cells(line) <= self.size.width), said[-1]))

    def _said(self, count: int) -> str:
        key = "  Enter shows them" if self.has_focus else ""
        rest = len(self.labels) - count
        named = ", ".join(self.labels[:count]) + (f" and {rest} more" if rest > 0 else "")
        return f"{'▸' if self.has_focus else '+'} {named} …{key}"

    def action_press(self) -> None:
        """Show them."""
        self.post_message(self.Pressed())

    def on_click(self) -> None:
        """Show them."""
        self.action_press()
