"""The sheets over the wizard are left as the wizard is: quit works in each, and nothing of them is half done."""

from collections.abc import Callable
from pathlib import Path

import pytest
from certificate_maker import make
from ui_hand import Hand

from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]
LEAF = make("edge-1")
KEY = LEAF.secret.reveal().decode()
SHEETS = {"browser": ["f2"], "paste area": ["f3"], "explorer": ["f4"]}


@pytest.mark.parametrize("ways", [["ctrl+q"], ["f1", "ctrl+q"], ["ctrl+c", "ctrl+c"]], ids=" ".join)
@pytest.mark.parametrize("sheet", SHEETS)
def test_quit_works_over_the_wizard(
    play: Play, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sheet: str, ways: list[str]
) -> None:
    """Ctrl-Q and a second Ctrl-C leave from every sheet and the help over it; the draft is kept, a paste is not."""
    monkeypatch.setenv("HOME", str(tmp_path))

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", *SHEETS[sheet])
        assert hand.app.screen is not hand.app.screen_stack[0]
        if sheet == "paste area":
            await hand.type(LEAF.pem.decode() + KEY)
        await hand.press(*ways)

    app = play(story)
    assert app.return_code == 130
    assert "draft is kept" in app.farewell.text()
    [draft] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert draft.read_text() == services.drafts.latest().text
    assert KEY.splitlines()[1] not in draft.read_text()


@pytest.mark.parametrize(
    "keys", [["f2"], ["f3"], ["f4"], ["up", "space"]], ids=["browser", "paste", "explorer", "list"]
)
def test_a_burst_of_keys_closes_a_screen_once(
    play: Play, certificate: Path, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter, Esc and q pressed faster than a screen closes are no fault, and leaving twice is leaving once."""
    monkeypatch.chdir(certificate.parent)

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", *keys)
        if keys == ["f3"]:
            await hand.type(LEAF.pem.decode())
        await hand.burst("", "enter", "enter", "enter", "escape", "escape", "ctrl+q", "ctrl+q", "ctrl+q")

    app = play(story)
    assert app.return_code == 130
    assert app.farewell.text().count("draft is kept") == 1


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file to choose."""
    path = tmp_path / "certs/edge-1.pem"
    path.parent.mkdir()
    path.write_bytes(LEAF.pem)
    return path
