"""The nodes' keys and certificates: where they come from, and what that source asks."""

from typing import Final

from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.flow import lifetime
from konnect_tui.flow.authentication import PKI, mode
from konnect_tui.flow.sources import (
    CSR,
    GENERATE,
    IMPORT,
    ISSUE,
    applying,
    imported,
    issued,
    made,
    requested,
    source,
    source_field,
)
from konnect_tui.flow.step import Field, Fields, Scene, Step

_FIELDS: Final[dict[str, Fields]] = {
    GENERATE: made.fields,
    ISSUE: issued.fields,
    IMPORT: imported.fields,
    CSR: requested.fields,
}
_WHY: Final = {GENERATE: made.WHY, ISSUE: issued.WHY, IMPORT: imported.WHY, CSR: requested.WHY}
_SAYS: Final = {ISSUE: "by your CA", IMPORT: "your files", CSR: "requests"}


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    return (source_field(), *_FIELDS[source(draft)](draft, scene))


def why(draft: Draft) -> str:
    """The one sentence why, for the source that was chosen."""
    return _WHY[source(draft)]


def _fit(draft: Draft) -> Draft:
    draft = applying(draft)
    said = draft.certificate
    if mode(draft) != PKI:
        said = replace(said, intermediates=None, upload=None, ca_key=None)
        if source(draft) == GENERATE:
            said = replace(said, ca_passphrase_file=None)
        if source(draft) == IMPORT:
            said = replace(said, chain=None)
    elif source(draft) == GENERATE and not said.intermediates:
        said = replace(said, upload=None)
    return replace(draft, certificate=said)


STEP = Step(
    key="certificates",
    title="Certificates",
    why="Made here, issued by your CA, from your files, or requested.",
    help=(
        (
            "The drawing shows what will be made: who issued whom, what Konnect is given, what a node presents, "
            "and whether a control plane set up as Kong documents accepts it. It is redrawn with every change."
        ),
        (
            "Pinned: each certificate stands alone, and Konnect is given every one. PKI: Konnect is given one CA "
            "certificate."
        ),
        "F2 in a line for a file shows what your files hold; F3 takes a paste; F4 looks at the chain and tries others.",
    ),
    fields=_fields,
    prefixes=("certificate", "node.each[].certificate", "node.each[].private_key"),
    fit=_fit,
    says=lambda draft: _SAYS.get(source(draft), str(lifetime.written(draft))),
)
