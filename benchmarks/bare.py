"""The smallest Textual app that shows something and answers a key: the floor the wizard is held against."""

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """One Static; each key is shown in it."""

    def compose(self) -> ComposeResult:
        """One line of text."""
        yield Static("hello")

    def on_key(self, event: events.Key) -> None:
        """Show the key."""
        self.query_one(Static).update(event.key)


if __name__ == "__main__":
    Bare().run()
