"""The workspace on a real disk: what it makes, what it refuses, and what it leaves alone."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

import pytest
from workspace.faulty_disks import FIRST, OPERATORS, SECOND, add_operators_files, as_written, contents, leftovers

from konnect_tui.bundle import Files, secret, text
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import Disk, Workspace


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """With that umask."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def made(root: Path, files: Files = FIRST) -> Workspace:
    """A workspace with the bundle `b`."""
    workspace = Workspace(root)
    workspace.prepare()
    with workspace.locked():
        workspace.create("b", files)
    return workspace


def refused(workspace: Workspace, code: str, exit_code: int, *, dry_run: bool = False) -> KonnectError:
    """The error with which preparing the workspace ends."""
    with pytest.raises(KonnectError) as caught:
        workspace.prepare(dry_run=dry_run)
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)
    return caught.value


class Suspicious(Disk):
    """Looks at every file and folder right after its birth."""

    def open_new(self, path: str, mode: int) -> int:
        assert not path.endswith(".key") or mode == 0o600
        handle = super().open_new(path, mode)
        assert os.fstat(handle).st_mode & 0o7777 & ~mode == 0
        return handle

    def mkdir(self, path: str) -> None:
        super().mkdir(path)
        assert os.stat(path).st_mode & 0o077 == 0


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o277])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, mask: int) -> None:
    """Folders are 0700, files have exactly their mode, and none was ever wider, whatever the umask."""
    workspace = Workspace(tmp_path / "new" / "ws", Suspicious())
    with umask(mask):
        workspace.prepare()
        with workspace.locked():
            workspace.create("b", FIRST)
            workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
    assert contents(Path(workspace.path("b"))) == as_written(SECOND)
    folders = [tmp_path / "new", *(path for path in (tmp_path / "new").rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert stat.S_IMODE((tmp_path / "new/ws/.lock").stat().st_mode) == 0o600


def test_no_key_is_ever_open_to_a_watcher(tmp_path: Path) -> None:
    """A thread that looks at the workspace all the time never sees a key that others could read."""
    seen: list[str] = []
    looked = 0
    over = threading.Event()

    def watch() -> None:
        nonlocal looked
        while not over.is_set():
            for folder, _, names in os.walk(tmp_path):
                for name in names:
                    looked += 1
                    try:
                        mode = os.lstat(f"{folder}/{name}").st_mode & 0o777
                    except FileNotFoundError:
                        continue
                    if name.endswith(".key") and mode & 0o077:
                        seen.append(f"{folder}/{name} {mode:o}")

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with umask(0):
            workspace = made(tmp_path / "ws", {f"nodes/n{number}/tls.key": secret(b"k") for number in range(300)})
            with workspace.locked():
                workspace.replace("b", SECOND, owned=(), keep_backup=True)
    finally:
        over.set()
        watcher.join()
    assert looked > 100
    assert seen == []


def test_a_bundle_has_a_place_for_state(tmp_path: Path) -> None:
    """A new bundle has an empty state folder, and a replaced one that lost it has it again."""
    workspace = made(tmp_path)
    assert list((tmp_path / "b/state").iterdir()) == []
    (tmp_path / "b/state").rmdir()
    with workspace.locked():
        workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=False)
    assert (tmp_path / "b/state").is_dir()


def test_replacing_keeps_what_is_not_ours(tmp_path: Path) -> None:
    """State, compose/.env and the operator's files survive a replacement with their inodes; symlinks stay symlinks."""
    workspace = made(tmp_path)
    add_operators_files(tmp_path / "b")
    (tmp_path / "b/link").symlink_to("/nowhere")
    before = {name: (tmp_path / "b" / name).stat().st_ino for name in OPERATORS}
    with workspace.locked():
        workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
    assert contents(tmp_path / "b") == as_written(SECOND) | OPERATORS | {"link": (0, b"/nowhere")}
    assert {name: (tmp_path / "b" / name).stat().st_ino for name in OPERATORS} == before


def test_a_name_that_is_no_utf_8_is_carried_too(tmp_path: Path) -> None:
    """An operator's file whose name is not UTF-8 survives a replacement like any other."""
    workspace = made(tmp_path)
    name = os.fsencode(tmp_path / "b") + b"/caf\xe9"
    with open(name, "wb") as stream:
        stream.write(b"mine")
    with workspace.locked():
        workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
    assert Path(os.fsdecode(name)).read_bytes() == b"mine"


def test_unchanged_files_stay_the_same_files(tmp_path: Path) -> None:
    """A file whose bytes and mode do not change keeps its inode and its times."""
    workspace = made(tmp_path)
    os.utime(tmp_path / "b/README.md", (1, 1))
    before = (tmp_path / "b/README.md").stat()
    with workspace.locked():
        workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
    after = (tmp_path / "b/README.md").stat()
    assert (after.st_ino, after.st_mtime, after.st_nlink) == (before.st_ino, 1, 1)


def test_the_backup_holds_what_changed_or_went(tmp_path: Path) -> None:
    """The backup has the old files that changed or are gone, under their paths and with their modes, no others."""
    workspace = made(tmp_path)
    with workspace.locked():
        backup = workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
        again = workspace.replace("b", FIRST, owned=list(SECOND), keep_backup=True)
    assert backup is not None
    assert again is not None
    assert Path(backup).parent == Path(again).parent == tmp_path / ".backup/b"
    gone = ("konnect-tui.toml", "nodes/a/tls.key", "compose/compose.yaml", "docker/a/run.sh")
    assert contents(Path(backup)) == as_written({path: FIRST[path] for path in sorted(gone)})
    assert stat.S_IMODE(Path(backup).stat().st_mode) == 0o700


def test_without_a_backup_nothing_old_stays(tmp_path: Path) -> None:
    """Without a backup the old key is nowhere in the workspace."""
    workspace = made(tmp_path)
    with workspace.locked():
        assert workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=False) is None
    assert not any(data == b"key of a" for _, data in contents(tmp_path).values())


def test_an_edited_file_goes_to_the_backup(tmp_path: Path) -> None:
    """A generated file that somebody edited is replaced, and the edit is in the backup."""
    workspace = made(tmp_path)
    (tmp_path / "b/README.md").write_text("my notes")
    with workspace.locked():
        backup = workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
    assert backup is not None
    assert Path(backup, "README.md").read_text() == "my notes"


@pytest.mark.parametrize(
    ("name", "code"),
    [("nodes/b/tls.key", "file-in-the-way"), ("nodes/b", "file-in-the-way"), ("nodes/b/tls.key/x", "file-in-the-way")],
)
def test_the_operators_file_in_the_way_is_refused_first(tmp_path: Path, name: str, code: str) -> None:
    """Where the operator's own file or folder stands in a new file's place, nothing is written at all."""
    workspace = made(tmp_path)
    place = tmp_path / "b" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("mine")
    before = contents(tmp_path / "b")
    with workspace.locked(), pytest.raises(KonnectError) as caught:
        workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
    assert (caught.value.code, caught.value.exit_code) == (code, 2)
    assert contents(tmp_path / "b") == before
    assert leftovers(tmp_path) == []


def test_a_symlink_in_a_bundle_is_never_written_through(tmp_path: Path) -> None:
    """A symlinked folder inside a bundle is refused; what it leads to is not touched."""
    workspace = made(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "b/nodes").rename(tmp_path / "nodes-moved")
    (tmp_path / "b/nodes").symlink_to(tmp_path / "elsewhere")
    with workspace.locked(), pytest.raises(KonnectError) as caught:
        workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
    assert (caught.value.code, caught.value.exit_code) == ("symlink-in-the-way", 2)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_identical_file_is_not_in_the_way(tmp_path: Path) -> None:
    """A file that is already byte for byte what would be written is taken over, not refused."""
    workspace = made(tmp_path)
    with workspace.locked():
        workspace.replace("b", FIRST, owned=(), keep_backup=False)
    assert contents(tmp_path / "b") == as_written(FIRST)


def test_looking_tells_what_stands_there(tmp_path: Path) -> None:
    """Nothing and an empty folder are nothing; a bundle and a foreign folder are told apart; the rest is in the way."""
    workspace = made(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/x").touch()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "b")
    looks = {name: workspace.look(name) for name in ("b", "none", "empty", "foreign")}
    assert looks == {"b": "bundle", "none": "nothing", "empty": "nothing", "foreign": "folder"}
    for name, code in (("file", "file-in-the-way"), ("link", "symlink-in-the-way")):
        with pytest.raises(KonnectError) as caught:
            workspace.look(name)
        assert caught.value.code == code
    assert workspace.bundles() == ["b"]


@pytest.mark.parametrize("kind", ["file", "folder", "symlink", "bundle"])
def test_creating_replaces_nothing(tmp_path: Path, kind: str) -> None:
    """Whatever comes into the bundle's place before the last moment stays as it is."""
    place = tmp_path / "b"

    class Late(Disk):
        def rename(self, old: str, new: str) -> None:
            if kind == "file":
                place.write_text("mine")
            elif kind == "symlink":
                place.symlink_to("/nowhere")
            else:
                place.mkdir()
                (place / ("konnect-tui.toml" if kind == "bundle" else "x")).write_text("mine")
            super().rename(old, new)

    workspace = Workspace(tmp_path, Late())
    workspace.prepare()
    with workspace.locked(), pytest.raises(KonnectError) as caught:
        workspace.create("b", FIRST)
    assert caught.value.exit_code == 2
    assert len(contents(tmp_path / "b")) <= 1
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".staging", "-x", "a" * 81, "a\n"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """No name leads out of the workspace or into its own folders."""
    with pytest.raises(KonnectError) as caught:
        Workspace(tmp_path).path(name)
    assert caught.value.code == "bad-bundle-name"


def test_scanning_tells_everything_and_follows_nothing(tmp_path: Path) -> None:
    """A scan has every file with mode and hash, symlinks and pipes as what they are, and nothing of state."""
    workspace = made(tmp_path)
    add_operators_files(tmp_path / "b")
    (tmp_path / "b/link").symlink_to("/etc")
    os.mkfifo(tmp_path / "b/pipe")
    found = workspace.scan("b")
    assert set(found) == {*FIRST, *(name for name in OPERATORS if not name.startswith("state/")), "link", "pipe"}
    for path, file in FIRST.items():
        assert (found[path].kind, found[path].mode, found[path].sha256()) == ("file", file.mode, file.digest)
    assert (found["link"].kind, found["pipe"].kind) == ("symlink", "other")
    for name in ("link", "pipe"):
        with pytest.raises(KonnectError):
            found[name].data()
    folders = workspace.folders("b")
    assert set(folders) == {"", "nodes", "nodes/a", "compose", "docker", "docker/a", "mine", "mine/deep", "state"}
    assert {folders[path].mode for path in ("", "nodes", "nodes/a", "state")} == {0o700}


def test_modes_are_set_on_what_is_plain(tmp_path: Path) -> None:
    """Setting modes tells what it changed, begins with the bundle itself and touches nothing outside."""
    workspace = made(tmp_path)
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    (tmp_path / "b/link").symlink_to(outside)
    for path in ("", "nodes", "nodes/a/tls.key"):
        (tmp_path / "b" / path).chmod(0o777)
    wanted = {"": 0o700, "nodes": 0o700, "nodes/a": 0o700, "nodes/a/tls.key": 0o600, "link": 0o600, "../outside": 0o600}
    assert workspace.set_modes("b", wanted) == ("", "nodes", "nodes/a/tls.key")
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
    assert workspace.set_modes("b", wanted) == ()


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_workspace_in_the_way_is_refused(tmp_path: Path, dry_run: bool) -> None:
    """A file, a file further up, or a symlink where the workspace should be: exit 2, and nothing is made."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to(tmp_path / "none")
    before = sorted(tmp_path.rglob("*"))
    assert (
        str(tmp_path / "file") in refused(Workspace(tmp_path / "file"), "file-in-the-way", 2, dry_run=dry_run).message
    )
    refused(Workspace(tmp_path / "file/a/b"), "file-in-the-way", 2, dry_run=dry_run)
    refused(Workspace(tmp_path / "link"), "symlink-in-the-way", 2, dry_run=dry_run)
    refused(Workspace(tmp_path / "dangling/a"), "symlink-in-the-way", 2, dry_run=dry_run)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    """Preparing for a dry run makes no folder."""
    Workspace(tmp_path / "a/b").prepare(dry_run=True)
    assert list(tmp_path.iterdir()) == []


class Forgetful(Disk):
    """A file system like FAT: every file has the mode of the mount."""

    def mode(self, handle: int) -> int:
        return 0o755


class Refusing(Disk):
    """A file system that knows modes but lets nobody change them."""

    def fchmod(self, handle: int, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")


@pytest.mark.parametrize("disk", [Forgetful(), Refusing()])
def test_a_disk_without_modes_is_refused_before_any_key(tmp_path: Path, disk: Disk) -> None:
    """Where modes are not kept the workspace is refused, with the reason and a cure, and no trace."""
    fault = refused(Workspace(tmp_path / "ws", disk), "workspace-without-modes", 1)
    assert "read" in fault.context
    assert fault.hint
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_open_to_all_is_refused(tmp_path: Path) -> None:
    """A world-writable workspace is refused unless it is sticky; group-writable is the operator's choice."""
    root = tmp_path / "ws"
    workspace = Workspace(root)
    root.mkdir()
    for mode in (0o1777, 0o775, 0o755):
        root.chmod(mode)
        workspace.prepare()
    root.chmod(0o777)
    refused(workspace, "workspace-open-to-others", 1)


def test_an_open_staging_folder_is_closed(tmp_path: Path) -> None:
    """A staging folder that others can enter is closed before anything is put in; a symlinked one is refused."""
    staging = tmp_path / ".staging"
    staging.mkdir()
    staging.chmod(0o777)
    Workspace(tmp_path).prepare()
    assert stat.S_IMODE(staging.stat().st_mode) == 0o700
    staging.rmdir()
    staging.symlink_to("/tmp")
    refused(Workspace(tmp_path), "symlink-in-the-way", 2)


def test_writing_without_the_lock_is_a_fault_of_ours(tmp_path: Path) -> None:
    """Nothing is written outside the lock."""
    workspace = Workspace(tmp_path)
    workspace.prepare()
    with pytest.raises(RuntimeError):
        workspace.create("b", FIRST)
    assert leftovers(tmp_path) == []


def test_a_second_thread_is_told_who_works_here(tmp_path: Path) -> None:
    """Of two threads one gets the lock, and the other is told at once which process on which host has it."""
    workspace = Workspace(tmp_path)
    workspace.prepare()
    faults: list[KonnectError] = []

    def attempt() -> None:
        try:
            with Workspace(tmp_path).locked():
                pass
        except KonnectError as fault:
            faults.append(fault)

    with workspace.locked():
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert [(fault.code, fault.exit_code) for fault in faults] == [("workspace-locked", 1)]
    assert f"process {os.getpid()} on " in faults[0].message
    attempt()
    assert len(faults) == 1


def test_reading_settles_only_what_is_there(tmp_path: Path) -> None:
    """A command that reads makes no workspace, and does not mind another run at work."""
    Workspace(tmp_path / "none").settle()
    assert list(tmp_path.iterdir()) == []
    workspace = made(tmp_path)
    (tmp_path / ".staging/b-00000000/new").mkdir(parents=True)
    with workspace.locked():
        (tmp_path / ".staging/b-00000000/new").mkdir(parents=True)
        Workspace(tmp_path).settle()
        assert leftovers(tmp_path) == ["b-00000000"]
    Workspace(tmp_path).settle()
    assert leftovers(tmp_path) == []


def test_what_others_put_into_staging_stays(tmp_path: Path) -> None:
    """Recovery removes only folders named as ours are."""
    workspace = made(tmp_path)
    (tmp_path / ".staging/my notes").write_text("x")
    with workspace.locked():
        pass
    assert leftovers(tmp_path) == ["my notes"]


def test_a_long_path_is_named(tmp_path: Path) -> None:
    """A path longer than the file system takes ends in a clear error, with nothing left."""
    workspace = made(tmp_path)
    with workspace.locked(), pytest.raises(KonnectError) as caught:
        workspace.create("c", {"x" * 300: text("x")})
    assert (caught.value.code, caught.value.exit_code) == ("path-too-long", 2)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("nodes", [1, 100])
def test_everything_is_flushed_before_it_appears(tmp_path: Path, nodes: int) -> None:
    """Every file and folder of a bundle is on the medium before its rename, and the rename before we say so."""
    flushed: list[str] = []

    class Noting(Disk):
        before: frozenset[str] = frozenset()

        def sync(self, path: str) -> None:
            flushed.append(path)
            super().sync(path)

        def sync_folder(self, path: str) -> None:
            flushed.append(path)
            super().sync_folder(path)

        def rename(self, old: str, new: str) -> None:
            self.before = frozenset(path.removeprefix(old) for path in flushed)
            super().rename(old, new)

    disk = Noting()
    workspace = Workspace(tmp_path, disk)
    workspace.prepare()
    with workspace.locked():
        workspace.create("b", {f"nodes/n{number}/tls.key": secret(b"k") for number in range(nodes)})
    assert disk.before == {
        str(path).removeprefix(str(tmp_path / "b")) for path in [tmp_path / "b", *(tmp_path / "b").rglob("*")]
    }
    assert flushed[-1] == str(tmp_path)


def test_a_small_bundle_loads_nothing_heavy(tmp_path: Path) -> None:
    """Making a bundle loads no ctypes, threads or temporary files: `apply` has promised to start fast."""
    code = """
import sys
from konnect_tui.bundle import text
from konnect_tui.workspace import Workspace
workspace = Workspace(sys.argv[1])
workspace.prepare()
with workspace.locked():
    workspace.create("b", {"konnect-tui.toml": text("x")})
print(*{"ctypes", "pathlib", "threading", "tempfile", "shutil", "json", "concurrent.futures"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def _is_top(folder: Path) -> bool:
    """Whether the folder has the flag that has ext4 lay the folders in it apart, as lsattr reads it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        return bool(int.from_bytes(ioctl(handle, 0x80086601, bytes(8))[:4], sys.byteorder) & 0x20000)
    except OSError:
        return False
    finally:
        os.close(handle)


def test_bundles_are_laid_apart_where_the_disk_can(tmp_path: Path) -> None:
    """A bundle is made fast after thousands of files were deleted beside it; where that can't be, nothing fails."""
    asked = tmp_path / "asked"
    asked.mkdir()
    Disk().spread(str(asked))
    made(tmp_path / "w")
    assert _is_top(tmp_path / "w/.staging") == _is_top(asked)
    for place in ("/proc/self", "/dev/null", str(tmp_path / "missing")):
        Disk().spread(place)
    other = subprocess.run(["stat", "-f", "-c", "%T", str(asked)], capture_output=True, text=True, check=True)
    assert _is_top(asked) or "ext" not in other.stdout
