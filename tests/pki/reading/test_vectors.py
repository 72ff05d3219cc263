"""All of cryptography's own certificate and key files, held against cryptography itself and the OpenSSL CLI."""

import _ssl
import re
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from konnect_tui.errors import KonnectError
from konnect_tui.pki.describe import Described, describe
from konnect_tui.pki.read import Reading, read_file
from konnect_tui.secret import Secret
from programs import needs

NOW = datetime.now(UTC)
ROOT = Path(cryptography_vectors.__file__).parent
FOLDERS = sorted(
    {file.parent for part in ("asymmetric", "pkcs12", "pkcs7", "x509") for file in (ROOT / part).rglob("*.*")}
)
SECONDS = 2.0
MOST_BLOCKS = 8
EMPTY = "0."  # what openssl prints for an extended key usage without any
PASSPHRASES = (None, b"password", b"123456", b"hunter2")
REFUSED = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)
USAGES = {
    "Digital Signature": "digitalSignature",
    "Non Repudiation": "nonRepudiation",
    "Key Encipherment": "keyEncipherment",
    "Data Encipherment": "dataEncipherment",
    "Key Agreement": "keyAgreement",
    "Certificate Sign": "keyCertSign",
    "CRL Sign": "cRLSign",
    "Encipher Only": "encipherOnly",
    "Decipher Only": "decipherOnly",
}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if path.is_file())


def _id(folder: Path) -> str:
    return str(folder.relative_to(ROOT))


def _read(path: Path, passphrase: bytes | None = None) -> Reading | str:
    try:
        return read_file(path, Secret(passphrase) if passphrase else None)
    except KonnectError as fault:
        return fault.code


@pytest.mark.parametrize("folder", FOLDERS, ids=_id)
def test_no_vector_surprises(folder: Path) -> None:
    """Every file is read and described, or refused by name, in less than two seconds of processor time."""
    for path in _files(folder):
        for passphrase in PASSPHRASES:
            started = time.process_time()
            found = _read(path, passphrase)
            if isinstance(found, Reading):
                for der in found.certificates:
                    describe(der, NOW)
            assert time.process_time() - started < SECONDS, path
            if found not in ("passphrase-needed", "wrong-passphrase") and not _locked(found):
                break


def _locked(found: Reading | str) -> bool:
    return isinstance(found, Reading) and any(key.secret is None for key in found.keys)


def _loaded(loaders: list[Callable[..., Any]], data: bytes, *more: object) -> Any:
    """What the first loader of cryptography's makes of it that takes it; None where none does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for load in loaders:
            with suppress(*REFUSED):
                return load(data, *more)
    return None


def _openssl(*command: str) -> str | None:
    """What openssl prints; None where it refuses."""
    run = subprocess.run(
        [needs("openssl"), *command], capture_output=True, check=False, timeout=20, stdin=subprocess.DEVNULL
    )
    return None if run.returncode else run.stdout.decode(errors="replace")


PUBLIC_KEYS: list[Callable[..., Any]] = [serialization.load_pem_public_key, serialization.load_der_public_key]
OTHERS: dict[str, tuple[list[Callable[..., Any]], tuple[str, ...]]] = {
    "is-csr": ([x509.load_pem_x509_csr, x509.load_der_x509_csr], ("req", "-noout")),
    "is-crl": ([x509.load_pem_x509_crl, x509.load_der_x509_crl], ("crl", "-noout")),
    "is-public-key": (
        [serialization.load_pem_public_key, serialization.load_der_public_key],
        ("pkey", "-pubin", "-noout"),
    ),
}
CERTIFICATES: list[Callable[..., Any]] = [x509.load_pem_x509_certificate, x509.load_der_x509_certificate]
KEYS: list[Callable[..., Any]] = [serialization.load_pem_private_key, serialization.load_der_private_key]
CANNOT_SIGN = ("X25519", "X448", "DH", "MLKEM")


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=_id)
def test_kind_is_what_others_say(folder: Path) -> None:
    """Where cryptography and OpenSSL agree what a file is, so do we, and describe it alike."""
    for path in _files(folder):
        data = path.read_bytes()
        if data.count(b"-----BEGIN ") > MOST_BLOCKS:
            continue  # a list of many keys, of which cryptography takes the first
        certificate = _loaded(CERTIFICATES, data)
        if certificate is not None:
            _compare(path, certificate)
            continue
        key = _loaded(KEYS, data, None)
        if key is not None and _openssl("pkey", "-noout", "-in", str(path)) is not None:
            found = _read(path)
            if type(key).__name__.startswith(CANNOT_SIGN):
                assert found == "unsupported-key", path
            else:
                assert isinstance(found, Reading), (path, found)
                assert [each.public for each in found.keys] == [_public(key)], path
        for code, (loaders, command) in OTHERS.items():
            if key is None and _loaded(loaders, data) is not None and _openssl(*command, "-in", str(path)) is not None:
                assert _read(path) == code, path


def _public(key: Any) -> bytes:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    found: bytes = key.public_key().public_bytes(serialization.Encoding.DER, spki)
    return found


def _compare(path: Path, certificate: x509.Certificate) -> None:
    wanted = "keyUsage,extendedKeyUsage,basicConstraints"
    options = ("-noout", "-serial", "-dates", "-dateopt", "iso_8601", "-fingerprint", "-sha256", "-ext", wanted)
    told = _openssl("x509", "-in", str(path), *options)
    if told is None:
        return
    found = _read(path)
    assert isinstance(found, Reading), (path, found)
    assert found.certificates[0] == certificate.public_bytes(serialization.Encoding.DER), path
    described = describe(found.certificates[0], NOW)
    assert _told(told, described) == {
        "serial": int(described.serial, 16),
        "dates": [f"{described.not_before:%Y-%m-%d %H:%M:%SZ}", f"{described.not_after:%Y-%m-%d %H:%M:%SZ}"],
        "sha256": described.sha256,
        "is_ca": described.is_ca,
        "key_usage": list(described.key_usage),
        "eku": list(described.eku),
    }, path


def _told(text: str, described: Described) -> dict[str, object]:
    """What openssl said, in our words."""
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith(" "))
    usage, purposes = _listed(text, "Key Usage"), _listed(text, "Extended Key Usage")
    return {
        "serial": int(fields["serial"], 16),
        "dates": [fields["notBefore"], fields["notAfter"]],
        "sha256": fields["sha256 Fingerprint"].replace(":", "").lower(),
        "is_ca": "CA:TRUE" in text and text.count("Basic Constraints") == 1,  # one that is there twice is void
        "key_usage": [USAGES[each] for each in usage],
        "eku": [_short(each, described) for each in purposes],
    }


def _listed(text: str, extension: str) -> list[str]:
    found = re.search(rf"^X509v3 {extension}: .*\n +(.*)", text, re.MULTILINE)
    return [each for each in found[1].split(", ") if each != EMPTY] if found else []


def _short(name: str, described: Described) -> str:
    """The short name by OpenSSL's own table, as Python's ssl has it; a number stays one."""
    return next((each for each in described.eku if each != name and _long(each) == name), name)


def _long(short: str) -> str:
    try:
        known: str = _ssl.txt2obj(short, name=True)[2]
        return known
    except ValueError:
        return short
