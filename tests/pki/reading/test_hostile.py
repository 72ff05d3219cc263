"""No file, however it is made, takes more than two seconds or ends in anything but a named error."""

import base64
from collections.abc import Callable

import pytest
from certificate_maker import DAY, NOW, make, small_rsa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from timed_reading import outcome

from konnect_tui.pki.reading.asn1 import elements, encode
from konnect_tui.pki.reading.opening import LIMIT

LEAF = make("leaf")
SIGNER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SIGNED_DATA, DATA = (bytes.fromhex(f"06092a864886f70d01070{number}") for number in "21")
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
PKCS8, TRADITIONAL = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL


def _pkcs7(certificates: bytes) -> bytes:
    parts = b"\2\1\1" + b"\x31\0" + encode(0x30, DATA) + encode(0xA0, certificates) + b"\x31\0"
    return encode(0x30, SIGNED_DATA + encode(0xA0, encode(0x30, parts)))


PARTS = (
    *(bytes((byte,)) for byte in b"-A :'\\>\n"),
    *(
        b"A ",
        b": \n",
        b"' ",
        b"\\n",
        b"+ ",
        b"<br ",
        b"&#",
        b"%0",
        b"A:\n",
        b"A: b\n c\n",
        b'{"a":',
        b"30",
        b"30:",
        b"MII",
    ),
    *(b"BEGIN ", b"-----BEGIN ", b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"),
    *(b"-----BEGIN PGP X-----\n", b"DEK-Info: ", b"Proc-Type: 4,ENCRYPTED "),
    *(b"\x30\x80", b"\x24\x80", b"\2\1\1", b"-\0"),
    *(b"a: " + b"QUJD" * 12 + b"\n", b"a: MII" + b"QUJD" * 12 + b"\n", LEAF.pem, LEAF.der),
)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: repr(part[:3] if part == LEAF.der else part[:24]))
def test_four_megabytes_of_anything_take_no_time(part: bytes) -> None:
    """The largest file, made of one thing again and again, is through in time: bare, in a block, behind a mark."""
    whole = part * (LIMIT // len(part))
    block = b"-----BEGIN CERTIFICATE-----\n%b\n-----END CERTIFICATE-----\n" % whole[:-100]
    for data in (whole, block, b"A" + whole[:-2] + b"!", b":" + whole[:-2] + b"!"):
        assert outcome(data) != "read"


def _certificate(
    key: object = None, signer: object = None, extension: x509.ExtensionType | None = None, names: int = 1
) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"x{number}") for number in range(names)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(5)
    builder = builder.public_key(key or LEAF.key.public_key()).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    if extension is not None:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signer or LEAF.key, hashes.SHA256()).public_bytes(PEM)


def _rsa(modulus_bits: int, exponent: int) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(exponent, (1 << modulus_bits) - 159).public_key()


def _purposes(count: int) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(f"1.2.{number}") for number in range(count)])


WEIGHTY: dict[str, Callable[[], bytes]] = {
    "names": lambda: _certificate(extension=x509.SubjectAlternativeName([x509.DNSName("a")] * 200_000)),
    "purposes": lambda: _certificate(extension=_purposes(200_000)),
    "a long subject": lambda: _certificate(names=60_000),
    "many elliptic curves": lambda: make("x", key=ec.generate_private_key(ec.SECP521R1())).pem * 500,
    "large moduli": lambda: _certificate(_rsa(16384, 65537), SIGNER) * 400,
    "large exponents": lambda: _certificate(_rsa(3072, (1 << 3071) + 1), SIGNER) * 400,
}


@pytest.mark.parametrize("name", WEIGHTY)
def test_weighty_certificates_are_described_in_time(name: str) -> None:
    """Certificates whose parts are as large or as slow as they may be are read and described in time."""
    assert outcome(WEIGHTY[name]()) == "read"


def test_too_many_objects() -> None:
    """More certificates or keys than any honest file holds are refused, in whatever they come."""
    for data in (LEAF.pem * 501, LEAF.der * 501, _pkcs7(LEAF.der * 501), LEAF.secret.reveal() * 101):
        assert outcome(data) == "too-large"


def test_deep_structures() -> None:
    """Structures nested without end are refused."""
    nested = b""
    for _ in range(3000):
        nested = encode(0x30, nested)
    pkcs7 = b"\x30\x80" + SIGNED_DATA + b"\xa0\x80" + b"\x30\x80" * 100_000
    for data in (nested, pkcs7, b"\x30\x80" * 100_000, b"\x24\x80" * 100_000):
        assert outcome(data) in ("not-a-certificate", "truncated")


def _sealed() -> list[bytes]:
    """Files of every kind, for being damaged."""
    strength = serialization.BestAvailableEncryption(b"x")
    return [
        LEAF.der,
        LEAF.pem,
        LEAF.pem.decode().encode("utf-16"),
        base64.b64encode(LEAF.pem),
        _pkcs7(LEAF.der),
        small_rsa().private_bytes(DER, PKCS8, serialization.NoEncryption()),
        LEAF.key.private_bytes(DER, PKCS8, strength),
        LEAF.key.private_bytes(PEM, TRADITIONAL, strength),
        pkcs12.serialize_key_and_certificates(b"x", LEAF.key, LEAF.certificate, None, strength),
    ]


SEALED = _sealed()
STRAY = (b"-----BEGIN PRIVATE KEY-----\n", b"\\n", b": ", b"MII", b"\r")


@given(st.data())
def test_damage_never_surprises(data: st.DataObject) -> None:
    """Bits flipped and bytes lost, anywhere in a file of any kind, end in something read or a named error, in time."""
    damaged = bytearray(data.draw(st.sampled_from(SEALED)))
    for place in data.draw(st.lists(st.integers(0, len(damaged) * 8 - 1), max_size=4)):
        damaged[place // 8] ^= 1 << place % 8
    first = data.draw(st.integers(0, len(damaged)))
    last = data.draw(st.integers(first, len(damaged)))
    outcome(bytes(damaged))
    outcome(bytes(damaged[:first]))
    outcome(bytes(damaged[:first] + damaged[last:]))


@given(st.lists(st.sampled_from([*LEAF.pem.splitlines(keepends=True), *STRAY]), max_size=30))
def test_shuffled_lines_never_surprise(lines: list[bytes]) -> None:
    """Lines of PEM in any order, and what stands around them in other files, end in a named error or something read."""
    outcome(b"".join(lines))


def test_elements_fill_their_data() -> None:
    """What was encoded is taken apart into the same elements."""
    parts = [encode(4, bytes(size)) for size in (0, 1, 127, 128, 255, 256, 65535, 65536)]
    assert [each.raw for each in elements(b"".join(parts))] == parts
