"""Whether a bundle on disk is whole, unbroken and in date: told from the files, compared with what it remembers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from konnect_tui import manifest
from konnect_tui.bundle import FOLDER_MODE, folders
from konnect_tui.converge.changes import OnDisk
from konnect_tui.converge.standing import Standing, stands
from konnect_tui.errors import KonnectError
from konnect_tui.manifest import KeptFile
from konnect_tui.pki.describe import describe
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.making.keep import require_key
from konnect_tui.pki.making.seal import sealed
from konnect_tui.pki.parse import certificate
from konnect_tui.secret import Secret
from konnect_tui.services import Services

_SOON = timedelta(days=30)


class Check(Struct, frozen=True):
    """One thing that was looked at. `path` is relative to the bundle, empty where it is about all of it.

    A check that is ok and has the code `edited` or `ends-soon` is worth knowing all the same: what was edited
    still works as far as can be told.
    """

    code: str
    path: str
    ok: bool
    message: str


class Verification(Struct, frozen=True):
    """All checks, and the days until the first certificate ends: negative when past, None without any.

    `missing` are the nodes whose certificate was requested and has not come.
    """

    checks: tuple[Check, ...]
    days_left: int | None
    missing: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every check is."""
        return all(check.ok for check in self.checks)


def verify(services: Services, bundle: str) -> Verification:
    """Look at everything. Raises KonnectError where there is no bundle to look at."""
    standing = stands(services.workspace, bundle)
    if standing is None:
        raise KonnectError("no-such-bundle", f"There is no bundle {bundle} in {services.root}.")
    now = services.now()
    checks = [*_files(standing), *_folders(services, bundle, standing), *_nodes(standing), *_authorities(standing)]
    ends, dated = _ends(standing, now)
    days_left = (min(ends) - now) // timedelta(days=1) if ends else None
    return Verification((*checks, *dated), days_left, standing.missing)


def fix_modes(services: Services, bundle: str) -> tuple[str, ...]:
    """Give every file and folder back the mode it was written with; the paths that had another."""
    standing = stands(services.workspace, bundle)
    if standing is None:
        raise KonnectError("no-such-bundle", f"There is no bundle {bundle} in {services.root}.")
    recorded = standing.kept.manifest.recorded
    modes = {path: int(file.mode, 8) for path, file in recorded.items()}
    modes |= dict.fromkeys(["", *folders(recorded)], FOLDER_MODE)
    with services.workspace.locked():
        return services.workspace.set_modes(bundle, modes)


def _files(standing: Standing) -> Iterator[Check]:
    recorded, on_disk = standing.kept.manifest.recorded, standing.on_disk()
    whole, unharmed = 0, True
    for path, kept in recorded.items():
        found = tuple(_file(path, kept, on_disk, standing))
        whole += not found
        unharmed = unharmed and all(check.ok for check in found)
        yield from found
    if standing.kept.standing != standing.kept.draft:
        yield Check("edited", manifest.NAME, True, "The answers were edited; `apply` makes the bundle follow them.")
    yield Check("whole", "", unharmed, f"{whole} of {len(recorded)} files are as they were written.")


def _file(path: str, kept: KeptFile, on_disk: Mapping[str, OnDisk], standing: Standing) -> Iterator[Check]:
    found = standing.found.get(path)
    if found is None:
        yield Check("missing-file", path, False, "The file is gone.")
    elif found.kind != "file":
        yield Check("not-a-file", path, False, f"A {found.kind} stands where a file belongs.")
    else:
        if on_disk[path].mode != kept.mode:
            message = f"Its mode is {on_disk[path].mode}, not {kept.mode}; `verify --fix-modes` gives it back."
            yield Check("wrong-mode", path, False, message)
        if on_disk[path].sha256 != kept.sha256:
            yield Check("edited", path, True, "It was edited since it was written.")


def _folders(services: Services, bundle: str, standing: Standing) -> Iterator[Check]:
    found = services.workspace.folders(bundle)
    for path in ("", *folders(standing.kept.manifest.recorded)):
        if path in found and found[path].mode != FOLDER_MODE:
            message = f"The folder's mode is {found[path].mode:04o}, not {FOLDER_MODE:04o}."
            yield Check("wrong-mode", path or ".", False, message)


def _nodes(standing: Standing) -> Iterator[Check]:
    """Each node held against `upload/`: what it presents, with its key, as a control plane would see it."""
    mode: Mode = "pki" if standing.kept.draft.control_plane.auth_mode == "pki" else "pinned"
    uploaded = standing.uploaded()
    for name, held in standing.presented().items():
        if name in standing.missing:
            message = "Its certificate was requested and has not come; `apply --signed FILE` takes it."
            yield Check("certificate-pending", f"nodes/{name}/tls.csr", False, message)
        elif not held.chain:
            yield Check("broken", f"nodes/{name}/tls.crt", False, "It holds no certificate.")
        elif held.key is None:
            yield Check("broken", f"nodes/{name}/tls.key", False, "The private key is gone.")
        elif standing.settled:
            yield from _judged(name, mode, uploaded, held.chain, held.key)


def _judged(name: str, mode: Mode, uploaded: Sequence[bytes], chain: Sequence[bytes], key: Secret) -> Iterator[Check]:
    path = f"nodes/{name}/tls.crt"
    try:
        verdict = judge(mode, uploaded, chain, key)
    except KonnectError as fault:
        yield Check("broken", path, False, fault.message)
        return
    if verdict.accepted:
        yield Check("accepted", path, True, "A control plane that was given upload/ accepts it.")
    for finding in verdict.findings:
        if finding.severity == "error":
            yield Check(finding.code, path, False, finding.message)


def _authorities(standing: Standing) -> Iterator[Check]:
    """Each CA made here: its certificate can be read, and a key that is not sealed belongs to it."""
    for stem, held in standing.holdings().authorities.items():
        if not held.chain:
            yield Check("broken", f"ca/{stem}.crt", False, "It holds no certificate.")
        elif held.key is not None and not sealed(held.key):
            try:
                require_key(held.key, certificate(held.chain[0]), f"ca/{stem}.crt")
            except KonnectError as fault:
                yield Check("broken", f"ca/{stem}.key", False, fault.message)


def _ends(standing: Standing, now: datetime) -> tuple[list[datetime], list[Check]]:
    ends, checks = [], []
    for path in sorted(standing.found):
        if not (path.startswith(("nodes/", "ca/", "upload/")) and path.endswith(".crt")):
            continue
        for der in standing.certificates(path):
            described = describe(der, now)
            ends.append(described.not_after)
            if described.not_after < now:
                checks.append(Check("expired", path, False, f"It ended {described.not_after:%Y-%m-%d}."))
            elif described.not_before > now:
                checks.append(Check("not-yet-valid", path, False, f"It begins {described.not_before:%Y-%m-%d}."))
            elif described.not_after - now < _SOON:
                message = f"It ends {described.not_after:%Y-%m-%d}, in {described.days_left} days."
                checks.append(Check("ends-soon", path, True, message))
    return ends, checks
