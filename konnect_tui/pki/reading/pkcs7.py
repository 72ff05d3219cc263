"""Take the certificates out of PKCS#7 and CMS (RFC 5652 §5.1), whatever else is in there."""

from collections.abc import Iterator

from konnect_tui.errors import KonnectError
from konnect_tui.pki.reading.asn1 import (
    FIRST,
    SEQUENCE,
    Element,
    MalformedError,
    dotted,
    element,
    elements,
    from_ber,
    prefix,
)
from konnect_tui.pki.reading.kinds import kind_of

_SIGNED = "1.2.840.113549.1.7.2"
_SIGNED_AND_ENVELOPED = "1.2.840.113549.1.7.4"
_NETSCAPE_SEQUENCE = "2.16.840.1.113730.2.5"
_CRLS = FIRST + 1


def certificates(der: bytes, what: str) -> tuple[bytes, ...]:
    """The certificates in their order, as DER, not yet parsed.

    Raises KonnectError `not-a-certificate` where there are none, `is-crl`, `truncated`.
    """
    try:
        outer = prefix(element(from_ber(der)[0]).content)
        kind, content = dotted(outer[0].content), element(outer[1].content)
        if kind == _NETSCAPE_SEQUENCE:
            return tuple(each.raw for each in elements(content.content))
        if kind not in (_SIGNED, _SIGNED_AND_ENVELOPED):
            raise KonnectError("not-a-certificate", f"The PKCS#7 in {what} is encrypted or plain data.")
        parts = tuple(elements(content.content))
        found = tuple(_certificates(parts))
    except (MalformedError, IndexError) as problem:
        raise KonnectError("not-a-certificate", f"The PKCS#7 in {what} is damaged.") from problem
    if found:
        return found
    if any(part.tag == _CRLS for part in parts):
        raise KonnectError("is-crl", f"The PKCS#7 in {what} holds a revocation list and no certificate.")
    raise KonnectError("not-a-certificate", f"The PKCS#7 in {what} holds no certificate.")


def _certificates(parts: tuple[Element, ...]) -> Iterator[bytes]:
    for part in parts[3:]:
        if part.tag == FIRST:
            for each in elements(part.content):
                if each.tag == SEQUENCE and kind_of(each.raw) == "certificate":
                    yield each.raw
