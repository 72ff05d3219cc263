"""What time does to a bundle: ends that are kept, that come anew with new keys, and that are past."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from running import PINNED, PKI, Apply

from konnect_tui.services import Services

Later = Callable[[timedelta], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Lets that much time pass."""

    def passes(time: timedelta) -> None:
        assert Services.__init__.__kwdefaults__ is not None
        monkeypatch.setitem(Services.__init__.__kwdefaults__, "now", lambda: datetime.now(UTC) + time)

    return passes


def test_new_keys_need_no_replace_for_what_tells_their_dates(apply: Apply, workspace: Path, later: Later) -> None:
    """--new-keys is enough at any later time, although the runbook names other dates then."""
    apply(PKI)
    readme = workspace / "orders-us" / "README.md"
    before = readme.read_text()
    later(timedelta(days=3))
    foreseen = apply(PKI, "--new-keys", "--dry-run")
    done = apply(PKI, "--new-keys")
    assert (foreseen.code, done.code) == (0, 0), done.out
    assert "README.md" in foreseen.document["changed"]
    assert foreseen.document["changed"] == done.document["changed"]
    assert readme.read_text() != before


def test_new_keys_alone_bring_no_other_answers(apply: Apply, later: Later) -> None:
    """--new-keys with other answers as well still asks for --replace, and says that both are needed."""
    apply(PINNED)
    later(timedelta(days=3))
    refused = apply(PINNED + '[platform.docker]\nbind_address = "127.0.0.1"\n', "--new-keys")
    assert (refused.code, refused.document["error"]["code"]) == (3, "needs-replace")
    assert "--new-keys and --replace" in refused.document["error"]["hint"]


def test_a_life_that_was_not_shortened_is_not_said_to_be(apply: Apply, later: Later) -> None:
    """Applying the same answers later says nothing of a shorter life: the ends are those the bundle has."""
    assert apply(PKI).codes("note") == []
    later(timedelta(days=30))
    assert apply(PKI).codes("note") == []


def test_a_default_life_is_cut_to_its_ca_and_that_is_said(apply: Apply, later: Later) -> None:
    """A default life that would outlast the CA is cut to the CA's end, with a note."""
    apply(PKI.replace("[certificate]\n", "[certificate]\ndays = 90\n"))
    later(timedelta(days=30))
    done = apply(PKI, "--replace")
    assert done.code == 0, done.out
    assert done.codes("note") == [("certificate.years", "life-shortened")]


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_no_certificate_is_made_that_has_ended_already(options: tuple[str, ...], apply: Apply) -> None:
    """An end earlier today is refused, dry run or not."""
    end = (datetime.now(UTC) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    refused = apply(PINNED + f"[certificate]\nnot_after = {end}\n", *options)
    assert refused.code == 2
    assert [code for _, code in refused.codes()] == ["past-end"]


def test_after_its_end_a_bundle_gets_no_further_node(apply: Apply, later: Later) -> None:
    """A node cannot be added to a bundle that has ended: its certificate would have, too."""
    apply(PINNED + "[certificate]\ndays = 5\n")
    later(timedelta(days=6))
    assert apply(PINNED + "[certificate]\ndays = 5\n").document["changed"] == []
    more = PINNED + '[certificate]\ndays = 5\n[node]\nnames = ["node-1", "node-2"]\n'
    refused = apply(more)
    assert (refused.code, refused.codes()) == (2, [("certificate.days", "past-end")])
    assert apply(more, "--new-keys").code == 0
