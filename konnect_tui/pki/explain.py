"""Why a control plane refuses: the cause, the certificate and the side that has to change.

OpenSSL's verification errors are exact for dates, purpose, CA flag and the like, and are only put into words
here. Its "unable to get local issuer certificate" covers a missing intermediate, a wrong upload and a key
identifier that does not fit; `pki.breaks` tells those apart.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from cryptography import x509

from konnect_tui.pki import breaks, parse, pins
from konnect_tui.pki.case import Case, finding
from konnect_tui.pki.describe import validity
from konnect_tui.pki.handshake import Failure
from konnect_tui.pki.paths import presentation
from konnect_tui.pki.verdict import Finding


class _Cause(NamedTuple):
    """`message` takes the certificate's name."""

    code: str
    message: str


# numbers of OpenSSL's x509_vfy.h
_BROKEN_PATH: Final = frozenset({2, 7, 18, 19, 20, 21, 27, 30, 31})
_BY_NUMBER: Final[Mapping[int, _Cause]] = {
    9: _Cause("not-yet-valid", "{name} is not valid yet."),
    10: _Cause("expired", "{name} has ended."),
    25: _Cause("path-length", "There are more CAs below {name} than it allows."),
    26: _Cause("wrong-purpose", "{name} may not be used for a TLS client."),
    32: _Cause("not-a-ca", "{name} issued another certificate, but its key usage lacks keyCertSign."),
    34: _Cause("unknown-critical-extension", "{name} has a critical extension that OpenSSL does not know."),
    47: _Cause("name-constraint", "A name in {name} is not among those its CA may issue."),
    48: _Cause("name-constraint", "A name in {name} is among those its CA must not issue."),
    49: _Cause("name-constraint", "A CA above {name} has name constraints of a form that OpenSSL does not apply."),
    51: _Cause("name-constraint", "A CA above {name} has name constraints of a kind that OpenSSL does not know."),
    52: _Cause("name-constraint", "A CA above {name} has name constraints that OpenSSL cannot read."),
    53: _Cause("name-constraint", "A name in {name} has a form that no name constraint can be held against."),
    66: _Cause("weak-key", "The key of {name} is too short."),
    67: _Cause("weak-key", "The key of the CA {name} is too short."),
    68: _Cause("weak-signature", "{name} is signed with a hash that is no longer safe."),
    79: _Cause("not-a-ca", "{name} issued another certificate, but is not a CA."),
}
# reasons in OpenSSL's error queue, of the node or the control plane
_BY_WORDS: Final[Mapping[str, _Cause]] = {
    "key values mismatch": _Cause("key-mismatch", "The private key does not belong to {name}."),
    "key type mismatch": _Cause("key-mismatch", "The private key does not belong to {name}: it is of another type."),
    "no certificate assigned": _Cause("key-mismatch", "The private key does not belong to {name}."),
    "no private key assigned": _Cause("key-mismatch", "The private key does not belong to {name}."),
    "ee key too small": _Cause("weak-key", "The key of {name} is too short: OpenSSL does not even load it."),
    "ca key too small": _Cause("weak-key", "The key of {name} is too short: no node's OpenSSL sends it."),
    "ca md too weak": _Cause("weak-signature", "{name} is signed with a hash that is no longer safe."),
    "unsupported key type": _Cause("key-type-unusable", "TLS cannot sign with the key of {name}."),
    "unknown certificate type": _Cause("key-type-unusable", "TLS cannot sign with the key of {name}."),
    "wrong curve": _Cause("key-type-unusable", "TLS 1.3 cannot sign with the curve of the key of {name}."),
    "no suitable signature algorithm": _Cause("key-type-unusable", "TLS cannot sign with the key of {name}."),
    "peer did not return a certificate": _Cause(
        "key-type-unusable", "The node sends no certificate, because TLS cannot sign with the key of {name}."
    ),
    "excessive message size": _Cause("list-too-large", "The list behind {name} is larger than a control plane takes."),
}


def causes(case: Case, failure: Failure | None, now: datetime | None = None) -> tuple[Finding, ...]:
    """Why the control plane refuses, the likeliest first. `failure` is None where only the pin is missing.

    `now` is the time it was judged at, if not this.
    """
    if failure is None:
        return (pins.not_pinned(case),)
    if failure.number and failure.certificate is not None:
        return _verification(case, parse.certificate(failure.certificate), failure.number, now)
    if case.key_differs:
        return (_not_its_key(case),)
    culprit = case.leaf if failure.certificate is None else parse.certificate(failure.certificate)
    for word in failure.words:
        if word in _BY_WORDS:
            return (_put(_BY_WORDS[word], culprit, case),)
    return (breaks.unexplained(culprit, ", ".join(failure.words) or "an unnamed error"),)


def _verification(case: Case, culprit: x509.Certificate, number: int, now: datetime | None) -> tuple[Finding, ...]:
    """OpenSSL's first complaint is about `culprit`. It may have gone a way that nobody meant."""
    twin = _twin(case, culprit, now)
    if twin is not None:
        return (twin,)
    known = _BY_NUMBER.get(number)
    if number in _BROKEN_PATH or culprit not in breaks.kin(case):
        found = breaks.causes(case, number)
        if known is None or found[0].code != "other-refusal":
            return found
    if known is None:
        return (breaks.unexplained(culprit, f"verification error {number}"),)
    return (_put(known, culprit, case),)


def _twin(case: Case, culprit: x509.Certificate, now: datetime | None) -> Finding | None:
    """What is presented would do, had OpenSSL not taken the other of two certificates for one CA."""
    names = [parse.canonical_name(each, "subject") for each in dict.fromkeys(case.presented[1:])]
    if len(set(names)) == len(names):
        return None
    presented = [parse.encoded(each) for each in case.presented]
    accepted = presentation(presented[0], [parse.encoded(each) for each in case.uploaded], presented, now)
    for right in map(parse.certificate, (accepted or ())[1:]):
        twins = (each for each in case.presented if each != right and _same_ca(each, right))
        taken = next(twins, None)
        if taken is not None and culprit not in map(parse.certificate, accepted or ()):
            return breaks.cross_signed(case, right, taken)
    return None


def _same_ca(first: x509.Certificate, second: x509.Certificate) -> bool:
    names = (parse.canonical_name(each, "subject") for each in (first, second))
    return len(set(names)) == 1 and parse.public_bytes(first) == parse.public_bytes(second)


def _not_its_key(case: Case) -> Finding:
    """The key is another's; perhaps of one further behind in the list."""
    cause = _put(_BY_WORDS["key values mismatch"], case.leaf, case)
    own = parse.public_half(case.key)
    for place, each in enumerate(case.presented[1:], start=2):
        if parse.public_bytes(each) == own:
            name = parse.called(each)
            message = f"{cause.message} It is the key of {name}, which stands in place {place} of what is presented."
            return finding(
                "error", cause.code, each, message, f"On the node: present {name} first, its issuers behind."
            )
    return cause


def _put(cause: _Cause, culprit: x509.Certificate, case: Case) -> Finding:
    message = cause.message.format(name=parse.called(culprit))
    if cause.code in ("expired", "not-yet-valid"):
        begins, ends = validity(culprit)
        message += f" It is valid from {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC."
    return finding("error", cause.code, culprit, message, f"{_side(culprit, case)}: {_CURES[cause.code]}")


_CURES: Final[Mapping[str, str]] = {
    "expired": "replace it by one that is in date.",
    "not-yet-valid": "check the clock, or use it later.",
    "path-length": "use a CA that allows more intermediates, or fewer of them.",
    "wrong-purpose": "have it issued with extended key usage clientAuth (or none) and key usage digitalSignature.",
    "not-a-ca": "use a CA certificate with CA:TRUE and keyCertSign.",
    "unknown-critical-extension": "have it issued without that extension.",
    "name-constraint": "use a name that the CA may issue, or a CA without that constraint.",
    "weak-key": "use a key of ec-p256 or rsa-2048 at least.",
    "weak-signature": "have it issued again with SHA-256 or better.",
    "key-mismatch": "present the certificate that was made for this key, or use its own key.",
    "key-type-unusable": "use an RSA, ECDSA (P-256, P-384, P-521) or Ed25519 key.",
    "list-too-large": "present only the leaf and its intermediates.",
}


def _side(culprit: x509.Certificate, case: Case) -> str:
    """Whose it is to change: what is presented is the node's, else it was uploaded to Konnect."""
    if any(parse.encoded(culprit) == parse.encoded(each) for each in case.presented):
        return "On the node"
    return "In Konnect"
