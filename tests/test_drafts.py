"""Saved drafts of the wizard."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.drafts import MOST_BYTES, Drafts
from konnect_tui.errors import KonnectError
from konnect_tui.workspace import Disk


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_a_draft_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever the text of a draft, it is read back letter for letter."""
    drafts = Drafts(tmp_path_factory.mktemp("drafts"))
    drafts.save(text, "wizard")
    saved = drafts.latest()
    assert saved is not None
    assert (saved.name, saved.text) == ("wizard", text)


def test_the_latest_comes_first(tmp_path: Path) -> None:
    """Drafts are listed by when they were saved, and one that is removed is gone."""
    drafts = Drafts(tmp_path / "a" / "drafts")
    assert drafts.latest() is None
    for when, name in enumerate(("first", "second", "third")):
        os.utime(drafts.save(name, name), (when, when))
    assert [saved.name for saved in drafts.list()] == ["third", "second", "first"]
    drafts.remove("third")
    drafts.remove("third")
    assert [saved.name for saved in drafts.list()] == ["second", "first"]


def test_only_its_owner_reads_a_draft(tmp_path: Path) -> None:
    """A draft is 0600 in a folder that is 0700, whatever the umask."""
    before = os.umask(0)
    try:
        path = Drafts(tmp_path / "drafts").save("x", "wizard")
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "drafts").stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * (MOST_BYTES + 1)])
def test_a_broken_draft_is_moved_aside_and_told(tmp_path: Path, content: bytes) -> None:
    """A draft that is no text or far too large is not offered, not lost, and named; the others are there."""
    drafts = Drafts(tmp_path)
    drafts.save("good", "good")
    (tmp_path / "bad.toml").write_bytes(content)
    assert [saved.name for saved in drafts.list()] == ["good"]
    assert [Path(path).read_bytes() for path in drafts.aside] == [content]
    assert not (tmp_path / "bad.toml").exists()
    drafts.put_aside("good")
    assert drafts.latest() is None
    assert Path(drafts.aside[-1]).read_text() == "good"


def test_a_draft_that_cannot_be_opened_does_no_harm(tmp_path: Path) -> None:
    """A folder, a symlink or a pipe in a draft's place neither fails nor hangs."""
    drafts = Drafts(tmp_path)
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "link.toml").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.toml")
    assert drafts.list() == ()
    assert len(drafts.aside) == 3


def test_a_failed_save_keeps_the_draft_before(tmp_path: Path) -> None:
    """When the disk is full the draft saved before is still there, and nothing beside it."""

    class Full(Disk):
        def write(self, handle: int, data: memoryview) -> int:
            raise OSError(28, "No space left on device")

    Drafts(tmp_path).save("before", "wizard")
    with pytest.raises(KonnectError) as caught:
        Drafts(tmp_path, Full()).save("after", "wizard")
    assert caught.value.code == "disk-full"
    saved = Drafts(tmp_path).latest()
    assert saved is not None
    assert saved.text == "before"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """No draft is written outside the drafts' folder."""
    with pytest.raises(KonnectError):
        Drafts(tmp_path / "drafts").save("x", name)
    assert list(tmp_path.iterdir()) == []
