from datetime import timedelta

import pytest
import samples
from certificate_maker import make, small_rsa
from msgspec.structs import replace

from konnect_tui.errors import KonnectError
from konnect_tui.pki.judging import rehearsal
from konnect_tui.pki.judging.rehearsal import rehearse
from konnect_tui.pki.judging.verdict import Mode, Rehearsed
from konnect_tui.pki.making import issue
from konnect_tui.pki.material import Identity
from konnect_tui.secret import Secret

MOMENT = samples.NOT_BEFORE + timedelta(days=1)


def _made(mode: str, **values: object) -> tuple[list[Rehearsed], list[bytes]]:
    plan = samples.pinned() if mode == "pinned" else samples.pki()
    plan = replace(plan, certificate=replace(plan.certificate, ca_key="plain", **values))
    work = issue.work(plan, issue.Holdings(), True)
    made = issue.carry_out(plan, issue.Holdings(), work, passphrase=None, progress=lambda *_: None)
    return [Rehearsed(name, node.current) for name, node in made.nodes.items()], [
        each.certificate for each in made.uploads
    ]


@pytest.mark.parametrize("key", ["ec-p256", "ec-p384", "rsa-2048"])
@pytest.mark.parametrize("mode", ["pinned", "pki"])
def test_every_node_in_both_versions(mode: Mode, key: str) -> None:
    """A row per node and version of TLS, all accepted for what we made."""
    nodes, uploaded = _made(mode, key=key)
    rows = rehearse(nodes, mode, uploaded, now=MOMENT)
    assert [(row.name, row.tls) for row in rows] == [(node.name, tls) for node in nodes for tls in ("1.2", "1.3")]
    assert all(row.accepted and not row.findings for row in rows)


@pytest.mark.parametrize("mode", ["pinned", "pki"])
def test_another_bundle_is_refused(mode: Mode) -> None:
    """Another bundle's uploads let nobody in, and the row says why."""
    nodes, _ = _made(mode)
    _, uploaded = _made(mode)
    rows = rehearse(nodes, mode, uploaded, now=MOMENT)
    expected = "leaf-not-uploaded" if mode == "pinned" else "wrong-upload"
    assert all(not row.accepted and row.findings[0].code == expected for row in rows)


def test_faults_of_the_node_itself() -> None:
    """A key of another certificate, or too short, is refused with its cause; nothing hangs."""
    leaf, weak = make("leaf"), make("weak", key=small_rsa())
    mixed = Rehearsed("mixed", Identity((leaf.der,), make("x").secret))
    short = Rehearsed("short", Identity((weak.der,), weak.secret))
    rows = rehearse([mixed, short], "pinned", [leaf.der, weak.der])
    assert [row.findings[0].code for row in rows] == ["key-mismatch"] * 2 + ["weak-key"] * 2


def test_nodes_without_certificate_are_left_out() -> None:
    """While a certificate is pending, or the key is held elsewhere, there is nothing to rehearse."""
    assert rehearse([Rehearsed("a", Identity()), Rehearsed("b", Identity((make("x").der,)))], "pki", []) == ()


def test_progress_counts_nodes() -> None:
    """Progress is told after every node."""
    nodes, uploaded = _made("pinned")
    told: list[tuple[str, int, int]] = []
    rehearse(nodes, "pinned", uploaded, progress=lambda *step: told.append(step))
    assert told == [("handshakes", 1, 2), ("handshakes", 2, 2)]


def test_no_loopback_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where loopback connections are forbidden, that is the error."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(rehearsal.socket.socket, "connect", refuse, raising=False)
    leaf = make("leaf")
    with pytest.raises(KonnectError) as caught:
        rehearse([Rehearsed("a", Identity((leaf.der,), leaf.secret))], "pinned", [leaf.der])
    assert (caught.value.code, caught.value.exit_code) == ("rehearsal-broken", 1)


def test_damaged_key_is_said() -> None:
    """A key file that holds no key is an error by name."""
    leaf = make("leaf")
    with pytest.raises(KonnectError) as caught:
        rehearse([Rehearsed("a", Identity((leaf.der,), Secret(b"nonsense")))], "pinned", [leaf.der])
    assert caught.value.code == "damaged-key"
