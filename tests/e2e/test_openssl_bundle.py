"""OpenSSL's own programs read and accept what a bundle holds."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import samples
from msgspec.structs import replace
from openssl_peer import TIMEOUT, control_plane, s_client_gets_in

from konnect_tui.pki.making import files, issue
from konnect_tui.pki.material import Material
from konnect_tui.plan import Plan
from konnect_tui.secret import Secret
from programs import needs

PASSPHRASE = Secret(b"correct horse battery")


def _plan(mode: str, **values: object) -> Plan:
    plan = samples.pinned() if mode == "pinned" else samples.pki()
    return replace(plan, certificate=replace(plan.certificate, **values))


PLANS = {
    "pinned": _plan("pinned"),
    "pinned shared": _plan("pinned", per="bundle", common_names={"shared": "konnect-edge"}, key="ec-p384"),
    "root uploaded": _plan("pki", intermediates=0),
    "one intermediate": _plan("pki", sans=("edge.example.com", "IP:192.0.2.1", "URI:spiffe://a/b", "email:a@b.c")),
    "two intermediates": _plan("pki", intermediates=2, key="ec-p384", subject=(("O", "Example AG"), ("C", "CH"))),
    "intermediate uploaded": _plan("pki", upload="intermediate", key="rsa-2048"),
}


@pytest.fixture(scope="module", params=PLANS)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """The key and certificate files of a plan, written out."""
    plan = PLANS[request.param]
    return write(plan, tmp_path_factory.mktemp("bundle")), plan


def write(plan: Plan, folder: Path) -> Path:
    """Make everything the plan wants and write its files."""
    work = issue.work(plan, issue.Holdings(), False)
    material: Material = issue.carry_out(plan, issue.Holdings(), work, passphrase=PASSPHRASE, progress=lambda *_: None)
    for path, file in files.render(plan, material).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(file.mode)
        target.write_bytes(file.data)
    return folder


def openssl(*arguments: str | Path) -> str:
    """What an openssl command prints; it has to succeed."""
    command = [needs("openssl"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    for certificate in (*folder.glob("nodes/*/tls.crt"), *folder.glob("ca/*.crt")):
        yield certificate, certificate.with_suffix(".key")


def test_openssl_reads_every_key_and_certificate(bundle: tuple[Path, Plan]) -> None:
    """Each key loads, is whole and is the one that its certificate certifies; the passphrase opens those of CAs."""
    folder, _ = bundle
    for certificate, key in _pairs(folder):
        passphrase = f"pass:{PASSPHRASE.reveal().decode()}"
        public = openssl("pkey", "-in", key, "-pubout", "-passin", passphrase)
        assert public == openssl("x509", "-in", certificate, "-noout", "-pubkey")
        openssl("pkey", "-in", key, "-noout", "-check", "-passin", passphrase)
    for upload in folder.glob("upload/*.crt"):
        assert "Certificate:" in openssl("x509", "-in", upload, "-noout", "-text")


def test_keys_of_nodes_are_plain_and_of_cas_encrypted(bundle: tuple[Path, Plan]) -> None:
    """Kong cannot open an encrypted key; a CA key lies encrypted unless asked otherwise."""
    folder, _ = bundle
    assert all(b"BEGIN PRIVATE KEY" in key.read_bytes() for key in folder.glob("nodes/*/tls.key"))
    assert all(b"BEGIN ENCRYPTED PRIVATE KEY" in key.read_bytes() for key in folder.glob("ca/*.key"))


def test_encrypted_key_takes_long_to_guess(tmp_path: Path) -> None:
    """A CA key costs a guesser 600,000 rounds of PBKDF2 with SHA-256, and is AES-256 behind it."""
    folder = write(PLANS["root uploaded"], tmp_path)
    parsed = openssl("asn1parse", "-in", folder / "ca/root.key")
    assert "PBKDF2" in parsed
    assert "hmacWithSHA256" in parsed
    assert "aes-256-cbc" in parsed
    assert f":{600_000:06X}" in parsed


def test_openssl_verify_agrees(bundle: tuple[Path, Plan]) -> None:
    """`openssl verify -partial_chain -purpose sslclient` accepts every node against exactly the uploads."""
    folder, plan = bundle
    uploaded = folder / "uploaded.pem"
    moment = str(int(plan.certificate.not_before.timestamp()) + 3600)
    for node in plan.nodes:
        own = folder / ("upload/shared.crt" if plan.shared else f"upload/{node.name}.crt")
        uploaded.write_bytes(own.read_bytes() if own.exists() else next(folder.glob("upload/*.crt")).read_bytes())
        chain = folder / f"nodes/{node.name}/tls.crt"
        options = ("-no-CAfile", "-no-CApath", "-no-CAstore", "-partial_chain", "-purpose", "sslclient")
        options += ("-attime", moment, "-auth_level", "2", "-trusted", str(uploaded), "-untrusted", str(chain))
        assert ": OK" in openssl("verify", *options, chain)


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_handshake_with_openssl(bundle: tuple[Path, Plan], tls: str, tmp_path: Path) -> None:
    """`openssl s_client` with a node's files gets into `openssl s_server` with the uploads, in both versions of TLS."""
    folder, plan = bundle
    uploaded = tmp_path / "uploaded.pem"
    uploaded.write_bytes(b"".join(path.read_bytes() for path in folder.glob("upload/*.crt")))
    with control_plane(tmp_path, uploaded) as server:
        for node in plan.nodes:
            files_ = folder / "nodes" / node.name
            assert s_client_gets_in(server, files_ / "tls.crt", files_ / "tls.key", tls)


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_another_bundle_is_refused_by_openssl(bundle: tuple[Path, Plan], tls: str, tmp_path: Path) -> None:
    """A node of another bundle made from the same plan does not get in."""
    folder, plan = bundle
    other = write(plan, tmp_path / "other")
    uploaded = tmp_path / "uploaded.pem"
    uploaded.write_bytes(b"".join(path.read_bytes() for path in folder.glob("upload/*.crt")))
    files_ = other / "nodes" / plan.nodes[0].name
    with control_plane(tmp_path, uploaded) as server:
        assert not s_client_gets_in(server, files_ / "tls.crt", files_ / "tls.key", tls)
