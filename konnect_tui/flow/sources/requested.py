"""`source = "csr"`: keys are made and stay here, a PKI desk signs the requests."""

from konnect_tui.draft import Draft
from konnect_tui.flow.authentication import PKI, mode
from konnect_tui.flow.paths import files
from konnect_tui.flow.sources import given, leaf
from konnect_tui.flow.step import Field, Scene

SIGNED = "certificate.signed"

WHY = "Keys are made and stay here; your PKI desk gets requests and signs them."


def fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    """Everything that is asked."""
    return (
        leaf.per(),
        leaf.key_type(),
        leaf.life(draft, scene, "Life asked for"),
        _signed(),
        *((given.upload(),) if mode(draft) == PKI else ()),
        leaf.alternative_names(),
        *leaf.subject("<node>.<control plane>"),
    )


def _signed() -> Field:
    return files(
        SIGNED, "Signed", "certificate", default="nothing has come yet",
        help="The certificates that came back: files or folders, in any order and form, with the CA's. "
             "Each is matched with its key; until then the bundle waits for them.",
    )  # fmt: skip
