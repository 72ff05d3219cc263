"""Control planes in lines, thousands of them."""

from typing import TYPE_CHECKING, Final

from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from konnect_tui.flow.planes import Row, age
from konnect_tui.konnect.kinds import MEMBER
from konnect_tui.ui.long_list import LongList
from konnect_tui.words import cells, clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.flow.planes import Listing
    from konnect_tui.ui.loading import Planes

CREATE: Final = "+ Create a control plane here"
_MODE, _KIND, _AGE, _NODES = 8, 15, 7, 7
_MOST_TYPED: Final = 256


class PlaneList(LongList):
    """Shows what typed letters leave of `planes`, below a line that creates one. Letters typed here filter.

    The cursor stays on the control plane it is on while others come in around it.
    """

    BINDINGS = [Binding("backspace", "shorten", show=False)]

    class Sifted(Message):
        """Something else was typed."""

    def __init__(self, planes: "Planes", now: float, wanted: str) -> None:
        """`now` is what ages are counted from, in Unix seconds. `wanted` is the id to begin at, once it is there."""
        super().__init__()
        self.planes = planes
        self._now = now
        self._wanted = wanted
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
        return self.listing.rows[shown[self.at - 1]] if 0 < self.at <= len(shown) else None

    @property
    def length(self) -> int:
        """The line that creates one, and a line for each."""
        return len(self.listing.shown) + 1

    @property
    def seen(self) -> list[Row]:
        """The control planes whose lines are on the screen."""
        return [self.listing.rows[self.listing.shown[at - 1]] for at in self.on_screen if at]

    def refusal(self, row: Row) -> str:
        """Why it can't take a node; empty where it can, as far as is known."""
        return row.refusal or (MEMBER if self.planes.members.get(row.id) else "")

    # --- what comes and goes

    def sync(self) -> None:
        """More came, or all came anew: show it, the cursor where it was."""
        before, last = self.at, len(self.listing.shown)
        self.fit()
        if wanted := self._found(self._wanted):
            self._wanted, self._moved_to = "", True
            self.go(wanted)
        elif not self._moved_to:
            self.at = min(1, last)  # a control plane rather than the line that creates one
        else:
            self.at = self._found(self._under) or min(before, last)
            self.scroll_to(y=self.scroll_offset.y + self.at - before, animate=False, force=True)
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

    def go(self, at: int) -> None:
        """Put the cursor on a line, and remember what is there."""
        super().go(at)
        self._note()

    def sift(self, typed: str) -> None:
        """Leave what holds this. The cursor goes to the first."""
        self.listing.sift(typed[:_MOST_TYPED])
        self._wanted, self._moved_to = "", False
        self.fit()
        self.go(1)
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

    def action_move(self, by: int) -> None:
        """Go to another line, and stay there."""
        self._wanted, self._moved_to = "", True
        super().action_move(by)

    # --- lines

    def heads(self) -> Content:
        """What stands in each column."""
        name, labels = self._widths()
        heads = {"Name": name, "Auth": _MODE, "Type": _KIND, "Labels": labels, "Age": _AGE, "Nodes": _NODES}
        return Content.styled("   " + "".join(f"{head:<{width}}" for head, width in heads.items()).rstrip(), "$muted")

    def _widths(self) -> tuple[int, int]:
        left = max(self.scrollable_content_region.width - 3 - _MODE - _KIND - _AGE - _NODES, 24)
        return left - left // 3, left // 3

    def line(self, at: int, width: int) -> tuple[str, Style]:
        """What creates one, or one; dim where it can't be taken."""
        if at == 0:
            return f" {CREATE}", Style()
        row = self.listing.rows[self.listing.shown[at - 1]]
        return f" {self._columns(row)}", Style(dim=bool(self.refusal(row)) or None)

    def below(self, number: int, width: int) -> str:
        """Why there is nothing, a line below the one that creates one."""
        lines = [] if self.listing.shown else [part for told in self.told for part in wrap(told, max(width - 6, 20))]
        return f"   {lines[number - 1]}" if 1 <= number <= len(lines) else ""

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
