"""Keys that come faster than the screen is drawn: a slow connection, a loaded machine, a paste without brackets."""

from collections.abc import Callable

import pytest
from ui_hand import HOST, Hand

from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]


def test_an_address_typed_at_once_is_what_was_typed(play: Play) -> None:
    """No character is lost, doubled or put elsewhere while what it means is worked out."""

    async def story(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.burst(HOST)
        assert hand.app.focused.value == HOST, hand.seen()
        await hand.press("tab")
        await hand.burst("orders [/x]")
        assert hand.draft.control_plane.endpoint == f"https://{HOST}"
        assert hand.draft.control_plane.name == "orders [/x]"

    play(story)


@pytest.mark.parametrize("key", ["enter", "ctrl+n", "f9"])
def test_the_last_letter_before_going_on_counts(play: Play, key: str) -> None:
    """What was typed just before Enter, Ctrl-N or F9 is in the draft."""

    async def story(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.burst("abc")
        await hand.press("tab")
        await hand.burst("orders", key)
        assert hand.step == ("review" if key == "f9" else "authentication")
        assert hand.draft.control_plane.name == "orders"

    play(story)


def test_the_last_letter_before_leaving_counts(play: Play, services: Services) -> None:
    """What was typed just before Esc or Ctrl-Q is kept."""

    async def back(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.burst("abc", "escape")
        assert hand.step == "region"
        assert hand.draft.control_plane.prefix == "abc"

    play(back)

    async def leave(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.burst("abcdef", "ctrl+q")

    play(leave)
    saved = services.drafts.latest()
    assert saved is not None
    assert 'prefix = "abcdef"' in saved.text


def test_a_passphrase_typed_at_once_is_the_same_twice(play: Play) -> None:
    """Two equal passphrases are equal however fast they come."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("down", "enter", "tab", "tab", "tab", "tab", "tab", "tab")
        await hand.burst("correct horse\r")
        await hand.burst("correct horse\r")
        assert hand.step == "node", hand.seen()

    play(story)


def test_two_ctrl_c_at_once_leave(play: Play) -> None:
    """A second Ctrl-C leaves, however soon after the first it comes."""

    async def story(hand: Hand) -> None:
        await hand.burst("", "ctrl+c", "ctrl+c")

    assert play(story).return_code == 130


@pytest.mark.parametrize("keys", [["f1"], ["tab", "space"], ["ctrl+c"]], ids="-".join)
def test_ctrl_q_leaves_from_whatever_stands_over_the_wizard(play: Play, keys: list[str]) -> None:
    """Help, a list of choices or a question are no obstacle to Ctrl-Q."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("enter", *keys)
        assert len(hand.app.screen_stack) == 2
        await hand.press("ctrl+q")

    assert play(story).return_code == 130


def test_enter_right_after_an_arrow_takes_the_choice(play: Play) -> None:
    """Arrows and Enter that come together choose and go on, from page to page."""

    async def story(hand: Hand) -> None:
        await hand.press("enter")
        await hand.burst("", "down", "down", "enter")
        assert hand.step == "control_plane", hand.seen()
        assert hand.draft.control_plane.region == "eu"
        await hand.burst("abc", "tab")
        await hand.burst("orders", "enter")
        await hand.burst("", "down", "enter")
        assert hand.step == "certificates", hand.seen()
        assert hand.draft.control_plane.auth_mode == "pki"

    play(story)


def test_what_follows_from_an_answer_is_of_the_last_one(play: Play) -> None:
    """After keys that came together the note below a field speaks of what stands there now."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("enter", "enter", "tab")
        await hand.burst("a,b", "backspace", "backspace")
        assert hand.app.focused.value == "a"
        assert "1 node: a" in hand.seen()

    play(story)
