"""The chain explorer: certificates from anywhere, each side's share a key away, and the verdict at once."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from textual import events, on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Static

from konnect_tui.errors import KonnectError
from konnect_tui.flow import exploration
from konnect_tui.flow.exploration import Exploration
from konnect_tui.flow.step import Field
from konnect_tui.ui import explored
from konnect_tui.ui.chrome import WIDE
from konnect_tui.ui.sheet import Sheet
from konnect_tui.words import wrap

if TYPE_CHECKING:
    from konnect_tui.flow.exploring import Look

_FILES: Final = Field(key="", label="Certificates", kind="paths", help="Files with certificates.")
_TITLE: Final = "What a control plane makes of a chain"
_MOST: Final = 200
"""Certificates that are taken in: a trust store of all public CAs has 150, and no chain needs them."""

Change = Callable[[Exploration], Exploration]


class ExploreScreen(Sheet[Exploration | None]):
    """Gives what was explored where it is to be taken over, None where it isn't. `takes`: it can be."""

    DEFAULT_CSS = """
    ExploreScreen VerticalScroll { padding: 1 0 0 0; scrollbar-size-vertical: 1; }
    """
    BINDINGS = [
        Binding("escape,q", "leave", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("space", "present", show=False),
        Binding("g", "give_too", show=False),
        Binding("m", "turn", show=False),
        Binding("u,backspace", "undo", show=False),
        Binding("enter", "next", show=False),
        Binding("t", "take", show=False),
        Binding("f2", "files", show=False),
        Binding("f3", "paste_text", show=False),
        Binding("f5", "clear", show=False),
    ]
    TOPICS = (
        (
            "Which certificate goes where",
            (
                "1, 2, 3 … is what Konnect is given: 1 is the node's own certificate, 2 who issued that, and so on up. "
                "Space switches whether the node presents the certificate under the cursor; g whether Konnect is "
                "given it beside others; m switches between pinned and PKI."
            ),
        ),
        (
            "What is judged",
            (
                "A real TLS handshake in memory, set up as Kong documents a control plane; Konnect's own check isn't "
                "published. Where it refuses, Enter makes the smallest change that helps; u takes it back."
            ),
        ),
        (
            "Your own chain",
            (
                "F2 adds files, F3 takes a paste, F5 starts empty. Nothing of this is written anywhere. In a script "
                "the same is konnect-tui judge."
            ),
        ),
    )

    class Opened(Message):
        """What is looked at first was found."""

        def __init__(self, exploration: Exploration) -> None:
            super().__init__()
            self.exploration = exploration

    class Looked(Message):
        """What comes of an exploration, or why that can't be told."""

        def __init__(self, exploration: Exploration, look: "Look | None", fault: str) -> None:
            super().__init__()
            self.exploration, self.look, self.fault = exploration, look, fault

    class Gathered(Message):
        """What was read from files."""

        def __init__(self, change: Change, fault: str) -> None:
            super().__init__()
            self.change, self.fault = change, fault

    def __init__(self, begin: Callable[[], Exploration], *, takes: bool = False) -> None:
        """`begin` gives what is looked at first. It is called in a thread: files may have to be read for it."""
        super().__init__()
        self._begin = begin
        self.exploration = Exploration()
        self.look: Look | None = None
        self._takes = takes
        self._before: list[Exploration] = []
        self._at = 0
        self._fault = ""
        self._opening = True

    # --- what is shown

    def title_lines(self) -> Content:
        """The mode decides what is compared with what."""
        pinned = self.exploration.mode == "pinned"
        told = (
            "Konnect compares the leaf itself" if pinned else "Konnect trusts what it was given, and what that issued"
        )
        mode = (" Pinned " if pinned else " PKI ", "bold $background on $primary")
        return Content.assemble(
            ("What a control plane makes of a chain\n", "bold $primary"), mode, (f"  {told}", "$muted")
        )

    def body(self) -> Iterable[VerticalScroll]:
        """The drawing."""
        yield VerticalScroll(Static(id="drawing"), can_focus=False)

    def on_mount(self) -> None:
        """Find what is looked at first."""
        self.describe()
        self._open()

    @work(thread=True, group="look")
    def _open(self) -> None:
        found = self._begin()
        self.post_message(self.Opened(found))

    @on(Opened)
    def _show_first(self, event: Opened) -> None:
        event.stop()
        self.exploration, self._opening = event.exploration, False
        self._judge()

    def describe(self) -> None:
        """Show all of it as it is now."""
        super().describe()
        lines = list(explored.lines(self.exploration, self.look, self._at, opening=self._opening))
        self.query_one("#drawing", Static).update(Content("\n").join(lines))
        here = next((at for at, line in enumerate(lines) if line.plain.startswith("▸")), 0)
        self.query_one(VerticalScroll).scroll_to_region(Region(0, here - 1, 1, 5), animate=False, force=True)

    def told(self) -> Content:
        """What Enter does, else what the other keys do."""
        width = max(self.app.size.width - 4, 40)
        said, style = explored.sentence(self.exploration, self.look, self._fault)
        return Content("\n").join(Content.styled(line, style) for line in wrap(said, width)[:3])

    def listed(self) -> list[tuple[str, str, str]]:
        """Keys."""
        other = "PKI" if self.exploration.mode == "pinned" else "Pinned"
        undo = [("u", "Undo", "screen.undo")] if self._before else []
        take = [("t", "Take over", "screen.take")] if self._takes else []
        empty = [("F5", "Empty", "screen.clear")] if self.app.size.width >= WIDE else []
        return [
            ("Esc", "Close", "screen.leave"), ("F1", "Help", "app.explain"), ("m", other, "screen.turn"), *undo, *take,
            ("F2", "Files", "screen.files"), ("F3", "Paste", "screen.paste_text"), *empty,
        ]  # fmt: skip

    @property
    def onward(self) -> str:  # type: ignore[override]
        """What Enter does."""
        return "Fix it" if self.look and self.look.fix else ""

    # --- judging

    def _judge(self) -> None:
        self._fault = ""
        self._at = min(self._at, max(len(self.exploration.pool) - 1, 0))
        if self.exploration.pool:
            self._look_at(self.exploration)
        else:
            self.look = None
            self.describe()

    @work(thread=True, exclusive=True, group="chain")
    def _look_at(self, exploration: Exploration) -> None:
        from konnect_tui.flow.exploring import look

        try:
            self.post_message(self.Looked(exploration, look(exploration, self.konnect.services.now()), ""))
        except KonnectError as fault:
            self.post_message(self.Looked(exploration, None, f"{fault.message} {fault.hint}"))

    @on(Looked)
    def _show(self, event: Looked) -> None:
        event.stop()
        if event.exploration is self.exploration:
            self.look, self._fault = event.look, event.fault
            self.describe()

    def _change(self, exploration: Exploration) -> None:
        if exploration != self.exploration:
            self._before.append(self.exploration)
            self.exploration = exploration
            self._judge()

    # --- keys

    def on_key(self, event: events.Key) -> None:
        """A digit is what Konnect is given."""
        if event.character and event.character in "123456789" and int(event.character) <= len(self.exploration.pool):
            event.stop()
            self._at = int(event.character) - 1
            self._change(exploration.give(self.exploration, self.exploration.pool[self._at]))
            self.describe()

    def action_move(self, by: int) -> None:
        """Go to another certificate, in the order they are drawn: the root is at the top."""
        self._at = min(max(self._at - by, 0), max(len(self.exploration.pool) - 1, 0))
        self.describe()

    def action_present(self) -> None:
        """The node presents the certificate under the cursor, or no longer."""
        if self.exploration.pool:
            self._change(exploration.present(self.exploration, self.exploration.pool[self._at]))

    def action_give_too(self) -> None:
        """Konnect is given the certificate under the cursor beside others, or no longer."""
        if self.exploration.pool:
            self._change(exploration.give_too(self.exploration, self.exploration.pool[self._at]))

    def action_turn(self) -> None:
        """Pinned instead of PKI, or the other way round."""
        self._change(exploration.turn(self.exploration))
        self.describe()

    def action_undo(self) -> None:
        """As it was before the last change."""
        if self._before:
            self.exploration = self._before.pop()
            self._judge()

    def action_next(self) -> None:
        """Apply what would make it accepted."""
        if self.look and self.look.fix:
            self._change(exploration.mended(self.exploration, self.look.fix))

    def action_clear(self) -> None:
        """Start with nothing."""
        self._change(Exploration(mode=self.exploration.mode))

    def action_take(self) -> None:
        """Take over into the wizard what it has words for; say so where it has none."""
        from konnect_tui.flow.exploring import beyond

        if self._takes and (reason := beyond(self.exploration)):
            self._fault = reason
            self.describe()
        elif self._takes:
            self.dismiss(self.exploration)

    def action_leave(self) -> None:
        """Close it; nothing is taken over."""
        self.dismiss(None)

    # --- more certificates

    @work
    async def action_files(self) -> None:
        """Add what files hold."""
        from konnect_tui.ui.browsing import BrowseScreen

        chosen = await self.app.push_screen_wait(BrowseScreen(_FILES))
        if chosen:
            self._gather(chosen)

    @work(thread=True, exclusive=True, group="look")
    def _gather(self, paths: tuple[str, ...]) -> None:
        from konnect_tui.flow.exploring import add
        from konnect_tui.pki.bringing.gather import gather

        found, fault = gather(paths)
        certificates, key = found.certificates[:_MOST], found.key
        self.post_message(self.Gathered(lambda now: add(now, certificates, key), fault))

    @on(Gathered)
    def _add(self, event: Gathered) -> None:
        event.stop()
        self._change(event.change(self.exploration))
        if event.fault:
            self._fault = event.fault
            self.describe()

    def on_paste(self, event: events.Paste) -> None:
        """A paste needs no key before it."""
        event.stop()
        self._take_text(event.text)

    def action_paste_text(self) -> None:
        """Add what is going to be pasted."""
        self._take_text("")

    @work
    async def _take_text(self, text: str) -> None:
        """Add what was pasted. A pasted key proves the node's and is kept nowhere."""
        from konnect_tui.flow.exploring import add
        from konnect_tui.ui.pasting import PasteScreen

        pasted = await self.app.push_screen_wait(PasteScreen(_FILES, lambda: text))
        if pasted:
            self._change(add(self.exploration, pasted.certificates[:_MOST], pasted.key))
