"""What deriving a key would cost is bounded before it begins."""

import base64
import time

import pytest
from certificate_maker import make
from timed_reading import outcome

from konnect_tui.pki.pem import pem
from konnect_tui.pki.reading.asn1 import encode

LEAF = make("leaf")
SEQUENCE, OCTETS, OID, INTEGER = 0x30, 4, 6, 2
PBES2, PBKDF2, SCRYPT = "2a864886f70d01050d", "2a864886f70d01050c", "2b06010401da47040b"
PBMAC1, PKCS12_3DES, MD5_DES = "2a864886f70d01050e", "2a864886f70d010c0103", "2a864886f70d010503"
HMAC_SHA256, HMAC_SHA512, AES, SHA1 = "2a864886f70d0209", "2a864886f70d020b", "60864801650304012a", "2b0e03021a"
DATA, SHROUDED = "2a864886f70d010701", "2a864886f70d010c0a0102"
MILLION = 1_000_000


def _oid(dotted: str) -> bytes:
    return encode(OID, bytes.fromhex(dotted))


def _number(value: int) -> bytes:
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def _sequence(*parts: bytes) -> bytes:
    return encode(SEQUENCE, b"".join(parts))


def _pbkdf2(rounds: int, *more: bytes) -> bytes:
    return _sequence(_oid(PBKDF2), _sequence(encode(OCTETS, bytes(8)), _number(rounds), *more))


def _scrypt(*numbers: int) -> bytes:
    return _sequence(_oid(SCRYPT), _sequence(encode(OCTETS, bytes(8)), *map(_number, numbers)))


def _locked(algorithm: bytes) -> bytes:
    return _sequence(algorithm, encode(OCTETS, bytes(64)))


def _pbes2(derivation: bytes) -> bytes:
    return _locked(_sequence(_oid(PBES2), _sequence(derivation, _sequence(_oid(AES), encode(OCTETS, bytes(16))))))


def _older(dotted: str, rounds: int) -> bytes:
    return _locked(_sequence(_oid(dotted), _sequence(encode(OCTETS, bytes(8)), _number(rounds))))


def _hmac(dotted: str) -> bytes:
    return _sequence(_oid(dotted), b"\5\0")


def _store(mac_rounds: int, *keys: bytes, digest: bytes | None = None) -> bytes:
    """PKCS#12 with these encrypted keys; its MAC is wrong."""
    bags = b"".join(_sequence(_oid(SHROUDED), encode(0xA0, key)) for key in keys)
    info = _sequence(_oid(DATA), encode(0xA0, encode(OCTETS, _sequence(bags))))
    contents = _sequence(_oid(DATA), encode(0xA0, encode(OCTETS, _sequence(info))))
    mac = _sequence(digest or _sequence(_oid(SHA1), b"\5\0"), encode(OCTETS, bytes(20)))
    return _sequence(_number(3), contents, _sequence(mac, encode(OCTETS, bytes(8)), _number(mac_rounds)))


COSTLY = {
    "PBKDF2": _pbes2(_pbkdf2(2**31 - 1)),
    "PBKDF2 beyond any integer": _pbes2(_pbkdf2(2**200)),
    "PBKDF2 with SHA-512": _pbes2(_pbkdf2(3 * MILLION, _hmac(HMAC_SHA512))),
    "PBKDF2 with two blocks": _pbes2(_pbkdf2(3 * MILLION)),
    "scrypt by time": _pbes2(_scrypt(2**14, 8, 1000)),
    "scrypt by memory": _pbes2(_scrypt(2**22, 8, 1)),
    "scrypt by block": _pbes2(_scrypt(2, 2**40, 1)),
    "PKCS#12's own": _older(PKCS12_3DES, 10 * MILLION),
    "MD5 and DES": _older(MD5_DES, 10 * MILLION),
    "MAC of PKCS#12": _store(2**31 - 1),
    "MAC by PBKDF2": _store(1, digest=_sequence(_oid(PBMAC1), _sequence(_pbkdf2(10**9), _hmac(HMAC_SHA256)))),
    "bag of PKCS#12": _store(1, _older(PKCS12_3DES, 10**9)),
    "second bag of PKCS#12": _store(1, _older(PKCS12_3DES, 1), _pbes2(_pbkdf2(10**9))),
    "bags of PKCS#12 together": _store(1, *[_pbes2(_pbkdf2(600_000, _hmac(HMAC_SHA256)))] * 8),
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_derivation_is_refused_before_it_begins(name: str) -> None:
    """A few hundred bytes that ask for hours or gigabytes are refused at once, with and without a passphrase."""
    started = time.process_time()
    data = COSTLY[name]
    for each in (data, pem("ENCRYPTED PRIVATE KEY", data), base64.b64encode(data)):
        assert outcome(each) == "derivation-too-costly"
        assert outcome(each, None) == "derivation-too-costly"
    assert time.process_time() - started < 0.2


def test_many_keys_count_together() -> None:
    """Keys that are each within bounds are refused when all of them would take too long."""
    usual = pem("ENCRYPTED PRIVATE KEY", _pbes2(_pbkdf2(600_000, _hmac(HMAC_SHA256))))
    assert outcome(usual) == "wrong-passphrase"
    assert outcome(usual * 20, None) == "derivation-too-costly"


@pytest.mark.parametrize(
    "derivation",
    [
        _pbkdf2(1_900_000),
        _pbkdf2(3_900_000, _hmac(HMAC_SHA256)),
        _pbkdf2(1_900_000, _hmac(HMAC_SHA512)),
        _scrypt(2**17, 8, 1),
        _scrypt(2**18, 8, 1),
        _scrypt(2, 1, 600_000),
    ],
)
def test_dearest_derivation_allowed_is_quick_enough(derivation: bytes) -> None:
    """What is just within bounds, for each way to derive, takes less than two seconds."""
    assert outcome(_pbes2(derivation)) == "wrong-passphrase"


@pytest.mark.parametrize("rounds", [0, -1])
def test_impossible_parameters_are_damage(rounds: int) -> None:
    """No rounds at all, or a key longer than any cipher has, is damage, found without a passphrase."""
    for data in (_pbes2(_pbkdf2(rounds)), _older(PKCS12_3DES, rounds), _pbes2(_pbkdf2(1000, _number(2**40)))):
        assert outcome(data, None) == "damaged-key"
