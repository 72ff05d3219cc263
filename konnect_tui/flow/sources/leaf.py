"""What is asked about the nodes' own certificates wherever they are made or asked for here."""

from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.flow import lifetime
from konnect_tui.flow.step import Choice, Field, Scene, Value, choice, items, text, write

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


def per() -> Field:
    """One key for each node, or one for all."""
    return choice("certificate.per", "Keys", _PER, default="node",
                  help="Whether each node has a key of its own or all share one.")  # fmt: skip


def key_type() -> Field:
    """What kind of keys are made."""
    return choice("certificate.key", "Key type", _KEYS, default="ec-p256",
                  help="All of these work with Konnect and with every gateway version offered here.")  # fmt: skip


def life(draft: Draft, scene: Scene, label: str = "Valid for") -> Field:
    """How long the certificates live."""
    return Field(
        key="certificate.years",
        about=("certificate.years", "certificate.days", "certificate.not_after"),
        label=label,
        kind="text",
        default="10 years",
        get=lifetime.written,
        put=lifetime.put,
        note=lifetime.end(draft, scene),
        help=(
            "10 years, 90 days, or the last day as 2031-12-31. A node whose certificate has ended can't "
            "connect, and Kong doesn't warn of it."
        ),
    )


def subject(common_name: str) -> tuple[Field, ...]:
    """What the certificates call the node. `common_name` is how it is called while nothing is said."""
    rows = (
        ("certificate.common_name", "Common name", common_name,
         "The certificate's name. At most 64 bytes; longer is shortened with a hash."),
        ("certificate.organization", "Organisation", "", "Your company, such as Acme: the subject's O."),
        ("certificate.organizational_unit", "Unit", "", "Your department: the subject's OU."),
        ("certificate.country", "Country", "", "Two capital letters, such as DE: the subject's C."),
    )  # fmt: skip
    return tuple(replace(text(key, label, default=default, help=told), rare=True) for key, label, default, told in rows)


def alternative_names() -> Field:
    """Subject alternative names, where a PKI desk wants some."""

    def get(draft: Draft) -> Value:
        return " ".join(draft.certificate.sans or ())

    def put(draft: Draft, value: Value) -> Draft:
        return write(draft, "certificate.sans", items(value))

    return Field(
        key="certificate.sans",
        label="Alternative names",
        kind="list",
        default="none",
        get=get,
        put=put,
        rare=True,
        help="DNS names, addresses or URIs, parted by blanks. Konnect needs none; some PKI desks refuse without.",
    )
