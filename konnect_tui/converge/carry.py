"""The deed: make what has to be made, write the bundle whole, and prove it by handshakes."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from konnect_tui import manifest
from konnect_tui.bundle import File, Files, text
from konnect_tui.checks import check
from konnect_tui.converge.belonging import left_behind, memory
from konnect_tui.converge.changes import Change
from konnect_tui.converge.propose import Proposal, propose, refuse
from konnect_tui.converge.wish import Wish
from konnect_tui.errors import KonnectError, Problem, note
from konnect_tui.manifest import KeptCertificate, KeptUpload, Manifest
from konnect_tui.pki import parse
from konnect_tui.pki.bringing.supply import Progress
from konnect_tui.pki.judging import rehearsal
from konnect_tui.pki.judging.verdict import Mode, Rehearsed, Row
from konnect_tui.pki.making import files as pki_files
from konnect_tui.pki.making import issue
from konnect_tui.pki.material import Identity, Material
from konnect_tui.plan import Plan
from konnect_tui.services import Services

REHEARSED_AT_ONCE = 12
"""Nodes rehearsed by `apply`. They all have one shape; beyond this a sample says it, and `rehearse` does all."""


class Result(Struct, frozen=True):
    """What was done. `bundle` is the absolute folder, `backup` where what was replaced lies now."""

    bundle: str
    plan: Plan
    problems: tuple[Problem, ...]
    changes: tuple[Change, ...]
    uploads: tuple[KeptUpload, ...]
    rehearsal: tuple[Row, ...]
    backup: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether every handshake of the rehearsal was accepted."""
        return all(row.accepted for row in self.rehearsal)


def carry_out(services: Services, wish: Wish, *, progress: Progress) -> Result:
    """Make or converge the bundle. `progress` may raise to cancel: nothing is written then.

    Its last call, all files done, says that the bundle is there: too late to cancel.

    Raises KonnectError as `propose` does, `needs-replace` where something would be lost, `passphrase-needed`,
    `wrong-passphrase`, `invalid-input` where the operator's own CA can't issue, and what the disk says.
    """
    if wish.target is not None and wish.target.unborn:
        raise RuntimeError("the control plane has to be created first")
    refuse(wish.problems + check(wish.draft, services.now().date()))
    services.workspace.prepare()
    with services.workspace.locked():
        proposal = propose(services, wish, progress)
        refuse_to_lose(proposal)
        return _do(services, proposal, progress)


def refuse_to_lose(proposal: Proposal) -> None:
    """Raise `needs-replace` where something that stands would be lost without anyone having agreed."""
    if proposal.needs_replace:
        count = sum(change.replaces for change in proposal.changes)
        files = "1 file" if count == 1 else f"{count} files"
        message = f"{files} of the bundle {proposal.plan.bundle} would be written over or removed."
        both = "Look at the diff; run again with --new-keys and --replace if it is what you want."
        raise KonnectError("needs-replace", message, hint=both if proposal.wish.new_keys else "")


def _do(services: Services, proposal: Proposal, progress: Progress) -> Result:
    plan, standing, work = proposal.plan, proposal.standing, proposal.work
    passphrase = proposal.passphrase(services.environ)
    if work.needs_signer:
        from konnect_tui.pki.making.trial import try_issuing

        try_issuing(plan, proposal.supply, passphrase)
    material = issue.carry_out(
        plan, proposal.holdings, work, passphrase=passphrase, progress=progress, supply=proposal.supply
    )
    files: dict[str, File] = {**_as_they_stand(proposal), **pki_files.render(plan, material)}
    remembered = _remember(proposal, files, material)
    folder, backup = services.workspace.path(plan.bundle), None
    proof = _Proof(plan, material, proposal.now, progress)
    if proposal.changed:
        files[manifest.NAME] = text(manifest.dumps(remembered))
        progress("files", 0, len(files))
        if standing is None:
            services.workspace.create(plan.bundle, files, meanwhile=proof.take)
        else:
            backup = services.workspace.replace(
                plan.bundle,
                files,
                owned=standing.kept.manifest.recorded,
                keep_backup=proposal.wish.new_keys or any(change.replaces for change in proposal.changes),
                meanwhile=proof.take,
            )
        progress("files", len(files), len(files))
    else:
        proof.take()
    if proof.broken is not None:
        raise proof.broken
    return Result(
        bundle=str(folder),
        plan=plan,
        problems=(
            *proposal.problems,
            *proof.notes,
            *left_behind(standing.kept if standing else None, remembered.uploads),
        ),
        changes=tuple(_final(proposal.changes, files)),
        uploads=remembered.uploads,
        rehearsal=proof.rows,
        backup=str(backup) if backup else None,
    )


def _as_they_stand(proposal: Proposal) -> dict[str, File]:
    """The files without keys: those that are kept byte for byte as they are on disk.

    A newer product may render one differently; that alone changes nothing.
    """
    files = dict(proposal.files)
    if proposal.standing is not None:
        for change in proposal.changes:
            if change.action == "keep" and change.path in files:
                files[change.path] = File(proposal.standing.found[change.path].data(), int(change.mode, 8))
    return files


def _remember(proposal: Proposal, files: Files, material: Material) -> Manifest:
    kept = proposal.standing.kept if proposal.standing else None
    certificates = [_kept(authority.certificate, authority=authority.name) for authority in material.authorities]
    certificates += [
        _kept(node.current.chain[0], node=name) for name, node in material.nodes.items() if node.current.complete
    ]
    ids = {upload.sha256: upload.id for upload in kept.manifest.uploads} if kept else {}
    digests = {f"upload/{upload.name}": _digest(upload.certificate) for upload in material.uploads}
    uploads = tuple(KeptUpload(file, digest, ids.get(digest, "")) for file, digest in digests.items())
    return manifest.make(proposal.plan, files, tuple(certificates), uploads, memory(proposal.wish.target, kept))


def _kept(der: bytes, *, node: str = "", authority: str = "") -> KeptCertificate:
    certificate = parse.certificate(der)
    return KeptCertificate(
        node=node,
        authority=authority,
        sha256=_digest(der),
        serial=f"{certificate.serial_number:x}",
        not_after=certificate.not_valid_after_utc,
    )


def _digest(der: bytes) -> str:
    return File(der).digest


class _Proof:
    """The rehearsal of a bundle: every node, or a sample of many with the first and the last."""

    def __init__(self, plan: Plan, material: Material, now: datetime, progress: Progress) -> None:
        self._plan = plan
        self._material = material
        self._now = now
        self._progress = progress
        self.rows: tuple[Row, ...] = ()
        self.notes: tuple[Problem, ...] = ()
        self.broken: KonnectError | None = None
        """Set where no connection to ourselves can be made: that says nothing against the bundle."""

    def take(self) -> None:
        """Let them shake hands. It needs no disk, so it goes on while the files are flushed to theirs."""
        uploads = [upload.certificate for upload in self._material.uploads]
        whole = bool(uploads)  # while a certificate is waited for, it is not settled what Konnect is given
        names = [name for name, node in self._material.nodes.items() if node.current.complete and whole]
        nodes = [
            Rehearsed(name, current) for name in _sample(names) if (current := self._current(name)).key is not None
        ]
        mode: Mode = "pki" if self._plan.control_plane.auth_mode == "pki" else "pinned"
        try:
            self.rows = rehearsal.rehearse(nodes, mode, uploads, now=self._now, progress=self._progress)
        except KonnectError as fault:
            if fault.code != "rehearsal-broken":
                raise
            self.broken = fault
        if len(nodes) < len(names):
            command = f"konnect-tui rehearse {self._plan.bundle}"
            message = f"{len(nodes)} of {len(names)} nodes were rehearsed; `{command}` does all."
            self.notes = (note("node.names", "rehearsal-sampled", message),)

    def _current(self, name: str) -> Identity:
        return self._material.nodes[name].current


def _sample(names: list[str]) -> list[str]:
    """All of a few; of many the first, the last, and some evenly between."""
    if len(names) <= REHEARSED_AT_ONCE:
        return names
    last = REHEARSED_AT_ONCE - 1
    return [names[at * (len(names) - 1) // last] for at in range(last + 1)]


def _final(changes: tuple[Change, ...], files: Mapping[str, File]) -> Iterator[Change]:
    """The changes with the digests of what has been made meanwhile."""
    for change in changes:
        file = files.get(change.path)
        digest = file.digest if file else change.sha256
        yield Change(change.path, change.action, change.mode, digest, change.reason)
