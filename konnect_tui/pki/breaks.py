"""Where a certificate path breaks off, and why: OpenSSL found no issuer, or only one that does not fit."""

from collections.abc import Sequence

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.case import Case, finding
from konnect_tui.pki.verdict import Finding

_BAD_SIGNATURE = 7


def causes(case: Case, last: x509.Certificate, number: int) -> tuple[Finding, ...]:
    """Why the path ended at `last`, the certificate OpenSSL stopped at with error `number`."""
    if parse.self_signed(last) and not _among(last, case.uploaded):
        return (_root_not_uploaded(case, last),)
    others = [each for each in (*case.uploaded, *case.presented) if not _same(each, last)]
    named = [each for each in others if parse.names_issuer(last, each)]
    right = [each for each in named if parse.signed_by(last, each)]
    if right and any(not parse.signed_by(last, each) for each in named):
        return (_same_named(last, named),)
    if right:
        return (_unfit(last, right[0], number),)
    if named:
        return (_namesake(case, last, named[0], number),)
    return _issuer_absent(case, last)


def _root_not_uploaded(case: Case, last: x509.Certificate) -> Finding:
    """The presented path is complete; its end is not what Konnect was given."""
    return finding(
        "error",
        "wrong-upload",
        last,
        f"The presented chain ends at {parse.called(last)}, but uploaded is {_list(case.uploaded)}.",
        f"In Konnect: upload {parse.called(last)}; or, on the node: present a chain below what is uploaded.",
    )


def _same_named(last: x509.Certificate, named: Sequence[x509.Certificate]) -> Finding:
    return finding(
        "error",
        "same-named-ca",
        last,
        f"{len(named)} CAs are called {parse.called(named[0])}; OpenSSL takes the first, and that one did not issue "
        f"{parse.called(last)}.",
        "In Konnect: upload only the CA that issued it; or have the certificates issued again with key identifiers.",
    )


def _unfit(last: x509.Certificate, issuer: x509.Certificate, number: int) -> Finding:
    """OpenSSL passes over the very certificate that signed."""
    usage = parse.extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return _not_certifying(issuer)
    if parse.names_another_key(last, issuer):
        return _identifier(last, issuer)
    return unexplained(last, f"verification error {number}")


def _not_certifying(issuer: x509.Certificate) -> Finding:
    """A CA whose key usage does not let it issue certificates."""
    return finding(
        "error",
        "not-a-ca",
        issuer,
        f"{parse.called(issuer)} issued another certificate, but its key usage lacks keyCertSign.",
        "Use a CA certificate with CA:TRUE and keyCertSign.",
    )


def unexplained(culprit: x509.Certificate, words: str) -> Finding:
    """A refusal for which there are only OpenSSL's own words."""
    return finding(
        "error",
        "other-refusal",
        culprit,
        f"OpenSSL refuses {parse.called(culprit)}: {words}.",
        "Look these words of OpenSSL up; konnect-tui knows no better ones.",
    )


def _identifier(last: x509.Certificate, issuer: x509.Certificate) -> Finding:
    return finding(
        "error",
        "key-id-mismatch",
        last,
        f"{parse.called(issuer)} signed {parse.called(last)}, but the key identifier or serial number by which "
        f"{parse.called(last)} names its issuer is another.",
        f"Have {parse.called(last)} issued again by the CA certificate that is in use.",
    )


def _namesake(case: Case, last: x509.Certificate, named: x509.Certificate, number: int) -> Finding:
    """There is a CA of the issuer's name, with another key than the one that signed."""
    wanted, has = parse.issuer_key_id(last), parse.key_id(named)
    if number == _BAD_SIGNATURE and wanted is not None and wanted == has:
        return finding(
            "error",
            "bad-signature",
            last,
            f"The signature of {parse.called(last)} is not one that {parse.called(named)} made.",
            f"Take {parse.called(last)} from where it was issued again.",
        )
    uploaded = _among(named, case.uploaded)
    where = "Uploaded" if uploaded else "Presented"
    return finding(
        "error",
        "wrong-upload" if uploaded else "missing-intermediate",
        last,
        f"{where} is a CA called {parse.called(named)}, but another CA of that name, with another key, issued "
        f"{parse.called(last)}.",
        f"{'In Konnect: upload' if uploaded else 'On the node: present'} the {parse.called(named)} that issued it.",
    )


def _issuer_absent(case: Case, last: x509.Certificate) -> tuple[Finding, ...]:
    """Nobody here has the issuer's name. Two cures are possible; which is right depends on who issued that issuer."""
    issuer = parse.called(last, "issuer")
    missing = finding(
        "error",
        "missing-intermediate",
        last,
        f"{parse.called(last)} was issued by {issuer}, which the node does not present and Konnect was not given.",
        f"On the node: present {issuer} behind {parse.called(last)}, if {_list(case.uploaded)} issued it.",
    )
    wrong = finding(
        "error",
        "wrong-upload",
        last,
        f"{parse.called(last)} was issued by {issuer}, but uploaded is {_list(case.uploaded)}.",
        f"In Konnect: upload {issuer}, or the root above it.",
    )
    # a root that is uploaded and a leaf that comes alone is how intermediates are forgotten
    forgotten = len(case.presented) == 1 and any(parse.self_signed(each) for each in case.uploaded)
    first, second = (missing, wrong) if forgotten else (wrong, missing)
    return (first, _alternative(second))


def _alternative(cause: Finding) -> Finding:
    return type(cause)("note", cause.code, cause.certificate, f"Or: {cause.message}", cause.hint)


def _list(certificates: Sequence[x509.Certificate]) -> str:
    names = [parse.called(each) for each in certificates[:3]]
    more = f" and {len(certificates) - 3} more" if len(certificates) > 3 else ""
    return (", ".join(names) or "nothing") + more


def _same(first: x509.Certificate, second: x509.Certificate) -> bool:
    return parse.encoded(first) == parse.encoded(second)


def _among(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> bool:
    return any(_same(certificate, each) for each in others)
