"""A page over the wizard that takes all of the screen: title, body, what is said about it, keys."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from konnect_tui.ui.chrome import ACTION, in_training, keys
from konnect_tui.ui.modal import Modal

if TYPE_CHECKING:
    from konnect_tui.ui.app import KonnectApp

Given = TypeVar("Given")


class Sheet(Modal[Given]):
    """Whoever is one gives `title`, `body`, `told` and `listed`, and calls `describe` when any of them changes."""

    DEFAULT_CSS = """
    Sheet {
        layout: grid; grid-size: 1; grid-rows: 2 1fr 4 1; background: $background;
        #sheet-title { padding: 0 2; height: 2; }
        #sheet-told { padding: 0 2; height: 4; border-top: solid $surface-lighten-1; }
        #sheet-keys { background: $surface; padding: 0 1; }
    }
    """
    AUTO_FOCUS = ""
    TOPICS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What F1 says: headings and paragraphs."""
    onward = ""

    @property
    def in_training(self) -> bool:
        """Whether what is shown is about the embedded organisation."""
        return self.konnect.in_training

    def topics(self) -> Iterable[tuple[str, str]]:
        """Headings and paragraphs for F1."""
        return self.TOPICS

    @property
    def konnect(self) -> "KonnectApp":
        """The app, by its own type."""
        return self.app  # type: ignore[return-value]

    def compose(self) -> ComposeResult:
        """Everything but the body has its place and size from the start."""
        yield Static(id="sheet-title")
        yield from self.body()
        yield Static(id="sheet-told")
        yield Static(id="sheet-keys")

    def on_mount(self) -> None:
        """Begin."""
        self.describe()

    def on_resize(self) -> None:
        """Lines are fitted to the width."""
        self.describe()

    def describe(self) -> None:
        """Show title, what is said, and keys as they are now. Nothing is laid out anew for it."""
        width = self.app.size.width
        title = self.title_lines()
        if self.in_training:
            title = Content.assemble(in_training(), " ", title)
        self.query_one("#sheet-title", Static).update(title, layout=False)
        self.query_one("#sheet-told", Static).update(self.told(), layout=False)
        self.query_one("#sheet-keys", Static).update(keys(self.listed(), width, self.onward), layout=False)

    def title_lines(self) -> Content:
        """Two lines at the top."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        """What stands between."""
        raise NotImplementedError

    def told(self) -> Content:
        """Three lines about what the cursor is on."""
        raise NotImplementedError

    def listed(self) -> list[tuple[str, str, str]]:
        """The keys that do something here: key, word, action."""
        raise NotImplementedError

    async def on_click(self, event: events.Click) -> None:
        """The keys at the foot can be clicked."""
        if action := event.style.meta.get(ACTION):
            await self.run_action(action)
