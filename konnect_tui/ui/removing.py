"""Whether a certificate is really to be taken from a control plane: its name has to be typed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from konnect_tui.ui import stocked
from konnect_tui.ui.dialogs import BOX
from konnect_tui.ui.modal import Modal
from konnect_tui.ui.theme import COLOURS, SIGNS
from konnect_tui.words import clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.live.inventory import Entry, Inventory

_WIDTH = 64
_WORDS = {
    "title": "its title",
    "name": "its name",
    "fingerprint": "the first 16 digits of its SHA-256",
    "id": "its id",
}


class RemoveScreen(Modal[bool]):
    """Gives True once the name was typed to the letter and Enter pressed."""

    DEFAULT_CSS = f"""
    RemoveScreen {{ {BOX} }}
    RemoveScreen Input {{ background: $surface-lighten-1; padding: 0 1; margin: 0; width: 1fr; }}
    RemoveScreen Static {{ height: auto; }}
    """
    BINDINGS = [Binding("escape", "dismiss(False)", show=False)]

    def __init__(self, entry: "Entry", inventory: "Inventory") -> None:
        from konnect_tui.live.inventory import typed_name

        super().__init__()
        self._entry = entry
        self._inventory = inventory
        self._word, self._wanted = typed_name(entry, inventory)

    def compose(self) -> ComposeResult:
        """What is lost, the line to type into, and what is wrong with what was typed."""
        line = Input(compact=True, select_on_focus=False, max_length=200)
        line.cursor_blink = False
        with VerticalScroll(can_focus=False):
            yield Static(Content("\n").join(self._lines()))
            yield line
            yield Static(self._keys(), id="answer")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def _lines(self) -> Iterable[Content]:
        yield Content.styled(f"Remove {clip(self._entry.name, _WIDTH - 8)} from the control plane?", "bold $primary")
        yield Content("")
        for said, style in self._told():
            yield from (Content.styled(line, style) for line in wrap(printable(said), _WIDTH))
        yield Content("")
        yield Content(f"To remove it, type {_WORDS[self._word]}:")
        yield Content.styled(self._wanted, "bold")

    def _told(self) -> Iterable[tuple[str, str]]:
        users = self._entry.nodes
        if self._inventory.nodes_fault is not None:
            yield f"{SIGNS['warning']} Which nodes use it is not known: they would lose their connection.", _WARN
        elif users:
            count = "1 node" if len(users) == 1 else f"{len(users):,} nodes"
            lose = "loses its connection" if len(users) == 1 else "lose their connection"
            yield f"{SIGNS['warning']} {count} came in with it and {lose}: {stocked.users(users)}.", _WARN
            goes = "It goes on with the configuration it has" if len(users) == 1 else "They go on with what they have"
            yield f"{goes}, and gets no other." if len(users) == 1 else f"{goes}, and get no other configuration.", ""
        elif self._inventory.untold:
            count = f"{len(self._inventory.untold):,}"
            yield f"{SIGNS['warning']} No node is known to use it, but {count} don't say what they came in with.", _WARN
        else:
            yield "No node came in with it.", ""
        if twin := self._twin():
            yield f"The same certificate stays in the list as “{clip(twin.title, 40)}”.", ""

    def _twin(self) -> "Entry | None":
        mine = {held.sha256 for held in self._entry.holds}
        others = (each for each in self._inventory.entries if each.id != self._entry.id)
        return next((each for each in others if mine & {held.sha256 for held in each.holds}), None)

    def _keys(self, fault: str = "") -> Content:
        said = Content.styled(f"{SIGNS['error']} {fault}\n", COLOURS["error"]) if fault else Content("\n")
        agreed = self.is_mounted and self._typed == self._wanted
        remove = (" Enter ", "bold $background on $primary") if agreed else (" Enter ", "$muted")
        return said + Content.assemble(
            remove, (" remove it    ", "" if agreed else "$muted"), ("Esc", "bold"), " leave it"
        )

    @property
    def _typed(self) -> str:
        return self.query_one(Input).value.strip()

    @on(Input.Changed)
    def _compare(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#answer", Static).update(self._keys())

    @on(Input.Submitted)
    def _answer(self, event: Input.Submitted) -> None:
        event.stop()
        if self._typed == self._wanted:
            self.dismiss(True)
        else:
            self.query_one("#answer", Static).update(self._keys("That is not it, to the letter. Nothing was removed."))


_WARN = COLOURS["warning"]
