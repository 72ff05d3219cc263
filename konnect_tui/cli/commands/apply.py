"""`konnect-tui apply FILE`: make or converge the bundle an answers file describes, asking nothing."""

import os
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from konnect_tui import answers
from konnect_tui.answers import Answers
from konnect_tui.checks import check
from konnect_tui.cli.answer import Answer
from konnect_tui.cli.progress import Progress
from konnect_tui.cli.setting import services_for
from konnect_tui.converge import Proposal, Result, Wish, carry_out, propose
from konnect_tui.converge.carry import refuse_to_lose
from konnect_tui.converge.changes import Change, written
from konnect_tui.converge.passphrase import ca_passphrase
from konnect_tui.converge.propose import refuse, require_passphrase
from konnect_tui.defaults import bundle_name
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.manifest import NAME
from konnect_tui.platforms import platform
from konnect_tui.services import Services

if TYPE_CHECKING:
    from konnect_tui.pki.material import Secret


def run(options: Namespace) -> Answer:
    """Converge, or with `--dry-run` say what would be done; either way with the same exit status."""
    found = answers.read_file(options.file)
    services = services_for(options, _parent_of_own_copy(options.file, found))
    wish = Wish(found.draft, options.replace, options.new_keys, found.problems)
    passphrase, untold = _passphrase(found.draft, services.environ)
    if options.dry_run:
        return _foreseen(services, wish, passphrase, untold)
    try:
        with Progress(wanted=not options.json) as progress:
            result = carry_out(services, wish, passphrase=passphrase, progress=progress)
    except KonnectError as fault:
        if fault.code == "passphrase-needed" and untold is not None:
            raise untold from None
        if fault.code != "needs-replace":
            raise
        return _refused(services, wish)
    return _done(result)


def _passphrase(draft: Draft, environ: Mapping[str, str]) -> "tuple[Secret | None, KonnectError | None]":
    """The passphrase of the CA's key, or why it can't be told: which matters only where it is needed."""
    try:
        return ca_passphrase(draft, environ), None
    except KonnectError as fault:
        return None, fault


def _parent_of_own_copy(path: str, found: Answers) -> str | None:
    """The workspace of the bundle whose own copy this is, if it is one: it lies in the folder of its name."""
    folder = os.path.dirname(os.path.abspath(path))
    if found.manifest is None or found.problems or os.path.basename(path) != NAME:
        return None
    return os.path.dirname(folder) if bundle_name(found.draft) == os.path.basename(folder) else None


def _foreseen(services: Services, wish: Wish, passphrase: "Secret | None", untold: KonnectError | None) -> Answer:
    refuse(wish.problems + check(wish.draft, services.now().date()))
    services.workspace.prepare(dry_run=True)
    proposal = propose(services, wish)
    try:
        refuse_to_lose(proposal)
        if proposal.work.needs_passphrase and untold is not None:
            raise untold
        require_passphrase(proposal, passphrase)
    except KonnectError as fault:
        fault.data.update(_proposed(services, proposal))
        return _with_diff(proposal, fault)
    return _with_diff(proposal, None, _proposed(services, proposal))


def _refused(services: Services, wish: Wish) -> Answer:
    proposal = propose(services, wish)
    try:
        refuse_to_lose(proposal)
    except KonnectError as fault:
        fault.data.update(_proposed(services, proposal, dry_run=False))
        shown = _with_diff(proposal, fault)
        return Answer(shown.data, talk=(*shown.stdout.splitlines(),), problems=shown.problems, error=fault)
    raise KonnectError("workspace-changed", f"The bundle {proposal.plan.bundle} was changed by someone else meanwhile.")


def _with_diff(proposal: Proposal, fault: KonnectError | None, data: dict[str, Any] | None = None) -> Answer:
    from konnect_tui.converge.diff import diff

    shown = dict(fault.data) if fault else data or {}
    problems = proposal.problems + (fault.problems if fault else ())
    return Answer(shown, stdout=diff(proposal), problems=problems, error=fault)


def _proposed(services: Services, proposal: Proposal, *, dry_run: bool = True) -> dict[str, Any]:
    uploads = [change for change in proposal.changes if change.path.startswith("upload/") and change.action != "remove"]
    had = proposal.standing.kept.manifest.uploads if proposal.standing else ()
    kept = {upload.file: upload.sha256 for upload in had}
    return {
        "bundle": str(services.workspace.path(proposal.plan.bundle)),
        "dry_run": dry_run,
        "changed": list(written(proposal.changes)),
        "files": _files(proposal.changes),
        "upload": [
            {
                "file": change.path,
                "sha256": kept.get(change.path) if change.action == "keep" else None,
                "state": "manual",
                "id": None,
            }
            for change in uploads
        ],
        "missing_certificates": [],
        "rehearsal": [],
    }


def _files(changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    return [
        {"path": change.path, "mode": change.mode, "sha256": change.sha256, "action": change.action}
        for change in changes
    ]


def _done(result: Result) -> Answer:
    data = {
        "bundle": result.bundle,
        "dry_run": False,
        "changed": list(written(result.changes)),
        "files": _files(result.changes),
        "upload": [
            {"file": upload.file, "sha256": upload.sha256, "state": "manual", "id": upload.id or None}
            for upload in result.uploads
        ],
        "missing_certificates": [],
        "rehearsal": result.rehearsal,
    }
    error = None if result.accepted else KonnectError("refused", "A control plane would refuse a node of this bundle.")
    return Answer(data, f"{result.bundle}\n", tuple(_talk(result)), result.problems, error)


def _talk(result: Result) -> list[str]:
    changed = written(result.changes)
    lines = [f"{len(changed)} files written" if changed else "nothing to do: the bundle is as the answers say"]
    if result.backup:
        lines.append(f"what was replaced is in {result.backup}")
    if result.rehearsal:
        nodes = len({row.name for row in result.rehearsal})
        accepted = sum(row.accepted for row in result.rehearsal)
        lines.append(
            f"rehearsal: {accepted} of {len(result.rehearsal)} handshakes accepted, {nodes} nodes, TLS 1.2 and 1.3"
        )
    if changed:
        anew = [upload.file for upload in result.uploads if upload.file in changed]
        lines += [f"give Konnect: {file}" for file in anew[:10]]
        if len(anew) > 10:
            lines.append(f"give Konnect: and {len(anew) - 10} more in upload/")
        for key in result.plan.platforms:
            lines += [
                f"then run: {command.line}   # {command.does}" for command in platform(key).commands(result.plan)[:1]
            ]
        lines.append(f"all of it is explained in {result.bundle}/README.md")
    return lines
