"""The paste area: the text of certificates and keys, never shown again; what it holds is."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from textual import events, on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from konnect_tui.errors import KonnectError
from konnect_tui.flow.pasted import Pasted
from konnect_tui.flow.sources import CSR, GENERATE
from konnect_tui.flow.step import Field
from konnect_tui.ui.controls.typing import SecretLine
from konnect_tui.ui.messages import Answered, GoOn
from konnect_tui.ui.row import FieldRow
from konnect_tui.ui.sheet import Sheet
from konnect_tui.ui.theme import COLOURS, DONE, SIGNS
from konnect_tui.words import clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.pki.read import Reading
    from konnect_tui.secret import Secret

_MOST: Final = 4 << 20
_MOST_LINES: Final = 40
_PAUSE: Final = 0.1
"""Seconds without a key after which what was typed is read."""
_PASSPHRASE: Final = Field(key="", label="Passphrase", kind="secret", help="What opens the pasted key.")

_EXPOSED: Final = (
    "This private key is exposed: the clipboard, this terminal and perhaps a history have seen it.",
    "A new key that nobody has seen is better: F6 makes one here, F7 makes one with a request for your PKI desk.",
)


class PasteScreen(Sheet[Pasted | None]):
    """Gives what was read; None when it was closed with Esc.

    `begin` hands over what was pasted already. `folder` is where what is read will be kept, if anywhere.
    """

    DEFAULT_CSS = """
    PasteScreen VerticalScroll { padding: 1 2; }
    PasteScreen FieldRow { margin-top: 1; }
    """
    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("enter", "next", show=False),
        Binding("f5", "clear", show=False),
        Binding("f6", "instead('generate')", show=False),
        Binding("f7", "instead('csr')", show=False),
    ]
    TOPICS = (
        (
            "Pasting",
            (
                "Paste certificates and a key as text: PEM in any order and disguise, also out of a .env file, JSON or "
                "YAML. You may paste more than once. The text is never shown, never in a draft and never in a log."
            ),
        ),
        (
            "A pasted key is exposed",
            (
                "What was on the clipboard may be in a clipboard manager, in the terminal's scrollback and on other "
                "devices. A key that is made here has been seen by nobody."
            ),
        ),
    )

    class Understood(Message):
        """What the text holds, or why that can't be told. `turn` tells an answer that is old by now."""

        def __init__(self, turn: int, reading: "Reading | None", fault: KonnectError | None) -> None:
            super().__init__()
            self.turn, self.reading, self.fault = turn, reading, fault

    def __init__(self, field: Field, begin: Callable[[], str] = str, folder: str = "") -> None:
        super().__init__()
        self._field = field
        self._folder = folder
        self._begin = begin
        self._text = ""
        self._reading: Reading | None = None
        self._fault: KonnectError | None = None
        self._refusal = ""
        self._waiting: Timer | None = None
        self._turn = 0

    def __rich_repr__(self) -> Iterator[str]:
        """Nothing: the text may be a key."""
        return iter(())

    # --- what is shown

    def title_lines(self) -> Content:
        """What is wanted."""
        told = "Only what it holds is shown, never the text."
        return Content.assemble((f"{self._field.label}: paste it here", "bold $primary"), "\n", (told, "$muted"))

    def body(self) -> Iterable[VerticalScroll]:
        """What the text holds."""
        yield VerticalScroll(Static(id="held"), can_focus=True)

    def on_mount(self) -> None:
        """Begin with what was pasted already."""
        self.query_one(VerticalScroll).focus()
        self._text = self._begin() + self._text
        if self._text:
            self._understand()

    def describe(self) -> None:
        """Show all of it anew."""
        super().describe()
        self.query_one("#held", Static).update(Content("\n").join(self._lines()))

    def _lines(self) -> Iterator[Content]:
        width = max(self.app.size.width - 8, 40)
        if not self._text:
            yield Content("Paste with the terminal's own key, often Ctrl+Shift+V or Shift+Insert.\n")
            yield Content.styled("Certificates and keys, in any order; a whole .env, JSON or YAML will do.", "$muted")
        elif self._fault:
            yield from _worded(f"{SIGNS['error']} {self._fault.message}", COLOURS["error"], width)
            yield from _worded(self._fault.hint, "$muted", width)
        elif self._reading is None:
            yield Content.styled("Reading it …", "$muted")
        else:
            yield from self._held(self._reading, width)

    def _held(self, reading: "Reading", width: int) -> Iterator[Content]:
        from konnect_tui.pki.reading.glance import each

        for said in list(each(reading, self.konnect.services.now()))[:_MOST_LINES]:
            yield Content.assemble((f"{DONE} ", "$success"), clip(said, width))
        for mend in reading.mends[:_MOST_LINES]:
            yield from _worded(f"{SIGNS['note']} {mend}", COLOURS["note"], width)
        if self._exposed:
            yield Content("")
            for said in _EXPOSED:
                yield from _worded(f"{SIGNS['warning']} {said}", COLOURS["warning"], width)

    def told(self) -> Content:
        """What Enter will do, or why it can't."""
        width = max(self.app.size.width - 4, 40)
        if self._refusal:
            said, style = f"{SIGNS['error']} {self._refusal}", f"bold {COLOURS['error']}"
        elif self._reading is None:
            said, style = "", "$muted"
        elif self._exposed:
            said, style = f"Enter keeps this key all the same: in {self._folder}, where only you can read it.", "$muted"
        else:
            said, style = f"Enter keeps them in {self._folder}." if self._folder else "Enter takes them.", "$muted"
        return Content("\n").join(Content.styled(line, style) for line in wrap(printable(said), width)[:3])

    def listed(self) -> list[tuple[str, str, str]]:
        """Keys."""
        instead = [("F6", "New key", f"screen.instead('{GENERATE}')"),
                   ("F7", "New request", f"screen.instead('{CSR}')")]  # fmt: skip
        again = [("F5", "Start over", "screen.clear")] if self._text else []
        return [("Esc", "Close", "screen.leave"), *again, *(instead if self._exposed else [])]

    @property
    def _exposed(self) -> bool:
        """Whether a key is to be kept that others may have seen."""
        return bool(self._folder and self._reading and self._reading.keys)

    @property
    def onward(self) -> str:  # type: ignore[override]
        """What Enter does."""
        return "Keep" if self._reading is not None else ""

    # --- what is pasted

    def on_paste(self, event: events.Paste) -> None:
        """More text."""
        event.stop()
        self._add(event.text)

    def on_key(self, event: events.Key) -> None:
        """A terminal that can't say what is a paste sends it as keys; Enter among them is a line end, in its place."""
        text = "\n" if event.key == "enter" and self._coming else event.character if event.is_printable else None
        if text and not isinstance(self.focused, SecretLine):
            event.stop()
            event.prevent_default()
            self._add(text, whole=False)

    @property
    def _coming(self) -> bool:
        """Whether text is still coming in as keys: a block is open, or what came last isn't read yet."""
        unread = bool(self._text) and self._reading is None and self._fault is None
        return unread or self._text.count("-----BEGIN") > self._text.count("-----END")

    def type(self, text: str) -> None:
        """A piece of text that was on its way when this opened."""
        self._add(text, whole=False)

    def _add(self, text: str, *, whole: bool = True) -> None:
        if len(self._text) + len(text) > _MOST:
            self._refusal = "That is more than certificates and keys take."
            return self.describe()
        gap = "\n" if whole and self._text and not self._text.endswith("\n") else ""
        self._text += gap + text
        self._reading = self._fault = None
        self._turn += 1
        if whole:
            return self._understand()
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_timer(_PAUSE, self._understand)  # not once for each of two thousand keys
        return None

    def _understand(self, passphrase: "Secret | None" = None) -> None:
        self._refusal = ""
        self._turn += 1
        self._read(self._turn, self._text, passphrase)

    @work(thread=True, exclusive=True, group="look")
    def _read(self, turn: int, text: str, passphrase: "Secret | None") -> None:
        from konnect_tui.pki.read import read

        reading, failed = None, None
        try:
            reading = read(text.encode(errors="replace"), "What was pasted", passphrase)
        except KonnectError as fault:
            failed = fault
        self.post_message(self.Understood(turn, reading, failed))

    @on(Understood)
    def _show(self, event: Understood) -> None:
        event.stop()
        if event.turn != self._turn:
            return
        self._reading, self._fault = event.reading, event.fault
        code = event.fault.code if event.fault else ""
        locked = code in ("passphrase-needed", "wrong-passphrase") or any(
            key.secret is None for key in (event.reading.keys if event.reading else ())
        )
        if locked and not self.query(FieldRow):
            row = FieldRow(_PASSPHRASE, self.konnect.draft)
            self.query_one(VerticalScroll).mount(row)
            row.control.focus()
        self.describe()

    @on(Answered)
    def _unlock(self, event: Answered) -> None:
        from konnect_tui.secret import Secret

        event.stop()
        self._understand(Secret(str(event.value or "").encode("utf-8", "surrogateescape")))

    @on(GoOn)
    def _go_on(self, event: GoOn) -> None:
        event.stop()
        self.action_next()

    # --- keys

    def action_next(self) -> None:
        """Keep it, if it is what is wanted."""
        if self._reading is None:
            return
        self._refusal = _missing(self._reading, self._field.wants)
        if self._refusal:
            self.describe()
        else:
            reading = self._reading
            self.dismiss(Pasted(reading.certificates, reading.keys[0].secret if reading.keys else None))

    def action_clear(self) -> None:
        """Forget what was pasted."""
        self._text, self._reading, self._fault, self._refusal = "", None, None, ""
        self._turn += 1
        self.query(FieldRow).remove()
        self.query_one(VerticalScroll).focus()
        self.describe()

    def action_instead(self, source: str) -> None:
        """Another source: a key that nobody has seen."""
        if self._exposed:
            self.dismiss(Pasted(instead=source))

    def action_leave(self) -> None:
        """Close it; nothing is kept."""
        self.dismiss(None)


def _missing(reading: "Reading", wants: str) -> str:
    """Why what was pasted can't serve; empty where it can."""
    if len(reading.keys) > 1:
        return f"{len(reading.keys)} private keys were pasted; one belongs to a certificate. F5 starts over."
    if any(key.secret is None for key in reading.keys):
        return "The key is encrypted: type its passphrase."
    if wants == "key" and not reading.keys:
        return "There is no private key in it."
    if wants in ("certificate", "ca") and not reading.certificates:
        return "There is no certificate in it."
    return ""


def _worded(said: str, style: str, width: int) -> Iterator[Content]:
    return (Content.styled(line, style) for line in wrap(printable(said), width))
