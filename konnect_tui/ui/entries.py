"""The certificates of a control plane in lines. Only the lines that are seen are made, so thousands cost nothing."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from konnect_tui.ui.chrome import WIDE
from konnect_tui.ui.theme import SIGNS
from konnect_tui.words import cells, clip, printable

if TYPE_CHECKING:
    from konnect_tui.live.inventory import Entry, Inventory

_END: Final = 22
"""Columns of `2026-12-05     12 d` and a gap."""
_NODES: Final = 7


class EntryList(ScrollView, can_focus=True):
    """Shows the entries that what was typed leaves, the cursor on one of them."""

    DEFAULT_CSS = """
    EntryList { height: 1fr; background: $surface; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    EntryList:focus { background-tint: $foreground 3%; }
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
        """The cursor is on another entry."""

    def __init__(self) -> None:
        super().__init__()
        self._inventory: Inventory | None = None
        self._shared: frozenset[str] = frozenset()
        self._searched: tuple[str, ...] = ()
        self._shown: list[int] = []
        self._at = 0
        self.typed = ""

    @property
    def entry(self) -> "Entry | None":
        """What the cursor is on."""
        return self._inventory.entries[self._shown[self._at]] if self._inventory and self._shown else None

    @property
    def count(self) -> tuple[int, int]:
        """How many are left of how many."""
        return len(self._shown), len(self._searched)

    def fill(self, inventory: "Inventory", to: str = "") -> None:
        """Show another inventory: the cursor on the entry of that id, else where it was."""
        wanted = to or (self.entry.id if self.entry else "")
        self._inventory = inventory
        counts = Counter(entry.name for entry in inventory.entries)
        self._shared = frozenset(name for name, count in counts.items() if count > 1)
        self._searched = tuple(_searched(entry) for entry in inventory.entries)
        self._sift()
        at = next((at for at, index in enumerate(self._shown) if inventory.entries[index].id == wanted), self._at)
        self._at = min(at, max(len(self._shown) - 1, 0))
        self.action_move(0)

    def sift(self, typed: str) -> None:
        """Show what this leaves."""
        self.typed = typed
        self._sift()
        self._at = 0
        self.action_move(0)

    def _sift(self) -> None:
        wanted = self.typed.casefold()
        self._shown = [at for at, text in enumerate(self._searched) if wanted in text]
        self.virtual_size = Size(0, len(self._shown))

    def action_move(self, by: int) -> None:
        """Go to another entry."""
        self._at = min(max(self._at + by, 0), max(len(self._shown) - 1, 0))
        self.scroll_to_region(Region(0, max(0, self._at - 1), 1, 3), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Go to the entry that was clicked."""
        line = event.y + self.scroll_offset.y
        if line < len(self._shown):
            self.action_move(line - self._at)

    def render_line(self, y: int) -> Strip:
        """One entry."""
        at = y + self.scroll_offset.y
        width, base = self.size.width, self.rich_style
        if self._inventory is None or at >= len(self._shown):
            return Strip([Segment(self._empty if at == 0 else "", base)]).adjust_cell_length(width, base)
        entry, here = self._inventory.entries[self._shown[at]], at == self._at
        style = base + Style(bold=here or None, reverse=(here and self.has_focus) or None)
        worst = entry.remarks[0].severity if entry.remarks else ""
        sign = f" {'▸' if here else ' '}{SIGNS.get(worst, ' ')} "
        return Strip([Segment(sign + _line(self._cells(entry, width - 4), width - 4), style)]).adjust_cell_length(
            width, style
        )

    @property
    def _empty(self) -> str:
        if self._inventory is None:
            return ""
        return "  Nothing here holds what you typed." if self._searched else "  This control plane has no certificate."

    def heading(self) -> str:
        """What the columns are."""
        width = self.size.width
        named = ("subject", "title") if width >= WIDE - 1 else ("subject or title",)
        return "    " + _line([*named, "ends", "nodes", "remarks"], width - 4)

    def _cells(self, entry: "Entry", width: int) -> list[str]:
        name, title = entry.name.strip("“”"), printable(entry.title)
        named = [name, title] if width + 4 >= WIDE - 1 else [title if title and entry.name in self._shared else name]
        ends = f"{entry.ends:%Y-%m-%d} {f'{entry.days_left:,} d':>8}" if entry.ends else "unknown"
        known = self._inventory is not None and self._inventory.nodes_fault is None
        return [*named, ends, f"{len(entry.nodes):,}" if known else "?", ", ".join(each.word for each in entry.remarks)]


def _line(values: list[str], width: int) -> str:
    """The columns: names as wide as what is left for them."""
    *names, ends, nodes, state = values
    rest = max(width - _END - _NODES, 24)
    remarks = rest * 2 // 5
    each = (rest - remarks) // len(names)
    parts = [(name, each) for name in names] + [(ends, _END), (nodes, _NODES), (state, remarks)]
    return "".join(_cell(text, columns) for text, columns in parts)


def _cell(text: str, columns: int) -> str:
    text = clip(text, columns - 1)
    return text + " " * (columns - cells(text))


def _searched(entry: "Entry") -> str:
    """All that typed letters are looked for in."""
    known = [*entry.names, printable(entry.title), entry.id, *(each.word for each in entry.remarks)]
    known += [each.sha256 for each in entry.holds] + [each.name for each in entry.nodes]
    return "\n".join(known).casefold()
