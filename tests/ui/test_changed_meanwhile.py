"""A control plane that somebody changes, or takes away, in Konnect while the wizard is at work on it."""

from collections.abc import Callable

from ui_hand import Hand

from fake_konnect import FakeKonnect
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]


def test_a_mode_that_was_switched_is_taken_as_it_is_now(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Back on the list, F5 and Enter take the control plane with the auth mode that it has by now."""
    plane = konnect.add_control_plane("eu", "orders")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        await hand.press("enter")
        await hand.until("As read from Konnect: pinned")
        await hand.press("escape")
        plane["config"]["auth_type"] = "pki_client_certs"
        await hand.press("f5")
        await hand.until("Konnect is given a CA")
        await hand.press("enter")
        await hand.until("As read from Konnect: pki")
        assert hand.draft.control_plane.auth_mode == "pki"

    play(story, services=live)


def test_review_says_that_the_mode_was_switched(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Review asks Konnect anew: certificates for a mode that the control plane has no more are not made."""
    plane = konnect.add_control_plane("eu", "orders")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        await hand.press("enter")
        await hand.until("As read from Konnect: pinned")
        plane["config"]["auth_type"] = "pki_client_certs"
        await hand.press("f9")
        await hand.until("orders has the auth mode pki")
        await hand.press("enter")
        assert hand.step == "review"

    play(story, services=live)


def test_review_says_that_it_was_taken_away(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """A control plane that was there when it was taken, and is in Konnect no more, is told on Review."""
    plane = konnect.add_control_plane("eu", "orders")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        await hand.press("enter")
        await hand.until("As read from Konnect: pinned")
        konnect.control_planes["eu"].remove(plane)
        await hand.press("f9")
        await hand.until("is in no region that this token can see")
        await hand.press("enter")
        assert hand.step == "review"

    play(story, services=live)


def test_nothing_is_given_to_a_mode_that_was_switched(play: Play, live: Services, konnect: FakeKonnect) -> None:
    """Between Review and Create the auth mode is switched: the bundle is there, and nothing is uploaded."""
    plane = konnect.add_control_plane("eu", "orders")

    async def story(hand: Hand) -> None:
        await hand.to_planes()
        await hand.until("orders")
        await hand.press("f9")
        await hand.until("at once, to orders in eu")
        plane["config"]["auth_type"] = "pki_client_certs"
        await hand.press("enter")
        await hand.until("orders has the auth mode pki")
        assert "The bundle is whole and stays" in hand.read()
        assert not konnect.asked("POST", "dp-client-certificates")

    play(story, services=live)
