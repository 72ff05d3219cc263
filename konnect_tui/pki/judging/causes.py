"""OpenSSL's reasons in our words: the code, what is wrong with which certificate, and what to do on which side."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.describe import alternative, key_usage, purposes, validity
from konnect_tui.pki.judging import breaks
from konnect_tui.pki.judging.case import Case, finding
from konnect_tui.pki.judging.verdict import Finding
from konnect_tui.words import printable

_MOST_NAMES = 3


class Cause(NamedTuple):
    """`message` takes the certificate's name."""

    code: str
    message: str


# numbers of OpenSSL's x509_vfy.h
BY_NUMBER: Final[Mapping[int, Cause]] = {
    9: Cause("not-yet-valid", "{name} is not valid yet."),
    10: Cause("expired", "{name} has ended."),
    13: Cause("other-refusal", "The date on which {name} begins cannot be read."),
    14: Cause("other-refusal", "The date on which {name} ends cannot be read."),
    22: Cause("other-refusal", "The chain above {name} is longer than OpenSSL follows."),
    25: Cause("path-length", "There are more CAs below {name} than it allows."),
    26: Cause("wrong-purpose", "{name} may not be used for a TLS client."),
    32: Cause("not-a-ca", "{name} issued another certificate, but its key usage lacks keyCertSign."),
    34: Cause("unknown-critical-extension", "{name} has a critical extension that OpenSSL does not know."),
    40: Cause("other-refusal", "{name} is a proxy certificate, and OpenSSL allows none."),
    41: Cause("other-refusal", "{name} has an extension that OpenSSL cannot read."),
    47: Cause("name-constraint", "A name in {name} is not among those its CA may issue."),
    48: Cause("name-constraint", "A name in {name} is among those its CA must not issue."),
    49: Cause("name-constraint", "A CA above {name} has name constraints of a form that OpenSSL does not apply."),
    51: Cause("name-constraint", "A CA above {name} has name constraints of a kind that OpenSSL does not know."),
    52: Cause("name-constraint", "A CA above {name} has name constraints that OpenSSL cannot read."),
    53: Cause("name-constraint", "A name in {name} has a form that no name constraint can be held against."),
    66: Cause("weak-key", "The key of {name} is too short."),
    67: Cause("weak-key", "The key of the CA {name} is too short."),
    68: Cause("weak-signature", "{name} is signed with a hash that is no longer safe."),
    79: Cause("not-a-ca", "{name} issued another certificate, but is not a CA."),
    94: Cause("key-type-unusable", "The key of {name} writes out its curve instead of naming it."),
}
# reasons in OpenSSL's error queue, of the node or the control plane
BY_WORDS: Final[Mapping[str, Cause]] = {
    "key values mismatch": Cause("key-mismatch", "The private key does not belong to {name}."),
    "key type mismatch": Cause("key-mismatch", "The private key does not belong to {name}: it is of another type."),
    "no certificate assigned": Cause("key-mismatch", "The private key does not belong to {name}."),
    "no private key assigned": Cause("key-mismatch", "The private key does not belong to {name}."),
    "ee key too small": Cause("weak-key", "The key of {name} is too short: no node's OpenSSL even loads it."),
    "ca key too small": Cause("weak-key", "The key of {name} is too short: no node's OpenSSL sends it."),
    "ca md too weak": Cause("weak-signature", "{name} is signed with a hash that is no longer safe."),
    "unsupported key type": Cause("key-type-unusable", "TLS cannot sign with the key of {name}."),
    "unknown certificate type": Cause("key-type-unusable", "TLS cannot sign with the key of {name}."),
    "wrong curve": Cause("key-type-unusable", "TLS 1.3 cannot sign with the curve of the key of {name}."),
    "no suitable signature algorithm": Cause("key-type-unusable", "TLS cannot sign with the key of {name}."),
    "peer did not return a certificate": Cause(
        "key-type-unusable", "The node sends no certificate, because TLS cannot sign with the key of {name}."
    ),
    "excessive message size": Cause("list-too-large", "The list behind {name} is larger than a control plane takes."),
}
_CURES: Final[Mapping[str, str]] = {
    "other-refusal": "use another certificate in place of {name}.",
    "expired": "replace {name} by one that is in date.",
    "not-yet-valid": "check the clock, or use {name} later.",
    "path-length": "have {name} issued with a larger path length, or use fewer intermediates below it.",
    "not-a-ca": "replace {name} by a certificate with CA:TRUE and keyCertSign, or use what a CA issued.",
    "unknown-critical-extension": "replace {name} by one issued without that extension.",
    "name-constraint": "use a name that the CA may issue, or a CA without that constraint.",
    "weak-key": "replace {name} by one with a key of ec-p256 or rsa-2048 at least.",
    "weak-signature": "replace {name} by one signed with SHA-256 or better.",
    "key-mismatch": "present the certificate that was made for this key, or use the key of {name}.",
    "key-type-unusable": "replace {name} by one with an RSA, ECDSA (P-256, P-384, P-521) or Ed25519 key.",
    "list-too-large": "present only {name} and its intermediates.",
}
_LEAF_PURPOSE = "replace {name} by one with extended key usage clientAuth (or none) and key usage digitalSignature."
_CA_PURPOSE = "replace {name} by one whose extended key usage has clientAuth, or that has none."
# the extensions of RFC 5280 §4.2 and others that OpenSSL acts on, so that they may be critical (its v3_purp.c)
_KNOWN_TO_OPENSSL: Final = frozenset(
    (
        *(f"2.5.29.{each}" for each in (15, 17, 19, 30, 31, 32, 33, 36, 37, 54)),
        *(f"1.3.6.1.5.5.7.1.{each}" for each in (7, 8, 14)),
        "2.16.840.1.113730.1.1",
    )
)
_NODE_ALONE = frozenset(("key-mismatch", "list-too-large", "name-constraint"))


def put(cause: Cause, culprit: x509.Certificate, case: Case) -> Finding:
    """The finding for this cause, with what the certificate itself has to say about it."""
    name = parse.called(culprit)
    detail = _DETAILS.get(cause.code, _nothing)(culprit, case)
    cure = _CURES.get(cause.code) or (_LEAF_PURPOSE if culprit == case.leaf else _CA_PURPOSE)
    side = "On the node" if cause.code in _NODE_ALONE else _side(culprit, case)
    message = " ".join((cause.message.format(name=name), *detail))
    return finding("error", cause.code, culprit, message, f"{side}: {cure.format(name=name)}")


def _side(culprit: x509.Certificate, case: Case) -> str:
    """Whose it is to change."""
    if culprit not in case.uploaded:
        return "On the node"
    return "In Konnect and on the node" if culprit in case.presented else "In Konnect"


def _nothing(_culprit: x509.Certificate, _case: Case) -> Iterator[str]:
    yield from ()


def _dates(culprit: x509.Certificate, _case: Case) -> Iterator[str]:
    begins, ends = validity(culprit)
    yield f"It is valid from {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC."


def _purpose(culprit: x509.Certificate, case: Case) -> Iterator[str]:
    allowed, usage = purposes(culprit), key_usage(culprit)
    if allowed and "clientAuth" not in allowed:
        binds = "" if culprit == case.leaf else ", and that binds what a CA issues"
        yield f"Its extended key usage is {printable(', '.join(allowed[:_MOST_NAMES]))}, without clientAuth{binds}."
    elif usage and culprit == case.leaf and not {"digitalSignature", "keyAgreement"} & {*usage}:
        yield f"Its key usage is {', '.join(usage)}, without digitalSignature."


def _no_ca(culprit: x509.Certificate, _case: Case) -> Iterator[str]:
    if parse.is_ca(culprit):
        yield "It says CA:TRUE, but its key usage lacks keyCertSign."
    elif culprit.version == x509.Version.v1:
        yield "It is of X.509 version 1, which has no way to say so."
    elif parse.extension(culprit, x509.BasicConstraints) is None:
        yield "It has no basic constraints."
    else:
        yield "It says CA:FALSE."


def _unknown(culprit: x509.Certificate, _case: Case) -> Iterator[str]:
    try:
        critical = [each.oid.dotted_string for each in culprit.extensions if each.critical]
    except parse.UNREADABLE:
        return
    strange = [each for each in critical if each not in _KNOWN_TO_OPENSSL]
    if strange:
        yield f"It is {', '.join(strange[:_MOST_NAMES])}."


def _constraint(culprit: x509.Certificate, case: Case) -> Iterator[str]:
    for each in breaks.kin(case):
        rule = parse.extension(each, x509.NameConstraints)
        if rule is None or each == culprit:
            continue
        for word, names in (("permits only", rule.permitted_subtrees), ("excludes", rule.excluded_subtrees)):
            if names:
                shown = printable(", ".join(alternative(name) for name in names[:_MOST_NAMES]))
                yield f"{parse.called(each)} {word} {shown}."


_DETAILS: Final[Mapping[str, Callable[[x509.Certificate, Case], Iterator[str]]]] = {
    "expired": _dates,
    "not-yet-valid": _dates,
    "not-a-ca": _no_ca,
    "wrong-purpose": _purpose,
    "unknown-critical-extension": _unknown,
    "name-constraint": _constraint,
}
