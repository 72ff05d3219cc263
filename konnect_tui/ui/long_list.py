"""A list of any length, with a cursor. Only the lines that are seen are made, so thousands cost nothing."""

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip


class LongList(ScrollView, can_focus=True):
    """Whoever is one gives `length` and `line`, and calls `fit` when there are more lines or fewer."""

    DEFAULT_CSS = """
    LongList { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
    LongList:focus { background-tint: $foreground 3%; }
    """
    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
    ]

    class Moved(Message):
        """The cursor is on another line, or others are seen."""

    class Picked(Message):
        """What the cursor is on is wanted."""

    at = 0
    """The line that the cursor is on."""

    @property
    def length(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line(self, at: int, width: int) -> tuple[str, Style]:
        """A line, right of the cursor's sign, in so many columns, and how it looks beside the cursor."""
        raise NotImplementedError

    def below(self, number: int, width: int) -> str:
        """What stands in the line of that number below the last one."""
        return ""

    @property
    def on_screen(self) -> range:
        """Which lines are seen."""
        top = int(self.scroll_offset.y)
        return range(top, min(top + max(self.size.height, 1), self.length))

    def fit(self) -> None:
        """There are more lines, or fewer."""
        # Only the scrollbar changes: laying out the whole page, as Textual does for a new size, takes a third of a key.
        self.set_reactive(LongList.virtual_size, Size(0, self.length))
        self._scroll_update(self.virtual_size)

    def go(self, at: int) -> None:
        """Put the cursor on a line, or as close to it as there is one."""
        self.at = max(min(at, self.length - 1), 0)
        self.scroll_to_region(Region(0, max(0, self.at - 1), 1, 3), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        """Go to another line."""
        self.go(self.at + by)

    def action_page(self, way: int) -> None:
        """Go a screenful on."""
        self.action_move(way * max(self.size.height - 1, 1))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Others are seen."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Go to the line that was clicked; a second click takes it."""
        line = event.y + int(self.scroll_offset.y)
        if line < self.length:
            self.action_move(line - self.at)
            if event.chain == 2:
                self.post_message(self.Picked())

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        at, width, base = y + int(self.scroll_offset.y), self.size.width, self.rich_style
        if at >= self.length:
            return Strip([Segment(self.below(at - self.length, width), base)]).adjust_cell_length(width, base)
        here = at == self.at
        text, own = self.line(at, width - 2)
        style = base + own + Style(bold=here or None, reverse=(here and self.has_focus) or None)
        return Strip([Segment(f" {'▸' if here else ' '}{text}", style)]).adjust_cell_length(width, style)
