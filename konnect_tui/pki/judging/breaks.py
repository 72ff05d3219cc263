"""Where a certificate path breaks off, and why: OpenSSL found no issuer, or only one that does not fit.

Which certificates really belong together is known from names and signatures alone. Where they lead up to an upload,
OpenSSL passed over one of them, or took another first. Where they don't, something is missing or wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.judging import clues
from konnect_tui.pki.judging.case import Case, finding
from konnect_tui.pki.judging.issuers import Issuers
from konnect_tui.pki.judging.verdict import Finding

Path = Sequence[x509.Certificate]
_BAD_SIGNATURE = 7
_DEEPEST = 100
_MOST_PATHS = 64


def paths(leaf: x509.Certificate, uploaded: Path, at_hand: Path) -> list[Path]:
    """Every path that names and signatures make, from the leaf to an upload or as far as certificates are at hand."""
    issuers = Issuers(at_hand)
    found: list[Path] = []
    growing: list[Path] = [[leaf]]
    for _ in range(_DEEPEST):
        longer: list[Path] = []
        for path in growing:
            above = [] if path[-1] in uploaded else [each for each in issuers.of(path[-1]) if each not in path]
            longer += [[*path, each] for each in above]
            found += [] if above else [path]
        growing = longer[:_MOST_PATHS]
    return found or growing


def kin(case: Case) -> list[x509.Certificate]:
    """The leaf and everyone above it at hand, uploaded or not."""
    issuers = Issuers((*case.uploaded, *case.presented))
    found = [case.leaf]
    for each in found:
        found += [above for above in issuers.of(each) if above not in found]
    return found


def causes(case: Case, number: int) -> tuple[Finding, ...]:
    """Why no path was found, or one that OpenSSL broke off with error `number`."""
    all_paths = paths(case.leaf, case.uploaded, (*case.uploaded, *case.presented))
    complete = [path for path in all_paths if path[-1] in case.uploaded]
    for path in complete:
        passed_over = next(_passed_over(case, path, number), None)
        if passed_over is not None:
            return (passed_over,)
    if complete:
        return (_unreadable(complete[0]) or unexplained(complete[0][-1], f"verification error {number}"),)
    return _broken(case, max(all_paths, key=len))


def _passed_over(case: Case, path: Path, number: int) -> Iterator[Finding]:
    """Why OpenSSL does not go this path, which leads to an upload."""
    for below, issuer in pairwise(path):
        usage = parse.extension(issuer, x509.KeyUsage)
        if usage is not None and not usage.key_cert_sign:
            yield _not_certifying(issuer, case)
        if parse.names_another_key(below, issuer):
            yield _identifier(below, issuer)
    for below, issuer in pairwise(path):
        rivals = [each for each in _named(case, below) if each != issuer]
        key = parse.public_bytes(issuer)
        if any(parse.public_bytes(each) != key for each in rivals):
            yield same_named(below, [issuer, *rivals])
        elif rivals:
            yield cross_signed(case, issuer, rivals[0])
    if parse.names_issuer(path[0], path[0]) and len(path) > 1:
        yield _called_as_issuer(path[0])
    if len(path) == 1:  # OpenSSL follows what is presented behind an uploaded leaf before it sees that
        followed = [each for each in _named(case, path[0]) if not parse.signed_by(path[0], each)]
        if followed and number == _BAD_SIGNATURE:
            yield _followed(path[0], followed[0])


def _broken(case: Case, path: Path) -> tuple[Finding, ...]:
    """Why this path, the longest there is, leads to no upload."""
    last = path[-1]
    if parse.self_signed(last):
        return (_root_not_uploaded(case, path),)
    named = sorted(_named(case, last), key=lambda each: parse.names_another_key(last, each))
    if named:
        return (_namesake(case, last, named[0]),)
    return _issuer_absent(case, path)


def _named(case: Case, certificate: x509.Certificate) -> list[x509.Certificate]:
    return Issuers((*case.uploaded, *case.presented)).named(certificate)


def _root_not_uploaded(case: Case, path: Path) -> Finding:
    """The presented path is complete; its end is not what Konnect was given."""
    last = path[-1]
    key = parse.public_bytes(last)
    if len(path) == 1 and any(parse.public_bytes(each) == key for each in case.uploaded):
        return same_key(last)
    name = parse.canonical_name(last, "subject")
    namesake = any(parse.canonical_name(each, "subject") == name for each in case.uploaded)
    uploaded = "another certificate of that name, with another key" if namesake else _list(case.uploaded)
    return finding(
        "error",
        "wrong-upload",
        last,
        f"The presented chain ends at {parse.called(last)}, but uploaded is {uploaded}.",
        f"In Konnect: upload {parse.called(last)}; or, on the node: present a chain below what is uploaded.",
    )


def same_key(leaf: x509.Certificate) -> Finding:
    """Uploaded is another certificate for the leaf's key: it was renewed."""
    return finding(
        "error",
        "same-key-new-certificate",
        leaf,
        f"{parse.called(leaf)} was renewed: uploaded is another certificate for the same key.",
        "In Konnect: upload the certificate that the node presents; a renewed one is a new pin.",
    )


def same_named(last: x509.Certificate, named: Sequence[x509.Certificate]) -> Finding:
    """OpenSSL takes the wrong one of several CAs that share a name."""
    return finding(
        "error",
        "same-named-ca",
        last,
        f"{len(named)} CAs are called {parse.called(named[0])}; OpenSSL takes the first, and that one did not issue "
        f"{parse.called(last)}.",
        "In Konnect: upload only the CA that issued it, on the node: present no other of that name; or have the "
        "certificates issued again with key identifiers.",
    )


def cross_signed(case: Case, right: x509.Certificate, taken: x509.Certificate) -> Finding:
    """OpenSSL takes the twin that leads elsewhere."""
    name, above, elsewhere = parse.called(right), parse.called(right, "issuer"), parse.called(taken, "issuer")
    return finding(
        "error",
        "cross-sign-order",
        taken,
        f"{name} is there twice, issued by {elsewhere} and by {above}. OpenSSL takes the first and never tries the "
        f"other; that one leads to {elsewhere}, and uploaded is {_list(case.uploaded)}.",
        f"On the node: present the {name} issued by {above} and leave the other out, or put it first.",
    )


def _called_as_issuer(leaf: x509.Certificate) -> Finding:
    return finding(
        "error",
        "same-named-ca",
        leaf,
        f"{parse.called(leaf)} has the same name as the CA that issued it and no key identifier tells them apart: "
        "OpenSSL takes it for self-signed.",
        "Have the leaf issued again under a name of its own, or with key identifiers.",
    )


def _followed(leaf: x509.Certificate, wrong: x509.Certificate) -> Finding:
    return finding(
        "error",
        "same-named-ca",
        wrong,
        f"{parse.called(wrong)} has the name of the CA that issued {parse.called(leaf)}, but is another. "
        f"{parse.called(leaf)} itself is uploaded; OpenSSL follows what is presented behind it all the same.",
        f"On the node: present {parse.called(leaf)} alone.",
    )


def _not_certifying(issuer: x509.Certificate, case: Case) -> Finding:
    """A CA whose key usage does not let it issue certificates."""
    side = "In Konnect: upload" if issuer in case.uploaded else "On the node: present"
    return finding(
        "error",
        "not-a-ca",
        issuer,
        f"{parse.called(issuer)} issued another certificate, but its key usage lacks keyCertSign.",
        f"{side} a CA certificate with CA:TRUE and keyCertSign in its place.",
    )


def _unreadable(path: Path) -> Finding | None:
    """OpenSSL finds no issuer for, and takes none that is, a certificate whose extensions it cannot read."""
    spoilt = next((each for each in path if not parse.extensions_readable(each)), None)
    if spoilt is None:
        return None
    return finding(
        "error",
        "other-refusal",
        spoilt,
        f"{parse.called(spoilt)} has an extension that cannot be read or stands there twice.",
        f"Have {parse.called(spoilt)} issued again, without that fault.",
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
        f"Have {parse.called(last)} issued again by the CA certificate that is in use, and present that on the node.",
    )


def _namesake(case: Case, last: x509.Certificate, named: x509.Certificate) -> Finding:
    """There is a CA of the issuer's name, and it did not make the signature."""
    wanted, has = parse.issuer_key_id(last), parse.key_id(named)
    uploaded = named in case.uploaded
    # without identifiers another CA of that name is likelier: scripts that make one anew keep its name
    if (wanted is not None and wanted == has) or parse.signed_otherwise(last, named):
        return finding(
            "error",
            "bad-signature",
            last,
            f"The signature of {parse.called(last)} is not one that {parse.called(named)} made: it was changed since.",
            f"On the node: replace {parse.called(last)} by a copy from where it was issued.",
        )
    where = "Uploaded" if uploaded else "Presented"
    return finding(
        "error",
        "wrong-upload" if uploaded else "missing-intermediate",
        last,
        f"{where} is a CA called {parse.called(named)}, but another CA of that name, with another key, issued "
        f"{parse.called(last)}.",
        f"{'In Konnect: upload' if uploaded else 'On the node: present'} the {parse.called(named)} that issued it.",
    )


def _issuer_absent(case: Case, path: Path) -> tuple[Finding, ...]:
    """Nobody here has the issuer's name. Two cures are possible; which is right depends on who issued that issuer."""
    last = path[-1]
    called = parse.called
    if parse.called(last, "issuer") in map(parse.called, case.uploaded):
        called = parse.called_in_full  # by their common names they could not be told apart
    shown = {parse.canonical_name(each, "subject") for each in path}

    def given(each: x509.Certificate) -> str:
        return f"another {called(each)}" if parse.canonical_name(each, "subject") in shown else called(each)

    issuer, uploaded = called(last, "issuer"), _list(case.uploaded, given)
    anchor = clues.likeliest(case, path)
    condition = given(anchor) if anchor is not None else uploaded
    missing = finding(
        "error",
        "missing-intermediate",
        last,
        f"{parse.called(last)} was issued by {issuer}, which the node does not present and Konnect was not given.",
        f"On the node: present {issuer} behind {parse.called(last)}, if {condition} issued it.",
    )
    wrong = finding(
        "error",
        "wrong-upload",
        last,
        f"{parse.called(last)} was issued by {issuer}, but uploaded is {uploaded}.",
        f"In Konnect: upload {issuer}, or the root above it.",
    )
    first, second = (missing, wrong) if anchor is not None else (wrong, missing)
    return (first, _alternative(second))


def _alternative(cause: Finding) -> Finding:
    return type(cause)("note", cause.code, cause.certificate, f"Or: {cause.message}", cause.hint)


def _list(certificates: Sequence[x509.Certificate], called: Callable[[x509.Certificate], str] = parse.called) -> str:
    names = [called(each) for each in certificates[:3]]
    more = f" and {len(certificates) - 3} more" if len(certificates) > 3 else ""
    return (", ".join(names) or "nothing") + more
