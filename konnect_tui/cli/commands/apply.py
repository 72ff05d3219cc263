"""`konnect-tui apply FILE`: make or converge the bundle an answers file describes, asking nothing."""

import os
import shlex
from argparse import Namespace
from typing import Any

from msgspec.structs import replace

from konnect_tui import answers
from konnect_tui.answers import Answers
from konnect_tui.bundle import File
from konnect_tui.checks import check
from konnect_tui.cli.answer import Answer
from konnect_tui.cli.progress import Progress
from konnect_tui.cli.setting import services_for
from konnect_tui.converge import Proposal, Result, Wish, carry_out, propose
from konnect_tui.converge.carry import refuse_to_lose
from konnect_tui.converge.changes import Change, written
from konnect_tui.converge.propose import refuse, require_keys
from konnect_tui.converge.render import given_uploads
from konnect_tui.defaults import bundle_name
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.manifest import NAME
from konnect_tui.platforms import platform
from konnect_tui.services import Services


def run(options: Namespace) -> Answer:
    """Converge, or with `--dry-run` say what would be done; either way with the same exit status."""
    found = answers.read_file(options.file)
    services = services_for(options, _parent_of_own_copy(options.file, found))
    draft = _with_signed(found.draft, options.signed or [])
    wish = Wish(draft, options.replace, options.new_keys, found.problems)
    if options.dry_run:
        return _foreseen(services, wish)
    try:
        with Progress(wanted=not options.json) as progress:
            result = carry_out(services, wish, progress=progress)
    except KonnectError as fault:
        if fault.code != "needs-replace":
            raise
        return _refused(services, wish)
    return _done(result)


def _with_signed(draft: Draft, paths: list[str]) -> Draft:
    """The draft with further signed certificates. That they belong to another source is a fault that `check` tells."""
    if not paths:
        return draft
    given = (*(draft.certificate.signed or ()), *(os.path.abspath(path) for path in paths))
    return replace(draft, certificate=replace(draft.certificate, signed=tuple(dict.fromkeys(given))))


def _parent_of_own_copy(path: str, found: Answers) -> str | None:
    """The workspace of the bundle whose own copy this is, if it is one: it lies in the folder of its name."""
    folder = os.path.dirname(os.path.abspath(path))
    if found.manifest is None or found.problems or os.path.basename(path) != NAME:
        return None
    return os.path.dirname(folder) if bundle_name(found.draft) == os.path.basename(folder) else None


def _foreseen(services: Services, wish: Wish) -> Answer:
    refuse(wish.problems + check(wish.draft, services.now().date()))
    services.workspace.prepare(dry_run=True)
    proposal = propose(services, wish)
    try:
        refuse_to_lose(proposal)
        require_keys(proposal, services.environ)
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
    known = {upload.file: upload.sha256 for upload in had}
    given = {f"upload/{each.name}": File(each.certificate).digest for each in given_uploads(proposal.supply)}
    return {
        "bundle": str(services.workspace.path(proposal.plan.bundle)),
        "dry_run": dry_run,
        "changed": list(written(proposal.changes)),
        "files": _files(proposal.changes),
        "upload": [
            {
                "file": change.path,
                "sha256": given.get(change.path) or (known.get(change.path) if change.action == "keep" else None),
                "state": "manual",
                "id": None,
            }
            for change in uploads
        ],
        "missing_certificates": list(proposal.plan.missing),
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
        "missing_certificates": list(result.plan.missing),
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
        count = len({row.name for row in result.rehearsal})
        nodes = f"{count:,} node{'s' * (count > 1)}"
        accepted = sum(row.accepted for row in result.rehearsal)
        lines.append(f"rehearsal: {accepted} of {len(result.rehearsal)} handshakes accepted, {nodes}, TLS 1.2 and 1.3")
    missing = result.plan.missing
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        lines.append(f"waiting for the certificates of {', '.join(missing[:5])}{more}")
        lines.append(f"send nodes/*/tls.csr with request-note.md; both lie in {result.bundle}")
        lines.append(f"with what comes back: konnect-tui apply {shlex.quote(f'{result.bundle}/{NAME}')} --signed FILE")
    elif changed:
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
