"""What a certificate says, in the words of the JSON answers: key types, OpenSSL's short names, RFC 4514."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from msgspec import Struct

from konnect_tui.pki import parse
from konnect_tui.pki.openssl_names import KEY_USAGES, PURPOSES, SIGNATURES

_DAY = timedelta(days=1)


class Described(Struct, frozen=True):
    """One certificate of the JSON answers. Lists are empty, `ski` and `aki` None, where it says nothing.

    Names may hold anything: make them `printable` before they are shown.
    """

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    days_left: int
    sha256: str
    key: str
    signature: str
    is_ca: bool
    key_usage: tuple[str, ...]
    eku: tuple[str, ...]
    sans: tuple[str, ...]
    ski: str | None
    aki: str | None
    self_signed: bool


def describe(der: bytes, now: datetime) -> Described:
    """What the certificate in this DER says. `now` is aware. Raises KonnectError `not-a-certificate`."""
    certificate = parse.certificate(der)
    key_id, issuer_key_id = parse.key_id(certificate), parse.issuer_key_id(certificate)
    not_before, not_after = validity(certificate)
    return Described(
        subject=parse.distinguished_name(certificate, "subject"),
        issuer=parse.distinguished_name(certificate, "issuer"),
        serial=f"{parse.serial(certificate):x}",
        not_before=not_before,
        not_after=not_after,
        days_left=(not_after - now) // _DAY,
        sha256=parse.fingerprint(certificate),
        key=parse.key_label(parse.public_key(certificate)),
        signature=_signature(certificate),
        is_ca=parse.is_ca(certificate),
        key_usage=key_usage(certificate),
        eku=purposes(certificate),
        sans=_alternatives(certificate),
        ski=key_id.hex() if key_id is not None else None,
        aki=issuer_key_id.hex() if issuer_key_id is not None else None,
        self_signed=parse.self_signed(certificate),
    )


def validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """When it begins and ends, UTC. A date that cannot be read is the beginning of time: not valid."""
    try:
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except parse.UNREADABLE:
        return datetime.min.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)


def key_usage(certificate: x509.Certificate) -> tuple[str, ...]:
    """What the key may be used for; empty without the extension."""
    usage = parse.extension(certificate, x509.KeyUsage)
    if usage is None:
        return ()
    names = tuple(name for attribute, name in KEY_USAGES if getattr(usage, attribute))
    if not usage.key_agreement:
        return names
    extra = (("encipherOnly", usage.encipher_only), ("decipherOnly", usage.decipher_only))
    return (*names, *(name for name, allowed in extra if allowed))


def purposes(certificate: x509.Certificate) -> tuple[str, ...]:
    """The extended key usages; empty without the extension."""
    extended = parse.extension(certificate, x509.ExtendedKeyUsage)
    return tuple(PURPOSES.get(oid.dotted_string, oid.dotted_string) for oid in extended or ())


def _signature(certificate: x509.Certificate) -> str:
    """What `openssl x509 -text` calls the algorithm (`ecdsa-with-SHA256`), else its dotted number."""
    dotted = certificate.signature_algorithm_oid.dotted_string
    return SIGNATURES.get(dotted, dotted)


def _alternatives(certificate: x509.Certificate) -> tuple[str, ...]:
    names = parse.extension(certificate, x509.SubjectAlternativeName)
    return tuple(alternative(name) for name in names or ())


def alternative(name: x509.GeneralName) -> str:
    """A name of an alternative name or name constraint as OpenSSL shows it: `DNS:edge.example.com`."""
    match name:
        case x509.DNSName():
            return f"DNS:{name.value}"
        case x509.IPAddress():
            return f"IP:{name.value}"
        case x509.UniformResourceIdentifier():
            return f"URI:{name.value}"
        case x509.RFC822Name():
            return f"email:{name.value}"
        case x509.DirectoryName():
            return f"dirName:{name.value.rfc4514_string()}"
        case x509.RegisteredID():
            return f"RID:{name.value.dotted_string}"
        case x509.OtherName():
            return f"othername:{name.type_id.dotted_string}"
    return "unknown"
