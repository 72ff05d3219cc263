"""`source = "issue"`: keys made here, certificates issued by a CA that the operator has."""

from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.flow import lifetime
from konnect_tui.flow.authentication import PKI, mode
from konnect_tui.flow.paths import one_file
from konnect_tui.flow.sources import given, leaf
from konnect_tui.flow.step import Field, Scene

PASSPHRASE = "certificate.issuer_passphrase"  # noqa: S105 - a field's key

WHY = "Your CA issues them here; its key is read, used once and never copied."


def fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    """Everything that is asked."""
    pki = mode(draft) == PKI
    name = "<node>.<control plane>" if pki else "konnect-<control plane>"
    return (
        one_file("certificate.ca_certificate", "CA certificate", "ca", required=True,
                 help="The certificate of the CA that issues: a root or an intermediate, in any form. "
                      "Its own issuers may stand in the same file."),
        one_file("certificate.ca_key_file", "CA key", "key", default="in the same file",
                 help="The private key of that CA. It stays where it is and goes into no bundle."),
        given.passphrase(draft, PASSPHRASE, "certificate.ca_passphrase_file", told=scene.passphrase_given),
        *((given.chain(), given.upload()) if pki else ()),
        leaf.per(),
        leaf.key_type(),
        _life(draft, scene),
        *leaf.subject(name),
    )  # fmt: skip


def _life(draft: Draft, scene: Scene) -> Field:
    """Nothing outlives its issuer: while nothing is said, the drawing shows when they end."""
    asked = leaf.life(draft, scene)
    note = asked.note if lifetime.written(draft) else ""
    return replace(asked, default="10 years, not beyond the CA", note=note)
