"""One extension of a certificate, where another is so damaged that cryptography reads none.

TLS looks at the extensions it needs, one by one. cryptography parses all of them or none, so it is given the same
certificate again with the one extension in it; that its signature no longer fits does not matter for that.
"""

from cryptography import x509

from konnect_tui.pki.reading.asn1 import FIRST, SEQUENCE, MalformedError, dotted, element, elements, encode

_EXTENSIONS = FIRST + 3


def reduced(certificate: bytes, wanted: x509.ObjectIdentifier) -> x509.Certificate | None:
    """The certificate in this DER with that extension alone; None where it is missing, or there twice."""
    try:
        body, algorithm, signature = elements(element(certificate).content)
        *fields, last = elements(body.content)
        if last.tag != _EXTENSIONS:
            return None
        found = [each for each in elements(element(last.content).content) if _oid(each.content) == wanted.dotted_string]
    except (MalformedError, ValueError):
        return None
    if len(found) != 1:
        return None
    extensions = encode(_EXTENSIONS, encode(SEQUENCE, found[0].raw))
    tbs = encode(SEQUENCE, b"".join(each.raw for each in fields) + extensions)
    return x509.load_der_x509_certificate(encode(SEQUENCE, tbs + algorithm.raw + signature.raw))


def _oid(extension: bytes) -> str:
    return dotted(element(extension).content)
