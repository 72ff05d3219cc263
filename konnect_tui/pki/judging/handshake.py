"""The two ends of a mutual TLS handshake: a control plane that trusts exactly what was uploaded, and a node.

The control plane is OpenSSL set up as Kong's documentation implies. PKI: uploaded certificates are anchors,
partial chains are on, the purpose is TLS client (OpenSSL's default for a server), security level 2. Pinned:
any certificate is let through the handshake, which proves the key; which one it was is compared afterwards.
The node trusts no CA at all: one that knew the intermediate would complete its own chain, a false yes.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from OpenSSL import SSL, crypto

from konnect_tui.errors import KonnectError
from konnect_tui.pki import parse
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.making import make
from konnect_tui.pki.pss import pss_only_pem
from konnect_tui.secret import Secret

VERSIONS = {"1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}
_CIPHERS = b"DEFAULT:@SECLEVEL=2"  # what Debian sets, and OpenSSL itself from 3.2, which Kong's images carry
_WEAK = ("key too small", "md too weak")
_ROUNDS = 64
_CHUNK = 1 << 16
Verify = Callable[[SSL.Connection, crypto.X509, int, int, int], bool]
"""OpenSSL asks it about each certificate: its error number, its depth, and whether OpenSSL is content."""


class Failure(NamedTuple):
    """Why a handshake failed. `number` is OpenSSL's first verification error, at `certificate` (DER).

    `words` are the reasons in OpenSSL's error queue. `on_node`: the node could not even load what it has; then
    `number` is 0 and `certificate` the one it could not.
    """

    words: tuple[str, ...]
    number: int = 0
    certificate: bytes | None = None
    on_node: bool = False


class ControlPlane:
    """A control plane that was given these certificates. `now` is for judging at another time than this."""

    def __init__(self, mode: Mode, uploaded: Iterable[bytes], now: datetime | None = None) -> None:
        self._pinned = mode == "pinned"
        self._uploaded = tuple(uploaded)
        self._now = now
        self._contexts: dict[str, SSL.Context] = {}

    def connection(self, tls: str, socket: object = None) -> SSL.Connection:
        """Its end of a new handshake in that version of TLS; in memory without a socket."""
        if tls not in self._contexts:
            self._contexts[tls] = self._context(VERSIONS[tls])
        connection = SSL.Connection(self._contexts[tls], socket)  # type: ignore[arg-type]  # a socket or None
        connection.set_app_data([])
        connection.set_accept_state()
        return connection

    def _context(self, version: int) -> SSL.Context:
        context = server_context(*_server_identity(), let_through if self._pinned else _note, version, version)
        if not self._pinned:
            self._trust(context)
        return context

    def _trust(self, context: SSL.Context) -> None:
        store = context.get_cert_store()
        if store is None:
            raise RuntimeError("OpenSSL gave a context no certificate store")
        for der in self._uploaded:
            try:
                store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, der))
            except crypto.Error as problem:
                raise KonnectError("not-a-certificate", "OpenSSL cannot read an uploaded certificate.") from problem
        store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
        if self._now is not None:
            store.set_time(self._now.astimezone(UTC))


def server_context(
    certificate: x509.Certificate, key: make.PrivateKey, verify: Verify, lowest: int, highest: int
) -> SSL.Context:
    """A server with that certificate that insists on the node's, in these versions of TLS. It resumes no session."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(lowest)
    context.set_max_proto_version(highest)
    context.set_cipher_list(_CIPHERS)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_options(SSL.OP_NO_TICKET)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, verify)
    return context


def let_through(_connection: SSL.Connection, _certificate: object, _number: int, _depth: int, _fine: int) -> bool:
    """Accept any certificate: that the node has its key is proven all the same."""
    return True


def _note(connection: SSL.Connection, certificate: crypto.X509, number: int, _depth: int, fine: int) -> bool:
    """Leave OpenSSL's judgement as it is, and note the first thing it dislikes with the connection."""
    if not fine:
        connection.get_app_data().append((number, crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)))
    return bool(fine)


@cache
def _server_identity() -> tuple[x509.Certificate, make.PrivateKey]:
    """What the control plane shows the node. Thrown away with the process; the node does not look at it."""
    key = make.new_key("ec-p256")
    now = datetime.now(UTC).replace(microsecond=0)
    form = make.LeafForm(make.Dates(now - timedelta(days=1), now + timedelta(days=1)))
    return parse.certificate(form.self_signed(make.name("rehearsal control plane"), key)), key


class Node:
    """A node that presents this list, leaf first, with this key (PKCS#8 PEM).

    Raises KonnectError `not-a-certificate`, `damaged-key`, `passphrase-needed`, `unsupported-key`.
    `failure` is set where OpenSSL would not load the pair: such a node connects to nothing.
    """

    def __init__(self, presented: Sequence[bytes], key: Secret) -> None:
        private = private_key(key)
        self._context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        self._context.set_min_proto_version(SSL.TLS1_2_VERSION)
        self.failure = load(self._context, presented)
        if self.failure is not None:
            return
        try:
            if pss_only_pem(key.reveal()):
                self._use_pss_key(key)
            else:
                self._context.use_privatekey(private)  # type: ignore[arg-type]  # unusable types raise TypeError
            self._context.check_privatekey()
        except (SSL.Error, crypto.Error) as problem:
            self.failure = Failure(words(problem), on_node=True)
        except TypeError:
            self.failure = Failure(("unsupported key type",), on_node=True)

    def _use_pss_key(self, key: Secret) -> None:
        """By way of pyOpenSSL alone: cryptography would make a plain RSA key of it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, key.reveal()))

    def connection(self, socket: object = None) -> SSL.Connection:
        """Its end of a new handshake."""
        connection = SSL.Connection(self._context, socket)  # type: ignore[arg-type]  # a socket or None
        connection.set_connect_state()
        return connection


def load(context: SSL.Context, presented: Sequence[bytes]) -> Failure | None:
    """Give a node this list to present, leaf first, and say why OpenSSL would not take or not send it.

    Security level 2 is at work here too: no certificate with a short key or a weak hash leaves a node, needed or
    not. OpenSSL 4.0 no longer looks at the hash, but Kong's images carry 3.4, which does.
    Raises KonnectError `not-a-certificate`.
    """
    scale = SSL.Context(SSL.TLS_CLIENT_METHOD)
    for place, der in enumerate(presented):
        certificate = parse.certificate(der, "presented certificate")
        try:
            if place == 0:
                context.use_certificate(certificate)
            else:
                context.add_extra_chain_cert(certificate)
                scale.use_certificate(certificate)  # the same is asked of the others only when they are sent
        except crypto.Error as problem:
            raise KonnectError("not-a-certificate", "OpenSSL cannot read a presented certificate.") from problem
        except SSL.Error as problem:
            reasons = words(problem)
            if place == 0 or any(reason.endswith(_WEAK) for reason in reasons):
                return Failure(reasons, certificate=der, on_node=True)
        if parse.weakly_signed(certificate) and not parse.self_issued(certificate):
            return Failure(("ca md too weak",), certificate=der, on_node=True)
    return None


def private_key(stored: Secret, *, thorough: bool = False) -> object:
    """The key in this PEM. Raises KonnectError `passphrase-needed`, `damaged-key`, `unsupported-key`.

    Only when `thorough` the numbers of an RSA key are proven to fit: that takes twenty times a handshake.
    """
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return serialization.load_pem_private_key(stored.reveal(), None, unsafe_skip_rsa_key_validation=not thorough)
    except TypeError as problem:
        raise KonnectError("passphrase-needed", "The private key is encrypted; a node needs it plain.") from problem
    except ValueError as problem:
        raise KonnectError("damaged-key", "The private key could not be read.") from problem
    except UnsupportedAlgorithm as problem:
        raise KonnectError("unsupported-key", "The private key is of a type that TLS cannot use here.") from problem


def in_memory(node: Node, control_plane: ControlPlane, tls: str) -> Failure | None:
    """One handshake without a network. None when the control plane lets the node in."""
    if node.failure is not None:
        return node.failure
    client, server = node.connection(), control_plane.connection(tls)
    try:
        for _ in range(_ROUNDS):
            step(client)
            _carry(client, server)
            if step(server):
                return None
            _carry(server, client)
    except SSL.Error as problem:
        return failure_of(server, problem)
    return Failure(("the handshake did not end",))


def step(connection: SSL.Connection) -> bool:
    """Go on as far as possible; whether the handshake is over. A refusal is raised, as SSL.Error."""
    try:
        connection.do_handshake()
    except (SSL.WantReadError, SSL.WantWriteError):
        return False
    return True


def failure_of(server: SSL.Connection, problem: SSL.Error) -> Failure:
    """Why a handshake failed that ended with `problem` on either side: first what the control plane noted."""
    noted: list[tuple[int, bytes]] = server.get_app_data()
    number, certificate = noted[0] if noted else (0, None)
    return Failure(words(problem), number, certificate)


def _carry(source: SSL.Connection, target: SSL.Connection) -> None:
    while True:
        try:
            target.bio_write(source.bio_read(_CHUNK))
        except SSL.WantReadError:
            return


def words(problem: Exception) -> tuple[str, ...]:
    """The reasons in an OpenSSL error; they name no key."""
    queue = problem.args[0] if problem.args and isinstance(problem.args[0], list) else ()
    return tuple(str(entry[-1]) for entry in queue)
