"""What is neither certificate nor TLS key is named for what it is."""

import bz2
import gzip
import io
import lzma
import subprocess
import tarfile
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest
from certificate_maker import make, small_rsa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, x448, x25519
from cryptography.x509.oid import NameOID

from konnect_tui.errors import KonnectError
from konnect_tui.pki.pem import pem
from konnect_tui.pki.read import read
from konnect_tui.pki.reading.asn1 import encode
from programs import needs

LEAF = make("leaf")
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8, RAW = serialization.PrivateFormat.PKCS8, serialization.PublicFormat.Raw
SPKI, PKCS1 = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1
OPEN = serialization.NoEncryption()


def _code(data: bytes) -> str:
    with pytest.raises(KonnectError) as caught:
        read(data, "file")
    assert "file" in caught.value.message
    assert caught.value.exit_code == 2
    return caught.value.code


def _request(encoding: serialization.Encoding) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(LEAF.key, hashes.SHA256())
    return request.public_bytes(encoding)


def _revocations(encoding: serialization.Encoding) -> bytes:
    valid = LEAF.certificate
    builder = x509.CertificateRevocationListBuilder().issuer_name(valid.subject)
    builder = builder.last_update(valid.not_valid_before_utc).next_update(valid.not_valid_after_utc)
    return builder.sign(LEAF.key, hashes.SHA256()).public_bytes(encoding)


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_relatives_of_certificates(encoding: serialization.Encoding) -> None:
    """Requests, revocation lists and public keys are named, in PEM, in DER and in base64."""
    small = small_rsa().public_key()
    cases = {
        "is-csr": [_request(encoding)],
        "is-crl": [_revocations(encoding)],
        "is-public-key": [
            LEAF.key.public_key().public_bytes(encoding, SPKI),
            small.public_bytes(encoding, SPKI),
            small.public_bytes(encoding, PKCS1),
            x25519.X25519PrivateKey.generate().public_key().public_bytes(encoding, SPKI),
        ],
    }
    for code, files in cases.items():
        for data in files:
            assert _code(data) == code
            assert _code(data.replace(b"\n", b"\r\n") if encoding is PEM else b64encode(data)) == code


def test_parameters_of_curves_and_dsa(tmp_path: Path) -> None:
    """Parameters as openssl writes them are named, also with explicit curves."""
    curve = ["ecparam", "-name", "prime256v1"]
    for command in (
        curve,
        [*curve, "-param_enc", "explicit"],
        ["dsaparam", "1024"],
        ["dhparam", "-dsaparam", "512"],
    ):
        for form in ("PEM", "DER"):
            run = [needs("openssl"), *command[:1], "-outform", form, *command[1:]]
            made = subprocess.run(run, capture_output=True, check=True, timeout=60).stdout
            assert _code(made) == "is-parameters", command


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("NEW CERTIFICATE REQUEST", "is-csr"),
        ("X509 CRL", "is-crl"),
        ("RSA PUBLIC KEY", "is-public-key"),
        ("DH PARAMETERS", "is-parameters"),
        ("X9.42 DH PARAMETERS", "is-parameters"),
        ("OPENSSH PRIVATE KEY", "is-ssh"),
        ("SSH2 ENCRYPTED PRIVATE KEY", "is-ssh"),
        ("PGP PUBLIC KEY BLOCK", "is-pgp"),
        ("PGP PRIVATE KEY BLOCK", "is-pgp"),
        ("PGP MESSAGE", "is-pgp"),
        ("SOMETHING ELSE", "not-a-certificate"),
    ],
)
def test_labels_of_others(label: str, code: str) -> None:
    """A PEM label alone says what a block is, however little of its content is left."""
    assert _code(pem(label, b"whatever")) == code
    if code not in ("is-csr", "is-crl", "is-public-key", "is-parameters", "not-a-certificate"):
        assert _code(pem(label, b"whatever")[:40]) == code


def test_ssh_in_every_form(tmp_path: Path) -> None:
    """SSH keys are named: private, public, authorized, signed, known hosts, the SSH2 form, the PEM of old."""
    path = tmp_path / "key"
    keygen = needs("ssh-keygen")
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True, timeout=20)
    private, public = path.read_bytes(), path.with_suffix(".pub").read_bytes()
    exported = [keygen, "-e", "-f", str(path)]
    for data in (
        private,
        private[:-40],
        public,
        b"# people\n" + b'command="/bin/true",restrict ' + public,
        b"example.com " + public,
        b64encode(private),
        public.split()[1],
        subprocess.run(exported, capture_output=True, check=True, timeout=20).stdout,
        b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0\0",
    ):
        assert _code(data) == "is-ssh", data


def test_pgp_in_every_form(tmp_path: Path) -> None:
    """OpenPGP is named: keys and messages, armoured and binary."""
    home = tmp_path / "gnupg"
    home.mkdir(0o700)
    gpg = [
        needs("gpg"),
        "--homedir",
        str(home),
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--pinentry-mode",
        "loopback",
    ]
    subprocess.run(
        [*gpg, "--quick-gen-key", "test@example.com", "ed25519"], check=True, capture_output=True, timeout=60
    )
    try:
        for options in (["--export"], ["--export-secret-keys"], ["--store"], ["--sign"], ["--detach-sign"]):
            for armour in ([], ["--armor"]):
                made = subprocess.run(
                    [*gpg, *armour, *options], input=b"x", capture_output=True, check=True, timeout=60
                )
                assert _code(made.stdout) == "is-pgp", options
        assert _code((home / "pubring.kbx").read_bytes()) == "is-pgp"
        for path in (home / "private-keys-v1.d").iterdir():
            assert _code(path.read_bytes()) == "is-pgp"
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=20)


def test_java_keystores(tmp_path: Path) -> None:
    """Keystores of Java are named by their first bytes, in base64 too; a keystore in PKCS#12 is read."""
    for start in (
        b"\xfe\xed\xfe\xed\0\0\0\2",
        b"\xce\xce\xce\xce\0\0\0\2",
        b"\0\0\0\2\0\0\0\x14",
        b"\0\0\0\1\0\0\0\x14",
    ):
        assert _code(start + bytes(40)) == "is-java-keystore"
        assert _code(b64encode(start + bytes(40))) == "is-java-keystore"
        assert _code(b"data:\n  keystore.jks: " + b64encode(start + bytes(40)) + b"\n") == "is-java-keystore"


def test_putty() -> None:
    """PuTTY's own key files are named, in both versions."""
    for version in (b"2", b"3"):
        text = b"PuTTY-User-Key-File-" + version + b": ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 2\n"
        assert _code(text) == "is-putty"
        assert _code(text.replace(b"\n", b"\r\n")) == "is-putty"


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("leaf.pem", LEAF.pem)
    return file.getvalue()


def _tar(mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo("leaf.pem")
        info.size = len(LEAF.pem)
        archive.addfile(info, io.BytesIO(LEAF.pem))
    return file.getvalue()


def test_archives() -> None:
    """Archives and packed files are named, even where the PEM in them stands in plain sight."""
    starts = (b"7z\xbc\xaf\x27\x1c\0\4", b"\x28\xb5\x2f\xfd$\0", b"Rar!\x1a\x07\1\0", b"MSCF\0\0\0\0", b"!<arch>\nx")
    made = (_zip(), _tar("w"), _tar("w:gz"), gzip.compress(LEAF.pem), bz2.compress(LEAF.pem), lzma.compress(LEAF.pem))
    for data in (*made, *(start + bytes(60) for start in starts)):
        assert _code(data) == "is-archive", data[:8]


def test_other_files() -> None:
    """Everything else is said to hold no certificate, and what can be named is."""
    for data in (
        b"hello",
        b"0",
        b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
        b"\x89PNG\r\n\x1a\n" + bytes(60),
        b"%PDF-1.7\n" + bytes(60),
        b"\x7fELF" + bytes(60),
        bytes(100),
        b"{}",
        b"schema = 1\n[control_plane]\nname = 'x'\n",
        bytes(range(256)) * 4,
        b"=" * 100,
        "日本語のテキスト".encode(),
        "text".encode("utf-16"),
    ):
        assert _code(data) == "not-a-certificate", data[:20]
    with pytest.raises(KonnectError) as caught:
        read(b"<html><body>404 Not Found</body></html>", "file")
    assert "HTML" in caught.value.message


@pytest.mark.parametrize(
    "data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe\n\0", b"\xfe\xff", "\n".encode("utf-32")]
)
def test_empty(data: bytes) -> None:
    """A file of nothing but blanks or a byte order mark is empty."""
    assert _code(data) == "empty"


def test_keys_that_cannot_sign() -> None:
    """Keys that TLS has no use for are refused as such, in PEM and DER; a rare type that can sign is read."""
    for key in (x25519.X25519PrivateKey.generate(), x448.X448PrivateKey.generate()):
        for encoding in (PEM, DER):
            assert _code(key.private_bytes(encoding, PKCS8, OPEN)) == "unsupported-key"
    for dotted in ("2a864886f70d010301", "2a8648ce3e0201", "608648016503040402", "2a850307010101"):
        algorithm = encode(0x30, encode(6, bytes.fromhex(dotted)))
        assert _code(encode(0x30, b"\2\1\0" + algorithm + encode(4, b"\2\1\5"))) == "unsupported-key", dotted
    for curve, label in ((ec.SECP256K1(), "ec-secp256k1"), (ec.SECP224R1(), "ec-p224")):
        data = ec.generate_private_key(curve).private_bytes(PEM, PKCS8, OPEN)
        assert read(data, "file").keys[0].type == label
    assert read(dsa.generate_private_key(2048).private_bytes(PEM, PKCS8, OPEN), "file").keys[0].type == "dsa-2048"


def test_damaged_keys() -> None:
    """A key whose numbers do not fit each other is damaged, though OpenSSL would load it; so is one cut inside."""
    key = small_rsa()
    for form in (PKCS8, serialization.PrivateFormat.TraditionalOpenSSL):
        der = key.private_bytes(DER, form, OPEN)
        numbers = key.private_numbers()
        for number in (
            numbers.d,
            numbers.p,
            numbers.q,
            numbers.dmp1,
            numbers.dmq1,
            numbers.iqmp,
            numbers.public_numbers.n,
        ):
            size = (number.bit_length() + 7) // 8
            wrong = der.replace(number.to_bytes(size, "big"), (number ^ 4).to_bytes(size, "big"))
            assert wrong != der
            assert _code(wrong) == "damaged-key"
    other = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(DER, SPKI)[-65:]
    own = LEAF.key.public_key().public_bytes(DER, SPKI)[-65:]
    der = LEAF.key.private_bytes(DER, PKCS8, OPEN)
    assert _code(der.replace(own, other)) == "damaged-key"
    assert _code(pem("PRIVATE KEY", b"\x30\x03\x02\x01\x00")) == "damaged-key"
    assert _code(pem("EC PRIVATE KEY", b"nonsense")) == "damaged-key"
