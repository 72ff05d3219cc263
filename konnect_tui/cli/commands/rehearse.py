"""`konnect-tui rehearse BUNDLE`: every node's handshake against a control plane that trusts exactly `upload/`."""

from argparse import Namespace
from collections.abc import Collection, Iterator

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.progress import Progress
from konnect_tui.cli.setting import bundle_meant
from konnect_tui.codes import REGISTER
from konnect_tui.converge.standing import stands
from konnect_tui.errors import KonnectError
from konnect_tui.pki.judging import rehearsal
from konnect_tui.pki.judging.handshake import VERSIONS
from konnect_tui.pki.judging.verdict import Finding, Mode, Rehearsed, Row
from konnect_tui.pki.material import Identity
from konnect_tui.words import printable


def run(options: Namespace) -> Answer:
    """TLS 1.2 and 1.3 over loopback TCP, a row per node and version."""
    services, bundle = bundle_meant(options)
    standing = stands(services.workspace, bundle)
    if standing is None:
        raise KonnectError("no-such-bundle", f"There is no bundle {bundle} in {services.root}.")
    waiting = standing.missing if standing.settled else tuple(standing.kept.manifest.nodes)
    nodes = [
        Rehearsed(name, Identity(chain=held.chain, key=held.key))
        for name, held in standing.presented().items()
        if name not in waiting
    ]
    mode: Mode = "pki" if standing.kept.draft.control_plane.auth_mode == "pki" else "pinned"
    with Progress(wanted=not options.json) as progress:
        shaken = rehearsal.rehearse(nodes, mode, standing.uploaded(), progress=progress)
    broken = (row for node in nodes for row in _broken(node, standing.kept.manifest.recorded))
    rows = (*shaken, *broken, *(row for name in waiting for row in _waiting(name, standing.missing)))
    lines = []
    for row in rows:
        lines.append(printable(f"{row.name}  TLS {row.tls}  {'accepted' if row.accepted else 'REFUSED'}"))
        lines += [printable(f"    {finding.code}: {finding.message}") for finding in row.findings]
    refused = sum(not row.accepted for row in rows)
    error = KonnectError("refused", f"{refused} of {len(rows)} handshakes were refused.") if refused else None
    return Answer({"nodes": rows}, "".join(f"{line}\n" for line in lines), error=error)


def _broken(node: Rehearsed, recorded: Collection[str]) -> Iterator[Row]:
    """The rows of a node that can't shake hands because something that was written for it is gone or damaged."""
    files = {"tls.crt": bool(node.identity.chain), "tls.key": node.identity.key is not None}
    for name, usable in files.items():
        path = f"nodes/{node.name}/{name}"
        if not usable and path in recorded:
            yield from _refused(node.name, "broken", f"{path} is gone or can't be read.")
            return


def _waiting(name: str, missing: Collection[str]) -> Iterator[Row]:
    """The rows of a node that can't shake hands yet: its own certificate, or that of another, has not come."""
    whose = "Its certificate" if name in missing else f"The certificate of {next(iter(missing))}"
    return _refused(name, "certificate-pending", f"{whose} was requested and has not come, so nothing is uploaded yet.")


def _refused(name: str, code: str, message: str) -> Iterator[Row]:
    finding = Finding("error", code, None, message, REGISTER[code].cure)
    yield from (Row(name=name, tls=tls, accepted=False, findings=(finding,)) for tls in VERSIONS)
