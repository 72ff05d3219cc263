"""The certificates of a control plane in lines."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.style import Style

from konnect_tui.ui.chrome import WIDE
from konnect_tui.ui.long_list import LongList
from konnect_tui.ui.theme import SIGNS
from konnect_tui.words import cells, clip, printable

if TYPE_CHECKING:
    from konnect_tui.live.inventory import Entry, Inventory

_END: Final = 22
"""Columns of `2026-12-05     12 d` and a gap."""
_NODES: Final = 7


class EntryList(LongList):
    """Shows the entries that what was typed leaves, the cursor on one of them."""

    DEFAULT_CSS = """
    EntryList { scrollbar-gutter: stable; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._inventory: Inventory | None = None
        self._entries: tuple[Entry, ...] = ()
        self._shared: frozenset[str] = frozenset()
        self._searched: tuple[str, ...] = ()
        self._shown: list[int] = []
        self.typed = ""

    @property
    def entry(self) -> "Entry | None":
        """What the cursor is on."""
        return self._entries[self._shown[self.at]] if self._shown else None

    @property
    def length(self) -> int:
        """How many are left."""
        return len(self._shown)

    @property
    def count(self) -> tuple[int, int]:
        """How many are left of how many."""
        return len(self._shown), len(self._searched)

    def fill(self, inventory: "Inventory", to: str = "") -> None:
        """Show another inventory: the cursor on the entry of that id, else where it was."""
        wanted = to or (self.entry.id if self.entry else "")
        self._inventory, self._entries = inventory, inventory.entries
        counts = Counter(entry.name for entry in self._entries)
        self._shared = frozenset(name for name, count in counts.items() if count > 1)
        self._searched = tuple(_searched(entry) for entry in self._entries)
        self._sift()
        self.go(next((at for at, index in enumerate(self._shown) if self._entries[index].id == wanted), self.at))

    def sift(self, typed: str) -> None:
        """Show what this leaves."""
        self.typed = typed
        self._sift()
        self.go(0)

    def _sift(self) -> None:
        wanted = self.typed.casefold()
        self._shown = [at for at, text in enumerate(self._searched) if wanted in text]
        self.fit()

    def line(self, at: int, width: int) -> tuple[str, Style]:
        """One entry."""
        entry = self._entries[self._shown[at]]
        sign = SIGNS[entry.remarks[0].severity] if entry.remarks else " "
        return f"{sign} {_line(self._cells(entry, width - 2), width - 2)}", Style()

    def below(self, number: int, width: int) -> str:
        """Why there is nothing."""
        return "" if number or self._shown else self._empty

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
