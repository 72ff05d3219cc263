"""Whatever goes wrong at whatever call, a bundle is whole, and nothing of the operator's is lost."""

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workspace.faulty_disks import (
    FIRST,
    OPERATORS,
    SECOND,
    Crashing,
    Failing,
    Full,
    Killed,
    Watched,
    add_operators_files,
    as_written,
    contents,
    leftovers,
)

from konnect_tui.bundle import text
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import Disk, Workspace

OLD = as_written(FIRST) | OPERATORS
NEW = as_written(SECOND) | OPERATORS
ENOUGH = 400  # calls; a loop that gets here has lost its way


def replaced(root: Path, disk: Disk, *, keep_backup: bool = True) -> None:
    """Replace FIRST by SECOND on that disk."""
    workspace = Workspace(root, disk)
    with workspace.locked():
        workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=keep_backup)


def standing(root: Path) -> Path:
    """A workspace with FIRST and the operator's files in it."""
    workspace = Workspace(root, Watched())
    workspace.prepare()
    with workspace.locked():
        add_operators_files(Path(workspace.create("b", FIRST)))
    return root


def recovered(root: Path, disk: Disk | None = None) -> dict[str, tuple[int, bytes]]:
    """The bundle as the next command finds it."""
    with Workspace(root, disk or Watched()).locked():
        return contents(root / "b")


def test_creating_survives_a_kill_after_every_call(tmp_path: Path) -> None:
    """Killed at any moment while creating, the bundle is whole or not there, and the next command tidies up."""
    for last in range(ENOUGH):
        root = tmp_path / str(last)
        Workspace(root).prepare()
        workspace = Workspace(root, Crashing(last))
        try:
            with workspace.locked():
                workspace.create("b", FIRST)
        except Killed:
            assert not (root / "b").exists() or contents(root / "b") == as_written(FIRST)
            after = recovered(root)
            assert after in ({}, as_written(FIRST))
            assert leftovers(root) == []
        else:
            break
    assert contents(root / "b") == as_written(FIRST)
    assert last > 30


@pytest.mark.parametrize("keep_backup", [True, False])
@pytest.mark.parametrize("exchanges", [True, False])
def test_replacing_survives_a_kill_after_every_call(tmp_path: Path, exchanges: bool, keep_backup: bool) -> None:
    """Killed at any moment while replacing, the next command finds the whole old or the whole new bundle."""
    seen = set()
    for last in range(ENOUGH):
        root = standing(tmp_path / str(last))
        state = (root / "b/state/a").stat().st_ino
        try:
            replaced(root, Crashing(last, exchanges=exchanges), keep_backup=keep_backup)
        except Killed:
            if exchanges:  # then there is no moment without a bundle: what was generated is all old or all new
                generated = {path: at for path, at in contents(root / "b").items() if path not in OPERATORS}
                assert generated in (as_written(FIRST), as_written(SECOND))
            after = recovered(root)
            assert after in (OLD, NEW)
            seen.add(after == NEW)
            assert leftovers(root) == []
            assert (root / "b/state/a").stat().st_ino == state
        else:
            break
    assert contents(root / "b") == NEW
    assert seen == {True, False}


def test_rewriting_one_file_survives_a_kill_after_every_call(tmp_path: Path) -> None:
    """Killed at any moment while one file is rewritten, it is the old or the new one, and nothing else has changed."""
    path, new = "konnect-tui.toml", text("rewritten\n")
    seen = set()
    for last in range(ENOUGH):
        root = standing(tmp_path / str(last))
        workspace = Workspace(root, Crashing(last))
        try:
            with workspace.locked():
                workspace.rewrite("b", path, new)
        except Killed:
            after = recovered(root)
            assert after in (OLD, OLD | as_written({path: new}))
            seen.add(after == OLD)
            assert leftovers(root) == []
        else:
            break
    assert recovered(root) == OLD | as_written({path: new})
    assert leftovers(root) == []
    assert seen == {True, False}


@given(st.integers(0, 120), st.integers(0, 60), st.booleans(), st.booleans())
def test_a_kill_during_recovery_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, first: int, second: int, exchanges: bool, keep_backup: bool
) -> None:
    """Recovery killed at any moment itself is finished by the command after it."""
    root = standing(tmp_path_factory.mktemp("w") / "w")
    try:
        replaced(root, Crashing(first, exchanges=exchanges), keep_backup=keep_backup)
    except Killed:
        with suppress(Killed):
            recovered(root, Crashing(second, exchanges=exchanges))
    assert recovered(root) in (OLD, NEW)
    assert leftovers(root) == []


@pytest.mark.parametrize("exchanges", [True, False])
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EIO, "disk-failed"),
        (errno.ENOSPC, "disk-full"),
        (errno.EROFS, "workspace-not-writable"),
        (errno.EACCES, "workspace-not-writable"),
        (errno.ENAMETOOLONG, "path-too-long"),
    ],
)
def test_a_fault_at_every_call_is_explained(tmp_path: Path, number: int, code: str, exchanges: bool) -> None:
    """A fault of the disk at any call ends in one clear error, with the whole old or the whole new bundle."""
    codes = set()
    for last in range(ENOUGH):
        root = standing(tmp_path / str(last))
        disk = Failing(last, lambda: OSError(number, os.strerror(number)), exchanges=exchanges)
        try:
            replaced(root, disk)
        except KonnectError as fault:
            codes.add(fault.code)
            assert contents(root / "b") in (OLD, NEW)
        if not disk.failed:
            break
        assert recovered(root) in (OLD, NEW)
        assert leftovers(root) == []
    assert contents(root / "b") == NEW
    assert code in codes
    assert codes <= {code, "replace-unfinished"}


def test_an_interrupt_at_every_call_leaves_no_trace(tmp_path: Path) -> None:
    """Ctrl-C at any moment, creating or replacing: a whole bundle or none, and no staging left behind."""
    for last in range(ENOUGH):
        root = standing(tmp_path / str(last))
        disk = Failing(last, KeyboardInterrupt)
        workspace = Workspace(root, disk)
        try:
            with workspace.locked():
                workspace.create("c", FIRST)
                workspace.replace("b", SECOND, owned=list(FIRST), keep_backup=True)
        except KeyboardInterrupt:
            pass
        assert leftovers(root) == []
        assert contents(root / "b") in (OLD, NEW)
        assert not (root / "c").exists() or contents(root / "c") == as_written(FIRST)
        if not disk.failed:
            break
    assert last < ENOUGH - 1


def test_a_full_disk_names_what_was_needed(tmp_path: Path) -> None:
    """A disk without room ends in `disk-full`, which says how much was to be written; nothing is left of it."""
    Workspace(tmp_path).prepare()
    workspace = Workspace(tmp_path, Full(20))
    with workspace.locked(), pytest.raises(KonnectError) as caught:
        workspace.create("b", FIRST)
    assert caught.value.code == "disk-full"
    assert caught.value.exit_code == 1
    assert f"{sum(len(file.data) for file in FIRST.values())} bytes" in caught.value.message
    assert not (tmp_path / "b").exists()
    assert leftovers(tmp_path) == []


class Sparing(Disk):
    """Writes three bytes at a time."""

    def write(self, handle: int, data: memoryview) -> int:
        return super().write(handle, data[:3])


def test_short_writes_lose_nothing(tmp_path: Path) -> None:
    """A disk that takes a few bytes at a time gets every byte in the end."""
    workspace = Workspace(tmp_path, Sparing())
    workspace.prepare()
    with workspace.locked():
        workspace.create("b", FIRST)
    assert contents(tmp_path / "b") == as_written(FIRST)


def test_without_hard_links_everything_is_written(tmp_path: Path) -> None:
    """Where a file cannot have two names, unchanged files are written anew."""

    class Linkless(Disk):
        def link(self, old: str, new: str) -> None:
            raise OSError(errno.EPERM, "no links here", old)

    root = standing(tmp_path / "w")
    replaced(root, Linkless())
    assert contents(root / "b") == NEW


def test_a_folder_put_back_by_hand_is_never_overwritten(tmp_path: Path) -> None:
    """If what stands there after a crash is neither the old nor the new bundle, it stays, and all else is kept."""
    root = standing(tmp_path / "w")
    with pytest.raises(Killed):
        replaced(root, Crashing(_calls_before_exchange(tmp_path)))
    (root / "b").rename(tmp_path / "taken")
    (root / "b").mkdir()
    (root / "b/restored").write_text("from tape")
    assert recovered(root) == {"restored": (0o644, b"from tape")}
    assert leftovers(root) == []
    assert any(path.name == "tls.key" for path in (root / ".backup").rglob("*"))


def test_a_damaged_journal_loses_nothing(tmp_path: Path) -> None:
    """A journal that cannot be read any more puts its whole staging folder into the backup."""
    root = standing(tmp_path / "w")
    with pytest.raises(Killed):
        replaced(root, Crashing(_calls_before_exchange(tmp_path)))
    journal = next((root / ".staging").glob("*/journal.json"))
    journal.write_bytes(b"{")
    recovered(root)
    assert leftovers(root) == []
    assert [path.read_bytes() for path in (root / ".backup").rglob("config.cache")] == [b"cached"]


def test_a_late_file_in_the_old_bundle_is_kept(tmp_path: Path) -> None:
    """What somebody writes into the old bundle in the last moment is in the backup, even without one asked for."""

    class Interfering(Watched):
        def exchange(self, one: str, other: str) -> bool:
            Path(one, "late.txt").write_text("just in time")
            return super().exchange(one, other)

    root = standing(tmp_path / "w")
    replaced(root, Interfering(), keep_backup=False)
    assert contents(root / "b") == NEW
    assert [path.read_text() for path in (root / ".backup").rglob("late.txt")] == ["just in time"]


def test_a_state_folder_made_anew_in_between_gives_way(tmp_path: Path) -> None:
    """A script that makes an empty state/ in the moment it is away does not cost a node its state."""

    class Refusing(Watched):
        def exchange(self, one: str, other: str) -> bool:
            Path(one, "state").mkdir()
            raise OSError(errno.EIO, "fault", one)

    root = standing(tmp_path / "w")
    with pytest.raises(KonnectError):
        replaced(root, Refusing())
    assert contents(root / "b") == OLD


def _calls_before_exchange(folder: Path) -> int:
    """How many calls a replacement makes before it commits."""

    class Noting(Watched):
        calls = 0

        def exchange(self, one: str, other: str) -> bool:
            self.calls = self.count
            return super().exchange(one, other)

    disk = Noting()
    replaced(standing(folder / "counted"), disk)
    return disk.calls - 1
