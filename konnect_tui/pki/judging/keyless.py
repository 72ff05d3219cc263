"""The control plane's half of a handshake for a certificate whose key is not at hand.

In TLS 1.2 a client's Certificate message (RFC 5246 §7.4.6) is sent in the clear and judged on arrival, before
the client proves that it has the key. So a greeting and that one message, written here by hand, make OpenSSL
verify the presented list exactly as it does for a node, purpose and security level included. The handshake is
then left where it is.
"""

from collections.abc import Sequence

from OpenSSL import SSL

from konnect_tui.pki import parse
from konnect_tui.pki.judging.handshake import ControlPlane, Failure, failure_of, load, step

_HANDSHAKE = 22
_CLIENT_HELLO = 1
_CERTIFICATE = 11
_TLS_1_2 = b"\x03\x03"
_RECORD = 1 << 14
_SIGNING_KEYS = ("rsa-", "ec-p256", "ec-p384", "ec-p521", "ed25519", "ed448")
_MOST = (1 << 24) - 1
_SUITES = bytes.fromhex("c02bc02c")  # ECDHE-ECDSA with AES-GCM
_GROUPS = bytes.fromhex("00170018001d")  # P-256, P-384, X25519
_SCHEMES = bytes.fromhex("040305030603080708080804080508060809080a080b040105010601")  # RFC 8446 §4.2.3


def refusal(presented: Sequence[bytes], control_plane: ControlPlane) -> Failure | None:
    """Why this list, leaf first, lets no node in, whatever its key. None when nothing is against it.

    Raises KonnectError `not-a-certificate`.
    """
    return _unusable(presented) or _judged(presented, control_plane)


def _judged(presented: Sequence[bytes], control_plane: ControlPlane) -> Failure | None:
    if sum(len(der) + 3 for der in presented) > _MOST:
        return Failure(("excessive message size",))
    certificates = _vector(3, b"".join(_vector(3, der) for der in presented))
    server = control_plane.connection("1.2")
    for message in (_message(_CLIENT_HELLO, _hello()), _message(_CERTIFICATE, certificates)):
        server.bio_write(_records(message))
        try:
            step(server)
        except SSL.Error as problem:
            return failure_of(server, problem)
    return None


def _unusable(presented: Sequence[bytes]) -> Failure | None:
    """Why no node could use this list: OpenSSL would not load it, or TLS 1.3 not sign with the leaf's key.

    RFC 8446 §4.2.3 has no signature scheme for DSA, P-224 or secp256k1.
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    refused = load(context, presented)
    if refused is not None:
        return refused
    leaf = parse.certificate(presented[0], "presented certificate")
    usable = parse.key_label(parse.public_key(leaf)).startswith(_SIGNING_KEYS)
    return None if usable else Failure(("unsupported key type",), on_node=True)


def _hello() -> bytes:
    extensions = b"".join(
        (
            _extension(10, _vector(2, _GROUPS)),
            _extension(11, _vector(1, b"\x00")),
            _extension(13, _vector(2, _SCHEMES)),
        )
    )
    nothing_random = bytes(32)  # no secret is ever agreed on
    return (
        _TLS_1_2 + nothing_random + _vector(1, b"") + _vector(2, _SUITES) + _vector(1, b"\x00") + _vector(2, extensions)
    )


def _extension(number: int, data: bytes) -> bytes:
    return number.to_bytes(2, "big") + _vector(2, data)


def _message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + _vector(3, body)


def _records(message: bytes) -> bytes:
    return b"".join(
        bytes((_HANDSHAKE,)) + _TLS_1_2 + _vector(2, message[start : start + _RECORD])
        for start in range(0, len(message), _RECORD)
    )


def _vector(size: int, content: bytes) -> bytes:
    return len(content).to_bytes(size, "big") + content
