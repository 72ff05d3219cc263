"""What an import writes is read by OpenSSL and GnuTLS alike, whatever form it came in."""

import subprocess
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from certificate_maker import Made, make
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs7, pkcs12
from running import run

from programs import needs

PASSPHRASE = "correct horse"
KEYS: dict[str, Callable[[], object]] = {
    "ec-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ec-p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


class Given:
    """A chain of three and the forms its files may have."""

    def __init__(self, folder: Path, key: object) -> None:
        self.folder = folder
        self.root = make("R1", ca=True)
        self.intermediate = self.root.issue("I1", ca=True)
        self.leaf = self.intermediate.issue("edge-1", key=key)

    def file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def key(self, encoding: serialization.Encoding, *, locked: bool = False, traditional: bool = False) -> bytes:
        form = serialization.PrivateFormat.TraditionalOpenSSL if traditional else serialization.PrivateFormat.PKCS8
        return self.leaf.key.private_bytes(
            encoding, form, BestAvailableEncryption(PASSPHRASE.encode()) if locked else NoEncryption()
        )


def _chain(given: Given) -> Sequence[Made]:
    return given.leaf, given.intermediate, given.root


def _pem(given: Given) -> list[str]:
    everything = b"".join(made.pem for made in _chain(given))
    return [given.file("all.pem", everything), given.file("k.pem", given.key(serialization.Encoding.PEM))]


def _der(given: Given) -> list[str]:
    files = [given.file("leaf.der", given.leaf.der), given.file("k.der", given.key(serialization.Encoding.DER))]
    return [*files, given.file("above.pem", given.intermediate.pem + given.root.pem)]


def _pkcs12(given: Given) -> list[str]:
    above = [given.intermediate.certificate, given.root.certificate]
    sealed = BestAvailableEncryption(PASSPHRASE.encode())
    return [
        given.file(
            "e.p12", pkcs12.serialize_key_and_certificates(None, given.leaf.key, given.leaf.certificate, above, sealed)
        )
    ]


def _pkcs7(given: Given) -> list[str]:
    packed = pkcs7.serialize_certificates([made.certificate for made in _chain(given)], serialization.Encoding.DER)
    return [given.file("c.p7b", packed), given.file("k.pem", given.key(serialization.Encoding.PEM, locked=True))]


def _one_line(given: Given) -> list[str]:
    everything = b"".join(made.pem for made in reversed(_chain(given)))
    escaped = everything.replace(b"\n", b"\\n")
    key = given.key(serialization.Encoding.PEM).replace(b"\n", b"\r\n")
    return [given.file("c.env", b'CERT="' + escaped + b'"\n'), given.file("k.pem", b"\xef\xbb\xbf" + key)]


FORMS: dict[str, Callable[[Given], list[str]]] = {
    "pem": _pem,
    "der": _der,
    "pkcs12": _pkcs12,
    "pkcs7": _pkcs7,
    "one-line": _one_line,
}


def _answers(files: list[str], mode: str) -> str:
    named = dict(zip(("certificate", "private_key", "chain"), files, strict=False))
    lines = "".join(f"{key} = {path!r}\n" for key, path in named.items())
    return (
        'schema = 1\n[control_plane]\nsource = "manual"\nregion = "eu"\nname = "Edge"\n'
        f'auth_mode = "{mode}"\nprefix = "0123456789"\n[certificate]\nsource = "import"\n{lines}'
    )


def _said(*words: object) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def _public(text: str) -> str:
    """The PEM block of a public key, without what a program says around it."""
    return text[text.index("-----BEGIN") : text.index("-----END")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KEYS)
def test_others_read_what_an_import_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, kind: str
) -> None:
    """Key and certificate load in both, belong together for both, and the chain verifies up to the upload."""
    openssl, certtool = needs("openssl"), needs("certtool")
    monkeypatch.setenv("KONNECT_TUI_PASSPHRASE", PASSPHRASE)
    given = Given(tmp_path, KEYS[kind]())
    (tmp_path / "answers.toml").write_text(_answers(FORMS[form](given), "pki"))
    made = run("apply", tmp_path / "answers.toml", "--workspace", tmp_path / "dp", "--json")
    assert made.code == 0, made.out
    bundle = tmp_path / "dp/edge-eu"
    leaf, key, upload = bundle / "nodes/node-1/tls.crt", bundle / "nodes/node-1/tls.key", bundle / "upload/ca.crt"
    written = x509.load_pem_x509_certificates(leaf.read_bytes())
    assert [each.public_bytes(serialization.Encoding.DER) for each in written] == [
        given.leaf.der,
        given.intermediate.der,
    ]
    assert x509.load_pem_x509_certificate(upload.read_bytes()) == given.root.certificate

    by_openssl = _public(_said(openssl, "x509", "-in", leaf, "-noout", "-pubkey"))
    assert _public(_said(openssl, "pkey", "-in", key, "-pubout")) == by_openssl
    _said(openssl, "verify", "-purpose", "sslclient", "-CAfile", upload, "-untrusted", leaf, leaf)

    assert _public(_said(certtool, "--pubkey-info", "--load-privkey", key)) == by_openssl
    assert "edge-1" in _said(certtool, "--certificate-info", "--infile", leaf)
    assert "verified" in _said(certtool, "--verify", "--load-ca-certificate", upload, "--infile", leaf).lower()


def test_order_means_nothing(tmp_path: Path) -> None:
    """In every order of the same certificates, the bundle has the same bytes."""
    given = Given(tmp_path, KEYS["ec-p256"]())
    key = given.file("k.pem", given.key(serialization.Encoding.PEM))
    seen = set()
    for number, order in enumerate(permutations(_chain(given))):
        path = given.file(f"{number}.pem", b"".join(made.pem for made in order))
        (tmp_path / "answers.toml").write_text(_answers([path, key], "pki"))
        made = run("apply", tmp_path / "answers.toml", "--workspace", tmp_path / f"dp{number}", "--json")
        assert made.code == 0, made.out
        bundle = tmp_path / f"dp{number}/edge-eu"
        seen.add(tuple((bundle / path).read_bytes() for path in ("nodes/node-1/tls.crt", "upload/ca.crt")))
    assert len(seen) == 1
