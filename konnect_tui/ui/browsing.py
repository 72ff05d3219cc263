"""The file browser: folders and files, and what each file holds, looked up for what is seen while one moves."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from textual import events, on, work
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from konnect_tui.errors import KonnectError
from konnect_tui.flow import folder
from konnect_tui.flow.pasted import is_material
from konnect_tui.flow.paths import shown, typed
from konnect_tui.flow.step import Field
from konnect_tui.ui.listing import FileList
from konnect_tui.ui.sheet import Sheet
from konnect_tui.ui.theme import COLOURS, SIGNS
from konnect_tui.words import clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.pki.reading.glance import Glance

_ALL: Final = 200
"""Files up to which a whole folder is looked into, so that the other half of a pair is found off the screen, too."""


class BrowseScreen(Sheet[tuple[str, ...] | None]):
    """Gives the chosen paths, one unless the field takes several; None when it was closed with Esc."""

    BINDINGS = [
        Binding("escape", "leave", show=False),
        Binding("enter", "next", show=False),
        Binding("right", "enter", show=False),
        Binding("left", "up", show=False),
        Binding("backspace", "shorten", show=False),
        Binding("f6", "workspace", show=False),
        Binding("f4", "hidden", show=False),
        Binding("f5", "folder", show=False),
    ]
    TOPICS = (
        (
            "Choosing a file",
            (
                "Type to leave only the names that hold what you type. Enter opens a folder or takes a file; left goes "
                "up. ~ goes home, F6 to the workspace, F4 shows hidden files. A path can be pasted."
            ),
        ),
        (
            "What each file holds",
            (
                "Files up to 256 KB are looked into as they come into view; nothing is changed, and no key is shown. "
                "Grey files can't serve here: the reason stands beside them."
            ),
        ),
    )

    class Looked(Message):
        """What a file holds was found out."""

        def __init__(self, path: str, glance: "Glance") -> None:
            super().__init__()
            self.path, self.glance = path, glance

    class Listed(Message):
        """A folder was read, or why it can't be."""

        def __init__(self, path: str, name: str, entries: tuple[folder.Entry, ...], fault: str) -> None:
            super().__init__()
            self.path, self.name, self.entries, self.fault = path, name, entries, fault

    def __init__(self, field: Field, path: str = "") -> None:
        super().__init__()
        self._field = field
        self._begin = path
        self._folder = ""
        self._fault = ""
        self.held: dict[str, Glance] = {}
        self._words: dict[str, str] = {}
        self._reasons: dict[str, str] = {}

    @property
    def _many(self) -> bool:
        return self._field.kind == "paths"

    @property
    def _list(self) -> FileList:
        return self.query_one(FileList)

    def body(self) -> Iterable[FileList]:
        """The list."""
        yield FileList(self._words, self._reasons)

    def on_mount(self) -> None:
        """Begin where the field's file is, else where one was chosen last."""
        self._list.focus()
        self.go(folder.begin(self._begin, self.konnect.folder, os.getcwd()), os.path.basename(self._begin))

    # --- what is shown around the list

    def title_lines(self) -> Content:
        """What is chosen, and where."""
        width = max(self.app.size.width - 4, 40)
        left, total = self._list.count
        hidden = "" if left == total else f", {total - left:,} hidden"
        count = f"{left:,} of {total:,}" if self._list.typed else f"{left:,} here{hidden}"
        place = clip(printable(shown(self._folder)), width - len(count) - 4)
        asked = "which files or folders?" if self._many else "which file?"
        sought = (("   ›", "$muted"), (printable(self._list.typed), "bold $primary")) if self._list.typed else ()
        heading = (f"{self._field.label}: {asked}\n", "bold $primary")
        return Content.assemble(heading, (place, "bold"), (f"   {count}", "$muted"), *sought)

    def told(self) -> Content:
        """What the file under the cursor holds, and where its other half is."""
        width = max(self.app.size.width - 4, 40)
        lines = [line for said in self._sentences() for line in wrap(said, width)][:3]
        bad = bool(self._fault)
        return Content("\n").join(Content.styled(line, COLOURS["error"] if bad else "$muted") for line in lines)

    def _sentences(self) -> Iterable[str]:
        entry = self._list.entry
        if self._fault:
            yield f"{SIGNS['error']} {self._fault}"
        elif entry is None:
            yield "Backspace takes away what was typed; left goes up."
        elif entry.folder:
            yield f"{printable(entry.name)} is a folder. Enter opens it."
        elif glance := self.held.get(entry.path):
            yield from self._about(entry, glance)
        else:
            yield "Looking into it …"

    def _about(self, entry: folder.Entry, glance: "Glance") -> Iterable[str]:
        from konnect_tui.pki.reading.glance import partners

        name = printable(entry.name)
        reason = self._reasons.get(entry.path, "")
        yield f"{name}: {glance.words}." + (f" Not for this: {reason}." if reason and reason != glance.words else "")
        others = [(printable(os.path.basename(path)), other) for path, other in self.held.items() if path != entry.path]
        yield from partners(glance, others)

    def listed(self) -> list[tuple[str, str, str]]:
        """Keys."""
        several = [("Space", "Mark", "screen.mark"), ("F5", "This folder", "screen.folder")] if self._many else []
        return [
            ("Esc", "Close", "screen.leave"), ("←", "Up", "screen.up"), ("~", "Home", "screen.home"),
            ("F6", "Workspace", "screen.workspace"), ("F4", "Hidden", "screen.hidden"), *several,
        ]  # fmt: skip

    @property
    def onward(self) -> str:  # type: ignore[override]
        """What Enter does to what the cursor is on."""
        entry = self._list.entry
        if entry is None or (entry.path in self._reasons and not self._list.marked):
            return ""
        return "Open" if entry.folder and not self._list.marked else "Take"

    # --- folders

    def go(self, path: str, name: str = "") -> None:
        """Show another folder, the cursor on `name`. Read in a thread: a network drive may take its time."""
        self._read(os.path.abspath(path), name)

    @work(thread=True, exclusive=True, group="list")
    def _read(self, path: str, name: str) -> None:
        try:
            self.post_message(self.Listed(path, name, folder.listing(path), ""))
        except KonnectError as fault:
            self.post_message(self.Listed(path, name, (), fault.message))

    @on(Listed)
    def _fill(self, event: Listed) -> None:
        event.stop()
        self._fault = event.fault
        if not event.fault or not self._folder:
            self._folder = event.path
            self._list.fill(event.entries, event.name)
        self.describe()

    # --- what the files hold

    @on(FileList.Moved)
    def _moved(self, event: FileList.Moved) -> None:
        event.stop()
        self._fault = ""
        self.describe()
        seen = self._list.seen
        more = self._list.files if self._list.count[0] <= _ALL else []
        wanted = [each.path for each in (*seen, *more) if not each.folder and each.path not in self.held]
        if wanted:
            self._look(tuple(dict.fromkeys(wanted)))

    @work(thread=True, exclusive=True, group="look")
    def _look(self, paths: tuple[str, ...]) -> None:
        from konnect_tui.pki.reading.glance import glance

        worker, now = get_current_worker(), self.konnect.services.now()
        for path in paths:
            if worker.is_cancelled:
                return
            self.post_message(self.Looked(path, glance(path, now)))

    @on(Looked)
    def _keep(self, event: Looked) -> None:
        from konnect_tui.pki.reading.glance import lacks

        event.stop()
        self.held[event.path] = event.glance
        self._words[event.path] = event.glance.words
        if reason := folder.nameless(event.path) or lacks(event.glance, self._field.wants):
            self._reasons[event.path] = reason
        self._list.refresh()
        self.describe()

    # --- keys

    def on_key(self, event: events.Key) -> None:
        """Letters leave the names that hold them; ~ goes home; Space marks where several can be taken."""
        if not (event.is_printable and event.character):
            return
        event.stop()
        if event.character == "~" and not self._list.typed:
            self.action_home()
        elif event.character == " " and self._many:
            self.action_mark()
        else:
            self._sift(self._list.typed + event.character)

    def on_paste(self, event: events.Paste) -> None:
        """A path that is pasted is gone to."""
        event.stop()
        path = typed(event.text.strip().partition("\n")[0])
        if is_material(event.text):
            self._tell("That is what a file holds, not its path: Esc goes back, and F3 there takes a paste.")
        elif os.path.isdir(path):
            self.go(path)
        elif path and os.path.lexists(path):
            self.go(*os.path.split(path))
        elif path:
            self._tell(f"There is no file or folder {clip(printable(shown(path)), 200)}.")

    def _tell(self, fault: str) -> None:
        self._fault = fault
        self.describe()

    def _sift(self, text: str) -> None:
        self._list.sift(text, hidden=self._list.hidden)

    def action_shorten(self) -> None:
        """Take away the last letter; where there is none, go up."""
        if self._list.typed:
            self._sift(self._list.typed[:-1])
        else:
            self.action_up()

    def action_up(self) -> None:
        """To the folder above."""
        above, name = os.path.split(self._folder)
        if name:
            self.go(above, name)

    def action_enter(self) -> None:
        """Into the folder under the cursor."""
        if (entry := self._list.entry) and entry.folder:
            self.go(entry.path)

    def action_home(self) -> None:
        """To the home folder."""
        self.go(os.path.expanduser("~"))

    def action_workspace(self) -> None:
        """To the workspace."""
        self.go(self.konnect.services.root)

    def action_hidden(self) -> None:
        """Show hidden files, or hide them again."""
        self._list.sift(self._list.typed, hidden=not self._list.hidden)

    def action_mark(self) -> None:
        """Take this one, too, or no longer."""
        if self._many and (entry := self._list.entry):
            self._list.marked ^= {entry.path}
            self._list.action_move(1)

    def action_folder(self) -> None:
        """Take the whole folder."""
        if self._many:
            self._give((self._folder,))

    def action_next(self) -> None:
        """Open the folder, or take the file; what is marked, if anything is."""
        entry = self._list.entry
        if self._list.marked:
            self._give(tuple(sorted(self._list.marked)))
        elif entry and entry.folder:
            self.go(entry.path)
        elif entry and (reason := self._reasons.get(entry.path)):
            self._tell(f"{printable(entry.name)} can't serve here: {reason}.")
        elif entry:
            self._give((entry.path,))

    def _give(self, paths: tuple[str, ...]) -> None:
        self.konnect.folder = self._folder
        self.dismiss(paths)

    def action_leave(self) -> None:
        """First what was typed goes, then the browser."""
        if self._list.typed:
            self._sift("")
        else:
            self.dismiss(None)
