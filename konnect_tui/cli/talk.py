"""What a command says on stderr while it is at work: lines that stay, and one that passes."""

import shutil
import sys

from konnect_tui.words import clip, printable


class Talk:
    """Says nothing at all unless it is `wanted`; what passes is for terminals only."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr is not None
        self._terminal = self._wanted and sys.stderr.isatty()
        self._shown = False

    def say(self, line: str) -> None:
        """A line that stays."""
        if self._wanted:
            self.clear()
            print(printable(line), file=sys.stderr, flush=True)

    def show(self, line: str) -> None:
        """A line in place of the one shown before; gone when something else is said."""
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r{clip(printable(line), width)}\033[K")
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        """Take away what is shown."""
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
            self._shown = False
