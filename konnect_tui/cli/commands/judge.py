"""`konnect-tui judge`: would a control plane that was given these accept a node that presents those?"""

from argparse import Namespace
from datetime import UTC, datetime

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.unlock import passphrase
from konnect_tui.errors import KonnectError
from konnect_tui.pki import chain
from konnect_tui.pki.describe import describe
from konnect_tui.pki.judge import judge
from konnect_tui.pki.material import Secret
from konnect_tui.pki.read import certificates_in, key_of
from konnect_tui.words import printable


def run(options: Namespace) -> Answer:
    """The verdict, with every finding; exit 3 when it is refused."""
    secret = passphrase()
    uploaded = [der for path in options.uploaded for der in certificates_in(path, secret)]
    presented = [der for path in options.presented for der in certificates_in(path, secret)]
    verdict = judge(options.mode, uploaded, presented, _key(options.key or [], secret))
    now = datetime.now(UTC)
    data = {
        "mode": options.mode,
        "accepted": verdict.accepted,
        "key_proven": verdict.key_proven,
        "findings": verdict.findings,
        "presented": [describe(der, now) for der in presented],
        "uploaded": [describe(der, now) for der in uploaded],
    }
    lines = list(chain.lines(chain.drawing(options.mode, uploaded, presented, verdict, now)))
    for finding in verdict.findings:
        lines.append(printable(f"{finding.severity}: {finding.message}  [{finding.code}]"))
        lines += [printable(f"  → {finding.hint}")] if finding.hint else []
    error = None if verdict.accepted else KonnectError("refused", "A control plane would refuse this node.")
    return Answer(data, "".join(f"{line}\n" for line in lines), error=error)


def _key(paths: list[str], secret: Secret | None) -> Secret | None:
    if len(paths) > 1:
        raise KonnectError("conflicting-values", f"{len(paths)} private keys were given; a node has one.")
    return key_of(paths[0], secret) if paths else None
