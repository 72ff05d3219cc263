"""What the standard forbids or nobody expects, and OpenSSL judges all the same."""

from typing import Any

from certificate_forge import constraints, forge, names
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from judged_chains.chain import Chain, Chains, chained


def _raw(oid: x509.ObjectIdentifier, value: bytes, *, critical: bool = False) -> tuple[x509.ExtensionType, bool]:
    return x509.UnrecognizedExtension(oid, value), critical


def _put(place: str, cause: str | None = None, **extensions: Any) -> Chain:
    return chained(cause, **{place: {"put": extensions}})


def _mail_in_subject(cause: str | None, address: str) -> Chain:
    rule = (x509.NameConstraints([x509.RFC822Name("example.com")], None), True)
    root = forge("Acme Root", ca=True, put={"nc": rule})
    parts = [(NameOID.COMMON_NAME, "edge 1"), (NameOID.EMAIL_ADDRESS, address)]
    leaf = forge(x509.Name([x509.NameAttribute(*part) for part in parts]), root)
    return Chain([root], [leaf], cause)


def _uri(cause: str | None, host: str) -> Chain:
    rule = (x509.NameConstraints([x509.UniformResourceIdentifier(".example.com")], None), True)
    root = forge("Acme Root", ca=True, put={"nc": rule})
    san = names(x509.UniformResourceIdentifier(f"https://{host}/x"))
    return Chain([root], [forge("edge 1", root, put={"san": san})], cause)


def _registered(cause: str | None) -> Chain:
    rule = (x509.NameConstraints(None, [x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))]), True)
    root = forge("Acme Root", ca=True, put={"nc": rule})
    san = names(x509.RegisteredID(x509.ObjectIdentifier("1.2.3")))
    return Chain([root], [forge("edge 1", root, put={"san": san})], cause)


def _unread_constraint(cause: str | None) -> Chain:
    root = forge("Acme Root", ca=True, put={"nc": _raw(ExtensionOID.NAME_CONSTRAINTS, b"\x04\x00", critical=True)})
    return Chain([root], [forge("edge 1", root)], cause)


def _self_issued(cause: str | None = None) -> Chain:
    """A CA that changed its key says so with a self-issued certificate (RFC 5280 §3.2), free of path length."""
    root = forge("Acme Root", ca=True, put={"bc": constraints(True, 0)})
    renewed = forge("Acme Root", root, ca=True)
    return Chain([root], [forge("edge-1", renewed), renewed], cause)


def _name_twice() -> Chain:
    """Leaf and intermediate of one name."""
    root = forge("Acme Root", ca=True)
    middle = forge("Acme", root, ca=True)
    return Chain([root], [forge("Acme", middle), middle])


def _hostile_name() -> Chain:
    root = forge("[/x]\x1b[31m\n\u202e", ca=True)
    return Chain([root], [forge("\x00" * 9, root)])


CHAINS: Chains = {
    **{
        f"{place} with BC twice": lambda place=place: chained("other-refusal", **{place: {"twice": ["bc"]}})
        for place in ("root", "middle", "leaf")
    },
    **{
        f"{place} with EKU twice": lambda place=place: chained("other-refusal", **{place: {"twice": ["eku"]}})
        for place in ("leaf",)
    },
    "leaf with SAN twice": lambda: chained(
        "other-refusal", leaf={"put": {"san": names(x509.DNSName("a"))}, "twice": ["san"]}
    ),
    "leaf with SKI twice": lambda: chained("other-refusal", leaf={"twice": ["ski"]}),
    "leaf with unknown extension twice": lambda: chained(
        leaf={"put": {"x": _raw(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")}, "twice": ["x"]}
    ),
    "leaf with BC that is nonsense": lambda: _put(
        "leaf", "other-refusal", bc=_raw(ExtensionOID.BASIC_CONSTRAINTS, b"\x04\x00")
    ),
    "middle with BC that is nonsense": lambda: _put(
        "middle", "other-refusal", bc=_raw(ExtensionOID.BASIC_CONSTRAINTS, b"\x04\x00", critical=True)
    ),
    "leaf with EKU that is nonsense": lambda: _put(
        "leaf", "other-refusal", eku=_raw(ExtensionOID.EXTENDED_KEY_USAGE, b"\x04\x00")
    ),
    "leaf with KU that is nonsense": lambda: _put(
        "leaf", "other-refusal", ku=_raw(ExtensionOID.KEY_USAGE, b"\x04\x00")
    ),
    "leaf with SAN that is nonsense": lambda: _put(
        "leaf", "other-refusal", san=_raw(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x04\x00")
    ),
    "leaf with AKI that is nonsense": lambda: _put(
        "leaf", "other-refusal", aki=_raw(ExtensionOID.AUTHORITY_KEY_IDENTIFIER, b"\x04\x00")
    ),
    "leaf with empty EKU": lambda: _put(
        "leaf", "wrong-purpose", eku=_raw(ExtensionOID.EXTENDED_KEY_USAGE, b"\x30\x00")
    ),
    "leaf with empty KU": lambda: _put("leaf", "other-refusal", ku=_raw(ExtensionOID.KEY_USAGE, b"\x03\x01\x00")),
    "leaf with empty SAN": lambda: _put("leaf", san=_raw(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x30\x00")),
    "leaf with CA:FALSE and path length": lambda: _put(
        "leaf", bc=_raw(ExtensionOID.BASIC_CONSTRAINTS, b"\x30\x03\x02\x01\x00", critical=True)
    ),
    "middle with path length but no CA": lambda: _put(
        "middle", "not-a-ca", bc=_raw(ExtensionOID.BASIC_CONSTRAINTS, b"\x30\x03\x02\x01\x00", critical=True)
    ),
    "middle with negative path length": lambda: _put(
        "middle",
        "other-refusal",
        bc=_raw(ExtensionOID.BASIC_CONSTRAINTS, b"\x30\x06\x01\x01\xff\x02\x01\xff", critical=True),
    ),
    "leaf with BC CA:FALSE written out": lambda: _put(
        "leaf", bc=_raw(ExtensionOID.BASIC_CONSTRAINTS, b"\x30\x03\x01\x01\x00", critical=True)
    ),
    "v1 leaf with extensions": lambda: chained(leaf={"version": 1, "put": {"bc": constraints(False)}}),
    "v1 root with extensions": lambda: chained(root={"version": 1, "put": {"bc": constraints(True)}}),
    "critical SKI in the leaf": lambda: _put(
        "leaf", "unknown-critical-extension", ski=(x509.SubjectKeyIdentifier(b"\x01" * 20), True)
    ),
    "critical AKI in the middle": lambda: chained(
        "unknown-critical-extension",
        middle={"put": {"aki": None, "x": (x509.AuthorityKeyIdentifier(None, None, None), True)}},
    ),
    "critical authority information in the leaf": lambda: _put(
        "leaf",
        "unknown-critical-extension",
        aia=(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        x509.ObjectIdentifier("1.3.6.1.5.5.7.48.2"), x509.UniformResourceIdentifier("http://x/")
                    )
                ]
            ),
            True,
        ),
    ),
    "critical issuer alternative name": lambda: _put(
        "leaf", "unknown-critical-extension", ian=(x509.IssuerAlternativeName([x509.DNSName("x")]), True)
    ),
    "critical CRL distribution point": lambda: _put(
        "leaf",
        cdp=(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.UniformResourceIdentifier("http://x/")], None, None, None)]
            ),
            True,
        ),
    ),
    "critical TLS feature": lambda: _put(
        "leaf", "unknown-critical-extension", tls=(x509.TLSFeature([x509.TLSFeatureType.status_request]), True)
    ),
    "critical inhibit any policy": lambda: _put("middle", iap=(x509.InhibitAnyPolicy(0), True)),
    "mail in the subject not permitted": lambda: _mail_in_subject("name-constraint", "a@example.org"),
    "mail in the subject permitted": lambda: _mail_in_subject(None, "a@example.com"),
    "URI permitted": lambda: _uri(None, "edge.example.com"),
    "URI not permitted": lambda: _uri("name-constraint", "edge.example.org"),
    "registered id excluded": lambda: _registered("name-constraint"),
    "name constraint that is nonsense": lambda: _unread_constraint("other-refusal"),
    "self-issued CA": _self_issued,
    "leaf and intermediate of one name": _name_twice,
    "hostile names": _hostile_name,
    **{
        f"{place} with key brainpool": lambda place=place: chained(**{place: {"own": "brainpool"}})
        for place in ("root", "middle")
    },
    "leaf with key brainpool": lambda: chained("key-type-unusable", leaf={"own": "brainpool"}),
    "leaf with empty AKI": lambda: _put("leaf", aki=(x509.AuthorityKeyIdentifier(None, None, None), False)),
    "proxy certificate": lambda: _put(
        "leaf",
        "other-refusal",
        px=_raw(
            x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14"), bytes.fromhex("300c300a06082b06010505071501"), critical=True
        ),
    ),
}
