"""Typing an answer: one line, several lines, a paste of any shape, a secret."""

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widgets import Input

from konnect_tui.draft import Draft
from konnect_tui.flow.pasted import is_material
from konnect_tui.flow.step import Field, Value
from konnect_tui.ui.controls import Control
from konnect_tui.ui.messages import Answered, GoOn, Refused
from konnect_tui.words import deceptive

MOST = 4096
"""Characters a line takes: more is no answer but an accident."""

_MISPLACED = "That is the text of a certificate or key. It is pasted under Certificates, in a line that names a file."


class Line(Input, Control):
    """A text in one line. Characters a terminal would obey are shown as �."""

    DEFAULT_CSS = """
    Line.-textual-compact {
        background: $surface; padding: 0 2;
        &:focus { background: $surface-lighten-1; background-tint: transparent; }
    }
    """
    BINDINGS = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    def __init__(self, field: Field, draft: Draft, *, password: bool = False) -> None:
        self.settled = "" if password else self.text_of(field.get(draft))
        super().__init__(
            self.settled, field.default, password=password, compact=True, select_on_focus=False, max_length=MOST
        )
        self.cursor_blink = False

    @property
    def answer(self) -> Value:
        """What stands there."""
        return self.value

    @property
    def typed(self) -> str:
        """What stands there."""
        return self.value

    def type_again(self, text: str) -> None:
        """Put this there."""
        self.value = text

    def text_of(self, value: Value) -> str:
        """How a value of the draft is written in this line."""
        return " ".join(value) if isinstance(value, tuple) else str(value or "")

    @property
    def _value(self) -> Text:
        if self.password:
            return Text("•" * len(self.value), no_wrap=True, overflow="ignore", end="")
        shown = "".join("�" if deceptive(character) else character for character in self.value)
        return Text(shown, no_wrap=True, overflow="ignore", end="")

    def show(self, field: Field, draft: Draft) -> None:
        """Show the draft's value, unless it is what was typed here."""
        text = self.text_of(field.get(draft))
        if text != self.settled:
            self.settled = text
            with self.prevent(Input.Changed):
                self.value = text
        self.placeholder = field.default

    def settle(self, field: Field, draft: Draft) -> None:
        """The form took what was typed; it may read back differently and still stays as it was typed."""
        self.settled = self.text_of(field.get(draft))

    def _on_paste(self, event: events.Paste) -> None:
        """A key's text is no answer here, and would be kept in the draft."""
        if not self.password and is_material(event.text):
            event.prevent_default()
            event.stop()
            self.post_message(Refused(_MISPLACED))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the form."""
        event.stop()
        self.post_message(Answered(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on."""
        event.stop()
        self.post_message(GoOn())


class PasteLine(Line):
    """Takes a text of any number of lines at once, and shows what of it was understood."""

    _pasted: str | None = None

    @property
    def answer(self) -> Value:
        """What stands there, or was pasted and isn't understood yet."""
        return self.value if self._pasted is None else self._pasted

    def text_of(self, value: Value) -> str:
        """All of it in one line."""
        return " ".join(str(value or "").split())

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._pasted = event.text
        self.post_message(Answered(self, event.text))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the form. What is typed after a paste counts, not the paste."""
        self._pasted = None
        super().on_input_changed(event)

    def settle(self, field: Field, draft: Draft) -> None:
        """What was typed stays; what was pasted gives way to what was understood of it."""
        if self._pasted is not None:
            self.show(field, draft)
            self.cursor_position = len(self.value)
        self._pasted = None
        super().settle(field, draft)


class SecretLine(Line):
    """A secret: shown as dots, never on the clipboard."""

    def __init__(self, field: Field, draft: Draft) -> None:
        super().__init__(field, draft, password=True)

    def show(self, field: Field, draft: Draft) -> None:
        """A secret is never in the draft: there is nothing to show but what was typed."""

    def settle(self, field: Field, draft: Draft) -> None:
        """Nothing to settle."""

    def action_copy(self) -> None:
        """Never."""
        self.app.bell()

    def action_cut(self) -> None:
        """Never."""
        self.app.bell()
