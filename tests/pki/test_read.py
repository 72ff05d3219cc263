import os
import subprocess
import time
from pathlib import Path

import pytest
from certificate_maker import make
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.errors import KonnectError
from konnect_tui.pki.pem import certificate_pem
from konnect_tui.pki.read import certificates_in, certificates_of, key_of, read, read_file
from konnect_tui.pki.reading.opening import LIMIT
from konnect_tui.secret import Secret
from programs import needs

LEAF = make("leaf")
CA = make("ca", ca=True)
PASSPHRASE = b"correct horse"


def _code(data: bytes, passphrase: Secret | None = None) -> str:
    with pytest.raises(KonnectError) as caught:
        read(data, "file", passphrase)
    return caught.value.code


def _key(form: serialization.PrivateFormat, password: bytes | None = None, key: object = None) -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return (key or LEAF.key).private_bytes(serialization.Encoding.PEM, form, encryption)


def test_several_objects_in_one_file() -> None:
    """Certificates and keys are found in any order and number."""
    found = read(CA.pem + _key(serialization.PrivateFormat.PKCS8) + LEAF.pem, "file")
    assert found.certificates == (CA.der, LEAF.der)
    assert [key.type for key in found.keys] == ["ec-p256"]


@pytest.mark.parametrize(
    "dressed",
    [
        b"\xef\xbb\xbf" + LEAF.pem,
        LEAF.pem.replace(b"\n", b"\r\n"),
        b"Certificate:\n    Data:\n        Version: 3 (0x2)\n" + LEAF.pem + b"\nthat was it\n",
        b"".join(b"    " + line + b"\n" for line in LEAF.pem.splitlines()),
        LEAF.pem.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
        LEAF.pem.rstrip(),
    ],
    ids=["mark", "crlf", "text around", "indented", "old label", "no last newline"],
)
def test_dressed_up_pem_is_read(dressed: bytes) -> None:
    """What people's files have around and in their PEM does not hide the certificate."""
    assert read(dressed, "file").certificates == (LEAF.der,)


def test_what_is_read_is_written_clean() -> None:
    """Reading and writing again gives OpenSSL's own form, byte for byte."""
    assert certificate_pem(read(LEAF.pem.replace(b"\n", b"\r\n"), "file").certificates[0]) == LEAF.pem


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
def test_keys_in_both_forms_locked_and_open(form: serialization.PrivateFormat) -> None:
    """PKCS#8 and traditional keys are read, and encrypted ones are told, opened, or refused with the reason."""
    public = LEAF.key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert read(_key(form), "file").keys[0].public == public
    locked = _key(form, PASSPHRASE)
    assert [(key.encrypted, key.type, key.secret) for key in read(locked, "file").keys] == [(True, None, None)]
    opened = read(locked, "file", Secret(PASSPHRASE)).keys[0]
    assert (opened.encrypted, opened.public) == (True, public)
    assert opened.secret is not None
    assert opened.secret.reveal() == _key(serialization.PrivateFormat.PKCS8)
    assert _code(locked, Secret(b"wrong")) == "wrong-passphrase"
    assert read(_key(form), "file", Secret(b"not needed")).keys[0].public == public


def _request() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(LEAF.key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def _public() -> bytes:
    return LEAF.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_other_things_are_named_for_what_they_are() -> None:
    """A file that holds something else is named for it."""
    cut = LEAF.pem[:200]
    assert _code(_request()) == "is-csr"
    assert _code(_public()) == "is-public-key"
    assert _code(b"-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n") == "is-crl"
    assert _code(b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n") == "is-parameters"
    assert _code(b"-----BEGIN OPENSSH PRIVATE KEY-----\nAA==\n-----END OPENSSH PRIVATE KEY-----\n") == "is-ssh"
    assert _code(b"ssh-ed25519 AAAAC3Nz someone@somewhere\n") == "is-ssh"
    assert _code(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ\n-----END PGP PUBLIC KEY BLOCK-----\n") == "is-pgp"
    assert _code(b"") == "empty"
    assert _code(b"\xef\xbb\xbf \n\n") == "empty"
    assert _code(cut) == "truncated"
    assert _code(LEAF.pem + cut) == "truncated"
    assert _code(LEAF.pem.replace(b"MII", b"M*I", 1)) == "bad-base64"
    assert _code(certificate_pem(b"nonsense")) == "not-a-certificate"
    assert _code(b"hello") == "not-a-certificate"
    assert _code(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") == "damaged-key"


def test_files_that_are_none(tmp_path: Path) -> None:
    """Folders, FIFOs, devices, loops, missing and huge files are refused at once, each with its code."""
    fifo, loop, huge = (tmp_path / name for name in ("fifo", "loop", "huge"))
    os.mkfifo(fifo)
    loop.symlink_to(loop)
    with huge.open("wb") as file:
        file.truncate(100 << 20)
    cases = {
        tmp_path: "not-a-file",
        fifo: "not-a-file",
        Path("/dev/zero"): "not-a-file",
        loop: "not-a-file",
        huge: "too-large",
        tmp_path / "absent": "not-found",
        tmp_path / "huge" / "x": "not-found",
        tmp_path / ("x" * 300): "not-found",
    }
    started = time.monotonic()
    for path, code in cases.items():
        with pytest.raises(KonnectError) as caught:
            read_file(path)
        assert (caught.value.code, caught.value.exit_code) == (code, 2)
    assert time.monotonic() - started < 2
    assert LIMIT == 4 << 20


def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    """A file without the right to read it is told so."""
    path = tmp_path / "closed"
    path.touch(0o000)
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)  # root may read everything
    try:
        with pytest.raises(KonnectError) as caught:
            read_file(path)
    finally:
        os.seteuid(own)
    assert caught.value.code == "not-readable"


def test_name_of_a_file_cannot_command_the_terminal(tmp_path: Path) -> None:
    """A hostile file name is shown, not obeyed."""
    with pytest.raises(KonnectError) as caught:
        read_file(tmp_path / "a\x1b[31m\nb")
    assert "\\e[31m\\nb" in caught.value.message


def test_key_where_one_is_wanted(tmp_path: Path) -> None:
    """A key is taken from where it is; a file with certificates only, or a locked key, says so."""
    path = tmp_path / "file.pem"
    path.write_bytes(LEAF.pem)
    with pytest.raises(KonnectError) as caught:
        key_of(path)
    assert caught.value.code == "is-certificate"
    path.write_bytes(LEAF.pem + _key(serialization.PrivateFormat.PKCS8, PASSPHRASE))
    with pytest.raises(KonnectError) as caught:
        key_of(path)
    assert caught.value.code == "passphrase-needed"
    assert key_of(path, Secret(PASSPHRASE)).reveal() == _key(serialization.PrivateFormat.PKCS8)


def test_certificate_where_one_is_wanted(tmp_path: Path) -> None:
    """A file that has to hold certificates and holds a key says so."""
    path = tmp_path / "file.pem"
    path.write_bytes(_key(serialization.PrivateFormat.PKCS8))
    with pytest.raises(KonnectError) as caught:
        certificates_in(path)
    assert caught.value.code == "is-private-key"
    path.write_bytes(LEAF.pem)
    assert certificates_in(path) == (LEAF.der,)


def test_openssl_trusted_certificate(tmp_path: Path) -> None:
    """OpenSSL's TRUSTED CERTIFICATE is read without what it has behind the certificate."""
    path = tmp_path / "leaf.pem"
    path.write_bytes(LEAF.pem)
    command = [needs("openssl"), "x509", "-in", str(path), "-trustout", "-addtrust", "clientAuth"]
    trusted = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
    assert b"TRUSTED CERTIFICATE" in trusted
    assert read(trusted, "file").certificates == (LEAF.der,)


def test_unreadable_certificates_of_a_bundle_count_as_missing() -> None:
    """What a bundle's file no longer holds is no certificate."""
    assert certificates_of(LEAF.pem + CA.pem) == (LEAF.der, CA.der)
    assert certificates_of(b"edited") == ()


@given(st.binary(max_size=400))
def test_random_bytes_never_surprise(data: bytes) -> None:
    """Random bytes, bare or between PEM lines, end in a named error."""
    for each in (
        data,
        b"-----BEGIN CERTIFICATE-----\n" + data + b"\n-----END CERTIFICATE-----\n",
        certificate_pem(data),
    ):
        with pytest.raises(KonnectError):
            read(each, "file")


@given(st.integers(0, len(LEAF.der) * 8 - 1), st.integers(0, len(LEAF.pem)))
def test_broken_certificates_never_surprise(bit: int, length: int) -> None:
    """Flipped bits and cut files are read or refused by name, and what is read can be described."""
    from certificate_maker import NOW

    from konnect_tui.pki.describe import describe

    flipped = bytearray(LEAF.der)
    flipped[bit // 8] ^= 1 << bit % 8
    for data in (certificate_pem(bytes(flipped)), LEAF.pem[:length]):
        try:
            found = read(data, "file")
        except KonnectError:
            continue
        for der in found.certificates:
            describe(der, NOW)


def test_secrets_do_not_show() -> None:
    """No representation of what was read shows a key."""
    data = _key(serialization.PrivateFormat.PKCS8)
    shown = repr(read(data, "file"))
    assert data.splitlines()[1].decode() not in shown
    with pytest.raises(KonnectError) as caught:
        read(data[:90], "file")
    assert data.splitlines()[1].decode()[:20] not in repr(caught.value)


def test_key_types_are_named() -> None:
    """Keys are named as the answers file does, else by their algorithm."""
    keys = {
        "rsa-2048": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ec-p521": ec.generate_private_key(ec.SECP521R1()),
        "ec-secp256k1": ec.generate_private_key(ec.SECP256K1()),
    }
    for label, key in keys.items():
        assert read(_key(serialization.PrivateFormat.PKCS8, key=key), "file").keys[0].type == label
