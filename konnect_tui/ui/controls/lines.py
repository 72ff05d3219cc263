"""Typing several lines, one item each."""

from rich.text import Text
from textual.widgets import TextArea

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Field, Value
from konnect_tui.ui.controls import Control
from konnect_tui.ui.messages import Answered
from konnect_tui.words import deceptive


class Lines(TextArea, Control):
    """A few lines of text. Tab leaves it, Enter begins another line."""

    DEFAULT_CSS = """
    Lines {
        height: 4; padding: 0 2; border: none; background: $surface;
        &:focus { border: none; background: $surface-lighten-1; }
    }
    """

    def __init__(self, field: Field, draft: Draft) -> None:
        self.settled = str(field.get(draft) or "")
        super().__init__(self.settled, compact=True, soft_wrap=False, tab_behavior="focus", highlight_cursor_line=False)
        self.cursor_blink = False

    @property
    def value(self) -> str:
        """What stands there."""
        return self.text

    @property
    def answer(self) -> Value:
        """What stands there."""
        return self.text

    @property
    def typed(self) -> str:
        """What stands there."""
        return self.text

    def type_again(self, text: str) -> None:
        """Put this there."""
        self.text = text

    def get_line(self, line_index: int) -> Text:
        """A line as it is shown: characters a terminal would obey are shown as �."""
        line = super().get_line(line_index)
        line.plain = "".join("�" if deceptive(character) else character for character in line.plain)
        return line

    def show(self, field: Field, draft: Draft) -> None:
        """Show the draft's value, unless it is what was typed here."""
        text = str(field.get(draft) or "")
        if text != self.settled:
            self.settled = text
            with self.prevent(TextArea.Changed):
                self.text = text

    def settle(self, field: Field, draft: Draft) -> None:
        """The form took what was typed; it stays as it was typed."""
        self.settled = str(field.get(draft) or "")

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Tell the form."""
        event.stop()
        self.post_message(Answered(self, self.text))
