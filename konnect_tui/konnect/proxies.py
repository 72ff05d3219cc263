"""Which forward proxy leads to a host, as the environment says.

Worked out here, since the HTTP library's own way also reads `~/.netrc` and sends what stands there. Rules as curl and
Python have them: https://everything.curl.dev/usingcurl/proxies/env.html; a CIDR block in NO_PROXY as Go has it.
"""

import base64
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.secret import Secret

_PORTS: Final = {"http": 80, "https": 443}


class Proxy(Struct, frozen=True):
    """A forward proxy. `url` has no user name and password in it and may be shown.

    `credentials` is the value of a Proxy-Authorization header (RFC 7617), None where none were given.
    """

    url: str
    credentials: Secret | None = None


def proxy_for(url: str, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy that leads to this address; None where there is none, and always for http (loopback alone has it).

    Raises KonnectError `bad-proxy`, which does not repeat what stands in the variable: it may hold a password.
    """
    parts = urlsplit(url)
    written = _variable(environ, "https_proxy").strip()
    if parts.scheme != "https" or not written or _exempt(parts, _variable(environ, "no_proxy")):
        return None
    try:
        proxy = urlsplit(written if "://" in written else f"http://{written}")
        host, port = proxy.hostname, proxy.port
    except ValueError:
        host, port, proxy = None, None, SplitResult("", "", "", "", "")
    if (
        proxy.scheme not in _PORTS
        or not host
        or "@" in f"{proxy.path}{proxy.query}{proxy.fragment}"  # a password with / ? or # that is not written as %2F
        or not all(letter.isascii() and letter.isprintable() and letter != " " for letter in written)
    ):
        raise KonnectError("bad-proxy", "HTTPS_PROXY holds no address of an http or https proxy.")
    shown = f"[{host}]" if ":" in host else host
    return Proxy(f"{proxy.scheme}://{shown}:{port or _PORTS[proxy.scheme]}", _credentials(proxy))


def _credentials(proxy: SplitResult) -> Secret | None:
    if not proxy.username:
        return None
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return Secret(b"Basic " + base64.b64encode(pair.encode()))


def _variable(environ: Mapping[str, str], name: str) -> str:
    """The lower-case spelling comes first, as everywhere."""
    return environ.get(name) or environ.get(name.upper()) or ""


def _exempt(parts: SplitResult, no_proxy: str) -> bool:
    host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS[parts.scheme]
    return any(_covers(entry.lower(), host, port) for entry in no_proxy.replace(",", " ").split())


def _covers(entry: str, host: str, port: int) -> bool:
    """Whether one entry of NO_PROXY means this host: `*`, a name and what lies below it, an address or a block."""
    if entry == "*":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        name, _, number = entry.partition(":")
        name = name.removeprefix("*").strip(".")
        return bool(name) and number in ("", str(port)) and (host == name or host.endswith(f".{name}"))
    bare = entry.removesuffix(f":{port}") if entry.count(":") == 1 else entry
    try:
        return address in ip_network(bare.strip("[]"), strict=False)
    except ValueError:
        return False
