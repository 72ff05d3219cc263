import _ssl
import contextlib
import subprocess
from pathlib import Path

import msgspec
from certificate_maker import DAY, NOW, Made, make
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import mldsa

from konnect_tui.pki.describe import describe
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.openssl_names import PURPOSES, SIGNATURES
from konnect_tui.pki.read import read
from konnect_tui.pki.reading.inspection import inspect
from konnect_tui.secret import Secret
from programs import needs

FIELDS = [
    "subject",
    "issuer",
    "serial",
    "not_before",
    "not_after",
    "days_left",
    "sha256",
    "key",
    "signature",
    "is_ca",
    "key_usage",
    "eku",
    "sans",
    "ski",
    "aki",
    "self_signed",
]


def _described(made: Made) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(describe(made.der, NOW))
    return found


def test_certificate_object_has_the_contracted_fields() -> None:
    """A leaf is described with every field, in RFC 3339 UTC, OpenSSL's short names and lower-case hex."""
    ca = make("ca, the \u202eone", ca=True)
    leaf = ca.issue("leaf", sans=("a.example.com",), ends=NOW + 30 * DAY)
    found = _described(leaf)
    assert list(found) == FIELDS
    assert found["issuer"] == "CN=ca\\, the \u202eone"
    assert (found["key"], found["signature"]) == ("ec-p256", "ecdsa-with-SHA256")
    assert (found["is_ca"], found["self_signed"]) == (False, False)
    assert tuple(found["key_usage"]) == ("digitalSignature",)  # type: ignore[arg-type]
    assert tuple(found["eku"]) == ("clientAuth", "serverAuth")  # type: ignore[arg-type]
    assert tuple(found["sans"]) == ("DNS:a.example.com",)  # type: ignore[arg-type]
    assert (found["days_left"], str(found["not_after"])[-1]) == (30, "Z")
    assert found["aki"] == _described(ca)["ski"]
    assert _described(ca)["self_signed"] is True
    assert tuple(_described(ca)["key_usage"]) == ("keyCertSign", "cRLSign")  # type: ignore[arg-type]


def test_days_left_is_a_floor() -> None:
    """Half a day left is no day, half a day over is minus one."""
    assert describe(make("x", ends=NOW + DAY / 2).der, NOW).days_left == 0
    assert describe(make("x", begins=NOW - 9 * DAY, ends=NOW - DAY / 2).der, NOW).days_left == -1


def test_digest_and_serial_are_openssls(tmp_path: Path) -> None:
    """SHA-256 and serial number are those that openssl prints."""
    made = make("x")
    path = tmp_path / "x.pem"
    path.write_bytes(made.pem)
    command = [needs("openssl"), "x509", "-in", str(path), "-noout", "-fingerprint", "-sha256", "-serial"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.splitlines()
    found = describe(made.der, NOW)
    assert printed[0].split("=")[1].replace(":", "").lower() == found.sha256
    assert int(printed[1].split("=")[1], 16) == int(found.serial, 16)


def test_key_matches_its_certificates(tmp_path: Path) -> None:
    """A key names the certificates, of all files given, that certify it; a locked one names none."""
    leaf = make("leaf")
    again = make("again", key=leaf.key)
    locked = leaf.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    )
    paths = []
    for number, data in enumerate((leaf.secret.reveal() + make("other").pem, leaf.pem, again.pem + leaf.pem, locked)):
        path = tmp_path / str(number)
        path.touch(0o600)
        path.write_bytes(data)
        paths.append(str(path))
    found = inspect(paths, NOW)
    assert found[0].keys[0].matches == (describe(leaf.der, NOW).sha256, describe(again.der, NOW).sha256)
    assert (found[3].keys[0].encrypted, found[3].keys[0].matches) == (True, ())


def test_certificate_of_kong_itself(tmp_path: Path) -> None:
    """What `kong hybrid gen_cert` writes, serial 0 and no extensions, is described and accepted without a murmur."""
    key, certificate = tmp_path / "k", tmp_path / "c"
    command = [needs("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes"]
    command += ["-subj", "/CN=kong_clustering", "-set_serial", "0", "-days", "1095", "-config", "/dev/null"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, capture_output=True, check=True, timeout=20)
    der = read(certificate.read_bytes(), "c").certificates[0]
    assert describe(der, NOW).serial == "0"
    assert judge("pinned", [der], [der], Secret(key.read_bytes())).accepted


def test_one_damaged_extension_hides_no_other() -> None:
    """Where one extension cannot be read, the others are described all the same."""
    damaged = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.14"), b"\x04\xff")  # a key identifier, cut off
    ca = make("ca", ca=True)
    builder = (
        x509.CertificateBuilder()
        .subject_name(ca.certificate.subject)
        .issuer_name(ca.certificate.subject)
        .public_key(ca.key.public_key())
        .serial_number(5)
        .not_valid_before(NOW)
        .not_valid_after(NOW + DAY)
        .add_extension(damaged, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    )
    der = builder.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    found = describe(der, NOW)
    assert (found.is_ca, found.eku, found.ski) == (True, ("clientAuth",), None)


def test_names_are_openssls_own() -> None:
    """Purposes have OpenSSL's short names, signatures the names it prints, by its own table of objects."""
    for names, place in ((PURPOSES, 1), (SIGNATURES, 2)):
        known = 0
        for dotted, name in names.items():
            with contextlib.suppress(ValueError):  # an object newer than the OpenSSL that Python has
                assert _ssl.txt2obj(dotted)[place] == name
                known += 1
        assert known > 20


def test_post_quantum_pair_is_described() -> None:
    """ML-DSA, which cryptography knows and TLS does not take yet, is named and matched like any other type."""
    key = mldsa.MLDSA44PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(5).not_valid_before(NOW).not_valid_after(NOW + DAY)
    found = describe(builder.sign(key, None).public_bytes(serialization.Encoding.DER), NOW)
    assert (found.key, found.signature, found.self_signed) == ("ml-dsa-44", "ML-DSA-44", True)
