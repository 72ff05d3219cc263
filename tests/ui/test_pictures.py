"""The pictures of the README show the app as it is."""

import asyncio
import importlib.util
import os
from datetime import timedelta
from pathlib import Path

import pytest

from konnect_tui.gateway.releases import RELEASES, Release, default_version

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


@pytest.mark.slow
def test_pictures_of_training_are_the_same_on_any_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their handshakes need the real time; what is drawn does not change when releases come to the end of support."""
    monkeypatch.setenv("HOME", str(tmp_path))
    real, later, then = Release.state, timedelta(days=3653), default_version(make.NOW.date())
    monkeypatch.setattr(Release, "state", lambda release, today: real(release, today + later))
    assert default_version(make.NOW.date()) != then
    drawn = asyncio.run(make.training_pictures((80, 24), tmp_path))
    assert {release.latest for svg in drawn.values() for release in RELEASES if release.latest in svg} == {then}


def test_pictures_ask_nothing_of_a_network() -> None:
    """No picture loads a font or anything else from somewhere."""
    for picture in _MAKE.parent.glob("*.svg"):
        assert "url(http" not in picture.read_text()
        assert "@import" not in picture.read_text()
