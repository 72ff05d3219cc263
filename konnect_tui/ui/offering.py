"""What a file or paste holds, and who would get in by it: one certificate of it may be given to the control plane."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from textual import on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Static

from konnect_tui.errors import KonnectError
from konnect_tui.ui import stocked
from konnect_tui.ui.sheet import Sheet
from konnect_tui.ui.theme import COLOURS, DONE, SIGNS
from konnect_tui.words import clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.konnect.target import Target
    from konnect_tui.live.inventory import Inventory
    from konnect_tui.live.offering import Offer

_MOST = 100
"""Certificates that are looked at: a bundle of all public CAs is no node's."""


class OfferScreen(Sheet["Offer | None"]):
    """Gives what is to be sent; None when it was closed. `key`: a private key stood beside the certificates."""

    DEFAULT_CSS = """
    OfferScreen VerticalScroll { padding: 1 2; scrollbar-size-vertical: 1; }
    """
    BINDINGS = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "next", show=False),
    ]
    TOPICS = (
        (
            "What is sent",
            (
                "The one certificate under the cursor, and its title: nothing that stood beside it in the file. In "
                "pinned mode that is a node's own certificate, in PKI mode the certificate of a CA."
            ),
        ),
    )

    class Judged(Message):
        """What each would mean, or why that can't be told."""

        def __init__(self, offers: tuple["Offer", ...], fault: KonnectError | None) -> None:
            super().__init__()
            self.offers, self.fault = offers, fault

    def __init__(self, certificates: tuple[bytes, ...], inventory: "Inventory", target: "Target", *, key: bool) -> None:
        super().__init__()
        self._certificates = certificates
        self._inventory = inventory
        self._target = target
        self._key = key
        self._offers: tuple[Offer, ...] = ()
        self._fault: KonnectError | None = None
        self._refusal = ""
        self._at = 0

    def title_lines(self) -> Content:
        """Where it would go."""
        width = max(self.app.size.width - 4, 40)
        name = clip(printable(self._target.control_plane.name), width - 40)
        mode = stocked.mode_sentence(self._inventory.mode)
        first = (f"Add a certificate to {name}?\n", "bold $primary")
        return Content.assemble(first, (clip(mode, width), "$muted"))

    def body(self) -> Iterable[VerticalScroll]:
        """The certificates."""
        yield VerticalScroll(Static(id="offers"))

    def on_mount(self) -> None:
        """Judge them."""
        self._judge()

    @work(thread=True, exclusive=True, group="look")
    def _judge(self) -> None:
        from konnect_tui.live.offering import offers

        try:
            found = offers(self._certificates[:_MOST], self._inventory, self.konnect.services.now())
            self.post_message(self.Judged(found, None))
        except KonnectError as fault:
            self.post_message(self.Judged((), fault))

    @on(Judged)
    def _show(self, event: Judged) -> None:
        event.stop()
        self._offers, self._fault = event.offers, event.fault
        self.describe()

    def describe(self) -> None:
        """Show all of it as it is now."""
        super().describe()
        lines = list(self._lines(max(self.app.size.width - 8, 40)))
        self.query_one("#offers", Static).update(Content("\n").join(lines))
        here = next((at for at, line in enumerate(lines) if line.plain.startswith("▸")), 0)
        self.query_one(VerticalScroll).scroll_to_region(Region(0, here, 1, 8), animate=False, force=True)

    def _lines(self, width: int) -> Iterator[Content]:
        if self._fault:
            yield from stocked.failed(self._fault, width, "Nothing was sent.")
        for at, offer in enumerate(self._offers):
            here = at == self._at
            kind = "CA" if offer.held.is_ca else "certificate"
            said = clip(f"{kind} {offer.name}, ends {offer.held.not_after:%Y-%m-%d}", width - 12)
            there = "   already there" if offer.there else ""
            yield Content.assemble(
                ("▸ " if here else "  ", "bold $primary"), (said, "bold" if here else ""), (there, "$muted")
            )
            if here:
                yield from self._details(offer, width - 4)
        if (rest := len(self._certificates) - _MOST) > 0:
            yield Content.styled(
                f"  … and {rest:,} more, which are not looked at: give them in a file of their own", "$muted"
            )

    def _details(self, offer: "Offer", width: int) -> Iterator[Content]:
        held = offer.held
        rows = (
            ("Subject", printable(held.subject) or "empty"),
            ("Issuer", "itself" if held.self_signed else printable(held.issuer) or "empty"),
            ("SHA-256", held.sha256),
        )
        for label, said in rows:
            yield Content.assemble((f"    {label:<9}", "$muted"), clip(said, width - 9))
        yield from (Content(f"    {line}") for line in wrap(printable(offer.means), width))
        yield from (Content("    ") + line for line in stocked.remarked(offer.remarks, width))
        yield Content("")

    def told(self) -> Content:
        """What Enter sends, or why it doesn't; and what becomes of a key."""
        width = max(self.app.size.width - 4, 40)
        said = [(f"{SIGNS['error']} {self._refusal}", f"bold {COLOURS['error']}")] if self._refusal else []
        if offer := self._offer:
            said.append((self._what(offer), "bold"))
        if self._key:
            said.append((f"{DONE} The private key beside it is not sent. It stays where it is.", "$muted"))
        lines = [(line, style) for text, style in said for line in wrap(printable(text), width)][:3]
        return Content("\n").join(Content.styled(line, style) for line, style in lines)

    def _what(self, offer: "Offer") -> str:
        if offer.there:
            return (
                f"It is there already, as “{offer.there.title}”, since {offer.there.given:%Y-%m-%d}: nothing to send."
            )
        if offer.hopeless:
            return "It is not sent: no node would get in by it."
        return f"Enter sends this certificate alone, titled “{offer.title}”."

    @property
    def _offer(self) -> "Offer | None":
        return self._offers[self._at] if self._offers else None

    def listed(self) -> list[tuple[str, str, str]]:
        """Keys."""
        return [("Esc", "Close", "screen.dismiss(None)"), ("F1", "Help", "app.explain")]

    @property
    def onward(self) -> str:  # type: ignore[override]
        """What Enter does."""
        offer = self._offer
        return "Send it" if offer and not offer.there and not offer.hopeless else ""

    def action_move(self, by: int) -> None:
        """Go to another certificate."""
        self._at = min(max(self._at + by, 0), max(len(self._offers) - 1, 0))
        self._refusal = ""
        self.describe()

    def action_next(self) -> None:
        """Have it sent."""
        if (offer := self._offer) and self.onward:
            self.dismiss(offer)
        elif self._offer:
            self._refusal = "Nothing was sent."
            self.describe()
