"""`konnect-tui judge`: would a control plane that was given these accept a node that presents those?"""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.unlock import passphrase
from konnect_tui.errors import KonnectError
from konnect_tui.pki.describe import describe
from konnect_tui.pki.drawing import chain
from konnect_tui.pki.drawing.chain import Drawing
from konnect_tui.pki.judging.repair import Fix
from konnect_tui.pki.judging.verdict import Finding
from konnect_tui.pki.read import certificates_in, key_of
from konnect_tui.secret import Secret
from konnect_tui.words import printable


def run(options: Namespace) -> Answer:
    """The verdict, with every finding and what would help; exit 3 when it is refused."""
    secret = passphrase()
    uploaded = [der for path in options.uploaded for der in certificates_in(path, secret)]
    presented = [der for path in options.presented for der in certificates_in(path, secret)]
    now = datetime.now(UTC)
    drawing = _examine(options, uploaded, presented, secret, now)
    verdict, fix = drawing.verdict, drawing.fix
    data = {
        "mode": options.mode,
        "accepted": verdict.accepted,
        "key_proven": verdict.key_proven,
        "findings": verdict.findings,
        "fix": _fix(fix) if fix else None,
        "presented": [describe(der, now) for der in presented],
        "uploaded": [describe(der, now) for der in uploaded],
    }
    lines = [*chain.lines(drawing), *_findings(verdict.findings)]
    error = None if verdict.accepted else KonnectError("refused", "A control plane would refuse this node.")
    return Answer(data, "".join(f"{line}\n" for line in lines), error=error)


def _examine(
    options: Namespace, uploaded: list[bytes], presented: list[bytes], secret: Secret | None, now: datetime
) -> Drawing:
    try:
        key = _key(options.key or [], secret)
    except KonnectError as fault:
        if fault.code != "unsupported-key":
            raise
        drawing = chain.examine(options.mode, uploaded, presented, None, now)
        if all(each.code != "key-type-unusable" for each in drawing.verdict.findings):
            raise
        return drawing  # the certificate is of that type too, and that is the answer
    return chain.examine(options.mode, uploaded, presented, key, now)


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    """Each with its code; the drawing has told the first cause already."""
    told = next((each for each in findings if each.severity == "error"), None)
    for each in findings:
        message = "as above" if each is told else each.message
        yield printable(f"{each.severity}: {message}  [{each.code}]")
        if each is not told:
            yield printable(f"  → {each.hint}")


def _fix(fix: Fix) -> dict[str, object]:
    sides = {"uploaded": fix.uploaded, "presented": fix.presented}
    digests = {side: [sha256(der).hexdigest() for der in listed] for side, listed in sides.items()}
    return {"side": fix.side, "sentence": fix.sentence, **digests}


def _key(paths: list[str], secret: Secret | None) -> Secret | None:
    if len(paths) > 1:
        raise KonnectError("conflicting-values", f"{len(paths)} private keys were given; a node has one.")
    return key_of(paths[0], secret) if paths else None
