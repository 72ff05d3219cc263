"""What becomes of every path of a bundle, told from the plan, what stands, and what has to be made."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from konnect_tui import manifest
from konnect_tui.bundle import PUBLIC_MODE, Files
from konnect_tui.checks import check
from konnect_tui.converge.changes import Change, Wanted, compare
from konnect_tui.converge.render import describing, holding, whole_bundle
from konnect_tui.converge.standing import Standing
from konnect_tui.converge.trust import trust_file
from konnect_tui.converge.wish import Wish
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.pki.making.issue import Work
from konnect_tui.plan import Plan
from konnect_tui.resolve import reduced, resolve


def changes_of(
    plan: Plan,
    wish: Wish,
    standing: Standing | None,
    work: Work,
    files: Files,
    exact: Files,
    now: datetime,
    folder: str,
) -> tuple[Change, ...]:
    """Every path of the bundle with what happens to it, sorted.

    `files` are those that hold no key, `exact` those that hold what the operator gave; `folder` is the bundle's.
    """
    recorded = standing.kept.manifest.recorded if standing else {}
    before = _before(plan, standing, now)
    reshaped = before is not None and _shape(before) != _shape(plan)
    undated = _undated(plan, before) if before is not None and wish.new_keys else plan
    remade = {path for path, file in describing(undated).items() if files[path] != file} if undated != plan else set()
    wanted = {path: Wanted(f"{file.mode:04o}", file.digest) for path, file in files.items()}
    free: set[str] = set()
    if before is not None and not wish.replace and reduced(undated, before) == before:
        free = {path for path in wanted if whole_bundle(plan, path)} if _more(plan, before) else set()
        free |= set(_answered(plan, before))
        wanted = {
            path: Wanted(recorded[path].mode, recorded[path].sha256)
            if path in recorded and path not in free | remade
            else want
            for path, want in wanted.items()
        }
    for path, mode, anew in holding(plan, work, reshaped):
        as_recorded = None if anew or path not in recorded else recorded[path].sha256
        wanted[path] = Wanted(f"{mode:04o}", as_recorded)
        if anew and wish.new_keys:
            remade.add(path)
    wanted |= {path: Wanted(f"{file.mode:04o}", file.digest) for path, file in exact.items()}
    if wish.new_keys:
        remade |= set(_requested_anew(plan, recorded))
    on_disk = standing.on_disk() if standing else {}
    changes = compare(wanted, on_disk, recorded, free=frozenset(free), remade=frozenset(remade))
    return tuple(sorted((*changes, _own_copy(plan, standing, folder, changes)), key=lambda change: change.path))


def _requested_anew(plan: Plan, recorded: Iterable[str]) -> Iterator[str]:
    """What answered the request for a key that goes: its certificate and, until the new ones come, the upload."""
    pending = plan.certificate.pending
    yield from (f"nodes/{node.name}/tls.crt" for node in plan.nodes if plan.identity(node.name) in pending)
    if all(plan.identity(node.name) in pending for node in plan.nodes):
        yield from (path for path in recorded if path.startswith("upload/"))


def _undated(plan: Plan, before: Plan) -> Plan:
    """The plan with the ends that the bundle has: new keys bring new ones, and with them other words in files."""
    had = before.certificate
    return replace(plan, certificate=replace(plan.certificate, not_after=had.not_after, ca_not_after=had.ca_not_after))


def _before(plan: Plan, standing: Standing | None, now: datetime) -> Plan | None:
    """The plan the bundle was made from, as far as it can be told today: None where its answers no longer hold."""
    if standing is None or not _holds(standing.kept.draft, plan, now):
        return None
    recorded = standing.kept.manifest.recorded.get(manifest.TRUST)
    trust = trust_file(plan).get(manifest.TRUST)
    same_trust = (recorded.sha256 if recorded else None) == (trust.digest if trust else None)
    return resolve(
        standing.kept.draft,
        now,
        kept=standing.kept,
        trust=plan.control_plane.config.trust if same_trust else "another",
    )


def _holds(draft: Draft, plan: Plan, now: datetime) -> bool:
    """Whether recorded answers make a plan still. Someone may have edited them, or a release may refuse more."""
    if draft == plan.draft:
        return True
    return not any(each.severity == "error" and each.code != "past-end" for each in check(draft, now.date()))


def _shape(plan: Plan) -> tuple[object, ...]:
    certificate = plan.certificate
    return (
        plan.control_plane.auth_mode,
        certificate.source,
        certificate.upload,
        plan.draft.certificate.upload,
        certificate.intermediates,
        certificate.per,
    )


def _more(plan: Plan, before: Plan) -> bool:
    """Whether there are nodes, platforms or requested certificates that were not there before."""
    arrived = any(_answered(plan, before))
    return arrived or len(plan.nodes) > len(before.nodes) or len(plan.platforms) > len(before.platforms)


def _answered(plan: Plan, before: Plan) -> Iterator[str]:
    """The files that change because certificates that were waited for have come, and none is waited for anew."""
    waited, waits = set(before.certificate.pending), set(plan.certificate.pending)
    if not waits < waited:
        return
    for node in plan.nodes:
        identity = plan.identity(node.name)
        if identity in waited - waits:
            yield f"nodes/{node.name}/tls.csr"
        elif identity not in waits:
            yield f"nodes/{node.name}/tls.crt"  # cut to what it needs, now that the upload is known


def _own_copy(plan: Plan, standing: Standing | None, folder: str, changes: tuple[Change, ...]) -> Change:
    """What becomes of `konnect-tui.toml`: it changes with the answers and with any other file."""
    mode = f"{PUBLIC_MODE:04o}"
    if standing is None:
        return Change(manifest.NAME, "create", mode, None, "new")
    kept, asked = standing.kept, manifest.own_answers(plan, folder)
    if kept.standing not in (kept.draft, asked):
        return Change(manifest.NAME, "change", mode, None, "edited")
    if kept.standing != asked or kept.draft != asked or any(change.action != "keep" for change in changes):
        return Change(manifest.NAME, "change", mode, None, "agreed")
    return Change(manifest.NAME, "keep", mode, None, "same")


def refuse_in_the_way(folder: str, changes: tuple[Change, ...]) -> None:
    """Raise KonnectError `file-in-the-way` where something stands that this product did not write."""
    for change in changes:
        if change.reason == "in-the-way":
            raise KonnectError("file-in-the-way", f"{folder}/{change.path} is there, and konnect-tui did not write it.")
