"""`source = "generate"`: keys and certificates made here and, with PKI, the CA that issues them."""

from konnect_tui.draft import Draft
from konnect_tui.flow.authentication import PKI, mode
from konnect_tui.flow.sources import GENERATE, leaf, source
from konnect_tui.flow.step import Choice, Field, Scene, Value, choice, write

PASSPHRASE = "certificate.passphrase"  # noqa: S105 - a field's key
AGAIN = "certificate.passphrase_again"

WHY = "Made on this machine, as Konnect asks for; no key is ever in a command."

_INTERMEDIATES = (
    Choice("0", "none", "The root issues the nodes' certificates itself."),
    Choice("1", "one", "The root issues one CA, and that one the nodes' certificates. Nodes present it too."),
    Choice("2", "two", "Two CAs between root and node. Nodes present both."),
)
_UPLOADS = (
    Choice("root", "the root", "Konnect accepts whatever chains up to the root."),
    Choice("intermediate", "the issuing intermediate", "Konnect accepts only what this one issues."),
)
_CA_KEYS = (
    Choice("encrypted", "keep it encrypted", "With a passphrase. More nodes can be certified later."),
    Choice("plain", "keep it unencrypted", "Whoever reads the file can add nodes to the control plane."),
    Choice("discard", "throw it away", "Nothing more can ever be issued: new nodes mean a new CA and upload."),
)


def fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    """Everything that is asked."""
    pki = mode(draft) == PKI
    name = "<node>.<control plane>" if pki else "konnect-<control plane>"
    own = _ca(draft, scene) if pki else ()
    return (leaf.per(), leaf.key_type(), leaf.life(draft, scene), *own, *leaf.subject(name))


def _ca(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    fields = [_intermediates()]
    if draft.certificate.intermediates:
        fields.append(
            choice("certificate.upload", "Konnect is given", _UPLOADS, default="root",
                   help="The one certificate Konnect has to be given. It decides what is accepted.")
        )  # fmt: skip
    fields.append(
        choice("certificate.ca_key", "The CA's key", _CA_KEYS, default="encrypted",
               help="What becomes of the keys that can issue more certificates. They never leave with a node's files.")
    )  # fmt: skip
    return (*fields, *(_passphrase() if asks_passphrase(draft, scene) else ()))


def asks_passphrase(draft: Draft, scene: Scene) -> bool:
    """Whether a passphrase has to be typed: a CA key is to be encrypted here, and nothing else tells how."""
    said = draft.certificate
    made = mode(draft) == PKI and source(draft) == GENERATE
    told = scene.passphrase_given or said.ca_passphrase_file is not None
    return made and said.ca_key in (None, "encrypted") and not told


def _passphrase() -> tuple[Field, ...]:
    told = (
        "It is kept in memory until the bundle is made and stored nowhere. Without it the CA key can't be used again."
    )
    return (
        Field(key=PASSPHRASE, label="Passphrase", kind="secret", required=True, help=told),
        Field(
            key=AGAIN, label="… once more", kind="secret", required=True, help="The same again, against typing errors."
        ),
    )


def _intermediates() -> Field:
    def get(draft: Draft) -> Value:
        return str(draft.certificate.intermediates or 0)

    def put(draft: Draft, value: Value) -> Draft:
        return write(draft, "certificate.intermediates", int(str(value)))

    return Field(
        key="certificate.intermediates",
        label="Intermediate CAs",
        kind="choice",
        choices=_INTERMEDIATES,
        default="0",
        get=get,
        put=put,
        help=(
            "CAs between the root and the nodes. With one, the root's key can be locked away and the intermediate "
            "replaced."
        ),
    )


def passphrase_fault(draft: Draft, scene: Scene, first: bytes, again: bytes) -> tuple[str, str]:
    """What is wrong with the passphrase as typed, and the field to put it right in; empty where nothing is."""
    if not asks_passphrase(draft, scene):
        return "", ""
    if not first:
        return "The CA's key is to be encrypted: that needs a passphrase.", PASSPHRASE
    return ("The two passphrases differ.", AGAIN) if first != again else ("", "")
