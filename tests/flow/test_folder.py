"""A folder as a list to choose from."""

import os
from pathlib import Path

import pytest

from konnect_tui.errors import KonnectError
from konnect_tui.flow.folder import begin, listing, matching


def test_folders_come_first(tmp_path: Path) -> None:
    """Folders stand above files, each sorted without regard to case; links, FIFOs and dead links are listed, too."""
    for name in ("b.pem", "A.pem", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "dead").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    assert [each.name for each in listing(str(tmp_path))] == ["sub", ".hidden", "A.pem", "b.pem", "dead", "fifo"]


@pytest.mark.parametrize(
    ("typed", "hidden", "left"),
    [
        ("", False, ["sub", "edge-1.key", "edge-1.pem", "my-edge.pem"]),
        ("", True, ["sub", ".edge", "edge-1.key", "edge-1.pem", "my-edge.pem"]),
        ("EDGE", False, ["edge-1.key", "edge-1.pem", "my-edge.pem"]),
        (".e", False, [".edge"]),
        ("nothing", False, []),
    ],
)
def test_typed_letters_leave_the_names_that_hold_them(
    typed: str, hidden: bool, left: list[str], tmp_path: Path
) -> None:
    """Letters leave the names that hold them, those that begin so first; a dot in front shows hidden ones."""
    for name in ("edge-1.pem", "edge-1.key", "my-edge.pem", ".edge"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    entries = listing(str(tmp_path))
    assert [entries[at].name for at in matching(entries, typed, hidden=hidden)] == left


def test_what_cannot_be_listed_is_said(tmp_path: Path) -> None:
    """A folder that is gone or is a file is refused by name."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "gone", tmp_path / "file", "no\0path"):
        with pytest.raises(KonnectError, match="There is no folder"):
            listing(str(path))


def test_it_begins_where_there_is_something(tmp_path: Path) -> None:
    """The browser begins in the folder of the file that is named, else in the first folder there is."""
    (tmp_path / "a.pem").touch()
    assert begin(str(tmp_path / "a.pem")) == str(tmp_path)
    assert begin("", "/nowhere", str(tmp_path)) == str(tmp_path)
    assert begin("") == os.path.expanduser("~")
