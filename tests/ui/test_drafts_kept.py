"""Drafts are somebody's work: none is lost to another."""

from collections.abc import Callable

from ui_hand import Hand

from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]


async def _begin_and_leave(hand: Hand, prefix: str) -> None:
    await hand.to_control_plane()
    await hand.type(prefix)
    await hand.press("ctrl+q")


def test_beginning_anew_keeps_the_draft_of_before(play: Play, services: Services) -> None:
    """Two drafts that would have the same name are both kept, and both are offered."""
    play(lambda hand: _begin_and_leave(hand, "first"))
    play(lambda hand: _begin_and_leave(hand, "second"))
    texts = " ".join(saved.text for saved in services.drafts.list())
    assert "first" in texts
    assert "second" in texts

    async def look(hand: Hand) -> None:
        assert hand.seen().count("Go on with") == 2

    play(look)


def test_going_on_with_a_draft_replaces_that_one(play: Play, services: Services) -> None:
    """A draft that is gone on with stays one draft."""
    play(lambda hand: _begin_and_leave(hand, "first"))

    async def go_on(hand: Hand) -> None:
        await hand.press("down", "enter", "tab")
        await hand.type("orders")
        await hand.press("ctrl+q")

    play(go_on)
    [saved] = services.drafts.list()
    assert 'name = "orders"' in saved.text


def test_two_wizards_on_one_draft(play: Play, services: Services) -> None:
    """Where another wizard has saved the same draft meanwhile, both versions are kept."""
    play(lambda hand: _begin_and_leave(hand, "first"))
    [saved] = services.drafts.list()

    async def go_on(hand: Hand) -> None:
        await hand.press("down", "enter", "tab")
        services.drafts.save(saved.text + "# of the other wizard\n", saved.name)
        await hand.type("orders")
        await hand.press("ctrl+q")

    play(go_on)
    texts = [kept.text for kept in services.drafts.list()]
    assert len(texts) == 2
    assert any("# of the other wizard" in text for text in texts)
    assert any('name = "orders"' in text for text in texts)


def test_opening_another_draft_keeps_what_was_begun(play: Play, services: Services) -> None:
    """Back on Start, going on with a saved draft keeps what was typed until then."""
    play(lambda hand: _begin_and_leave(hand, "first"))

    async def change_mind(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.type("second")
        await hand.press("escape", "escape", "down", "enter")
        assert hand.draft.control_plane.prefix == "first"
        assert any('prefix = "second"' in kept.text for kept in services.drafts.list())
        await hand.press("ctrl+q")

    play(change_mind)
    assert len(services.drafts.list()) == 2


def test_a_bundle_made_takes_no_other_draft_with_it(play: Play, services: Services) -> None:
    """Making a bundle removes the draft it was made from, and no other."""

    async def make(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("f9", "enter")
        assert "The bundle is there" in hand.read()
        await hand.press("ctrl+q")

    services.drafts.save("schema = 1\n# of somebody else\n", "orders-eu")
    play(make)
    assert [saved.name for saved in services.drafts.list()] == ["orders-eu"]


def test_a_path_that_no_text_can_say(play: Play, services: Services) -> None:
    """A path that is not UTF-8 is refused by what is wrong with it, and costs nothing else of the draft."""

    async def name_it(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down")
        hand.app.focused.set_paths(("/certs/\udcff.pem",))
        await hand.settle()
        assert "has a name that is not UTF-8" in hand.read()
        await hand.press("ctrl+q")

    async def go_on(hand: Hand) -> None:
        await hand.press("down", "enter")
        assert hand.draft.control_plane.name == "orders"
        assert hand.draft.certificate.certificate == "/certs/\ufffd.pem"

    play(name_it)
    play(go_on)
