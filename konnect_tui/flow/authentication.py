"""How the control plane knows a node: by its very certificate, or by the CA that issued it."""

from typing import Literal

from msgspec.structs import replace

from konnect_tui.draft import TOLD, Draft
from konnect_tui.flow.step import Choice, Field, Scene, Step, choice

PINNED = "pinned"
PKI = "pki"
DEFAULT = PINNED

CHOICES = (
    Choice(
        PINNED,
        "Pinned certificate",
        (
            "Konnect is given every node's certificate. A node presents that very certificate. Nothing else gets "
            "in; each new certificate has to be uploaded before it is used."
        ),
    ),
    Choice(
        PKI,
        "Certificate authority (PKI)",
        (
            "Konnect is given one CA certificate. A node presents a certificate that this CA issued, with its "
            "chain. New nodes need no upload; whatever this CA ever issues can join."
        ),
    ),
)


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    given = scene.live.mode if scene.live and draft.control_plane.source in TOLD else ""
    if given in (PINNED, PKI):
        return (_read(given),)
    mode = choice(
        "control_plane.auth_mode",
        "Authentication",
        CHOICES,
        default=DEFAULT,
        main=True,
        help=(
            "Take the one the control plane has; Konnect shows it on the control plane's page. If nobody has chosen "
            "yet: pinned can shut out one node alone, PKI takes further nodes without an upload."
        ),
    )
    return (mode,)


def _read(given: str) -> Field:
    """The mode as Konnect has it. The other can't be taken here: it would be changed for every node there is."""
    refused = (
        "This control plane has the other mode. Choose or create another one under Control plane; or change it in "
        "Konnect, which every node of it will feel."
    )
    choices = tuple(
        Choice(
            each.value,
            each.label,
            each.explanation if each.value == given else "",
            "" if each.value == given else refused,
        )
        for each in CHOICES
    )
    return replace(
        choice(
            "control_plane.auth_mode",
            "Authentication",
            choices,
            default=given,
            main=True,
            help=(
                "Konnect says that this control plane has it, so nodes need certificates for it. It can't be another "
                "here; F1 says what each mode means."
            ),
        ),
        note=f"As read from Konnect: {given}.",
    )


def mode(draft: Draft) -> Literal["pinned", "pki"]:
    """The chosen mode, else the default."""
    return "pki" if draft.control_plane.auth_mode == PKI else "pinned"


STEP = Step(
    key="authentication",
    title="Authentication",
    why="This decides how Konnect knows a node by its certificate.",
    help=(
        "Pinned: Konnect keeps a list of certificates and compares what a node presents with it, byte for byte.",
        "PKI: Konnect keeps the certificate of a CA and accepts every client certificate whose chain ends there.",
        "It has to be the mode the control plane has now. If Konnect changes it later, nodes need other certificates.",
    ),
    fields=_fields,
    prefixes=("control_plane.auth_mode",),
    says=mode,
)
