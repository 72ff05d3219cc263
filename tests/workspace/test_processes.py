"""The workspace under real processes: two at once, killed ones, one without rights, a disk that is really full."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from workspace.faulty_disks import (
    FIRST,
    OPERATORS,
    SECOND,
    Full,
    add_operators_files,
    as_written,
    contents,
    leftovers,
)

from konnect_tui.bundle import text
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import Disk, Workspace

TESTS = Path(__file__).parents[1]


def start(code: str, root: Path) -> subprocess.Popen[str]:
    """A Python process that runs `code` on the workspace, once it has said that it is ready."""
    start_up = "import sys; from workspace.faulty_disks import *; from konnect_tui.workspace import Workspace\n"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{start_up}workspace = Workspace(sys.argv[1])\n{code}", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def in_child(act: Callable[[], None]) -> int:
    """What `act` ends with in a child process: 0, or 100 + the exit code of a KonnectError, or 99."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            act()
            code = 0
        except KonnectError as fault:
            os.write(2, f"{fault.code}: {fault.message}\n".encode())
            code = 100 + fault.exit_code
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_the_second_process_is_told_at_once(tmp_path: Path) -> None:
    """While one process works, another ends with `workspace-locked` naming it; once it is killed, the lock is free."""
    workspace = Workspace(tmp_path)
    workspace.prepare()
    holder = start("import time\nwith workspace.locked():\n print('ready', flush=True); time.sleep(60)", tmp_path)
    with holder:
        try:
            with pytest.raises(KonnectError) as caught, workspace.locked():
                pass
            assert caught.value.code == "workspace-locked"
            assert f"process {holder.pid} on {os.uname().nodename}" in caught.value.message
        finally:
            holder.kill()
            holder.wait()
    with workspace.locked():
        pass


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_process_stopped_at_any_moment_leaves_whole_bundles(tmp_path: Path, number: signal.Signals) -> None:
    """A process that creates and replaces without end is stopped at a random moment: every bundle is whole."""
    dice = random.Random(number)  # noqa: S311 - repeatable, not secret
    code = """
    print('ready', flush=True)
    with workspace.locked():
        for number in range(10**6):
            workspace.create(f'n{number}', FIRST)
            workspace.replace('b', SECOND, owned=list(FIRST), keep_backup=bool(number % 2))
            workspace.replace('b', FIRST, owned=list(SECOND), keep_backup=False)
    """
    for turn in range(6):
        root = tmp_path / str(turn)
        workspace = Workspace(root)
        workspace.prepare()
        with workspace.locked():
            add_operators_files(Path(workspace.create("b", FIRST)))
        process = start("\n".join(line[4:] for line in code.splitlines()), root)
        with process:
            time.sleep(dice.uniform(0, 0.12))
            process.send_signal(number)
            process.wait(20)
        assert process.returncode in (-number, 130)
        if number == signal.SIGINT:
            assert leftovers(root) == []
        with workspace.locked():
            assert contents(root / "b") in (as_written(FIRST) | OPERATORS, as_written(SECOND) | OPERATORS)
        assert leftovers(root) == []
        for name in workspace.bundles():
            assert name == "b" or contents(root / name) == as_written(FIRST)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an unprivileged user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _as_nobody(act: Callable[[], None]) -> Callable[[], None]:
    def unprivileged() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
        act()

    return unprivileged


def test_an_unwritable_place_is_exit_1(open_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where the user may not write, preparing ends with `workspace-not-writable` and exit 1, in a dry run too."""
    open_folder.chmod(0o555)
    for dry_run in (True, False):
        for root in (open_folder, open_folder / "new" / "ws"):
            workspace = Workspace(root)
            assert in_child(_as_nobody(lambda w=workspace, d=dry_run: w.prepare(dry_run=d))) == 101  # type: ignore[misc]
            assert "workspace-not-writable: " in capfd.readouterr().err
    assert list(open_folder.iterdir()) == []


def test_a_state_folder_that_cannot_be_moved_stops_in_time(
    open_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """State that we may not move (its folder is closed to us) is named, and the old bundle stays as it was."""
    root = open_folder / "ws"
    workspace = Workspace(root)
    open_folder.chmod(0o777)

    def make() -> None:
        workspace.prepare()
        with workspace.locked():
            workspace.create("b", FIRST)

    def replace() -> None:
        with workspace.locked():
            workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)

    assert in_child(_as_nobody(make)) == 0
    (root / "b/state").chmod(0o500)
    assert in_child(_as_nobody(replace)) == 101
    assert f"{root}/b/state" in capfd.readouterr().err
    assert contents(root / "b") == as_written(FIRST)
    assert leftovers(root) == []


def test_what_root_makes_in_a_users_workspace_is_the_users(open_folder: Path) -> None:
    """Under sudo, bundles and all else in a workspace belong to its owner: nodes run as the owner of tls.key."""
    owner = 65534 if os.geteuid() == 0 else os.geteuid()
    root = open_folder / "ws"
    root.mkdir()
    os.chown(root, owner, -1)
    workspace = Workspace(root)
    workspace.prepare()
    with workspace.locked():
        workspace.create("b", FIRST)
        workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
    assert {path.lstat().st_uid for path in root.rglob("*")} == {owner}

    def use() -> None:
        workspace.prepare()
        with workspace.locked():
            workspace.replace("b", FIRST, owned=list(SECOND), keep_backup=True)

    assert in_child(_as_nobody(use)) == 0


def test_a_file_size_limit_is_explained(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """RLIMIT_FSIZE ends in `disk-full` with exit 1 and nothing left, not in a signal."""
    workspace = Workspace(tmp_path)
    workspace.prepare()

    def limited() -> None:
        with workspace.locked():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
            workspace.create("b", {"konnect-tui.toml": text("x" * 5000)})

    assert in_child(limited) == 101
    assert "disk-full: The limit on a file's size" in capfd.readouterr().err
    assert not (tmp_path / "b").exists()
    assert leftovers(tmp_path) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, Disk]]:
    """A real disk of 256 KiB where mounting is allowed, else one that counts."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        yield place, Full(256 * 1024)
        return
    yield place, Disk()
    subprocess.run(["umount", str(place)], check=True)


def test_a_really_full_disk(small_disk: tuple[Path, Disk]) -> None:
    """A bundle larger than the disk ends in `disk-full`; the one that stands is untouched, all room is free again."""
    place, disk = small_disk
    workspace = Workspace(place, disk)
    workspace.prepare()
    large = SECOND | {"README.md": text("x" * 400_000)}
    with workspace.locked():
        workspace.create("b", FIRST)
        for attempt in (
            lambda: workspace.create("c", large),
            lambda: workspace.replace("b", large, owned=list(FIRST), keep_backup=True),
        ):
            with pytest.raises(KonnectError) as caught:
                attempt()
            assert (caught.value.code, caught.value.exit_code) == ("disk-full", 1)
            assert "391 KiB" in caught.value.message
            assert leftovers(place) == []
    assert contents(place / "b") == as_written(FIRST)
    assert workspace.bundles() == ["b"]


def test_recovery_needs_no_room(small_disk: tuple[Path, Disk]) -> None:
    """What a killed run left is cleared away on a full disk too."""
    place, _ = small_disk
    Workspace(place).prepare()
    stage = place / ".staging/b-00000000"
    (stage / "new").mkdir(parents=True)
    with suppress(OSError):
        (stage / "new/tls.key").write_bytes(b"x" * 300_000)
    with Workspace(place).locked():
        assert leftovers(place) == []
