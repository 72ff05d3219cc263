"""A node's end of TLS: what it presents and whom it trusts, read once, when it starts.

The words for what is wrong with the files: Kong/kong, `kong/clustering/tls.lua`; for the handshake:
openresty/lua-nginx-module, `src/ngx_http_lua_socket_tcp.c`.
"""

import ssl
from collections.abc import Sequence
from typing import Final

from konnect_tui.training.practice.refusals import WouldNotStart

NOT_ITS_KEY: Final = "ssl set client private key failed"


class Presenting:
    """Certificate, key and trust of one node. `fault` says why every handshake fails before it begins."""

    def __init__(self, certificate: str, key: str, trust: Sequence[str]) -> None:
        """All are paths. Raises WouldNotStart."""
        chain = _certificates(certificate)
        _require_readable(key, "failed reading the cluster certificate private key file")
        self.context = _trusting(trust, chain)
        self.fault = _load(self.context, certificate, key)


def trusting(trust: Sequence[str], *, verified: bool) -> ssl.SSLContext:
    """TLS towards a forward proxy, which is shown no certificate. Raises WouldNotStart."""
    context = _trusting(trust, ())
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _certificates(path: str) -> tuple[bytes, ...]:
    from konnect_tui.pki.read import certificates_of

    data = _require_readable(path, "failed reading the cluster certificate file")
    try:
        _plain().load_verify_locations(cadata=data.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as fault:
        why = getattr(fault, "reason", "") or "no certificate"
        raise WouldNotStart(f"failed parsing the cluster certificate PEM data: {why}") from None
    return certificates_of(data)


def _require_readable(path: str, words: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as fault:
        raise WouldNotStart(f"{words}: {path}: {fault.strerror}") from None


def _trusting(trust: Sequence[str], chain: Sequence[bytes]) -> ssl.SSLContext:
    context = _plain()
    for path in trust:
        try:
            context.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError):
            raise WouldNotStart(f"lua_ssl_trusted_certificate: failed loading certificate from {path}") from None
    return _not_completing(context, chain)


def _not_completing(context: ssl.SSLContext, chain: Sequence[bytes]) -> ssl.SSLContext:
    """The same trust, kept from completing a chain that is presented incomplete.

    nginx sets SSL_MODE_NO_AUTO_CHAIN, which Python can't: for a leaf that stands alone OpenSSL would add issuers that
    it finds among those trusted, and the control plane would be shown more than the file has.
    """
    from konnect_tui.pki import parse

    if len(chain) != 1 or parse.self_signed(leaf := parse.certificate(chain[0])):
        return context
    issuer = parse.distinguished_name(leaf, "issuer")
    trusted = context.get_ca_certs(binary_form=True)
    kept = [der for der in trusted if parse.distinguished_name(parse.certificate(der), "subject") != issuer]
    if len(kept) == len(trusted):
        return context
    without = _plain()
    if kept:
        without.load_verify_locations(cadata=b"".join(kept))
    return without


def _load(context: ssl.SSLContext, certificate: str, key: str) -> str:
    """Load both; why no handshake can be made with them. A key of another type than the certificate's is taken:
    OpenSSL then presents no certificate at all.
    """
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except ssl.SSLError as fault:
        if fault.reason == "KEY_VALUES_MISMATCH":
            return NOT_ITS_KEY
        if fault.reason not in ("NO_CERTIFICATE_ASSIGNED", "KEY_TYPE_MISMATCH"):
            reason = f"failed parsing the cluster certificate private key PEM data: {fault.reason or 'no key'}"
            raise WouldNotStart(reason) from None
    return ""


def _plain() -> ssl.SSLContext:
    """Not `create_default_context`: from Python 3.13 that is stricter than OpenSSL itself is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
