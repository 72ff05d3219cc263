"""What the wizard remembers of the last time."""

from pathlib import Path

import pytest

from konnect_tui.konnect.recent import Recent


def test_the_region_is_remembered(tmp_path: Path) -> None:
    """The region used last is known the next time, in a file that is closed to others."""
    Recent(str(tmp_path / "state")).use("eu")
    Recent(str(tmp_path / "state")).use("us")
    assert Recent(str(tmp_path / "state")).region == "us"
    [file] = (tmp_path / "state").iterdir()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"../../etc", b"EU", b"\xff\xfe", b"e"])
def test_nonsense_is_nothing(tmp_path: Path, content: bytes) -> None:
    """A file that holds no region's code is as none."""
    recent = Recent(str(tmp_path))
    recent.use("eu")
    next(iter(tmp_path.iterdir())).write_bytes(content)
    assert recent.region == ""


def test_it_never_fails(tmp_path: Path) -> None:
    """Where nothing can be written, nothing is remembered, and that is all."""
    (tmp_path / "state").write_text("a file in the way")
    recent = Recent(str(tmp_path / "state"))
    recent.use("eu")
    assert recent.region == ""
