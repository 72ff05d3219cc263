"""The page of `flow.certificates`: the fields, the passphrase that is in no draft, and the chain drawn."""

from konnect_tui.draft import Draft
from konnect_tui.flow.certificates import AGAIN, PASSPHRASE, passphrase_fault
from konnect_tui.flow.step import Value
from konnect_tui.ui.steps import StepView


class CertificatesStep(StepView):
    """Keeps the passphrase in the app's memory, and draws what would be made."""

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

    def show(self, draft: Draft) -> None:
        """Draw anew what changed."""
        super().show(draft)


VIEW = CertificatesStep
