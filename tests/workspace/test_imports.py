"""What was pasted, kept in the workspace: whole, apart from what was kept before, or not at all."""

import errno
import os
from pathlib import Path

import pytest
from workspace.faulty_disks import Failing, Full, Watched, as_written, contents

from konnect_tui.bundle import secret, text
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import Workspace

PASTED = {"tls.crt": text("certificate"), "tls.key": secret(b"key")}
ENOUGH = 100  # calls; a loop that gets here has lost its way


def test_nothing_kept_is_written_over(tmp_path: Path) -> None:
    """A second paste of the same name gets a folder of its own; the key is its owner's alone."""
    workspace = Workspace(tmp_path, Watched())
    places = [Path(workspace.keep_import("edge", PASTED)) for _ in range(3)]
    assert [place.name for place in places] == ["edge", "edge-2", "edge-3"]
    assert all(contents(place) == as_written(PASTED) for place in places)


@pytest.mark.parametrize("room", [0, 5, 12])
def test_a_full_disk_keeps_no_half(tmp_path: Path, room: int) -> None:
    """Where the disk fills up, no part of what was pasted stays, and room makes it work."""
    Workspace(tmp_path, Watched()).keep_import("before", PASTED)
    with pytest.raises(KonnectError) as refused:
        Workspace(tmp_path, Full(room)).keep_import("edge", PASTED)
    assert refused.value.code == "disk-full"
    assert os.listdir(tmp_path / ".imports") == ["before"]
    assert Workspace(tmp_path, Watched()).keep_import("edge", PASTED).endswith("/edge")


def test_whatever_call_fails_no_half_is_kept(tmp_path: Path) -> None:
    """Whatever goes wrong at whatever call: it is said, and what was pasted is there whole or not at all."""
    for last in range(ENOUGH):
        root = tmp_path / str(last)
        disk = Failing(last, lambda: OSError(errno.EIO, os.strerror(errno.EIO)))
        try:
            Workspace(root, disk).keep_import("edge", PASTED)
        except KonnectError:
            assert disk.failed
        found = contents(root / ".imports/edge")
        assert found in ({}, as_written(PASTED))
        if not disk.failed:
            return
    pytest.fail("it never came to an end")
