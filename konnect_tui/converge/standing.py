"""A bundle as it stands on disk: what it remembers, its files, and the keys and certificates it holds."""

from collections.abc import Mapping

from msgspec import Struct

from konnect_tui import manifest
from konnect_tui.bundle import File
from konnect_tui.converge.changes import OnDisk
from konnect_tui.errors import KonnectError
from konnect_tui.manifest import Kept
from konnect_tui.pki.making.issue import Holding, Holdings
from konnect_tui.plan import SHARED
from konnect_tui.secret import Secret
from konnect_tui.workspace import Found, Workspace


class Standing(Struct, frozen=True):
    """The bundle that is there already. `found` is by path, the bundle's own `konnect-tui.toml` left out."""

    kept: Kept
    found: Mapping[str, Found]

    def on_disk(self) -> dict[str, OnDisk]:
        """Mode and digest of every plain file, `state/` left out."""
        return {
            path: OnDisk(f"{found.mode:04o}", found.sha256())
            for path, found in self.found.items()
            if found.kind == "file"
        }

    def holdings(self) -> Holdings:
        """The keys and certificates that the bundle was made with, as far as they are still there."""
        recorded = self.kept.manifest.recorded
        identities = self.presented()
        if self.kept.draft.certificate.per == "bundle":
            identities = dict(zip((SHARED,), identities.values(), strict=False))
        stems = [path[3:-4] for path in recorded if path.startswith("ca/") and path.endswith(".crt")]
        return Holdings(identities, {stem: self._holding(f"ca/{stem}") for stem in stems})

    def presented(self) -> dict[str, Holding]:
        """What each node itself has, by name: with one shared key its own copy of it."""
        return {name: self._holding(f"nodes/{name}/tls") for name in self.kept.manifest.nodes}

    @property
    def missing(self) -> tuple[str, ...]:
        """The nodes whose certificate was requested and has not come."""
        manifest = self.kept.manifest
        return tuple(manifest.nodes) if SHARED in manifest.pending else manifest.pending

    @property
    def settled(self) -> bool:
        """Whether it is known what Konnect is given: not while the first certificates are waited for."""
        return not self.missing or bool(self.kept.manifest.uploads)

    def _holding(self, stem: str) -> Holding:
        """What lies under this stem. What is gone, or can't be read as PEM, counts as missing."""
        chain, key, csr = (self._read(f"{stem}.{ending}") for ending in ("crt", "key", "csr"))
        recorded = self.kept.manifest.files.get(f"{stem}.key", "")
        altered = key is not None and not recorded.endswith(File(key).digest)
        return Holding(_certificates(chain, stem) if chain else (), Secret(key) if key else None, altered, csr)

    def uploaded(self) -> tuple[bytes, ...]:
        """The certificates in `upload/`, DER: what Konnect was, or is to be, given."""
        paths = sorted(path for path in self.found if path.startswith("upload/"))
        return tuple(der for path in paths for der in self.certificates(path))

    def certificates(self, path: str) -> tuple[bytes, ...]:
        """The certificates in a file of the bundle; none where it holds none that can be read."""
        data = self._read(path)
        return _certificates(data, path) if data else ()

    def _read(self, path: str) -> bytes | None:
        found = self.found.get(path)
        return found.data() if found is not None and found.kind == "file" else None


def _certificates(data: bytes, path: str) -> tuple[bytes, ...]:
    from konnect_tui.pki.read import read  # a new bundle has nothing to read

    try:
        return read(data, path).certificates
    except KonnectError:
        return ()


def stands(workspace: Workspace, bundle: str) -> Standing | None:
    """The bundle of that name, or None where nothing stands.

    Raises KonnectError `file-in-the-way`, `symlink-in-the-way` or `not-a-bundle` where something else does,
    and `manifest-damaged` where its `konnect-tui.toml` can't be relied on.
    """
    match workspace.look(bundle):
        case "nothing":
            return None
        case "folder":
            message = f"The folder {workspace.path(bundle)} is there and is no bundle: it has no {manifest.NAME}."
            raise KonnectError("not-a-bundle", message)
    found = dict(workspace.scan(bundle))
    found.pop(manifest.NAME, None)
    return Standing(manifest.read(f"{workspace.path(bundle)}/{manifest.NAME}"), found)


def remembered(workspace: Workspace, bundle: str) -> Kept | None:
    """What the bundle of that name remembers, if one stands. Raises KonnectError as `stands`, for its manifest."""
    if workspace.look(bundle) != "bundle":
        return None
    return manifest.read(f"{workspace.path(bundle)}/{manifest.NAME}")
