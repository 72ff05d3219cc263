"""What keys promise on every page: leave, help, copy, refusals with a reason, and room to work in."""

from collections.abc import Callable

import pytest
from ui_hand import HOST, Hand

from konnect_tui.services import Services
from konnect_tui.ui import chrome
from konnect_tui.ui.app import KonnectApp

Play = Callable[..., KonnectApp]


def test_ctrl_q_leaves_from_a_text_field_and_keeps_the_draft(play: Play, services: Services) -> None:
    """Ctrl-Q leaves everywhere with 130, says where the draft is, and it is offered and gone on with."""

    async def leave(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.type(HOST)
        await hand.press("ctrl+q")

    app = play(leave)
    assert app.return_code == 130
    saved = services.drafts.latest()
    assert saved is not None
    assert saved.name in app.farewell.text()

    async def resume(hand: Hand) -> None:
        assert f"Go on with {saved.name}" in hand.seen()
        await hand.press("down", "enter")
        assert hand.step == "control_plane"
        assert HOST in hand.seen()
        assert hand.draft.control_plane.region == "eu"

    play(resume)


def test_q_leaves_outside_text_fields_only(play: Play) -> None:
    """q is a letter where text is typed, and leaves everywhere else."""

    async def story(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.press("q")
        assert hand.step == "control_plane"
        assert hand.draft.control_plane.prefix == "q"
        await hand.press("escape", "q")

    assert play(story).return_code == 130


def test_nothing_chosen_leaves_no_draft(play: Play, services: Services) -> None:
    """Who only looked around leaves nothing behind."""

    async def story(hand: Hand) -> None:
        await hand.press("q")

    assert play(story).return_code == 130
    assert services.drafts.list() == ()


def test_ctrl_c_asks_and_a_second_one_leaves(play: Play) -> None:
    """Ctrl-C without a selection asks; Esc stays, a second Ctrl-C leaves with 130."""

    async def story(hand: Hand) -> None:
        await hand.press("enter", "down", "ctrl+c")
        assert "Leave the wizard?" in hand.seen()
        await hand.press("escape")
        assert "Leave the wizard?" not in hand.seen()
        await hand.press("ctrl+c", "ctrl+c")

    assert play(story).return_code == 130


def test_ctrl_c_says_what_is_kept(play: Play) -> None:
    """The question promises to keep a draft only while there is one: not once its bundle is made."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("ctrl+c")
        assert "kept and offered next time" in hand.seen()
        await hand.press("escape", "f9", "enter")
        await hand.settle()
        await hand.press("ctrl+c")
        assert "nothing that would be lost" in hand.seen()
        await hand.press("ctrl+c")

    assert play(story).return_code == 0


def test_ctrl_c_copies_a_selection(play: Play) -> None:
    """With a selection Ctrl-C copies it and doesn't ask."""

    async def story(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.type(HOST)
        await hand.press("ctrl+shift+a", "ctrl+c")
        assert hand.app.clipboard.endswith(HOST)
        assert "Leave the wizard?" not in hand.seen()

    play(story)


def test_a_passphrase_never_gets_to_the_clipboard(play: Play) -> None:
    """Neither Ctrl-C nor Ctrl-X copies what is typed as a passphrase."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("down", "enter", "down", "down", "down", "down", "down", "down")
        await hand.type("correct horse")
        await hand.press("ctrl+shift+a", "ctrl+x", "ctrl+c", "escape")
        assert hand.app.clipboard == ""
        assert hand.app.wish().ca_passphrase.reveal() == b"correct horse"

    play(story)


def test_next_is_refused_with_the_reason_where_it_belongs(play: Play) -> None:
    """Next says what is missing, beside the field and at the foot, and puts the focus there."""

    async def story(hand: Hand) -> None:
        await hand.press("enter", "enter")
        assert hand.step == "region"
        assert "✗ Region is missing" in hand.seen()
        await hand.press("down", "down", "enter")
        await hand.type(HOST)
        await hand.press("ctrl+n")
        assert hand.step == "control_plane"
        assert "✗ Its name is missing" in hand.seen()
        await hand.type("orders")
        await hand.press("enter")
        assert hand.step == "authentication"

    play(story)


def test_what_is_no_answer_yet_survives_back(play: Play) -> None:
    """A text that is no answer yet is still there, with what is wrong, after Back; and Review doesn't pass it over."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("enter", "enter", "tab", "tab")
        await hand.type("site=berlin, team")
        await hand.press("escape", "enter")
        assert hand.step == "node"
        assert "site=berlin, team" in hand.seen()
        await hand.press("escape", "f9")
        assert hand.step == "node"
        assert "site=berlin, team" in hand.seen()
        assert "✗ Labels are written" in hand.seen()
        await hand.press("enter")
        assert hand.step == "node"
        await hand.press("end")
        await hand.type("=edge")
        assert hand.draft.node.labels == {"site": "berlin", "team": "edge"}
        hand.app.screen.page.form.show_all()
        hand.app.screen.page.form.focus_field("node.parameters")
        await hand.settle()
        await hand.type("log_level debug")
        await hand.press("escape", "f9", "enter")
        assert hand.step == "node"
        assert "log_level debug" in hand.seen()
        await hand.press("ctrl+home", "backspace", "end", "ctrl+u")
        assert "log_level" not in hand.seen()
        await hand.press("f9")
        assert hand.step == "review"

    play(story)


def test_many_faults_of_one_field_leave_room_for_the_others(play: Play) -> None:
    """Of many faults the first are told and the rest counted; a cure they share is told once."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("enter", "enter", "tab")
        await hand.type(" ".join(f"A{count}" for count in range(40)))
        assert hand.read().count("cannot be a node's name") == 3
        assert hand.read().count("At most 63 lower-case letters") == 1
        assert "… and 37 more" in hand.seen()
        assert "HTTPS port" in hand.seen()

    play(story)


def test_what_cannot_be_understood_stays_and_is_said(play: Play) -> None:
    """A lifetime that means nothing is refused with what is meant, and nothing typed is lost."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("enter", "down", "down", "down")
        await hand.type("soon")
        await hand.press("enter")
        assert hand.step == "certificates"
        assert "Write 10 years, 90 days" in hand.seen()
        assert "soon" in hand.seen()

    play(story)


def test_two_passphrases_that_differ_are_refused(play: Play) -> None:
    """A passphrase is asked for twice, and twice it has to be the same."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("down", "enter", "down", "down", "down", "down", "down", "down")
        await hand.type("correct horse")
        await hand.press("down")
        await hand.type("correct hose")
        await hand.press("enter")
        assert hand.step == "certificates"
        assert "The two passphrases differ" in hand.seen()

    play(story)


def test_a_host_of_another_region_is_said_and_cured_in_place(play: Play) -> None:
    """The region chosen before and the one the host names are both shown; one key takes the right one."""

    async def story(hand: Hand) -> None:
        await hand.press("enter", "down", "enter")
        await hand.type(HOST)
        assert "keep au" in hand.seen()
        await hand.press("tab", "right")
        assert hand.draft.control_plane.region == "eu"
        assert "keep au" not in hand.seen()

    play(story)


def test_a_pasted_key_is_not_kept_and_is_warned_of(play: Play) -> None:
    """A private key in the paste is shown nowhere, kept nowhere, and the operator is told it was seen."""

    async def story(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.type(
            f"KONG_CLUSTER_CONTROL_PLANE={HOST}:443\n-----BEGIN PRIVATE KEY-----\nMARK\n-----END PRIVATE KEY-----"
        )
        assert "private key" in hand.read()
        assert "MARK" not in hand.seen()
        assert "MARK" not in repr(hand.draft)

    play(story)


def test_f1_explains_the_focused_field(play: Play) -> None:
    """F1 tells of the field with the focus, each of its choices, and the step; Esc closes it."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("enter", "down", "down", "f1")
        assert "EC P-384" in hand.seen()
        assert "Where a policy asks for it." in hand.seen()
        await hand.press("escape")
        assert hand.step == "certificates"
        assert "EC P-384" not in hand.seen()

    play(story)


def test_space_lists_all_choices_of_a_row(play: Play) -> None:
    """A row that shows one choice shows all of them, with what each means, on Space."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("enter", "enter", "space")
        assert "3.10 LTS" in hand.seen()
        assert "full support until 2028-03-31" in hand.seen()
        await hand.press("up", "enter")
        assert hand.draft.gateway.version == "3.15"

    play(story)


@pytest.mark.parametrize("small", [(60, 15), (20, 5), (79, 24), (1, 1)])
def test_too_small_a_window_says_so_and_loses_nothing(play: Play, small: tuple[int, int]) -> None:
    """Below 80×24 a message stands instead of half a page; larger again, everything is as it was."""

    async def story(hand: Hand) -> None:
        await hand.to_control_plane()
        await hand.type(HOST)
        await hand.pilot.resize_terminal(*small)
        await hand.settle()
        if small[0] >= 40:
            assert "80 × 24" in hand.seen()
            assert "Paste its address" not in hand.seen()
            assert "Esc Back" not in hand.seen()
        await hand.press("enter", "f9", "escape")
        await hand.pilot.resize_terminal(80, 24)
        await hand.settle()
        assert hand.step == "control_plane"
        assert HOST in hand.seen()

    play(story)


def test_the_rail_is_words_at_any_width(play: Play) -> None:
    """At 80 columns the rail is one line, from 100 on a list with what was chosen."""

    async def narrow(hand: Hand) -> None:
        await hand.to_control_plane()
        assert "Step 3 of 9 · Control plane" in hand.seen()

    async def wide(hand: Hand) -> None:
        await hand.to_control_plane()
        assert "✓ Region" in hand.seen()
        assert "▸ Control plane" in hand.seen()
        assert "· Platforms" in hand.seen()

    play(narrow)
    play(wide, size=(120, 40))


def test_the_row_of_rare_fields_follows_what_is_chosen(play: Play) -> None:
    """What stands behind the row of rare fields changes with the platforms."""

    async def story(hand: Hand) -> None:
        await hand.to_authentication()
        await hand.press("enter", "enter", "enter")
        assert "+ docker:" in hand.seen()
        await hand.press("down", "space", "up", "space")
        assert "+ docker:" not in hand.seen()
        assert "+ compose:" in hand.seen()
        await hand.press("down", "space", "down", "space", "down", "space", "tab", "tab")
        assert "Enter shows them" in hand.seen()

    play(story)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_list_draws_what_changed_and_looks_as_if_drawn_whole(play: Play, size: tuple[int, int]) -> None:
    """Drawing only the lines that a key changes leaves nothing old on the screen, in any list."""

    async def story(hand: Hand) -> None:
        for at, keys in (("region", ["down", "down", "end", "up", "home"]), ("authentication", ["down", "up", "down"])):
            await hand.app.screen.go(at)
            await hand.settle()
            for key in keys:
                await hand.press(key)
                quick = [list(strip) for strip in hand.app.screen._compositor.render_strips()]
                hand.app.screen.query_one("ChoiceList").refresh()
                await hand.settle()
                assert [list(strip) for strip in hand.app.screen._compositor.render_strips()] == quick

    play(story, size=size)


def test_enter_takes_no_step_that_cannot_be_seen(play: Play) -> None:
    """In a window that is too small, Enter in a field goes nowhere either."""

    async def story(hand: Hand) -> None:
        await hand.pilot.resize_terminal(79, 23)
        await hand.settle()
        await hand.press("enter")
        await hand.pilot.resize_terminal(80, 24)
        await hand.settle()
        assert hand.step == "start"

    play(story)


def test_a_sentence_of_any_length_leaves_room_for_f1() -> None:
    """A sentence too long for the two lines at the foot is cut, and that F1 has all of it is seen."""
    shown = chrome.hint("It failed: " + "z" * 3000, "", 76).plain.splitlines()
    assert len(shown) == 2
    assert all(len(line) <= 76 for line in shown)
    assert shown[1].endswith("… F1 says more.")


def test_enter_is_named_at_any_width(play: Play) -> None:
    """What Enter does is never pushed off the line of keys; the page's rarer keys give way, and F1 tells them."""
    own = [(f"F{number}", "Something", f"page.some{number}") for number in range(2, 7)]
    always = [("Esc", "Back", "screen.back"), ("F1", "Help", "app.explain"), ("Ctrl+Q", "Quit", "app.leave")]
    for width in range(80, 140):
        line = chrome.keys([*own, *always], width, "Take").plain
        assert len(line) <= width - 2
        assert line.endswith(" Enter Take ")
        assert "F2 Something" in line
        assert "Ctrl+Q Quit" in line
