"""What broke on the way to Konnect, in words: name, connection, TLS, proxy and time told apart.

Only the exception's kind and numbers are read, never its text: that may hold addresses with a password in them.
"""

import errno
import ssl
from typing import Final

import aiohttp

from konnect_tui.konnect.proxies import Proxy

# Numbers of OpenSSL's X509_V_ERR_…, `openssl/x509_vfy.h`.
_NOT_YET, _ENDED = 9, 10
_HOST, _ADDRESS = 62, 64
_NO_WAY: Final = frozenset((errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL))
_BROKEN: Final = frozenset((errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE))


def explain(fault: BaseException, host: str, proxy: Proxy | None) -> tuple[str, str]:
    """The code and the sentence for what the HTTP library raised. `host` and `proxy` are what was to be reached."""
    through = f" through the proxy {proxy.url}" if proxy else ""
    if proxy and (refused := _at_proxy(fault, host, proxy)):
        return refused
    if isinstance(fault, aiohttp.ClientConnectorDNSError):
        return "dns-failed", f"The name {host} can't be resolved."
    if isinstance(fault, aiohttp.ClientConnectorCertificateError):
        return _distrusted(fault.certificate_error, host, through)
    if isinstance(fault, ssl.SSLError | aiohttp.ClientConnectorSSLError):
        return "no-tls", f"No TLS connection to {host} could be made{through}{_tls_words(fault)}."
    if isinstance(fault, aiohttp.ConnectionTimeoutError):
        return "timed-out", f"No connection to {host} came about in time{through}."
    if isinstance(fault, TimeoutError):
        return "timed-out", f"{host} did not answer in time{through}."
    return _connection(fault, host, through)


def _at_proxy(fault: BaseException, host: str, proxy: Proxy) -> tuple[str, str] | None:
    """What went wrong before the proxy had led anywhere."""
    if isinstance(fault, aiohttp.ClientHttpProxyError):
        if fault.status in (401, 407):  # tinyproxy says 401 to a wrong password
            given = "takes others than it was given" if proxy.credentials else "was given none"
            return "proxy-authentication", f"The proxy {proxy.url} wants a user name and password and {given}."
        return "proxy-refused", f"The proxy {proxy.url} answered {fault.status} when asked for {host}."
    if isinstance(fault, aiohttp.ClientProxyConnectionError):
        return "proxy-unreachable", f"The proxy {proxy.url} can't be reached{_why(fault)}."
    if isinstance(fault, aiohttp.ClientConnectorDNSError):
        return "proxy-unreachable", f"The name of the proxy {proxy.url} can't be resolved."
    return None


def _connection(fault: BaseException, host: str, through: str) -> tuple[str, str]:
    if isinstance(fault, aiohttp.ClientConnectorError):
        if fault.errno == errno.ECONNREFUSED:
            return "connection-refused", f"{host} refuses the connection."
        if fault.errno in _BROKEN or isinstance(fault.os_error, ConnectionResetError):
            return "connection-lost", f"The connection to {host} broke while it was made{through}."
        return "konnect-unreachable", f"{host} can't be reached{through}{_why(fault)}."
    if isinstance(
        fault, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | aiohttp.ClientPayloadError | OSError
    ):
        return "connection-lost", f"The connection to {host} broke before the answer was whole{through}."
    if isinstance(fault, aiohttp.ClientResponseError):
        return "konnect-answer", f"What {host} sent is no HTTP answer."
    return "konnect-unreachable", f"{host} can't be asked{through}: {type(fault).__name__}."


def _distrusted(fault: BaseException, host: str, through: str) -> tuple[str, str]:
    number = fault.verify_code if isinstance(fault, ssl.SSLCertVerificationError) else 0
    if number in (_HOST, _ADDRESS):
        return "tls-wrong-host", f"The certificate that came for {host} belongs to another host{through}."
    if number == _NOT_YET:
        return "tls-dates", f"By this machine's clock the certificate of {host} does not begin yet{through}."
    if number == _ENDED:
        return "tls-dates", f"By this machine's clock the certificate of {host} has ended{through}."
    why = f" ({fault.verify_message})" if isinstance(fault, ssl.SSLCertVerificationError) else ""
    return "tls-untrusted", f"The certificate of {host} is not trusted here{why}{through}."


def _tls_words(fault: BaseException) -> str:
    """OpenSSL's own name for the reason, `WRONG_VERSION_NUMBER`: it names no address."""
    inner = fault.os_error if isinstance(fault, aiohttp.ClientConnectorError) else fault
    reason = inner.reason if isinstance(inner, ssl.SSLError) else None
    if reason == "WRONG_VERSION_NUMBER":
        return ": what answers there does not speak TLS"
    return f": {reason.lower().replace('_', ' ')}" if reason else ""


def _why(fault: aiohttp.ClientConnectorError) -> str:
    if fault.errno == errno.ECONNREFUSED:
        return ": it refuses the connection"
    return ": there is no way to it" if fault.errno in _NO_WAY else ""
