"""Every path of a bundle as a tree with modes; only the lines that are seen are made, so thousands cost nothing."""

from itertools import takewhile

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from konnect_tui.words import clip, printable


class Leaf(Struct, frozen=True):
    """One file: its path, its mode, and a sign for what happens to it."""

    path: str
    mode: str
    sign: str


class PathTree(ScrollView, can_focus=True):
    """The files, folders above them. Moving goes from file to file."""

    DEFAULT_CSS = """
    PathTree { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
    PathTree:focus { background-tint: $foreground 3%; }
    """
    COMPONENT_CLASSES = {"tree--folder", "tree--here"}
    BINDINGS = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
    ]

    class Moved(Message):
        """Another file is shown."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(self, leaves: tuple[Leaf, ...]) -> None:
        super().__init__()
        self._lines = _lines(leaves)
        self._files = [at for at, (leaf, _) in enumerate(self._lines) if leaf]
        self._at = 0
        self.virtual_size = Size(0, len(self._lines))

    @property
    def path(self) -> str:
        """The file the cursor is on."""
        leaf = self._lines[self._files[self._at]][0] if self._files else None
        return leaf.path if leaf else ""

    def action_move(self, by: int) -> None:
        """Go to another file."""
        self._at = min(max(self._at + by, 0), len(self._files) - 1)
        line = self._files[self._at]
        self.scroll_to_region(Region(0, max(0, line - 2), 1, 3), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved(self.path))

    def on_click(self, event: events.Click) -> None:
        """Go to the file that was clicked."""
        line = event.y + self.scroll_offset.y
        if line in self._files:
            self.action_move(self._files.index(line) - self._at)

    def render_line(self, y: int) -> Strip:
        """One line of the tree."""
        at = y + self.scroll_offset.y
        width, base = self.size.width, self.rich_style
        if at >= len(self._lines):
            return Strip.blank(width, base)
        leaf, shown = self._lines[at]
        here = at in self._files[self._at : self._at + 1]
        text = f"{'▸' if here else ' '}{leaf.sign if leaf else ' '} {leaf.mode if leaf else '    '} {shown}"
        style = base + (Style(bold=True, reverse=self.has_focus) if here else Style(dim=not leaf))
        return Strip([Segment(clip(text, width), style)]).adjust_cell_length(width, style if here else base)


def _lines(leaves: tuple[Leaf, ...]) -> list[tuple[Leaf | None, str]]:
    lines: list[tuple[Leaf | None, str]] = []
    above: list[str] = []
    for leaf in sorted(leaves, key=lambda leaf: _order(leaf.path)):
        *folders, name = leaf.path.split("/")
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(above, folders, strict=False)))
        lines += [(None, f"{'  ' * depth}{printable(folders[depth])}/") for depth in range(same, len(folders))]
        lines.append((leaf, f"{'  ' * len(folders)}{printable(name)}"))
        above = folders
    return lines


def _order(path: str) -> list[tuple[bool, bool, str]]:
    """Files of a folder before its folders, hidden ones last, each by name."""
    parts = path.split("/")
    return [(at < len(parts) - 1, part.startswith("."), part) for at, part in enumerate(parts)]
