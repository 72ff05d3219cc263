"""The page of `flow.certificates`: the fields, the passphrase that is in no draft, and the chain drawn."""

from collections.abc import Iterable

from textual import on
from textual.widget import Widget

from konnect_tui.draft import Draft
from konnect_tui.flow.certificates import AGAIN, PASSPHRASE, passphrase_fault
from konnect_tui.flow.step import Value
from konnect_tui.ui.chain import Chain
from konnect_tui.ui.controls.typing import SecretLine
from konnect_tui.ui.steps import StepView


class CertificatesStep(StepView):
    """Keeps the passphrase in the app's memory, and draws what would be made."""

    _tall = 6

    def answered(self, key: str, value: Value) -> None:
        """A secret goes to the app, never into the draft."""
        if key in (PASSPHRASE, AGAIN):
            from konnect_tui.pki.material import Secret

            self.konnect.secrets[key] = Secret(str(value or "").encode("utf-8", "surrogateescape"))

    def reason_to_stay(self) -> tuple[str, str]:
        """The passphrase has to be there, and twice the same."""
        first, again = (self.konnect.secrets.get(key) for key in (PASSPHRASE, AGAIN))
        return passphrase_fault(
            self.konnect.draft, self.scene, first.reveal() if first else b"", again.reveal() if again else b""
        )

    def extras(self) -> Iterable[Widget]:
        """The drawing."""
        yield Chain()

    def on_mount(self) -> None:
        """Draw what stands, and say that a passphrase was typed before: it is shown nowhere."""
        for row in self.form.rows:
            if row.field.key in self.konnect.secrets and isinstance(row.control, SecretLine):
                row.control.placeholder = "kept from before"
        self._draw()

    def show(self, draft: Draft) -> None:
        """Draw anew what changed."""
        super().show(draft)
        self._draw()

    @on(Chain.Tall)
    def _make_room(self, event: Chain.Tall) -> None:
        """The drawing is always whole; the fields scroll where there is no room for both."""
        self._tall = event.lines
        self.on_resize()

    def on_resize(self) -> None:
        """Share the page."""
        above = self.query_one(".heading").outer_size.height + 1
        self.form.styles.max_height = max(4, self.content_size.height - above - self._tall - 1)

    def _draw(self) -> None:
        sound = not any(problem.severity == "error" for problem in self.konnect.problems())
        self.query_one(Chain).draw(self.konnect.services, self.konnect.answers, sound=sound)


VIEW = CertificatesStep
