"""`konnect-tui rehearse BUNDLE`: every node's handshake against a control plane that trusts exactly `upload/`."""

from argparse import Namespace

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.progress import Progress
from konnect_tui.cli.setting import bundle_meant
from konnect_tui.converge.standing import stands
from konnect_tui.errors import KonnectError
from konnect_tui.pki import rehearsal
from konnect_tui.pki.issue import Holding
from konnect_tui.pki.material import Identity
from konnect_tui.pki.verdict import Mode, Rehearsed
from konnect_tui.plan import SHARED
from konnect_tui.words import printable


def run(options: Namespace) -> Answer:
    """TLS 1.2 and 1.3 over loopback TCP, a row per node and version."""
    services, bundle = bundle_meant(options)
    standing = stands(services.workspace, bundle)
    if standing is None:
        raise KonnectError("no-such-bundle", f"There is no bundle {bundle} in {services.root}.")
    held = standing.holdings().identities
    shared = held.get(SHARED, Holding())
    nodes = [
        Rehearsed(name, Identity(chain=each.chain, key=each.key))
        for name in standing.kept.manifest.nodes
        for each in (held.get(name, shared),)
    ]
    mode: Mode = "pki" if standing.kept.draft.control_plane.auth_mode == "pki" else "pinned"
    with Progress(wanted=not options.json) as progress:
        rows = rehearsal.rehearse(nodes, mode, standing.uploaded(), progress=progress)
    lines = []
    for row in rows:
        lines.append(printable(f"{row.name}  TLS {row.tls}  {'accepted' if row.accepted else 'REFUSED'}"))
        lines += [printable(f"    {finding.code}: {finding.message}") for finding in row.findings]
    refused = sum(not row.accepted for row in rows)
    error = KonnectError("refused", f"{refused} of {len(rows)} handshakes were refused.") if refused else None
    return Answer({"nodes": rows}, "".join(f"{line}\n" for line in lines), error=error)
