"""How the wizard ends: the draft kept, the terminal told where it is, the exit code."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from konnect_tui.crash import describe
from konnect_tui.draft import TOLD, ControlPlane, Draft
from konnect_tui.errors import ExitCode, KonnectError
from konnect_tui.words import printable

if TYPE_CHECKING:
    from textual.app import App

    from konnect_tui.services import Services


class Farewell:
    """What is printed once the screen is the shell's again."""

    def __init__(self) -> None:
        self._code = ExitCode.CANCELLED
        self.leaving = False
        """Whether the wizard is being left."""
        self._interrupted = False
        self._begun_with = ("", "")
        self._done: Draft | None = None
        self._lines: list[str] = []

    @property
    def code(self) -> ExitCode:
        """What leaving ends with."""
        return ExitCode.CANCELLED if self._interrupted else self._code

    def interrupt(self) -> None:
        """A second Ctrl-C has stopped what was under way: that is a cancel, whatever was reached before."""
        self._interrupted = True

    def begun_with(self, name: str = "", text: str = "") -> None:
        """The draft on disk that is gone on with, and its text. Only that one is ever replaced or removed."""
        self._begun_with = (name, text)

    def keeps(self, draft: Draft) -> bool:
        """Whether the draft would be saved: not when there is nothing in it, or the bundle is made already."""
        empty = (Draft(ControlPlane(source=source)) for source in (None, "manual", *TOLD))
        return draft != self._done and draft not in empty

    def keep(self, services: "Services", draft: Draft) -> None:
        """Save the draft, if there is anything to be saved."""
        if not self.keeps(draft):
            return
        try:
            path = self._save(services, draft)
        except Exception as error:  # noqa: BLE001 - whatever keeps the draft from being saved, leaving still works
            self._lines.append(f"The draft could not be kept ({type(error).__name__}).")
            return
        self._lines.append(f"Your draft is kept in {printable(path)}")
        self._lines.append("Run konnect-tui again to go on with it.")

    def _save(self, services: "Services", draft: Draft) -> str:
        """Save the draft under its name, and beside a draft of that name which is somebody else's work."""
        from konnect_tui.answers import dumps
        from konnect_tui.flow.order import fitting

        text = dumps(fitting(draft))
        name, before = self._begun_with
        there = {saved.name: saved.text for saved in services.drafts.list()}
        first = name = name or name_of(draft)
        for count in range(2, 100):
            if there.get(name, text) in (text, before):
                break
            name = f"{first[:77]}-{count}"
        return services.drafts.save(text, name)

    def made(self, services: "Services", draft: Draft, folder: str, lines: Sequence[str]) -> None:
        """The bundle is there: its folder, what to do next, and no draft of it any more."""
        self._done = draft
        self.goes_on(folder, lines)
        name, _ = self._begun_with
        try:
            if name:
                services.drafts.remove(name)
        except KonnectError:
            return

    def goes_on(self, folder: str, lines: Sequence[str], code: ExitCode = ExitCode.OK) -> None:
        """What is done and what is left to do is something else now. `code` is what leaving ends with from here on."""
        self._code, self._lines = code, [printable(folder), *lines]

    def crashed(self, services: "Services", draft: Draft, error: BaseException) -> None:
        """Save the draft and describe the fault by its frames alone."""
        self.keep(services, draft)
        self._code, self._interrupted = ExitCode.WORLD, False
        self._lines.append(describe(error))

    def text(self) -> str:
        """All lines, each ended."""
        return "".join(f"{line}\n" for line in self._lines)


def name_of(draft: Draft) -> str:
    """What a draft is kept as: the name its bundle would have, as far as that can be told."""
    from konnect_tui.defaults import bundle_name

    try:
        return bundle_name(draft)[:80] or "draft"
    except (KonnectError, ValueError):
        return "draft"


def selected_text(app: "App[int]") -> str:
    """What is selected in the focused line or on the screen; never any part of a secret."""
    focused = app.focused
    if getattr(focused, "password", False):
        return ""
    inside = getattr(focused, "selected_text", "")
    return inside or app.screen.get_selected_text() or ""
