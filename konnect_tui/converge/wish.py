"""What is asked for: the draft, what may be lost for it, and the secrets that were typed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from konnect_tui.converge.passphrase import Passphrases
from konnect_tui.draft import Draft
from konnect_tui.errors import Problem
from konnect_tui.secret import Secret

if TYPE_CHECKING:
    from konnect_tui.konnect.target import Target


class Wish(Struct, frozen=True):
    """What is asked for. `problems` are those that the answers file itself had, and what Konnect's answers showed.

    `target` is the control plane as Konnect told it (source `konnect`). `ca_passphrase` and `passphrase` are what was
    typed: for a CA's key, and for imported keys.
    """

    draft: Draft
    replace: bool = False
    new_keys: bool = False
    problems: tuple[Problem, ...] = ()
    target: "Target | None" = None
    ca_passphrase: Secret | None = None
    passphrase: Secret | None = None

    def passphrases(self, environ: Mapping[str, str]) -> Passphrases:
        """Every passphrase that may be needed, as typed, else from where the answers or the environment say."""
        return Passphrases(self.draft, environ, ca=self.ca_passphrase, key=self.passphrase)
