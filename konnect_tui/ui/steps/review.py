"""The page of `flow.review`: works out the proposal beside the screen, then shows all of it, and what is uploaded."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from konnect_tui.draft import TOLD
from konnect_tui.errors import ExitCode, KonnectError
from konnect_tui.ui.chrome import page_width
from konnect_tui.ui.dialogs import QuestionScreen
from konnect_tui.ui.locating import located
from konnect_tui.ui.reviewing import NEW_KEYS, faults, leaves, preview, replaced, summary
from konnect_tui.ui.steps import StepView
from konnect_tui.ui.tree import PathTree

if TYPE_CHECKING:
    from konnect_tui.converge import Proposal


class ReviewStep(StepView):
    """Shows what would be written, and asks before anything that stands is lost."""

    DEFAULT_CSS = """
    ReviewStep .summary { height: auto; max-height: 8; overflow-y: auto; margin-bottom: 1; }
    ReviewStep Horizontal { height: 1fr; }
    ReviewStep PathTree { width: 2fr; max-width: 44; margin-right: 1; }
    ReviewStep VerticalScroll { width: 3fr; scrollbar-size-vertical: 1; padding: 0 1; background: $surface; }
    ReviewStep VerticalScroll:focus { background-tint: $foreground 3%; }
    """
    BINDINGS = [Binding("d", "difference", show=False), Binding("u", "upload_now", show=False)]

    class Proposed(Message):
        """The proposal is there, or why there is none."""

        def __init__(self, proposal: "Proposal | None", error: KonnectError | None) -> None:
            super().__init__()
            self.proposal = proposal
            self.error = error

    proposal: "Proposal | None" = None
    error: KonnectError | None = None
    _difference = True

    def compose(self) -> ComposeResult:
        """The heading, and a place for what comes."""
        yield Static(self.heading(), classes="heading")
        yield Static(Content.styled("Working out what would be written …", "$muted"), classes="summary")

    def on_mount(self) -> None:
        """Begin."""
        self.work_out()

    def work_out(self) -> None:
        """Work the proposal out: the control plane in Konnect, the checks, the plan and what stands on disk."""
        self.proposal = self.error = None
        self._propose()

    @work(exclusive=True, group="propose")
    async def _propose(self) -> None:
        from konnect_tui.converge import propose

        konnect = self.konnect
        try:
            judged = await located(konnect)
            wish = konnect.wish()
            wish = replace(wish, problems=wish.problems + judged)
            self.post_message(self.Proposed(await asyncio.to_thread(propose, konnect.services, wish), None))
        except KonnectError as error:
            self.post_message(self.Proposed(None, error))

    @on(Proposed)
    async def _show(self, event: Proposed) -> None:
        self.proposal, self.error = event.proposal, event.error
        await self.query("Horizontal").remove()
        about = self.query_one(".summary", Static)
        if event.error:
            about.update(faults(event.error))
        elif event.proposal:
            about.update(self._summary(event.proposal))
            await self.mount(Horizontal(*self._panes(event.proposal)))
            self.query_one(PathTree).focus()
            self._preview()
        self.konnect.described()

    def _summary(self, proposal: "Proposal") -> Content:
        konnect = self.konnect
        folder = str(konnect.services.workspace.path(proposal.plan.bundle))
        return summary(proposal, folder, page_width(self.app.size.width), now=konnect.uploads and bool(konnect.session))

    def _panes(self, proposal: "Proposal") -> Iterable[Widget]:
        return PathTree(leaves(proposal)), VerticalScroll(Static(id="preview"))

    @on(PathTree.Moved)
    def _preview(self) -> None:
        if self.proposal:
            path = self.query_one(PathTree).path
            shown = preview(self.proposal, path, difference=self._difference)
            self.query_one("#preview", Static).update(Content.assemble((f"{path}\n", "bold"), shown))
            self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_difference(self) -> None:
        """Show the whole file instead of what changes, or the other way round."""
        self._difference = not self._difference
        self._preview()

    def action_upload_now(self) -> None:
        """Give Konnect the certificates on Create, or leave that for later."""
        if self.proposal and self._uploads:
            self.konnect.uploads = not self.konnect.uploads
            self.query_one(".summary", Static).update(self._summary(self.proposal))
            self.konnect.described()

    @property
    def _uploads(self) -> bool:
        """Whether there is a choice: a control plane in Konnect, a connection, and something to be given."""
        plan = self.proposal.plan if self.proposal else None
        return plan is not None and plan.control_plane.source in TOLD and self.konnect.session is not None

    @property
    def onward(self) -> str:
        """What Enter does here."""
        return "Try again" if self._unheard else "" if self._stuck else "Create"

    @property
    def _unheard(self) -> bool:
        """Whether Konnect, or the disk, failed: that may be another time."""
        return self.error is not None and self.error.exit_code == ExitCode.WORLD

    @property
    def _stuck(self) -> bool:
        """Whether answers have to be put right first. New keys are no answer: Enter asks for those."""
        return self.error is not None and self.error.code != "key-missing" and not self._unheard

    @property
    def explanation(self) -> str:
        """How to look around."""
        if self._stuck:
            return "Nothing can be made of these answers yet. Esc goes back to them, page by page."
        if self._unheard:
            return "Nothing was written. Enter tries again; Esc goes back to the answers."
        return (
            "Up and down go through the files, Tab to what is in them. Enter makes the bundle: until then nothing "
            "is written."
        )

    def keys(self) -> list[tuple[str, str, str]]:
        """Where files change, one key tells what is new from the whole; another says when Konnect is given anything."""
        changes = self.proposal is not None and any(change.action == "change" for change in self.proposal.changes)
        listed = [("d", "Whole file" if self._difference else "Difference", "page.difference")] if changes else []
        if self._uploads:
            listed.append(("u", "Upload later" if self.konnect.uploads else "Upload now", "page.upload_now"))
        return listed

    def focus_first(self) -> None:
        """The tree takes the focus once it is there."""

    def reason_to_stay(self) -> tuple[str, str]:
        """What is in the way of making the bundle."""
        if self.error and self._stuck:
            return self.error.message, ""
        return ("", "") if self.proposal or self.error else ("One moment: it is still being worked out.", "")

    async def leave(self) -> bool:
        """Ask before anything that stands is lost, and for the passphrase where one is needed."""
        if self._unheard:
            self.work_out()
        elif self.error:
            self._ask("New keys?", (self.error.message, *NEW_KEYS), "make new keys", "new_keys")
        elif self.proposal and self.proposal.needs_replace:
            self._ask("Replace what is there?", replaced(self.proposal), "replace it", "replace")
        elif self.proposal and self.proposal.work.needs_passphrase and (reason := self._no_passphrase(self.proposal)):
            self.konnect.refuse(reason)
        else:
            return self.proposal is not None
        return False

    def _no_passphrase(self, proposal: "Proposal") -> str:
        """Why the CA's key can't be opened or encrypted; empty where its passphrase is known."""
        try:
            known = proposal.passphrase(self.konnect.services.environ)
        except KonnectError as fault:
            return fault.message
        return "" if known else "The CA's key needs its passphrase: it is asked for under Certificates."

    def _ask(self, title: str, told: Iterable[str], yes: str, consent: str) -> None:
        def answered(agreed: bool | None) -> None:
            if agreed:
                self.konnect.consent.add(consent)
                self.work_out()

        self.app.push_screen(QuestionScreen(title, told, yes, "leave it as it is"), answered)


VIEW = ReviewStep
