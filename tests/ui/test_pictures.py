"""The pictures of the README show the app as it is."""

import importlib.util
import os
from pathlib import Path

import pytest

_MAKE = Path(__file__).parents[2] / "screenshots" / "make.py"
_SPEC = importlib.util.spec_from_file_location("screenshots_make", _MAKE)
assert _SPEC is not None
assert _SPEC.loader is not None
make = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(make)


@pytest.mark.slow
@pytest.mark.parametrize("size", make.SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_pictures_are_not_stale(size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh run draws the very pictures that are kept: `python -m screenshots` renews them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    stale = [
        name
        for name, svg in make.pictures(size, tmp_path)
        if os.environ.get("KONNECT_TUI_RECORD") is None and (_MAKE.parent / f"{name}.svg").read_text() != svg
    ]
    assert stale == []


def test_pictures_ask_nothing_of_a_network() -> None:
    """No picture loads a font or anything else from somewhere."""
    for picture in _MAKE.parent.glob("*.svg"):
        assert "url(http" not in picture.read_text()
        assert "@import" not in picture.read_text()
