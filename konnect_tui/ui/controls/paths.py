"""Naming a file: typed, dropped, chosen in the browser, or pasted as the very text of it."""

import os
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from konnect_tui.draft import Draft
from konnect_tui.flow.pasted import is_material
from konnect_tui.flow.paths import line, several, shown, typed, written
from konnect_tui.flow.step import Field
from konnect_tui.ui.controls.typing import Line
from konnect_tui.ui.messages import Explain, TextPasted
from konnect_tui.workspace.imports import FOLDER

if TYPE_CHECKING:
    from konnect_tui.ui.app import KonnectApp
    from konnect_tui.ui.pasting import PasteScreen

_BEGINS = "-----BEGIN"
_LONGEST = 400
"""Characters: a longer line without a blank in it is no path but the base64 of something."""


class PathLine(Line):
    """A path, or several. F2 opens the browser, as Enter does while it is empty; F3 takes a paste."""

    BINDINGS = [
        Binding("f2,ctrl+o", "browse", show=False),
    ]

    class Looked(Message):
        """What the file of that path holds was found out; empty where there is no file."""

        def __init__(self, path: str, words: str) -> None:
            super().__init__()
            self.path, self.words = path, words

    def __init__(self, field: Field, draft: Draft) -> None:
        super().__init__(field, draft)
        self._field = field
        self._held = ("", "")
        self._sheet: PasteScreen | None = None
        self._handed_over = False
        self._absorbed: str | None = None
        """Text that belongs to the paste area, which is not there yet; None while nothing is pasted."""

    @property
    def _first(self) -> str:
        paths = several(self.value) if self._field.kind == "paths" else (typed(self.value),)
        return next(iter(paths), "")

    @property
    def explanation(self) -> str:
        """What the file holds; the keys, while nothing is there: what they are for can't be guessed."""
        if not self.value:
            return f"{self._field.help.split('. ')[0]}. F2 shows your files, F3 takes a paste."
        path, words = self._held
        return f"{os.path.basename(path)}: {words}." if words and path == self._first else ""

    def on_focus(self) -> None:
        """Say what the file holds."""
        self._look(self._first)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the form, and look into another file."""
        if _BEGINS in event.value:
            event.stop()
            self.value = ""
            self._take_text(event.value)
            return
        super().on_input_changed(event)
        self._look(self._first)

    async def _on_key(self, event: events.Key) -> None:
        """A terminal may send a paste as keys: from its begin on, or from F3 on, nothing gets into the line."""
        if event.key == "f3" and self._absorbed is None:
            self._take_text("")
        elif self._absorbed is not None:
            text = "\n" if event.key == "enter" else event.character if event.is_printable else None
            self._pass_on(text or "")
        elif event.character and (self.value + event.character).endswith(_BEGINS):
            text, self.value = self.value + event.character, ""
            self._take_text(text)
        else:
            return
        event.prevent_default()
        event.stop()

    def _pass_on(self, text: str) -> None:
        if self._sheet is not None and self._handed_over:
            self._sheet.type(text)
        elif self._absorbed is not None:
            self._absorbed += text

    def _hand_over(self) -> str:
        self._handed_over = True
        return self._absorbed or ""

    @work(thread=True, exclusive=True, group="look")
    def _look(self, path: str) -> None:
        if not os.path.isfile(path):
            return
        from konnect_tui.pki.reading.glance import glance

        app: KonnectApp = self.app  # type: ignore[assignment]
        self.post_message(self.Looked(path, glance(path, app.services.now()).words))

    @on(Looked)
    def _tell(self, event: Looked) -> None:
        event.stop()
        self._held = (event.path, event.words)
        self.post_message(Explain())

    def show(self, field: Field, draft: Draft) -> None:
        """Show the field as it is now."""
        self._field = field
        super().show(field, draft)

    def set_paths(self, paths: tuple[str, ...]) -> None:
        """Put paths into the line, behind those there are where it takes several."""
        if self._field.kind == "paths":
            self.value = " ".join(map(written, dict.fromkeys((*several(self.value), *paths))))
        else:
            self.value = line(paths[0])
        self.cursor_position = len(self.value)

    @work
    async def action_browse(self) -> None:
        """Choose in the browser."""
        from konnect_tui.ui.browsing import BrowseScreen

        chosen = await self.app.push_screen_wait(BrowseScreen(self._field, self._first))
        if chosen:
            self.set_paths(chosen)

    @property
    def _folder(self) -> str:
        app: KonnectApp = self.app  # type: ignore[assignment]
        return f"{shown(app.services.root)}/{FOLDER}/"

    def _take_text(self, text: str) -> None:
        self._absorbed, self._handed_over = text, False
        self._paste()

    @work
    async def _paste(self) -> None:
        from konnect_tui.ui.pasting import PasteScreen

        self._sheet = PasteScreen(self._field, self._hand_over, self._folder)
        pasted = await self.app.push_screen_wait(self._sheet)
        self._sheet = self._absorbed = None
        if pasted:
            self.post_message(TextPasted(self, pasted))

    def _on_paste(self, event: events.Paste) -> None:
        """A pasted path stays here; the text of a certificate or key never gets into the line."""
        if is_text(event.text):
            event.prevent_default()
            event.stop()
            self._take_text(event.text)

    async def action_submit(self) -> None:
        """Enter goes on, or opens the browser where nothing is yet."""
        if self.value or not self._field.required:
            await super().action_submit()
        else:
            self.action_browse()


def is_text(pasted: str) -> bool:
    """Whether this is what a file holds, and not its path."""
    lines = pasted.strip().splitlines()
    return len(lines) > 1 or is_material(pasted) or (len(pasted) > _LONGEST and " " not in pasted.strip())
