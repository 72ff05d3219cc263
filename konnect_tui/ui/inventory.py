"""The certificates of a control plane: who uses which, what is wrong with it; one is added, one is taken away."""

import os
import time
from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, Final

from textual import events, on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from konnect_tui.errors import KonnectError
from konnect_tui.flow.step import Field
from konnect_tui.ui import stocked
from konnect_tui.ui.entries import EntryList
from konnect_tui.ui.sheet import Sheet
from konnect_tui.ui.theme import COLOURS, DONE, SIGNS
from konnect_tui.words import cells, clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.konnect.target import Target
    from konnect_tui.live.changing import Outcome
    from konnect_tui.live.inventory import Entry, Inventory
    from konnect_tui.live.offering import Offer
    from konnect_tui.ui.session import Session

_FILE: Final = Field(
    key="", label="Certificate to add", kind="path", wants="certificate", help="A file with the certificate."
)

_SIGNS: Final = {"done": DONE, "present": SIGNS["note"], "failed": SIGNS["error"]}

_UNLOCKED: Final = "The certificate is no secret: give it in a file of its own, PEM or DER."
_AGAIN: Final = {"token-refused": "Esc goes back; on Start another token can be given."}
_HIGH: Final = 32
"""From so many lines on all that is known of an entry is seen at once."""


class InventoryScreen(Sheet[None]):
    """Asks when it opens, and again after everything it changed."""

    DEFAULT_CSS = """
    InventoryScreen {
        #stock { layout: vertical; height: 1fr; }
        #columns { height: 1; color: $muted; }
        #entry { height: 45%; min-height: 8; padding: 0 2; border-top: solid $surface-lighten-1;
                 scrollbar-size-vertical: 1; }
        #entry > Static { height: auto; }
    }
    """
    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("enter", "next", show=False),
        Binding("backspace", "shorten", show=False),
        Binding("f2", "add_file", show=False),
        Binding("f3", "add_paste", show=False),
        Binding("f5", "again", show=False),
        Binding("f8,delete", "remove", show=False),
    ]
    TOPICS = (
        (
            "The certificates of a control plane",
            (
                "What Konnect calls Data Plane Certificates: in pinned mode the nodes' own, in PKI mode those of CAs. "
                "Type to leave those whose subject, title, node, fingerprint or remark holds what you type: "
                "expired, ends soon, duplicate, unused."
            ),
        ),
        (
            "Adding one",
            (
                "F2 takes a file, F3 a paste. You see what it is, and who would get in by it, before anything is "
                "sent. Only the certificate is sent: a private key beside it stays here."
            ),
        ),
        (
            "Removing one",
            (
                "F8 says which nodes came in with it, and wants its title typed. Those nodes lose their connection "
                "and go on with the configuration they have."
            ),
        ),
    )

    class Stocked(Message):
        """What the control plane has, or why that can't be told. `said` is what was done before, in words."""

        def __init__(self, inventory: "Inventory | None", fault: KonnectError | None, said: str, to: str = "") -> None:
            super().__init__()
            self.inventory, self.fault, self.said, self.to = inventory, fault, said, to

    def __init__(self, session: "Session", target: "Target") -> None:
        super().__init__()
        self._client = session.client
        self._patience = session.patience
        self._target = target
        self.inventory: Inventory | None = None
        self._fault: KonnectError | None = None
        self._said = ""
        self._doing = ""
        self._since = 0.0

    @property
    def _list(self) -> EntryList:
        return self.query_one(EntryList)

    # --- what is shown

    def title_lines(self) -> Content:
        """Whose certificates, where, and how many of what."""
        width = max(self.app.size.width - 4, 40)
        target = self._target
        plane = target.control_plane
        where = f"   {plane.auth_mode} · {target.region} · {target.organization.name}"
        where = clip(printable(where), 48)
        name = clip(printable(plane.name), max(width - cells(where) - 16, 12))
        first = Content.assemble((f"Certificates of {name}", "bold $primary"), (where, "$muted"), "\n")
        if self._doing:
            return first + Content.styled(clip(self._progress, width), "$muted")
        if self.inventory is None:
            return first
        left, total = self._list.count
        sought = f"   › {printable(self._list.typed)}  ({left:,} of {total:,})" if self._list.typed else ""
        counts = clip(stocked.counted(self.inventory), width - len(sought))
        return first + Content.assemble(counts, (sought, "bold $primary"))

    @property
    def _progress(self) -> str:
        seconds = int(time.monotonic() - self._since)
        return f"{self._doing} …" + (f" {seconds} s" if seconds else "") + f"  {self._patience.told}"

    def body(self) -> Iterable[Widget]:
        """The list, and below it what is known of the entry the cursor is on."""
        with_details = VerticalScroll(Static(id="about"), id="entry")
        yield Widget(Static(id="columns"), EntryList(), with_details, id="stock")

    def on_mount(self) -> None:
        """Ask at once."""
        self._list.focus()
        self.set_interval(1, self._tick)
        self.action_again()

    def _tick(self) -> None:
        if self._doing:
            self.describe()

    def describe(self) -> None:
        """Show all of it as it is now."""
        super().describe()
        width = max(self.app.size.width - 6, 40)
        heading = self._list.heading() if self.inventory else ""
        self.query_one("#columns", Static).update(Content(heading), layout=False)
        self.query_one("#about", Static).update(Content("\n").join(self._about(width)))

    def _about(self, width: int) -> Iterable[Content]:
        if self._fault is not None:
            yield from stocked.failed(self._fault, width, _AGAIN.get(self._fault.code, "Enter asks again."))
        elif entry := self._list.entry:
            yield from stocked.details(entry, width)

    def told(self) -> Content:
        """What was done, else the worst of the entry under the cursor, else what is true of all of them."""
        width = max(self.app.size.width - 4, 40)
        said = [(self._said, "bold")] if self._said else []
        if self.inventory is not None and not self._fault:
            low = self.app.size.height < _HIGH  # else there is room for it above
            if low and not said and (entry := self._list.entry) and entry.remarks:
                worst = entry.remarks[0]
                said = [(f"{SIGNS[worst.severity]} {worst.message}", COLOURS[worst.severity]), (worst.hint, "$muted")]
            else:
                said += stocked.whole(self.inventory)
        lines = [(line, style) for text, style in said for line in wrap(printable(text), width)][:3]
        return Content("\n").join(Content.styled(line, style) for line, style in lines)

    def listed(self) -> list[tuple[str, str, str]]:
        """Keys."""
        listed = [("Esc", "Close", "screen.leave"), ("F1", "Help", "app.explain")]
        if self.inventory is not None and not self._fault:
            listed += [("F2", "Add a file", "screen.add_file"), ("F3", "Add a paste", "screen.add_paste")]
            listed.append(("F5", "Refresh", "screen.again"))
            if self._list.entry:
                listed.append(("F8", "Remove", "screen.remove"))
        return listed

    @property
    def onward(self) -> str:  # type: ignore[override]
        """What Enter does."""
        return "Try again" if self._fault else ""

    @on(EntryList.Moved)
    def _moved(self, event: EntryList.Moved) -> None:
        event.stop()
        self.describe()
        self.query_one("#entry", VerticalScroll).scroll_home(animate=False)

    # --- asking Konnect

    def _begin(self, doing: str) -> None:
        self._doing, self._since, self._said, self._fault = doing, time.monotonic(), "", None
        self.describe()

    @work(exclusive=True, group="konnect")
    async def action_again(self) -> None:
        """Ask Konnect again."""
        self._begin("Asking Konnect for certificates and nodes")
        try:
            self.post_message(self.Stocked(await self._take(), None, ""))
        except KonnectError as fault:
            self.post_message(self.Stocked(None, fault, ""))

    async def _take(self) -> "Inventory":
        from konnect_tui.live.inventory import take_stock

        target = self._target
        plane = target.control_plane
        return await take_stock(self._client, target.region, plane.id, plane.auth_mode, self.konnect.services.now())

    @on(Stocked)
    def _show(self, event: Stocked) -> None:
        event.stop()
        self._doing, self._fault, self._said = "", event.fault, event.said
        if event.inventory is not None:
            self.inventory = event.inventory
            self._list.fill(event.inventory, event.to)
        self.describe()

    def action_next(self) -> None:
        """After a fault, try again."""
        if self._fault:
            self.action_again()

    # --- taking one away

    @work(exclusive=True, group="konnect")
    async def action_remove(self) -> None:
        """Look who uses it now; have its name typed; take it away."""
        chosen = self._list.entry
        if chosen is None or self._doing:
            return
        self._begin(f"Looking who uses {chosen.name}")
        try:
            inventory = await self._take()
        except KonnectError as fault:
            self.post_message(self.Stocked(None, fault, ""))
            return
        entry = next((each for each in inventory.entries if each.id == chosen.id), None)
        if entry is None:
            gone = f"{SIGNS['note']} {chosen.name} is gone already: somebody else removed it."
            self.post_message(self.Stocked(inventory, None, gone))
            return
        self.post_message(self.Stocked(inventory, None, "", entry.id))
        self._confirm(entry, inventory)

    def _confirm(self, entry: "Entry", inventory: "Inventory") -> None:
        from konnect_tui.ui.removing import RemoveScreen

        def answered(agreed: bool | None) -> None:
            if agreed:
                self._remove(entry)

        self.app.push_screen(RemoveScreen(entry, inventory), answered)

    @work(exclusive=True, group="konnect")
    async def _remove(self, entry: "Entry") -> None:
        from konnect_tui.live.changing import remove

        self._begin(f"Removing {entry.name}")
        await self._report(remove(self._client, self._target, entry, self._take))

    async def _report(self, change: "Awaitable[Outcome]") -> None:
        try:
            outcome = await change
        except KonnectError as fault:
            self.post_message(self.Stocked(None, fault, ""))
            return
        said = printable(f"{_SIGNS[outcome.result]} {outcome.sentence}")
        self.post_message(self.Stocked(outcome.inventory, None, said, outcome.id))

    # --- adding one

    @work
    async def action_add_file(self) -> None:
        """Choose a file, see what it holds, send one certificate of it."""
        from konnect_tui.ui.browsing import BrowseScreen

        if self.inventory is None or not (chosen := await self.app.push_screen_wait(BrowseScreen(_FILE))):
            return
        self._read(chosen[0])

    @work(thread=True, exclusive=True, group="look")
    def _read(self, path: str) -> None:
        from konnect_tui.pki.read import read_file

        try:
            reading = read_file(path)
        except KonnectError as fault:
            hint = _UNLOCKED if "passphrase" in fault.code else fault.hint
            said = fault.message.replace(printable(path), printable(os.path.basename(path)))  # three lines are there
            self.app.call_from_thread(self._refuse, f"{said} {hint}")
            return
        self.app.call_from_thread(self._offer, reading.certificates, bool(reading.keys))

    def action_add_paste(self) -> None:
        """Paste it, see what it holds, send one certificate of it."""
        self._take_text("")

    def on_paste(self, event: events.Paste) -> None:
        """A paste needs no key before it; one line is something to look for."""
        from konnect_tui.flow.pasted import is_material

        event.stop()
        if is_material(event.text):
            self._take_text(event.text)
        else:
            self._sift(self._list.typed + event.text.strip().partition("\n")[0])

    @work
    async def _take_text(self, text: str) -> None:
        from konnect_tui.ui.pasting import PasteScreen

        if self.inventory is None:
            return
        pasted = await self.app.push_screen_wait(PasteScreen(_FILE, lambda: text))
        if pasted:
            self._offer(pasted.certificates, pasted.key is not None)

    def _offer(self, certificates: tuple[bytes, ...], key: bool) -> None:
        from konnect_tui.ui.offering import OfferScreen

        def chosen(offer: "Offer | None") -> None:
            if offer:
                self._add(offer)

        if not certificates:
            self._refuse("There is no certificate in it, only a private key. Nothing was sent.")
        elif self.inventory is not None:
            self.app.push_screen(OfferScreen(certificates, self.inventory, self._target, key=key), chosen)

    def _refuse(self, reason: str) -> None:
        self._said = f"{SIGNS['error']} {printable(reason)}"
        self.describe()

    @work(exclusive=True, group="konnect")
    async def _add(self, offer: "Offer") -> None:
        from konnect_tui.live.changing import give

        self._begin(f"Giving Konnect {offer.name}")
        await self._report(give(self._client, self._target, offer, self._take))

    # --- keys

    def on_key(self, event: events.Key) -> None:
        """Letters leave the entries that hold them."""
        if event.is_printable and event.character:
            event.stop()
            self._sift(self._list.typed + event.character)

    def _sift(self, text: str) -> None:
        self._said = ""
        self._list.sift(text)
        self.describe()

    def action_shorten(self) -> None:
        """Take away the last letter."""
        self._sift(self._list.typed[:-1])

    def action_leave(self) -> None:
        """First what was typed goes, then the screen."""
        if self._list.typed:
            self._sift("")
        else:
            self.dismiss(None)
