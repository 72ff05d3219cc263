"""PKCS#7, PKCS#12 and encrypted keys, as the OpenSSL command line and cryptography make them."""

import subprocess
import time
from base64 import b64encode
from pathlib import Path

import pytest
from certificate_maker import make
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from konnect_tui.errors import KonnectError
from konnect_tui.pki.pem import pem
from konnect_tui.pki.read import Reading, certificates_in, key_of, read
from konnect_tui.pki.reading.asn1 import elements, encode
from konnect_tui.secret import Secret
from programs import needs

CA = make("ca", ca=True)
LEAF = CA.issue("leaf")
KEY = LEAF.secret.reveal()
SECRET = Secret(b"correct horse")
PASS = "pass:correct horse"


def _openssl(folder: Path, *options: str) -> bytes:
    """Run in a folder that holds the leaf, the chain and the key."""
    for name, data in (("leaf.pem", LEAF.pem), ("ca.pem", CA.pem), ("key.pem", KEY)):
        path = folder / name
        path.touch(0o600)
        path.write_bytes(data)
    return _openssl_in(folder, *options)


def _openssl_in(folder: Path, *options: str) -> bytes:
    run = [needs("openssl"), *options]
    return subprocess.run(run, cwd=folder, capture_output=True, check=True, timeout=60).stdout


def _store(folder: Path, *options: str, password: str = PASS) -> bytes:
    export = ("pkcs12", "-export", "-in", "leaf.pem", "-inkey", "key.pem", "-certfile", "ca.pem", "-passout", password)
    return _openssl(folder, *export, *options)


def _code(data: bytes, passphrase: Secret | None = None) -> str:
    with pytest.raises(KonnectError) as caught:
        read(data, "file", passphrase)
    return caught.value.code


def _whole(found: Reading) -> bool:
    secrets = [key.secret.reveal() for key in found.keys if key.secret]
    return (found.certificates, secrets) == ((LEAF.der, CA.der), [KEY])


STORES = {
    "default": (),
    "legacy": ("-legacy",),
    "triple DES": ("-legacy", "-descert"),
    "RC4": ("-legacy", "-certpbe", "PBE-SHA1-RC4-128", "-keypbe", "PBE-SHA1-RC4-128"),
    "certificates in the clear": ("-certpbe", "NONE"),
    "key in the clear": ("-keypbe", "NONE"),
    "no MAC": ("-nomac",),
    "SHA-512": ("-macalg", "sha512"),
    "AES-128": ("-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC"),
    "many rounds": ("-iter", "100000"),
    "one round": ("-iter", "1"),
    "named": ("-name", "der Name", "-caname", "\u4e2d"),
}


@pytest.mark.parametrize("name", STORES)
def test_pkcs12_of_openssl(name: str, tmp_path: Path) -> None:
    """PKCS#12 is read with new and old ciphers, leaf first; a missing and a wrong passphrase are told apart."""
    store = _store(tmp_path, *STORES[name])
    found = read(store, "file", SECRET)
    assert _whole(found)
    assert "It is PKCS#12." in found.mends
    assert found.keys[0].encrypted == (name != "key in the clear")
    assert _whole(read(b64encode(store), "file", SECRET))
    assert _whole(read(pem("PKCS12", store), "file", SECRET))
    assert _code(store) == "passphrase-needed"
    assert _code(store, Secret(b"wrong")) == "wrong-passphrase"
    assert _code(store[:-1], SECRET) == "truncated"


def test_pkcs12_with_an_empty_passphrase(tmp_path: Path) -> None:
    """An empty passphrase needs none to be given, and one that is given for something else does no harm."""
    for options in ((), ("-legacy",), ("-nomac",), ("-nomac", "-keypbe", "NONE", "-certpbe", "NONE")):
        store = _store(tmp_path, *options, password="pass:")
        assert _whole(read(store, "file"))
        assert _whole(read(store, "file", SECRET))


def test_parts_of_pkcs12(tmp_path: Path) -> None:
    """A key without certificate, certificates without key, and several keys are all found."""
    alone = _openssl(tmp_path, "pkcs12", "-export", "-nocerts", "-inkey", "key.pem", "-passout", PASS)
    assert [key.secret for key in read(alone, "file", SECRET).keys] == [LEAF.secret]
    assert read(alone, "file", SECRET).certificates == ()
    public = _openssl(
        tmp_path, "pkcs12", "-export", "-nokeys", "-in", "leaf.pem", "-certfile", "ca.pem", "-passout", PASS
    )
    assert set(read(public, "file", SECRET).certificates) == {LEAF.der, CA.der}
    assert read(public, "file", SECRET).keys == ()


def test_large_key_in_pkcs12(tmp_path: Path) -> None:
    """A key so large that OpenSSL would test its primes for seconds is taken out of PKCS#12 in no time."""
    _openssl(tmp_path, "genrsa", "-out", "large.pem", "5120")
    for certificates in (("-in", "ca.pem"), ("-nocerts",)):
        export = ("pkcs12", "-export", "-inkey", "large.pem", *certificates, "-passout", PASS)
        if "-in" in export:
            _openssl(tmp_path, "req", "-x509", "-key", "large.pem", "-subj", "/CN=large", "-out", "ca.pem")
        store = _openssl_in(tmp_path, *export)
        started = time.process_time()
        found = read(store, "file", SECRET)
        assert time.process_time() - started < 0.3
        assert ([key.type for key in found.keys], len(found.certificates)) == (["rsa-5120"], "-in" in export)
        assert _code(store) == "passphrase-needed"
        assert _code(store, Secret(b"wrong")) == "wrong-passphrase"


def test_java_keystore_in_pkcs12(tmp_path: Path) -> None:
    """What keytool writes today is PKCS#12, with several keys: all are read, each with its certificate."""
    path = tmp_path / "store.p12"
    for alias in ("one", "two"):
        make_pair = [needs("keytool"), "-genkeypair", "-keystore", str(path), "-storepass", "correct horse"]
        make_pair += ["-storetype", "PKCS12", "-alias", alias, "-dname", f"CN={alias}", "-keyalg", "EC"]
        subprocess.run([*make_pair, "-groupname", "secp256r1"], check=True, capture_output=True, timeout=60)
    found = read(path.read_bytes(), "file", SECRET)
    assert len(found.certificates) == 2
    assert len({key.public for key in found.keys}) == 2
    old = [needs("keytool"), "-importkeystore", "-srckeystore", str(path), "-srcstorepass", "correct horse"]
    for form in ("JKS", "JCEKS"):
        target = tmp_path / form
        options = ["-destkeystore", str(target), "-deststorepass", "correct horse", "-deststoretype", form]
        subprocess.run([*old, *options], check=True, capture_output=True, timeout=60)
        assert _code(target.read_bytes(), SECRET) == "is-java-keystore"


def test_pkcs7_in_every_form(tmp_path: Path) -> None:
    """PKCS#7 and CMS are read from PEM, DER and BER, with and without signed content."""
    both = (LEAF.der, CA.der)
    made = _openssl(tmp_path, "crl2pkcs7", "-nocrl", "-certfile", "leaf.pem", "-certfile", "ca.pem")
    for data in (
        made,
        made.replace(b"PKCS7", b"CMS"),
        made.replace(b"PKCS7", b"CERTIFICATE"),
        made.replace(b"PKCS7", b"PKCS #7 SIGNED DATA"),
        _openssl(tmp_path, "crl2pkcs7", "-nocrl", "-certfile", "leaf.pem", "-certfile", "ca.pem", "-outform", "DER"),
        pkcs7.serialize_certificates([LEAF.certificate, CA.certificate], serialization.Encoding.PEM),
    ):
        assert set(read(data, "file").certificates) == set(both)
        assert "It is PKCS#7." in read(data, "file").mends
    sign = ("cms", "-sign", "-in", "key.pem", "-signer", "leaf.pem", "-inkey", "key.pem", "-certfile", "ca.pem")
    for options in (("-nodetach", "-outform", "DER"), ("-nodetach", "-stream", "-outform", "DER"), ("-outform", "PEM")):
        assert set(read(_openssl(tmp_path, *sign, "-binary", *options), "file").certificates) == set(both)


@pytest.mark.parametrize("depth", [1, 2])
def test_pkcs7_has_no_order_of_its_own(depth: int) -> None:
    """The certificates in PKCS#7 are a set, sorted by their bytes: whoever issued none of the others comes first."""
    for _ in range(8):
        chain = [make("root", ca=True)]
        for number in range(depth):
            chain.insert(0, chain[0].issue(f"ca {number}", ca=True))
        leaf = chain[0].issue("leaf")
        packed = pkcs7.serialize_certificates([each.certificate for each in (*chain, leaf)], serialization.Encoding.DER)
        found = read(packed, "file").certificates
        assert found[0] == leaf.der
        assert set(found) == {each.der for each in (*chain, leaf)}


def test_pkcs7_without_certificates(tmp_path: Path) -> None:
    """PKCS#7 that is encrypted or empty says so."""
    encrypt = ("cms", "-encrypt", "-in", "key.pem", "-outform", "DER", "-recip", "leaf.pem")
    assert _code(_openssl(tmp_path, *encrypt)) == "not-a-certificate"
    signed = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
    plain = b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
    empty = encode(0x30, signed + encode(0xA0, encode(0x30, b"\x02\x01\x01\x31\x00" + plain + b"\x31\x00")))
    assert _code(empty) == "not-a-certificate"


def test_indefinite_lengths() -> None:
    """PKCS#12 in BER, with indefinite lengths and strings in pieces, is read like DER."""
    strength = serialization.BestAvailableEncryption(SECRET.reveal())
    key = LEAF.key
    store = pkcs12.serialize_key_and_certificates(b"x", key, LEAF.certificate, [CA.certificate], strength)
    assert _whole(read(_loosened(store), "file", SECRET))


def _loosened(der: bytes) -> bytes:
    """PKCS#12 as old tools stream it: what is around the sealed contents in indefinite form, these in two pieces."""
    [outer] = elements(der)
    version, contents, mac = elements(outer.content)
    kind, wrapped = elements(contents.content)
    [octets] = elements(wrapped.content)
    half = len(octets.content) // 2
    pieces = encode(4, octets.content[:half]) + encode(4, octets.content[half:])
    loose = b"\x24\x80" + pieces + b"\0\0"
    loose = b"\x30\x80" + kind.raw + b"\xa0\x80" + loose + b"\0\0" + b"\0\0"
    return b"\x30\x80" + version.raw + loose + mac.raw + b"\0\0"


LEGACY = ("-provider", "legacy", "-provider", "default")
ENCRYPTED = {
    "PBES2": ("pkcs8", "-topk8", "-v2", "aes-256-cbc"),
    "PBES2 with 3DES": ("pkcs8", "-topk8", "-v2", "des3"),
    "PBES2 with SHA-512": ("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"),
    "scrypt": ("pkcs8", "-topk8", "-scrypt"),
    "PKCS#12's own": ("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"),
    "PKCS#12's own with RC2": (
        "pkcs8",
        "-topk8",
        "-provider",
        "legacy",
        "-provider",
        "default",
        "-v1",
        "PBE-SHA1-RC2-40",
    ),
    "MD5 and DES": ("pkcs8", "-topk8", "-provider", "legacy", "-provider", "default", "-v1", "PBE-MD5-DES"),
    "traditional with AES": ("ec", "-aes256"),
    "traditional with 3DES": ("ec", "-des3"),
    "traditional with DES": ("ec", *LEGACY, "-des"),
}


@pytest.mark.parametrize("name", ENCRYPTED)
def test_encrypted_keys_of_openssl(name: str, tmp_path: Path) -> None:
    """Encrypted keys are listed as locked, opened with their passphrase, and refused with another."""
    command, *options = ENCRYPTED[name]
    locked = _openssl(tmp_path, command, "-in", "key.pem", *options, "-passout", PASS)
    assert b"ENCRYPTED" in locked
    for data in (locked, locked.replace(b"\n", b"\r"), b" ".join(locked.split(b"\n")), locked.replace(b"\n", b"\\n")):
        assert [(key.encrypted, key.type) for key in read(data, "file").keys] == [(True, None)]
        opened = read(data, "file", SECRET).keys[0]
        assert (opened.encrypted, opened.type, opened.secret) == (True, "ec-p256", LEAF.secret)
        assert _code(data, Secret(b"wrong")) == "wrong-passphrase"


def test_impossible_encryption_is_damage(tmp_path: Path) -> None:
    """A vector too short for its cipher, which cryptography panics over, or a scrypt that cannot be, is damage."""
    locked = _openssl(tmp_path, "ec", "-in", "key.pem", "-aes128", "-passout", PASS)
    head, vector, tail = locked.partition(b"AES-128-CBC,")
    assert _code(head + vector + tail[16:], SECRET) == "damaged-key"
    made = _openssl(tmp_path, "pkcs8", "-topk8", "-in", "key.pem", "-scrypt", "-outform", "DER", "-passout", PASS)
    assert _code(made.replace(b"\x02\x02\x40\x00", b"\x02\x02\x40\x01"), SECRET) == "damaged-key"


def test_passphrase_for_what_is_wanted(tmp_path: Path) -> None:
    """Certificates and key are taken out of one PKCS#12, and without its passphrase the cure is named."""
    path = tmp_path / "store.p12"
    path.touch(0o600)
    path.write_bytes(_store(tmp_path))
    assert certificates_in(path, SECRET) == (LEAF.der, CA.der)
    assert key_of(path, SECRET) == LEAF.secret
    with pytest.raises(KonnectError) as caught:
        certificates_in(path)
    assert "KONNECT_TUI_PASSPHRASE" in caught.value.hint
