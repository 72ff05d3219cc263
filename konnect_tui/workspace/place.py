"""The workspace: the folder that holds bundles, and the only way to them."""

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final, Literal

from konnect_tui.bundle import File, Files
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import journal, lock, readiness, tree
from konnect_tui.workspace.disk import Disk
from konnect_tui.workspace.faults import explained, file_in_the_way, symlink_in_the_way
from konnect_tui.workspace.found import Found, plain_mode, walk
from konnect_tui.workspace.replacing import MANIFEST, compare

Standing = Literal["nothing", "bundle", "folder"]
"""What stands where a bundle would go. An empty folder is nothing: a new bundle takes its place in one rename."""

STATE: Final = ("state",)
_FOLDERS: Final = ("folder", "unreadable")
_BUNDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_STAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}-[0-9a-f]{8}")


class Workspace:
    """Bundles in the folder `root`. Writers call `prepare`, then work inside `locked`; readers call `settle` first.

    Every method raises KonnectError only; `disk-full`, `disk-failed`, `path-too-long` and
    `workspace-not-writable` can come from any of them that writes. Paths are text: nothing else on the way of
    `apply` needs pathlib, and its import would be felt.
    """

    def __init__(self, root: str | os.PathLike[str], disk: Disk | None = None) -> None:
        self.root = os.path.abspath(root)
        self._disk = disk or Disk()
        self._locked = False

    def prepare(self, *, dry_run: bool = False) -> None:
        """Make the workspace if it is new, and make sure that keys will be safe in it: before any key is made.

        With `dry_run` nothing is made; what can be told by looking is. KonnectError
        `workspace-not-writable`, `workspace-without-modes`, `workspace-open-to-others`, `file-in-the-way`,
        `symlink-in-the-way`.
        """
        with explained(self.root):
            if dry_run:
                readiness.look(self.root)
            else:
                readiness.prepare(self._disk, self.root)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only writer; what a run that died left unfinished is finished or rolled back first.

        Not reentrant. KonnectError `workspace-locked` at once while another thread or process is in it,
        `workspace-without-locks`.
        """
        with explained(f"{self.root}/{lock.NAME}"):
            handle = lock.take(self._disk, self.root)
        try:
            self._recover()
            self._locked = True
            yield
        finally:
            self._locked = False
            os.close(handle)

    def settle(self) -> None:
        """For commands that only read: finish or roll back what a run that died left, if there is anything.

        Does nothing while another run works, nor where this one may not write.
        """
        if not self._left():
            return
        try:
            with self.locked():
                pass
        except KonnectError as fault:
            if fault.code not in ("workspace-locked", "workspace-not-writable"):
                raise

    def path(self, bundle: str) -> str:
        """Where the bundle of that name is or would be. KonnectError `bad-bundle-name`."""
        if not _BUNDLE.fullmatch(bundle):
            raise KonnectError("bad-bundle-name", f"{bundle!r} cannot be the name of a bundle.")
        return f"{self.root}/{bundle}"

    def bundles(self) -> list[str]:
        """The names of all bundles: folders with a `konnect-tui.toml`."""
        try:
            names = sorted(os.listdir(self.root))
        except OSError:
            return []
        return [name for name in names if _BUNDLE.fullmatch(name) and _is_bundle(f"{self.root}/{name}")]

    def look(self, bundle: str) -> Standing:
        """What stands at the bundle's place. KonnectError `file-in-the-way`, `symlink-in-the-way`."""
        place = self.path(bundle)
        with explained(place):
            if os.path.islink(place):
                why = "A bundle is a folder of its own: whoever made the symlink would decide which one it is."
                raise symlink_in_the_way(place, why)
            if _is_bundle(place):
                return "bundle"
            try:
                return "folder" if os.listdir(place) else "nothing"
            except FileNotFoundError:
                return "nothing"
            except NotADirectoryError:
                raise file_in_the_way(place) from None

    def scan(self, bundle: str, *, skip: tuple[str, ...] = STATE) -> Mapping[str, Found]:
        """All that is in the bundle but its folders, by path; bytes are read when asked for.

        `state/` belongs to Kong, may be closed to us and is in no manifest: what is below `skip` is left out.
        """
        return {path: found for path, found in self._walk(bundle, skip).items() if found.kind not in _FOLDERS}

    def folders(self, bundle: str, *, skip: tuple[str, ...] = STATE) -> Mapping[str, Found]:
        """The folders in the bundle, by path; `""` is the bundle itself. What is below `skip` is left out."""
        place = self.path(bundle)
        inner = {path: found for path, found in self._walk(bundle, skip).items() if found.kind in _FOLDERS}
        return {"": Found("", "folder", plain_mode(place, "") or 0, 0, place)} | inner

    def create(
        self,
        bundle: str,
        files: Files,
        *,
        folders: Collection[str] = STATE,
        meanwhile: Callable[[], None] | None = None,
    ) -> str:
        """Make a bundle that is not there yet; it appears whole, in one rename, or not at all.

        `meanwhile` is called before that rename, while the disk flushes: what it raises leaves no bundle behind.

        KonnectError `file-in-the-way` if something came into its place meanwhile: rename(2) lets a folder
        replace nothing but an empty folder.
        """
        place = self.path(bundle)
        needed = sum(len(file.data) for file in files.values())
        with explained(place, needed), self._staged(bundle) as stage:
            owner = tree.heir(self.root)
            tree.write(self._disk, f"{stage}/new", files, more_folders=folders, owner=owner, meanwhile=meanwhile)
            self._disk.rename(f"{stage}/new", place)
            self._disk.sync_folder(self.root)
            self._disk.rmdir(stage)
        return place

    def replace(
        self,
        bundle: str,
        files: Files,
        *,
        owned: Collection[str],
        keep_backup: bool,
        folders: Collection[str] = STATE,
        meanwhile: Callable[[], None] | None = None,
    ) -> str | None:
        """Make the bundle that stands there hold `files`, in one exchange; the backup's folder if there is one.

        `meanwhile` is called before the exchange, as by `create`.

        `owned` are the paths that were ours, from the old manifest. What is neither ours nor new is carried
        over by rename (`state/` keeps its inodes, since containers have it mounted). Unchanged files stay the very same
        files. Ours that change or go are kept in `.backup/<bundle>/<UTC>/` with `keep_backup`, else removed.
        KonnectError `file-in-the-way`, `symlink-in-the-way` before anything is written; `replace-unfinished`
        when the new bundle is in place and only clearing up failed.
        """
        place = self.path(bundle)
        needed = sum(len(file.data) for file in files.values())
        with explained(place, needed):
            change = compare(place, files, owned=owned, more_folders=folders, keep_backup=keep_backup)
            with self._staged(bundle) as stage:
                tree.write(
                    self._disk,
                    f"{stage}/new",
                    files,
                    more_folders=change.folders,
                    same=change.same,
                    origin=place,
                    owner=tree.heir(place),
                    meanwhile=meanwhile,
                )
                plan = journal.Journal(
                    bundle=bundle,
                    old=tree.inode(place) or 0,
                    new=tree.inode(f"{stage}/new") or 0,
                    carried=tuple(map(os.fsencode, change.carried)),
                    dropped=tuple(map(os.fsencode, change.dropped)),
                )
                journal.save(self._disk, stage, plan)
                outcome = self._exchange(stage, plan)
        return outcome.backup

    def set_aside(self, bundle: str) -> str:
        """Move the bundle as it is to `.backup/<bundle>/<UTC>/`, and say where that is. Only inside `locked`."""
        if not self._locked:
            raise RuntimeError("bundles are moved inside locked() only")
        place = self.path(bundle)
        with explained(place):
            return journal.put_aside(self._disk, self.root, bundle, place)

    def rewrite(self, bundle: str, path: str, file: File) -> None:
        """Put a new version of one file of the bundle in the old one's place, in one rename."""
        place = self.path(bundle)
        with explained(place, len(file.data)), self._staged(bundle) as stage:
            tree.write_file(self._disk, f"{stage}/file", file, tree.heir(place))
            self._disk.sync(f"{stage}/file")
            self._disk.rename(f"{stage}/file", f"{place}/{path}")
            self._disk.sync_folder(os.path.dirname(f"{place}/{path}"))
            self._disk.rmdir(stage)

    def keep_import(self, name: str, files: Files) -> str:
        """Keep what was pasted in a new folder of `.imports/`, and say where. See `imports.keep`."""
        from konnect_tui.workspace import imports  # rarely needed

        return imports.keep(self._disk, self.root, name, files)

    def set_modes(self, bundle: str, modes: Mapping[str, int]) -> tuple[str, ...]:
        """Give files and folders of the bundle these modes; the paths that had another. `""` is the bundle itself.

        What is not there, or is no plain file or folder, is left alone.
        """
        place = self.path(bundle)
        changed = []
        with explained(place):
            for path in sorted(modes):
                target = f"{place}/{path}" if path else place
                if (mode := plain_mode(place, path)) is not None and mode != modes[path]:
                    self._disk.chmod(target, modes[path])
                    changed.append(path)
        return tuple(changed)

    def _walk(self, bundle: str, skip: tuple[str, ...]) -> dict[str, Found]:
        place = self.path(bundle)
        with explained(place):
            return {found.path: found for found in sorted(walk(place, skip), key=lambda found: found.path)}

    def _left(self) -> list[str]:
        """The staging folders there are. They belong to a run that died, if the lock is ours."""
        try:
            names = os.listdir(f"{self.root}/{journal.STAGING}")
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []
        return sorted(name for name in names if _STAGE.fullmatch(name))

    def _recover(self) -> None:
        with explained(self.root):
            for name in self._left():
                journal.settle(self._disk, self.root, f"{self.root}/{journal.STAGING}/{name}")

    @contextmanager
    def _staged(self, bundle: str) -> Iterator[str]:
        """A staging folder for the bundle. Whatever is raised inside, it is settled: nothing of it stays."""
        if not self._locked:
            raise RuntimeError("bundles are written inside locked() only")
        staging = f"{self.root}/{journal.STAGING}"
        tree.private_folder(self._disk, staging)
        self._disk.spread(staging)
        stage = f"{staging}/{bundle}-{self._disk.random()}"
        try:
            tree.make_folder(self._disk, stage)
            yield stage
        except BaseException:
            with suppress(
                OSError, KonnectError
            ):  # what is being raised is the cause; what fails now, the next command settles
                journal.settle(self._disk, self.root, stage)
            raise

    def _exchange(self, stage: str, plan: journal.Journal) -> journal.Outcome:
        try:
            journal.swap(self._disk, self.root, stage, plan)
        except OSError:
            outcome = journal.settle(self._disk, self.root, stage)
            if not outcome.committed:
                raise
            return outcome
        try:
            return journal.settle(self._disk, self.root, stage)
        except OSError as fault:
            raise KonnectError(
                "replace-unfinished",
                f"The new bundle {plan.bundle} is in place; clearing the old one away failed: {fault.strerror}.",
            ) from fault


def _is_bundle(place: str) -> bool:
    return plain_mode(place, "") is not None and plain_mode(place, MANIFEST) is not None
