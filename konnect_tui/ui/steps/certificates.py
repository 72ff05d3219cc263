"""The page of `flow.certificates`: the fields of its source, the passphrases that are in no draft, the chain drawn."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual import on, work
from textual.binding import Binding
from textual.widget import Widget

from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, Problem
from konnect_tui.flow.certificates import why
from konnect_tui.flow.pasted import Pasted, keep
from konnect_tui.flow.sources import source
from konnect_tui.flow.sources.made import AGAIN, PASSPHRASE, passphrase_fault
from konnect_tui.flow.step import Value, write
from konnect_tui.ui.chain import Chain
from konnect_tui.ui.controls.typing import SecretLine
from konnect_tui.ui.messages import TextPasted
from konnect_tui.ui.steps import StepView

if TYPE_CHECKING:
    from konnect_tui.flow.exploration import Exploration

_PAIRS: Final = (
    ("certificate.certificate", "certificate.private_key"),
    ("certificate.ca_certificate", "certificate.ca_key_file"),
)
"""Fields of a certificate, and of its key: one paste can answer both."""


_BETWEEN: Final = 2
"""Lines between the fields and the drawing: the row that stands for rare fields, and a blank one."""


def _here(problem: Problem) -> Problem:
    """The problem with the cure that is nearest to this page."""
    typed = problem.code in ("passphrase-needed", "wrong-passphrase")
    return replace(problem, hint="Type the passphrase of that file here.") if typed else problem


class CertificatesStep(StepView):
    """Keeps passphrases in the app's memory, keeps what is pasted in the workspace, draws what would be made."""

    BINDINGS = [Binding("f4", "explore", show=False)]
    _tall = 6

    def keys(self) -> list[tuple[str, str, str]]:
        """The chain can be looked at."""
        return [("F4", "Chain", "page.explore")]

    @property
    def why(self) -> str:
        """It depends on where the certificates come from."""
        return why(self.konnect.draft)

    # --- answers that don't go into the draft

    def answered(self, key: str, value: Value) -> None:
        """A secret goes to the app, never into the draft."""
        if any(row.field.key == key and row.field.kind == "secret" for row in self.form.rows):
            from konnect_tui.secret import Secret

            self.konnect.secrets[key] = Secret(str(value or "").encode("utf-8", "surrogateescape"))
            self._draw()

    @on(TextPasted)
    def _take_text(self, event: TextPasted) -> None:
        """What was pasted is kept in the workspace, and the fields get its paths; or another source is taken."""
        event.stop()
        row = next(row for row in self.form.rows if row.control is event.by)
        if event.pasted.instead:
            draft = write(self.konnect.draft, "certificate.source", event.pasted.instead)
            self.post_message(self.form.offered(draft, "certificate.source"))
            self.form.focus_first()
            return
        try:
            self._put(row.field.key, event.pasted)
        except KonnectError as fault:
            self.konnect.refuse(f"{fault.message} {fault.hint}")

    def _put(self, key: str, pasted: Pasted) -> None:
        certificates, private = keep(self.konnect.services, pasted)
        of_pair, key_of_pair = next((pair for pair in _PAIRS if key in pair), (key, ""))
        for row in self.form.rows:
            path = certificates if row.field.key == of_pair else private if row.field.key == key_of_pair else ""
            if path and (row.field.key == key or not row.filled or row.field.key == key_of_pair):
                row.control.set_paths((path,))  # type: ignore[attr-defined]

    def reason_to_stay(self) -> tuple[str, str]:
        """The passphrase has to be there, and twice the same."""
        first, again = (self.konnect.secrets.get(key) for key in (PASSPHRASE, AGAIN))
        return passphrase_fault(
            self.konnect.draft, self.scene, first.reveal() if first else b"", again.reveal() if again else b""
        )

    def cure(self) -> bool:
        """Take the other upload, where that is what the control plane would accept."""
        chain = self.query_one_optional(Chain)  # not there yet where keys come faster than the page
        cure = chain.cure if chain else None
        if cure is None:
            return False
        self.post_message(self.form.offered(cure, "certificate.upload"))
        self.form.focus_field("certificate.upload")
        return True

    @property
    def onward(self) -> str:
        """What Enter does."""
        chain = self.query_one_optional(Chain)
        return "Fix it" if chain and chain.cure else "Next"

    # --- what is shown

    def extras(self) -> Iterable[Widget]:
        """The drawing."""
        yield Chain()

    def on_mount(self) -> None:
        """Draw what stands, and say that a passphrase was typed before: it is shown nowhere."""
        self._remember_secrets()
        self._draw()

    def _remember_secrets(self) -> None:
        for row in self.form.rows:
            if row.field.key in self.konnect.secrets and isinstance(row.control, SecretLine):
                row.control.placeholder = "kept from before"

    def show(self, draft: Draft) -> None:
        """Draw anew what changed."""
        before, now = source(self.draft), source(draft)
        super().show(draft)
        if before != now:
            self.describe()
            self.call_after_refresh(self._remember_secrets)
        self._draw()

    @on(Chain.Told)
    def _make_room(self, event: Chain.Told) -> None:
        """The drawing is always whole; the fields scroll where there is no room for both.

        What is wrong in the files stands beside their fields; all else that there is to say, below the drawing.
        """
        event.stop()
        self._tall = event.lines
        self.on_resize()
        wrong = tuple(_here(problem) for problem in event.problems if problem.severity == "error")
        self.konnect.found(wrong)
        self.form.touch(wrong)
        self.form.blame(self.konnect.problems(), everywhere=False)
        self.konnect.described()

    def on_resize(self) -> None:
        """Share the page."""
        space = self._space()
        self.form.styles.max_height = max(4, space - self._tall - 1)
        if chain := self.query_one_optional(Chain):
            chain.fit(space - sum(1 + bool(row.field.note) for row in self.form.rows) - _BETWEEN)

    def _space(self) -> int:
        """Lines below the heading."""
        return self.content_size.height - self.query_one(".heading").outer_size.height - 1

    def _draw(self) -> None:
        self.on_resize()
        wish, sound = self.konnect.wish(), not any(each.severity == "error" for each in self.konnect.checked())
        self.query_one(Chain).draw(self.konnect.services, wish, sound=sound)

    # --- the explorer

    @work
    async def action_explore(self) -> None:
        """Look at this chain and try others; what was found can be taken over."""
        from konnect_tui.ui.exploring import ExploreScreen

        made, draft = self.query_one(Chain).example, self.konnect.answers

        def begin() -> "Exploration":
            from konnect_tui.flow.exploring import of_draft, of_example

            return of_example(made) if made else of_draft(draft)

        found = await self.app.push_screen_wait(ExploreScreen(begin, takes=True))
        if found:
            from konnect_tui.flow.exploring import take_over

            self.post_message(self.form.offered(take_over(self.konnect.draft, found), "certificate.upload"))


VIEW = CertificatesStep
