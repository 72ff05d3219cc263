"""What a person makes in the wizard, `apply` makes of the answers it leaves behind."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from running import run, tree
from ui_hand import Hand

from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]

DERIVED = re.compile(
    rb"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:UTC|Z|\+00:00))?)?"  # dates
    rb"|[0-9a-f]{64}"  # digests
    rb'|(?<=serial = ")[0-9a-f]+'
)


async def _pinned(hand: Hand) -> None:
    await hand.to_authentication("orders prod [/x] é")
    await hand.press("enter", "enter")
    await hand.press("down")
    await hand.type("edge-{01..03}")
    await hand.press("enter")
    await hand.press("down", "space", "down", "space", "down", "space")
    await hand.press("enter", "enter", "enter")


async def _pki(hand: Hand) -> None:
    await hand.to_authentication()
    await hand.press("down", "enter")
    await hand.press("down", "down", "down", "down", "right")
    await hand.press("down", "down", "down")
    await hand.type("correct horse")
    await hand.press("down")
    await hand.type("correct horse")
    for _ in range(5):  # one by one: Review works the proposal out before it lets anybody on
        await hand.press("enter")


@pytest.mark.parametrize("story", [_pinned, _pki], ids=["pinned", "pki"])
def test_a_bundle_by_hand_equals_one_by_apply(
    story: Callable[[Hand], object], play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths, modes and bytes are the same but for keys, serials, dates and digests; applied again, nothing changes."""
    services = Services(
        str(tmp_path / "by-hand"), environ={}, state=str(tmp_path / "drafts"), config=str(tmp_path / "config")
    )
    app = play(story, services=services)
    assert app.return_code == 0
    (by_hand,) = [folder for folder in Path(services.root).iterdir() if not folder.name.startswith(".")]
    answers = tmp_path / "answers.toml"
    answers.write_bytes((by_hand / "konnect-tui.toml").read_bytes())
    monkeypatch.setenv("KONNECT_TUI_CA_PASSPHRASE", "correct horse")
    applied = run("apply", answers, "--workspace", tmp_path / "applied", "--json")
    assert applied.code == 0, applied.out
    first, second = _comparable(by_hand), _comparable(Path(applied.document["bundle"]))
    assert first.keys() == second.keys()
    assert {path for path in first if first[path] != second[path]} == set()
    again = run("apply", by_hand / "konnect-tui.toml", "--json")
    assert (again.code, again.document["changed"]) == (0, [])


def _comparable(bundle: Path) -> dict[str, tuple[str, bytes]]:
    made_anew = re.compile(r"(nodes|ca|upload)/.+\.(key|crt)")
    return {
        path: (mode, b"" if made_anew.fullmatch(path) else DERIVED.sub(b"~", data))
        for path, (mode, data) in tree(bundle).items()
    }
