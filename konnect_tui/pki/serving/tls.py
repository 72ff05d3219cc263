"""The server's end of mutual TLS 1.2 and 1.3 without input or output of its own.

Any certificate is let through the handshake, which proves that the node has its key; whether that certificate may
come in is judged afterwards, when it is known which control plane is meant. Kong's published code answers so, too
(Kong/koko, `internal/server/kong/ws/authenticator.go`: 401, behind a TLS that took any certificate).
"""

from collections.abc import Callable, Iterable

from OpenSSL import SSL, crypto

from konnect_tui.pki import parse
from konnect_tui.pki.judging.handshake import VERSIONS, let_through, server_context, step, words
from konnect_tui.pki.serving.authority import Issuing

_CHUNK = 1 << 16
_MOST_NAMES = 256
"""Contexts kept, one for each server name asked for lately."""


class TlsBroken(Exception):
    """The handshake or the connection failed. `words` are OpenSSL's reasons."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(", ".join(reasons) or "an unnamed error")
        self.words = reasons


class Front:
    """What all connections share. `known` says which server names it has; any other gets the certificate of `own`."""

    def __init__(self, issuing: Issuing, own: Iterable[str], known: Callable[[str], bool]) -> None:
        self._issuing = issuing
        self._known = known
        self._default = self._context(tuple(own))
        self._default.set_tlsext_servername_callback(self._named)
        self._contexts: dict[str, SSL.Context] = {}

    def connection(self) -> "Serving":
        """The server's end of one new connection."""
        connection = SSL.Connection(self._default, None)
        connection.set_accept_state()
        return Serving(connection)

    def _context(self, names: tuple[str, ...]) -> SSL.Context:
        certificate = parse.certificate(self._issuing.certificate(names))
        context = server_context(certificate, self._issuing.key, let_through, VERSIONS["1.2"], VERSIONS["1.3"])
        # One that sends no certificate is told so in words, as koko does.
        context.set_verify(SSL.VERIFY_PEER, let_through)
        return context

    def _named(self, connection: SSL.Connection) -> None:
        name = server_name(connection)
        if not name or not self._known(name):
            return
        if name not in self._contexts:
            while len(self._contexts) >= _MOST_NAMES:
                self._contexts.pop(next(iter(self._contexts)))
            self._contexts[name] = self._context((name,))
        connection.set_context(self._contexts[name])


def server_name(connection: SSL.Connection) -> str:
    """The server name (SNI) the client asked for, lower case; empty without one or where it is no name."""
    asked = connection.get_servername() or b""
    return asked.decode("ascii", "replace").lower()


class Serving:
    """One connection. Bytes from the network go in with `receive`, bytes for it come out of `outgoing`."""

    def __init__(self, connection: SSL.Connection) -> None:
        self._connection = connection
        self.established = False
        self.ended = False
        """Whether the client has said that it sends nothing more."""

    def receive(self, data: bytes) -> bytes:
        """Take bytes of the network; what they say, deciphered. Raises TlsBroken."""
        if data:
            self._connection.bio_write(data)
        try:
            if not self.established:
                if not step(self._connection):
                    return b""
                self.established = True
            return self._read()
        except SSL.Error as problem:
            raise TlsBroken(words(problem)) from None

    def send(self, data: bytes) -> None:
        """Encipher this for the client. Raises TlsBroken."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._connection.send(rest[:_CHUNK]) :]
        except SSL.Error as problem:
            raise TlsBroken(words(problem)) from None

    def outgoing(self) -> bytes:
        """What has to be sent over the network now; empty if nothing."""
        parts = []
        while True:
            try:
                parts.append(self._connection.bio_read(_CHUNK))
            except SSL.WantReadError:
                return b"".join(parts)

    def close(self) -> None:
        """Say that nothing more comes (close_notify)."""
        try:
            self._connection.shutdown()
        except SSL.Error:
            self.ended = True  # it broke before

    @property
    def server_name(self) -> str:
        """The server name that was asked for; empty without one."""
        return server_name(self._connection)

    @property
    def version(self) -> str:
        """`1.2` or `1.3`."""
        return self._connection.get_protocol_version_name().removeprefix("TLSv")

    @property
    def presented(self) -> tuple[bytes, ...]:
        """What the client presented, DER, leaf first; empty where it presented nothing."""
        leaf = self._connection.get_peer_certificate()
        if leaf is None:
            return ()
        behind = self._connection.get_peer_cert_chain() or []
        return tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, each) for each in (leaf, *behind))

    def _read(self) -> bytes:
        parts = []
        while True:
            try:
                parts.append(self._connection.recv(_CHUNK))
            except SSL.WantReadError:
                return b"".join(parts)
            except SSL.ZeroReturnError:
                self.ended = True
                return b"".join(parts)
