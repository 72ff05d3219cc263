"""The files of a folder in lines: name, and what each holds. Only what is seen is asked about."""

from collections.abc import Mapping
from typing import Final

from rich.style import Style

from konnect_tui.flow.folder import Entry, matching
from konnect_tui.ui.long_list import LongList
from konnect_tui.words import cells, clip, printable

_MEASURED: Final = 500
"""Names that decide how wide their column is."""


class FileList(LongList):
    """Shows the entries that what was typed leaves. `words` and `reasons` are by path and may still be filling."""

    def __init__(self, words: Mapping[str, str], reasons: Mapping[str, str]) -> None:
        super().__init__()
        self._words, self._reasons = words, reasons
        self._entries: tuple[Entry, ...] = ()
        self._shown: list[int] = []
        self._column = 20
        self.typed = ""
        self.hidden = False
        self.marked: set[str] = set()

    @property
    def entry(self) -> Entry | None:
        """What the cursor is on."""
        return self._entries[self._shown[self.at]] if self._shown else None

    @property
    def length(self) -> int:
        """How many entries are left."""
        return len(self._shown)

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
        return [self._entries[self._shown[at]] for at in self.on_screen]

    def fill(self, entries: tuple[Entry, ...], name: str = "") -> None:
        """Show another folder, the cursor on `name` if it is there."""
        self._entries, self.typed = entries, ""
        self.hidden = self.hidden or name.startswith(".")
        self._sift()
        self.go(next((at for at, index in enumerate(self._shown) if entries[index].name == name), 0))

    def sift(self, typed: str, *, hidden: bool) -> None:
        """Show what this leaves."""
        self.typed, self.hidden = typed, hidden
        self._sift()
        self.go(0)

    def _sift(self) -> None:
        self._shown = matching(self._entries, self.typed, hidden=self.hidden)
        self.fit()
        longest = max((len(self._entries[at].name) for at in self._shown[:_MEASURED]), default=0)
        self._column = max(20, longest + 7)

    def below(self, number: int, width: int) -> str:
        """Why there is nothing."""
        if number or self._shown:
            return ""
        return "  Nothing here is called so." if self._entries else "  Nothing here."

    def line(self, at: int, width: int) -> tuple[str, Style]:
        """Sign, name, what it holds."""
        entry = self._entries[self._shown[at]]
        left = min(self._column, width // 2 + 1)
        name = clip(f"{printable(entry.name)}{'/' if entry.folder else ''}", left - 6)
        reason = self._reasons.get(entry.path, "")
        words = self._words.get(entry.path, "")
        words = clip(f"{words} ({reason})" if reason and reason != words else words, width - left + 1)
        sign = "✓" if entry.path in self.marked else " "
        return f"{sign} {name}{' ' * (left - 4 - cells(name))}{words}", Style(dim=bool(reason) or None)
