"""Why a control plane refuses: the cause, the certificate and the side that has to change.

OpenSSL's verification errors are exact for dates, purpose, CA flag and the like, and are only put into words
here. Its "unable to get local issuer certificate" covers a missing intermediate, a wrong upload and a key
identifier that does not fit; `pki.breaks` tells those apart.
"""

from datetime import datetime
from typing import Final

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.judging import breaks, pins
from konnect_tui.pki.judging.case import Case, finding
from konnect_tui.pki.judging.causes import BY_NUMBER, BY_WORDS, put
from konnect_tui.pki.judging.handshake import Failure
from konnect_tui.pki.judging.paths import presentation
from konnect_tui.pki.judging.verdict import Finding

# numbers of OpenSSL's x509_vfy.h
_BROKEN_PATH: Final = frozenset({2, 7, 18, 19, 20, 21, 27, 30, 31})


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
        if word in BY_WORDS:
            return (put(BY_WORDS[word], culprit, case),)
    return (breaks.unexplained(culprit, ", ".join(failure.words) or "an unnamed error"),)


def _verification(case: Case, culprit: x509.Certificate, number: int, now: datetime | None) -> tuple[Finding, ...]:
    """OpenSSL's first complaint is about `culprit`. It may have gone a way that nobody meant."""
    twin = _twin(case, culprit, now)
    if twin is not None:
        return (twin,)
    known = BY_NUMBER.get(number)
    if number in _BROKEN_PATH or culprit not in breaks.kin(case):
        found = breaks.causes(case, number)
        if known is None or found[0].code != "other-refusal":
            return found
    if known is None:
        return (breaks.unexplained(culprit, f"verification error {number}"),)
    return (put(known, culprit, case),)


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
    cause = put(BY_WORDS["key values mismatch"], case.leaf, case)
    own = parse.public_half(case.key)
    for place, each in enumerate(case.presented[1:], start=2):
        if parse.public_bytes(each) == own:
            name = parse.called(each)
            message = f"{cause.message} It is the key of {name}, which stands in place {place} of what is presented."
            hint = f"On the node: present {name} first, its issuers behind it."
            if any(parse.signed_by(other, each) for other in case.presented[: place - 1]):
                hint = f"On the node: use the key of {parse.called(case.leaf)}; a CA's key has no place there."
            return finding("error", cause.code, each, message, hint)
    return cause
