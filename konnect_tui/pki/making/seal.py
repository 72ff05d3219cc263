"""Private keys under a passphrase: PKCS#8 with PBES2 (RFC 8018), PBKDF2-HMAC-SHA256 and AES-256-CBC.

cryptography's BestAvailableEncryption does the same with 2,048 rounds, which a graphics card tries millions
of times a second. The rounds here are OWASP's for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet). PBKDF2
rather than scrypt, because OpenSSL, GnuTLS and Java all read it.
"""

from hashlib import pbkdf2_hmac
from secrets import token_bytes

from cryptography.hazmat.primitives import serialization

from konnect_tui.errors import KonnectError
from konnect_tui.pki.making.make import PrivateKey
from konnect_tui.pki.pem import pem
from konnect_tui.secret import Secret

ROUNDS = 600_000

_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d0209")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")
_NULL = b"\x05\x00"
_SEQUENCE = 0x30
_OCTETS = 0x04
_INTEGER = 0x02


class Seal:
    """Encrypts keys under one passphrase.

    The derivation takes some tenths of a second; it begins at once, beside whatever else is done. The keys of
    one bundle share salt and derived key, each with its own initialization vector: they share the passphrase
    anyway.
    """

    def __init__(self, passphrase: Secret) -> None:
        from threading import Thread  # here and below: what only a sealed key needs

        self._salt = token_bytes(16)
        self._key = b""
        self._derivation = Thread(target=self._derive, args=(passphrase,), daemon=True)
        self._derivation.start()

    def _derive(self, passphrase: Secret) -> None:
        self._key = pbkdf2_hmac("sha256", passphrase.reveal(), self._salt, ROUNDS, 32)

    def pem(self, key: PrivateKey) -> bytes:
        """The key as `ENCRYPTED PRIVATE KEY`."""
        from cryptography.hazmat.primitives import padding
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        plain = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._derivation.join()
        vector = token_bytes(16)
        padder = padding.PKCS7(128).padder()
        encryptor = Cipher(algorithms.AES(self._key), modes.CBC(vector)).encryptor()
        data = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
        derivation = _der(_SEQUENCE, _PBKDF2, _der(_SEQUENCE, *self._parameters()))
        scheme = _der(_SEQUENCE, _AES_256_CBC, _der(_OCTETS, vector))
        algorithm = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derivation, scheme))
        return pem("ENCRYPTED PRIVATE KEY", _der(_SEQUENCE, algorithm, _der(_OCTETS, data)))

    def _parameters(self) -> tuple[bytes, ...]:
        rounds = ROUNDS.to_bytes(3, "big")
        return (_der(_OCTETS, self._salt), _der(_INTEGER, rounds), _der(_SEQUENCE, _HMAC_SHA256, _NULL))


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sealed(stored: Secret) -> bool:
    """Whether a stored key is encrypted."""
    return b"ENCRYPTED" in stored.reveal()[:200]


def unseal(stored: Secret, passphrase: Secret | None, what: str) -> PrivateKey:
    """The key of a CA as stored; `what` names it.

    Raises KonnectError `passphrase-needed`, `wrong-passphrase`, `key-missing` (it is no key).
    """
    if sealed(stored) and (passphrase is None or not passphrase.reveal()):
        raise KonnectError("passphrase-needed", f"The key of {what} is encrypted and no passphrase was given.")
    password = passphrase.reveal() if passphrase is not None and sealed(stored) else None
    try:
        key = serialization.load_pem_private_key(stored.reveal(), password)
    except (ValueError, TypeError) as problem:
        if password is not None:
            raise KonnectError("wrong-passphrase", f"The passphrase does not open the key of {what}.") from problem
        raise KonnectError("key-missing", f"The key of {what} is damaged.") from problem
    if not isinstance(key, PrivateKey):
        raise KonnectError("key-missing", f"The key of {what} is of another type than this product makes.")
    return key
