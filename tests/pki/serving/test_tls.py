"""The server's end of TLS, driven in memory by Python's own client."""

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificate_maker import NOW, Made, make
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from konnect_tui.pki import parse
from konnect_tui.pki.pem import certificate_der, certificate_pem
from konnect_tui.pki.serving import tls
from konnect_tui.pki.serving.authority import Issuing, new_authority
from konnect_tui.pki.serving.tls import Front, Serving, TlsBroken

AUTHORITY = new_authority(datetime.now(UTC))
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


@pytest.fixture
def front() -> Front:
    """A server that has every name below `known.localhost`."""
    issuing = Issuing(AUTHORITY, datetime.now(UTC))
    return Front(issuing, ("127.0.0.1", "localhost"), lambda name: name.endswith(".known.localhost"))


class Client:
    """Python's client at the other end."""

    def __init__(self, server: Serving, name: str, folder: Path, chain: list[Made], version: str = "1.3") -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=certificate_pem(AUTHORITY.certificate).decode())
        context.minimum_version = context.maximum_version = VERSIONS[version]
        if chain:
            (folder / "tls.crt").write_bytes(b"".join(each.pem for each in chain))
            (folder / "tls.key").write_bytes(chain[0].secret.reveal())
            context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.end = context.wrap_bio(self._in, self._out, server_hostname=name)
        self.server = server

    def shake_hands(self) -> "Client":
        for _ in range(5):
            try:
                self.end.do_handshake()
            except ssl.SSLWantReadError:
                self.carry()
            else:
                self.carry()
                return self
        raise AssertionError("the handshake did not end")

    def carry(self) -> bytes:
        """Bring both ends what the other has sent; what the client said."""
        said = self.server.receive(self._out.read())
        self._in.write(self.server.outgoing())
        return said


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("name", ["edge.known.localhost", "localhost", "127.0.0.1"])
def test_each_name_has_its_certificate(front: Front, tmp_path: Path, name: str, version: str) -> None:
    """The client is shown a certificate for the name it asks for, and what it presents is known, leaf first."""
    root = make("root", ca=True)
    chain = [root.issue("edge-1"), root]
    client = Client(front.connection(), name, tmp_path, chain, version).shake_hands()
    assert client.server.established
    assert client.server.presented == tuple(each.der for each in chain)
    assert client.server.version == version
    assert client.server.server_name == ("" if name == "127.0.0.1" else name)
    client.end.write(b"hello" * 10_000)
    assert client.carry() == b"hello" * 10_000
    client.server.send(b"welcome" * 10_000)
    client.carry()
    assert client.end.read(70_000)


def test_a_name_that_it_does_not_have(front: Front, tmp_path: Path) -> None:
    """For another name there is no certificate, and the client's refusal is known by its words."""
    client = Client(front.connection(), "edge.other.localhost", tmp_path, [make("edge-1")])
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        client.shake_hands()
    with pytest.raises(TlsBroken, match="bad certificate"):
        client.carry()


def test_any_certificate_is_let_through(front: Front, tmp_path: Path) -> None:
    """One that has ended, and none at all, get through the handshake: who comes in is decided afterwards."""
    ended = make("ended", begins=NOW - timedelta(days=9), ends=NOW - timedelta(days=2))
    for chain in ([ended], []):
        client = Client(front.connection(), "localhost", tmp_path, chain).shake_hands()
        assert client.server.presented == tuple(each.der for each in chain)


def test_goodbye(front: Front, tmp_path: Path) -> None:
    """Either side can say that it is done, and the other knows."""
    client = Client(front.connection(), "localhost", tmp_path, []).shake_hands()
    client.server.close()
    client._in.write(client.server.outgoing())
    assert client.end.read(10) == b""
    with suppress(ssl.SSLError):  # it waits for an answer that it has already
        client.end.unwrap()
    client.carry()
    assert client.server.ended


def test_it_keeps_no_more_than_it_should(front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many names are asked for, only the latest are kept ready."""
    monkeypatch.setattr(tls, "_MOST_NAMES", 3)
    for number in range(6):
        Client(front.connection(), f"n{number}.known.localhost", tmp_path, []).shake_hands()
    assert len(front._contexts) == 3


def test_the_authority_is_one_by_the_rules_of_the_web() -> None:
    """What it issues satisfies a strict verifier, for exactly the names asked for."""
    issued = parse.certificate(Issuing(AUTHORITY, datetime.now(UTC)).certificate(("a.known.localhost",)))
    store = Store([parse.certificate(AUTHORITY.certificate)])
    verifier = PolicyBuilder().store(store).build_server_verifier(x509.DNSName("a.known.localhost"))
    assert len(verifier.verify(issued, [])) == 2


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_one_certificate_in_clean_pem(ends: str) -> None:
    """One certificate is read whatever its line ends; two, none, or something else are not."""
    made = make("edge-1")
    text = made.pem.replace(b"\n", ends.encode())
    assert certificate_der(text) == made.der
    for other in (text * 2, b"", b"x" + text, text.replace(b"CERTIFICATE", b"PUBLIC KEY"), text.replace(b"M", b"*")):
        assert certificate_der(other) is None
