"""What is made: the nodes' keys and certificates and, with PKI, the CA that issues them."""

from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.flow import lifetime
from konnect_tui.flow.authentication import PKI, mode
from konnect_tui.flow.step import Choice, Field, Scene, Step, Value, choice, text, write

PASSPHRASE = "certificate.passphrase"  # noqa: S105 - a field's key
AGAIN = "certificate.passphrase_again"

_PER = (
    Choice("node", "one for each node", "A node that is lost or leaks can be shut out alone."),
    Choice("bundle", "one for all nodes", "Fewer uploads; a leak concerns every node at once."),
)
_KEYS = (
    Choice("ec-p256", "EC P-256", "The usual choice: small and quick."),
    Choice("ec-p384", "EC P-384", "Where a policy asks for it."),
    Choice("rsa-2048", "RSA 2048", "The least RSA that Konnect's TLS accepts."),
    Choice("rsa-3072", "RSA 3072", "Where a policy asks for RSA beyond 2030."),
    Choice("rsa-4096", "RSA 4096", "Slow to make, about a second each."),
)
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


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    pki = mode(draft) == PKI
    own = _ca(draft, scene) if pki else ()
    return (*_leaf(draft, scene), *own, *_subject(pki))


def _leaf(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    return (
        choice("certificate.per", "Keys", _PER, default="node",
               help="Whether each node has a key of its own or all share one."),
        choice("certificate.key", "Key type", _KEYS, default="ec-p256",
               help="All of these work with Konnect and with every gateway version offered here."),
        Field(
            key="certificate.years",
            about=("certificate.years", "certificate.days", "certificate.not_after"),
            label="Valid for",
            kind="text",
            default="10 years",
            get=lifetime.written,
            put=lifetime.put,
            note=lifetime.end(draft, scene),
            help=(
                "10 years, 90 days, or the last day as 2031-12-31. A node whose certificate has ended can't "
                "connect, and Kong doesn't warn of it."
            ),
        ),
    )  # fmt: skip


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
    made = mode(draft) == PKI and said.source in (None, "generate")
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


def _subject(pki: bool) -> tuple[Field, ...]:
    name = "<node>.<control plane>" if pki else "konnect-<control plane>"
    rows = (
        (
            "certificate.common_name",
            "Common name",
            name,
            "The certificate's name. At most 64 bytes; longer is shortened with a hash.",
        ),
        ("certificate.organization", "Organisation", "", "The O of the subject."),
        ("certificate.organizational_unit", "Unit", "", "The OU of the subject."),
        ("certificate.country", "Country", "", "The C of the subject: two capital letters."),
    )
    return tuple(replace(text(key, label, default=default, help=told), rare=True) for key, label, default, told in rows)


def _fit(draft: Draft) -> Draft:
    said = draft.certificate
    if mode(draft) != PKI:
        said = replace(said, intermediates=None, upload=None, ca_key=None, ca_passphrase_file=None)
    elif not said.intermediates and said.source in (None, "generate"):
        said = replace(said, upload=None)
    return replace(draft, certificate=said)


def passphrase_fault(draft: Draft, scene: Scene, first: bytes, again: bytes) -> tuple[str, str]:
    """What is wrong with the passphrase as typed, and the field to put it right in; empty where nothing is."""
    if not asks_passphrase(draft, scene):
        return "", ""
    if not first:
        return "The CA's key is to be encrypted: that needs a passphrase.", PASSPHRASE
    return ("The two passphrases differ.", AGAIN) if first != again else ("", "")


STEP = Step(
    key="certificates",
    title="Certificates",
    why="Made on this machine, as Konnect asks for; no key is ever in a command.",
    help=(
        (
            "The drawing shows what will be made: who issued whom, what Konnect is given, what a node presents, "
            "and whether a control plane set up as Kong documents accepts it. It is redrawn with every change."
        ),
        (
            "Pinned: each certificate stands alone, and Konnect is given every one. PKI: Konnect is given one CA "
            "certificate."
        ),
    ),
    fields=_fields,
    prefixes=("certificate",),
    fit=_fit,
    says=lambda draft: str(lifetime.written(draft)),
)
