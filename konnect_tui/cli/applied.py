"""What `apply` answers: what it would do, what it did, and what to do next."""

import shlex
from collections.abc import Iterator
from typing import Any

from konnect_tui.bundle import File
from konnect_tui.cli.answer import Answer
from konnect_tui.converge import Proposal, Result
from konnect_tui.converge.changes import Change, written
from konnect_tui.converge.render import given_uploads
from konnect_tui.draft import TOLD
from konnect_tui.errors import KonnectError
from konnect_tui.manifest import NAME
from konnect_tui.plan import Plan
from konnect_tui.platforms import platform
from konnect_tui.services import Services

Rows = list[dict[str, Any]]


def with_diff(proposal: Proposal, fault: KonnectError | None, data: dict[str, Any] | None = None) -> Answer:
    """The proposal's diff, and its problems; `fault` is what the real run would end with."""
    from konnect_tui.converge.diff import diff

    shown = dict(fault.data) if fault else data or {}
    problems = proposal.problems + (fault.problems if fault else ())
    return Answer(shown, stdout=diff(proposal), problems=problems, error=fault)


def proposed(services: Services, proposal: Proposal, *, dry_run: bool = True) -> dict[str, Any]:
    """The JSON fields of what would be done."""
    uploads = [change for change in proposal.changes if change.path.startswith("upload/") and change.action != "remove"]
    had = proposal.standing.kept.manifest.uploads if proposal.standing else ()
    known = {upload.file: upload.sha256 for upload in had}
    ids = {upload.sha256: upload.id for upload in had}
    given = {f"upload/{each.name}": File(each.certificate).digest for each in given_uploads(proposal.supply)}
    rows = []
    for change in uploads:
        digest = given.get(change.path) or (known.get(change.path) if change.action == "keep" else None)
        rows.append(_row(proposal.plan, change.path, digest, ids.get(digest or "", "")))
    return {
        "bundle": str(services.workspace.path(proposal.plan.bundle)),
        "dry_run": dry_run,
        "changed": list(written(proposal.changes)),
        "files": _files(proposal.changes),
        "upload": rows,
        "missing_certificates": list(proposal.plan.missing),
        "rehearsal": [],
        **_control_plane(proposal.plan),
    }


def done(result: Result, upload: Rows | None = None, told: tuple[str, ...] = ()) -> Answer:
    """What was done. `upload` and `told` say what became of the upload, where Konnect was asked."""
    data = {
        "bundle": result.bundle,
        "dry_run": False,
        "changed": list(written(result.changes)),
        "files": _files(result.changes),
        "upload": [_row(result.plan, each.file, each.sha256, each.id) for each in result.uploads]
        if upload is None
        else upload,
        "missing_certificates": list(result.plan.missing),
        "rehearsal": result.rehearsal,
        **_control_plane(result.plan),
    }
    error = None if result.accepted else KonnectError("refused", "A control plane would refuse a node of this bundle.")
    return Answer(data, f"{result.bundle}\n", tuple(_talk(result, told)), result.problems, error)


def _control_plane(plan: Plan) -> dict[str, Any]:
    """Which control plane it is in Konnect, for whoever goes on from there; no id before it is created."""
    said = plan.control_plane
    if said.source not in TOLD:
        return {}
    return {"control_plane": {"id": said.id, "name": said.name, "region": said.region}}


def _row(plan: Plan, file: str, digest: str | None, identity: str) -> dict[str, Any]:
    """An upload of which nobody asked Konnect: done if it gave an id once."""
    waiting = "pending" if plan.control_plane.source in TOLD else "manual"
    return {"file": file, "sha256": digest, "state": "done" if identity else waiting, "id": identity or None}


def _files(changes: tuple[Change, ...]) -> Rows:
    return [
        {"path": change.path, "mode": change.mode, "sha256": change.sha256, "action": change.action}
        for change in changes
    ]


def _talk(result: Result, told: tuple[str, ...]) -> Iterator[str]:
    changed = written(result.changes)
    yield f"{len(changed)} files written" if changed else "nothing to do: the bundle is as the answers say"
    if result.backup:
        yield f"what was replaced is in {result.backup}"
    if result.rehearsal:
        count = len({row.name for row in result.rehearsal})
        nodes = f"{count:,} node{'s' * (count > 1)}"
        accepted = sum(row.accepted for row in result.rehearsal)
        yield f"rehearsal: {accepted} of {len(result.rehearsal)} handshakes accepted, {nodes}, TLS 1.2 and 1.3"
    missing = result.plan.missing
    yield from told
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        yield f"waiting for the certificates of {', '.join(missing[:5])}{more}"
        yield f"send nodes/*/tls.csr with request-note.md; both lie in {result.bundle}"
        yield f"with what comes back: konnect-tui apply {shlex.quote(f'{result.bundle}/{NAME}')} --signed FILE"
        return
    if not told:
        yield from _to_give(result, changed)
    if changed and result.plan.control_plane.training:
        yield f"then, without any Kong: konnect-tui training node {shlex.quote(result.bundle)}"
    if changed:
        for key in result.plan.platforms:
            yield from (
                f"then run: {command.line}   # {command.does}" for command in platform(key).commands(result.plan)[:1]
            )
        yield f"all of it is explained in {result.bundle}/README.md"


def _to_give(result: Result, changed: tuple[str, ...]) -> Iterator[str]:
    """What Konnect has to be given by someone."""
    pending = [upload.file for upload in result.uploads if not upload.id]
    if result.plan.control_plane.source in TOLD:
        if pending:
            yield f"give Konnect what is in upload/: konnect-tui upload {shlex.quote(result.bundle)}"
        return
    anew = [file for file in pending if file in changed]
    yield from (f"give Konnect: {file}" for file in anew[:10])
    if len(anew) > 10:
        yield f"give Konnect: and {len(anew) - 10} more in upload/"
