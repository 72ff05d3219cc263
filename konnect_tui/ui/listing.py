"""The files of a folder in lines: name, and what each holds. Only the lines that are seen are made or asked about."""

from collections.abc import Mapping
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from konnect_tui.flow.folder import Entry, matching
from konnect_tui.words import cells, clip, printable

_MEASURED: Final = 500
"""Names that decide how wide their column is."""


class FileList(ScrollView, can_focus=True):
    """Shows the entries that what was typed leaves. `words` and `reasons` are by path and may still be filling."""

    DEFAULT_CSS = """
    FileList { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
    FileList:focus { background-tint: $foreground 3%; }
    """
    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
    ]

    class Moved(Message):
        """The cursor is on another entry, or other entries are seen."""

    def __init__(self, words: Mapping[str, str], reasons: Mapping[str, str]) -> None:
        super().__init__()
        self._words, self._reasons = words, reasons
        self._entries: tuple[Entry, ...] = ()
        self._shown: list[int] = []
        self._at = 0
        self._column = 20
        self.typed = ""
        self.hidden = False
        self.marked: set[str] = set()

    @property
    def entry(self) -> Entry | None:
        """What the cursor is on."""
        return self._entries[self._shown[self._at]] if self._shown else None

    @property
    def count(self) -> tuple[int, int]:
        """How many are left of how many."""
        return len(self._shown), len(self._entries)

    @property
    def files(self) -> list[Entry]:
        """All files that what was typed leaves."""
        return [self._entries[at] for at in self._shown if not self._entries[at].folder]

    @property
    def seen(self) -> list[Entry]:
        """The entries whose lines are on the screen."""
        top = self.scroll_offset.y
        return [self._entries[at] for at in self._shown[top : top + max(self.size.height, 1)]]

    def fill(self, entries: tuple[Entry, ...], name: str = "") -> None:
        """Show another folder, the cursor on `name` if it is there."""
        self._entries, self.typed = entries, ""
        self.hidden = self.hidden or name.startswith(".")
        self._sift()
        self._at = next((at for at, index in enumerate(self._shown) if entries[index].name == name), 0)
        self.action_move(0)

    def sift(self, typed: str, *, hidden: bool) -> None:
        """Show what this leaves."""
        self.typed, self.hidden = typed, hidden
        self._sift()
        self._at = 0
        self.action_move(0)

    def _sift(self) -> None:
        self._shown = matching(self._entries, self.typed, hidden=self.hidden)
        self.virtual_size = Size(0, len(self._shown))
        longest = max((len(self._entries[at].name) for at in self._shown[:_MEASURED]), default=0)
        self._column = max(20, longest + 7)

    def action_move(self, by: int) -> None:
        """Go to another entry."""
        self._at = min(max(self._at + by, 0), max(len(self._shown) - 1, 0))
        self.scroll_to_region(Region(0, max(0, self._at - 1), 1, 3), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other entries are seen."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Go to the entry that was clicked."""
        line = event.y + self.scroll_offset.y
        if line < len(self._shown):
            self.action_move(line - self._at)

    def render_line(self, y: int) -> Strip:
        """One line: sign, name, what it holds."""
        at = y + self.scroll_offset.y
        width, base = self.size.width, self.rich_style
        if at >= len(self._shown):
            empty = "  Nothing here." if not self._entries else "  Nothing here is called so."
            return Strip([Segment(empty if at == 0 else "", base)]).adjust_cell_length(width, base)
        entry, here = self._entries[self._shown[at]], at == self._at
        left = min(self._column, width // 2)
        sign = f" {'▸' if here else ' '}{'✓' if entry.path in self.marked else ' '}"
        name = clip(f"{printable(entry.name)}{'/' if entry.folder else ''}", left - 6)
        reason = self._reasons.get(entry.path, "")
        words = self._words.get(entry.path, "")
        words = clip(f"{words} ({reason})" if reason and reason != words else words, width - left - 1)
        style = base + Style(bold=here or None, reverse=(here and self.has_focus) or None, dim=bool(reason) or None)
        text = f"{sign} {name}{' ' * (left - 4 - cells(name))}{words}"
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)
