"""From Certificates to a finished bundle at 80×24, for every source, pinned and PKI."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from certificate_maker import Made, make
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from ui_hand import Hand

from konnect_tui.pki.read import read_file
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp
from konnect_tui.ui.dialogs import HelpScreen

Play = Callable[..., KonnectApp]
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = make("Corp Root", ca=True, begins=BEGINS)
ISSUING = ROOT.issue("Corp Issuing", ca=True, begins=BEGINS)
LEAF = ISSUING.issue("edge-1", begins=BEGINS)
BUNDLE = "orders-eu"


def locked(made: Made) -> bytes:
    """Its key under the passphrase pw."""
    return made.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pw")
    )


def signed(request: Path, by: Made) -> bytes:
    """What a PKI desk sends back, PEM."""
    asked = x509.load_pem_x509_csr(request.read_bytes())
    builder = (
        x509.CertificateBuilder()
        .subject_name(asked.subject)
        .issuer_name(by.certificate.subject)
        .public_key(asked.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(by.certificate.not_valid_after_utc)
    )
    for each in asked.extensions:
        builder = builder.add_extension(each.value, each.critical)
    return builder.sign(by.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def certs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an operator has in a folder at home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "mixed.pem").write_bytes(ROOT.pem + LEAF.pem + LEAF.secret.reveal() + ISSUING.pem)
    (folder / "leaf.pem").write_bytes(LEAF.pem)
    (folder / "leaf.key").write_bytes(locked(LEAF))
    (folder / "issuing.pem").write_bytes(ISSUING.pem + ROOT.pem)
    (folder / "issuing.key").write_bytes(locked(ISSUING))
    return folder


async def finish(hand: Hand) -> None:
    """From Certificates to the end of Create."""
    await hand.press("f9")
    assert hand.step == "review", hand.seen()
    await hand.press("enter")
    assert hand.step == "create"


@pytest.mark.parametrize("pki", [False, True], ids=["pinned", "pki"])
def test_files_are_imported(play: Play, services: Services, certs: Path, pki: bool) -> None:
    """One file with everything in the wrong order: what was put right is told, the node is accepted."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2, pki=pki)
        await hand.press("down")
        await hand.type(str(certs / "mixed.pem"))
        assert "✓ Accepted" in hand.seen()
        assert "“edge-1”, is put" in hand.read()
        await finish(hand)
        assert "node-1 is accepted over TLS 1.2 and 1.3" in hand.seen()

    play(story)
    folder = Path(services.root) / BUNDLE
    chain = (LEAF.der, ISSUING.der) if pki else (LEAF.der,)
    assert read_file(folder / "nodes/node-1/tls.crt").certificates == chain
    upload = folder / ("upload/ca.crt" if pki else "upload/node-1.crt")
    assert read_file(upload).certificates == ((ROOT.der,) if pki else (LEAF.der,))


def test_a_locked_key_and_a_missing_chain_are_told_beside_their_fields(play: Play, certs: Path) -> None:
    """What the files lack stands beside the field that cures it, and the drawing appears when all is there."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2, pki=True)
        await hand.press("down")
        await hand.type(str(certs / "leaf.pem"))
        assert "Private key is missing" in hand.read()
        await hand.press("down")
        await hand.type(str(certs / "leaf.key"))
        assert "Type the passphrase of that file here" in hand.read()
        await hand.press("enter")
        assert hand.step == "certificates"
        await hand.type("wrong")
        assert "wrong" not in hand.seen()
        assert "✗" in hand.seen()
        await hand.press("ctrl+a", "ctrl+k")
        await hand.type("pw")
        assert "Chain above is missing" in hand.read()
        await hand.press("down")
        await hand.type(str(certs / "issuing.pem"))
        assert "✓ Accepted" in hand.seen()
        await hand.press("down", "right")
        assert hand.draft.certificate.upload == "intermediate"
        assert "Accepted: Konnect is given “Corp Issuing”" in hand.read()
        await finish(hand)

    play(story)


@pytest.mark.parametrize("pki", [False, True], ids=["pinned", "pki"])
def test_ones_own_ca_issues(play: Play, services: Services, certs: Path, pki: bool) -> None:
    """A CA with an encrypted key issues; its passphrase is typed; neither is copied into the bundle."""

    async def story(hand: Hand) -> None:
        await hand.to_source(1, pki=pki)
        await hand.press("down")
        await hand.type(str(certs / "issuing.pem"))
        await hand.press("down")
        await hand.type(str(certs / "issuing.key"))
        await hand.press("down")
        await hand.type("pw")
        assert "✓ Accepted" in hand.seen()
        await finish(hand)
        assert "node-1 is accepted over TLS 1.2 and 1.3" in hand.seen()

    play(story)
    folder = Path(services.root) / BUNDLE
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not any(ISSUING.secret.reveal()[60:120] in path.read_bytes() for path in files)
    assert [path.name for path in files if path.suffix == ".key"] == ["tls.key"]


@pytest.mark.parametrize("pki", [False, True], ids=["pinned", "pki"])
def test_requests_are_sent_and_answered(play: Play, services: Services, certs: Path, pki: bool) -> None:
    """Create says what to send; Start lists the bundle as waiting and opens it where the answer goes; then it runs."""
    folder = Path(services.root) / BUNDLE

    async def ask(hand: Hand) -> None:
        await hand.to_source(3, pki=pki)
        assert "Keys and requests are made for node-1" in hand.read()
        await finish(hand)
        assert "nodes/node-1/tls.csr" in hand.seen()
        assert "request-note.md" in hand.seen()
        assert "docker/node-1/run.sh" not in hand.seen()
        await hand.press("enter")

    app = play(ask)
    assert "--signed" in app.farewell.text()
    key = (folder / "nodes/node-1/tls.key").read_bytes()
    back = certs / "back.pem"
    back.write_bytes(ROOT.pem + ISSUING.pem + signed(folder / "nodes/node-1/tls.csr", ISSUING))

    async def answer(hand: Hand) -> None:
        assert "Waiting for certificates" in hand.seen()
        await hand.press("down", "enter")
        assert hand.step == "certificates"
        assert "Waiting for the certificate of node-1." in hand.read()
        await hand.type(str(back))
        assert "✓ Accepted" in hand.seen()
        await finish(hand)
        assert "node-1 is accepted over TLS 1.2 and 1.3" in hand.seen()
        assert "docker/node-1/run.sh" in hand.seen()

    play(answer)
    assert (folder / "nodes/node-1/tls.key").read_bytes() == key
    assert len(read_file(folder / "nodes/node-1/tls.crt").certificates) == (2 if pki else 1)


def test_each_node_has_files_of_its_own(play: Play, services: Services, certs: Path) -> None:
    """With several nodes each has its line; one shared pair can be chosen instead."""
    (certs / "two.pem").write_bytes((two := ROOT.issue("edge-2", begins=BEGINS)).pem + two.secret.reveal())

    async def story(hand: Hand) -> None:
        await hand.to_source(0)
        await hand.press("enter", "down")
        await hand.type("edge-{1..2}")
        await hand.press("escape", "right", "right", "down", "down")
        await hand.type(f"edge-1 = {certs}/mixed.pem\nedge-2 = {certs}/two.pem")
        assert [each.name for each in hand.draft.node.each] == ["edge-1", "edge-2"]
        assert "✓ Accepted" in hand.seen()
        await finish(hand)
        assert "edge-2 is accepted" in hand.seen()

    play(story)
    folder = Path(services.root) / BUNDLE
    assert read_file(folder / "nodes/edge-2/tls.crt").certificates == (two.der,)


def test_turning_through_the_sources_loses_nothing(play: Play, certs: Path) -> None:
    """What was answered for one source is there again when it is gone back to."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2, pki=True)
        await hand.press("down")
        await hand.type(str(certs / "mixed.pem"))
        before = hand.draft
        await hand.press("up", "left", "left", "right", "right", "right", "left")
        assert hand.draft == before
        assert "mixed.pem" in hand.seen()
        assert "✓ Accepted" in hand.seen()

    play(story)


def test_another_mode_leaves_nothing_behind_that_can_not_be_answered(play: Play, certs: Path) -> None:
    """What was answered for PKI does not come back with its source once the control plane is pinned."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2, pki=True)
        hand.app.screen.page.form.focus_field("certificate.upload")
        await hand.press("right")
        hand.app.screen.page.form.focus_field("certificate.source")
        await hand.press("left", "left", "down", "down", "down", "down", "right")
        assert hand.draft.certificate.intermediates == 1
        await hand.press("escape", "up", "enter")
        await hand.press("right", "right", "left", "left")
        assert not [each for each in hand.app.problems() if each.severity == "error"]
        await hand.press("enter")
        assert hand.step == "node"

    play(story)


@pytest.mark.parametrize("key", ["f2", "f3", "f4"])
def test_a_sheet_survives_any_window(play: Play, certs: Path, key: str) -> None:
    """Browser, paste area and explorer can be made tiny and large again."""

    async def story(hand: Hand) -> None:
        await hand.to_source(2)
        await hand.press("down", key)
        for size in ((20, 5), (1, 1), (200, 60), (80, 24)):
            await hand.pilot.resize_terminal(*size)
            await hand.settle()
        await hand.press("f1")
        assert isinstance(hand.app.screen, HelpScreen)
        await hand.press("escape", "escape")
        assert hand.step == "certificates"
        assert "files you have" in hand.seen()

    play(story)


def test_enter_gives_konnect_the_other_ca_where_that_is_the_cure(play: Play, certs: Path) -> None:
    """With an expired root and a CA below it that is in date, Enter takes the upload that is accepted."""
    old = make("Old Root", ca=True, begins=datetime(2020, 1, 1, tzinfo=UTC), ends=BEGINS)
    issuing = old.issue("Issuing", ca=True, begins=BEGINS)
    leaf = issuing.issue("edge-1", begins=BEGINS)
    (certs / "old.pem").write_bytes(leaf.pem + issuing.pem + old.pem + leaf.secret.reveal())

    async def story(hand: Hand) -> None:
        await hand.to_source(2, pki=True)
        await hand.press("down")
        await hand.type(str(certs / "old.pem"))
        assert "“Old Root” has ended" in hand.read()
        assert "Enter does this: Konnect is given the issuing CA instead" in hand.read()
        assert "Enter Fix it" in hand.seen()
        await hand.press("enter")
        assert hand.draft.certificate.upload == "intermediate"
        assert "✓ Accepted: Konnect is given “Issuing”" in hand.read()
        await finish(hand)

    play(story)


@pytest.mark.parametrize("name", ["[/x]", "\x1b[31m\x1b[2J", "\u202egnp", "two\nlines"], ids=ascii)
def test_hostile_subjects_on_the_page(play: Play, certs: Path, name: str) -> None:
    """Subjects in what is imported are shown literally, in the drawing, in notes, in problems and on Review."""
    root = make(name, ca=True, begins=BEGINS)
    leaf = root.issue(f"{name}!", begins=BEGINS)
    stranger = make(f"{name}?", ca=True, begins=BEGINS)
    (certs / "[b].pem").write_bytes(stranger.pem + leaf.pem + root.pem + leaf.secret.reveal())
    (certs / "bare.pem").write_bytes(leaf.pem + leaf.secret.reveal())

    async def story(hand: Hand) -> None:
        await hand.to_source(2, pki=True)
        await hand.press("down")
        await hand.type(str(certs / "bare.pem"))
        assert "Chain above is missing" in hand.read()
        assert not {"\x1b", "\u202e"} & set(hand.seen())
        await hand.press("f4", "escape", "ctrl+a", "ctrl+k")
        await hand.type(str(certs / "[b].pem"))
        assert "✓ Accepted" in hand.seen()
        assert not {"\x1b", "\u202e"} & set(hand.seen())
        await finish(hand)
        assert not {"\x1b", "\u202e"} & set(hand.seen())

    play(story, size=(120, 40))
