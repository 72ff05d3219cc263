"""Control planes in lines, thousands of them: only the lines that are seen are made."""

from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from konnect_tui.flow.planes import Row, age
from konnect_tui.konnect.kinds import MEMBER
from konnect_tui.words import cells, clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.flow.planes import Listing
    from konnect_tui.ui.loading import Planes

CREATE: Final = "+ Create a control plane here"
_MODE, _KIND, _AGE, _NODES = 8, 15, 7, 7
_MOST_TYPED: Final = 256


class PlaneList(ScrollView, can_focus=True):
    """Shows what typed letters leave of `planes`, below a line that creates one. Letters typed here filter.

    The cursor stays on the control plane it is on while others come in around it.
    """

    DEFAULT_CSS = """
    PlaneList { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
    PlaneList:focus { background-tint: $foreground 3%; }
    """
    BINDINGS = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        Binding("backspace", "shorten", show=False),
    ]

    class Moved(Message):
        """The cursor is on another control plane, or others are seen."""

    class Sifted(Message):
        """Something else was typed."""

    class Picked(Message):
        """The control plane under the cursor is wanted."""

    def __init__(self, planes: "Planes", now: float, wanted: str) -> None:
        """`now` is what ages are counted from, in Unix seconds. `wanted` is the id to begin at, once it is there."""
        super().__init__()
        self.planes = planes
        self._now = now
        self._wanted = wanted
        self._at = 0
        self._under = ""
        self._moved_to = False
        self.told: tuple[str, ...] = ()
        """What is said where there is nothing to list."""

    @property
    def listing(self) -> "Listing":
        """What there is."""
        return self.planes.listing

    @property
    def row(self) -> Row | None:
        """What the cursor is on; None on the line that creates one."""
        shown = self.listing.shown
        return self.listing.rows[shown[self._at - 1]] if 0 < self._at <= len(shown) else None

    @property
    def seen(self) -> list[Row]:
        """The control planes whose lines are on the screen."""
        top = max(int(self.scroll_offset.y) - 1, 0)
        return [self.listing.rows[at] for at in self.listing.shown[top : top + max(self.size.height, 1)]]

    def refusal(self, row: Row) -> str:
        """Why it can't take a node; empty where it can, as far as is known."""
        return row.refusal or (MEMBER if self.planes.members.get(row.id) else "")

    # --- what comes and goes

    def sync(self) -> None:
        """More came, or all came anew: show it, the cursor where it was."""
        before = self._at
        self.virtual_size = Size(0, len(self.listing.shown) + 1)
        last = len(self.listing.shown)
        if wanted := self._found(self._wanted):
            self._at, self._wanted, self._moved_to = wanted, "", True
            self._keep_seen()
        elif not self._moved_to:
            self._at = min(1, last)  # a control plane rather than the line that creates one
        else:
            self._at = self._found(self._under) or min(before, last)
            self.scroll_to(y=self.scroll_offset.y + self._at - before, animate=False, force=True)
        self._note()
        self.refresh()

    def _found(self, id: str) -> int | None:  # noqa: A002 - Konnect's word
        place = self.listing.place(id) if id else None
        if place is None:
            return None
        shown = self.listing.shown
        return shown.index(place) + 1 if place in shown else None

    def go_to(self, id: str) -> None:  # noqa: A002 - Konnect's word
        """Put the cursor on this one as soon as it is there; what was typed goes, or it might be hidden."""
        self.listing.sift("")
        self._wanted = id

    def _note(self) -> None:
        self._under = self.row.id if self.row else ""

    def sift(self, typed: str) -> None:
        """Leave what holds this. The cursor goes to the first."""
        self.listing.sift(typed[:_MOST_TYPED])
        self._wanted, self._moved_to = "", False
        self._at = min(1, len(self.listing.shown))
        self.virtual_size = Size(0, len(self.listing.shown) + 1)
        self._moved()
        self.post_message(self.Sifted())

    # --- keys

    def on_key(self, event: events.Key) -> None:
        """Letters leave what holds them."""
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self.sift(self.listing.typed + event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A name or id that is pasted is looked for."""
        event.stop()
        self.sift(self.listing.typed + " ".join(event.text.split()))

    def action_shorten(self) -> None:
        """Take away the last letter."""
        if self.listing.typed:
            self.sift(self.listing.typed[:-1])

    def action_page(self, way: int) -> None:
        """Go a screenful on."""
        self.action_move(way * max(self.size.height - 1, 1))

    def action_move(self, by: int) -> None:
        """Go to another line."""
        self._wanted, self._moved_to = "", True
        self._at = min(max(self._at + by, 0), len(self.listing.shown))
        self._moved()

    def _moved(self) -> None:
        self._note()
        self._keep_seen()
        self.refresh()
        self.post_message(self.Moved())

    def _keep_seen(self) -> None:
        self.scroll_to_region(Region(0, max(0, self._at - 1), 1, 3), animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Others are seen."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Go to what was clicked; a second click takes it."""
        line = event.y + int(self.scroll_offset.y)
        if line <= len(self.listing.shown):
            self.action_move(line - self._at)
            if event.chain == 2:
                self.post_message(self.Picked())

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    # --- lines

    def heads(self) -> Content:
        """What stands in each column."""
        name, labels = self._widths()
        heads = {"Name": name, "Auth": _MODE, "Type": _KIND, "Labels": labels, "Age": _AGE, "Nodes": _NODES}
        return Content.styled("   " + "".join(f"{head:<{width}}" for head, width in heads.items()).rstrip(), "$muted")

    def _widths(self) -> tuple[int, int]:
        left = max(self.scrollable_content_region.width - 3 - _MODE - _KIND - _AGE - _NODES, 24)
        return left - left // 3, left // 3

    def render_line(self, y: int) -> Strip:
        """One line."""
        at = y + int(self.scroll_offset.y)
        width, base = self.size.width, self.rich_style
        here = at == self._at
        style = base + Style(bold=here or None, reverse=(here and self.has_focus) or None)
        shown = self.listing.shown
        if at == 0:
            text = f" {'▸' if here else ' '} {CREATE}"
        elif at <= len(shown):
            row = self.listing.rows[shown[at - 1]]
            if self.refusal(row):
                style += Style(dim=True)
            text = f" {'▸' if here else ' '} {self._columns(row)}"
        else:
            lines = [] if shown else [part for told in self.told for part in wrap(told, max(width - 6, 20))]
            text = f"   {lines[at - 2]}" if 2 <= at < len(lines) + 2 else ""
            style = base
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    def _columns(self, row: Row) -> str:
        name, labels = self._widths()
        refusal = self.refusal(row)
        rest = (
            clip(refusal, labels + _AGE + _NODES - 1)
            if refusal
            else _pad(row.labels, labels) + _pad(age(row.created, self._now), _AGE) + self.nodes(row)
        )
        return _pad(row.name, name) + _pad(row.mode, _MODE) + _pad(row.kind, _KIND) + rest

    def nodes(self, row: Row) -> str:
        """How many of its nodes are connected: `3`, or `3/5` where not all are; `…` until that is known."""
        if row.id not in self.planes.nodes:
            return "…"
        found = self.planes.nodes[row.id]
        if found is None:
            return "?"
        connected, known = found
        return f"{connected:,}" if connected == known else f"{connected:,}/{known:,}"


def _pad(text: str, width: int) -> str:
    """The text in exactly so many columns, the last one blank."""
    shown = clip(printable(text), width - 1)
    return shown + " " * (width - cells(shown))
