"""Text from outside is shown literally, wherever free text is allowed."""

from collections.abc import Callable

import pytest
from ui_hand import Hand

from konnect_tui.draft import Certificate, ControlPlane, Draft, Node, Output
from konnect_tui.flow.order import KEYS
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]

HOSTILE = [
    "[/x]",
    "[b]bold[/b]",
    "[@click=app.quit]x",
    "\x1b[31mred\x1b[2J",
    "two\nlines",
    "\u202egnp.exe",
    "🦍🦍 合成",
    "e\u0301" * 20,
    "x" * 256,
    "' $(touch /tmp/x) `id`",
]
DANGEROUS = ("\x1b", "\u202e", "\x07")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_on_every_page(play: Play, text: str) -> None:
    """A hostile name, subject or parameter breaks no page, is never markup, and never reaches the terminal raw."""
    start = Draft(
        control_plane=ControlPlane(source="manual", region="eu", name=text, prefix="abc", auth_mode="pki"),
        certificate=Certificate(common_name=text, organization=text, ca_key="discard"),
        node=Node(names=(text,), labels={"site": text}, parameters={"log_level": text}),
        output=Output(bundle=text),
    )

    async def story(hand: Hand) -> None:
        wizard = hand.app.screen_stack[0]
        for key in KEYS[1:]:
            await wizard.go(key)
            await hand.settle()
            if wizard.page.form_or_none:
                wizard.page.form.show_all()
                await hand.press("ctrl+n", "f1")
                assert not any(character in hand.seen() for character in DANGEROUS)
                await hand.press("escape")
            assert not any(character in hand.seen() for character in DANGEROUS)

    play(story, start=start)


@pytest.mark.parametrize("text", HOSTILE[:7], ids=ascii)
def test_hostile_text_typed(play: Play, text: str) -> None:
    """What is pasted into the name is kept to the letter where it may be, else refused in words."""

    async def story(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.type("abc")
        await hand.press("tab")
        await hand.type(text)
        assert hand.draft.control_plane.name in (text.strip(), text.splitlines()[0])
        await hand.press("enter")
        assert hand.step == "authentication" or "✗" in hand.seen()
        assert not any(character in hand.seen() for character in DANGEROUS)

    play(story)
