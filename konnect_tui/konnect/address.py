"""The address of one connection as people write it, and what a Konnect host name says.

Host patterns: Kong/developer.konghq.com, `app/konnect-platform/network.md` (`PREFIX.REGION.cp.konghq.com`, since
2025-08-28; `cp0`/`tp0` before) and `app/gateway/aws-private-link.md` (`REGION.svc.konghq.com/cp/PREFIX`). The
API's own examples also have a host without a region (`PREFIX.cp.konghq.com`), so a region is never required.
"""

import re
from typing import Final, Literal

from msgspec import Struct

from konnect_tui.konnect.regions import of_private_link

DOMAIN: Final = "konghq.com"
MAX_HOST: Final = 253
MAX_ADDRESS: Final = 2048

Link = Literal["config", "telemetry"]

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PREFIX: Final = re.compile(_LABEL)
_PATH: Final = r"(?:/[A-Za-z0-9._~-]+)*"
_SCHEME: Final = r"(?s)([A-Za-z][A-Za-z0-9+.-]*)://(.*)"
_PUBLIC: Final = rf"({_LABEL})(?:\.([a-z]{{2}}))?\.(cp|tp)(0?)\.konghq\.com"
_PRIVATE_HOST: Final = r"([a-z]{2})\.svc\.konghq\.com"
_PRIVATE_PATH: Final = rf"(?i)/(cp|tp)/({_LABEL})"
_LINKS: Final[dict[str, Link]] = {"cp": "config", "tp": "telemetry"}


class Address(Struct, frozen=True):
    """Host (lower case), port 1–65535 and path ("" or "/…" without a slash at its end)."""

    host: str
    port: int = 443
    path: str = ""


class KonnectAddress(Struct, frozen=True):
    """What a Konnect address says: which connection, whose prefix, which region, and the other connection."""

    link: Link
    prefix: str
    region: str | None
    private: bool
    sibling: Address


def parse(text: str) -> Address:
    """Read `[https://]host[:port][/path]`, any case, with or without a slash at the end.

    Raises ValueError with a sentence for people. The sentence never repeats the text, which may hold a secret.
    """
    rest = text.strip()
    if len(rest) > MAX_ADDRESS:
        raise ValueError("That is far too long for an address.")
    scheme = re.fullmatch(_SCHEME, rest)
    if scheme:
        if scheme[1].lower() != "https":
            why = " Without TLS a node cannot prove who it is." if scheme[1].lower() == "http" else ""
            raise ValueError(f"The address must begin with https://.{why}")
        rest = scheme[2]
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        raise ValueError("The address holds a user name or password before the host. A control plane takes neither.")
    if "?" in rest or "#" in rest:
        raise ValueError("The address has a query or fragment (? or #), which a control plane's address never has.")
    host, port = _split_port(authority)
    _require_host(host)
    path = (slash + path).rstrip("/")
    if re.fullmatch(_PATH, path) is None or "/." in path:
        raise ValueError("The path of the address may hold letters, digits and . _ ~ - between single slashes only.")
    return Address(host, port, path)


def _split_port(authority: str) -> tuple[str, int]:
    if authority.startswith("[") or authority.count(":") > 1:
        raise ValueError("The address holds an IPv6 address. Give the control plane's host name instead.")
    host, colon, digits = authority.partition(":")
    if not colon:
        return host.lower().removesuffix("."), 443
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and 1 <= int(digits) <= 65535):
        raise ValueError("The port of the address must be a number from 1 to 65535.")
    return host.lower().removesuffix("."), int(digits)


def _require_host(host: str) -> None:
    if not host:
        raise ValueError("The address has no host.")
    if not host.isascii():
        raise ValueError("The host holds letters outside ASCII. Write it in its ASCII form, with xn-- labels.")
    if len(host) > MAX_HOST or _HOST.fullmatch(host) is None:
        raise ValueError(
            "That is not a host name: labels of letters, digits and hyphens, at most 63 characters each, dots between."
        )


def is_host(text: str) -> bool:
    """Whether this is a host name in lower case: labels of letters, digits and inner hyphens (RFC 1123)."""
    return len(text) <= MAX_HOST and _HOST.fullmatch(text) is not None


def is_prefix(text: str) -> bool:
    """Whether this could be a control plane's prefix: one DNS label in lower case."""
    return _PREFIX.fullmatch(text) is not None


def is_ip(host: str) -> bool:
    """Whether the host is an IPv4 address, which can be no server name (RFC 6066 section 3)."""
    return re.fullmatch(r"\d+(?:\.\d+){3}", host) is not None


def in_konnect(host: str) -> bool:
    """Whether the host is one of Konnect's, for data plane nodes or not."""
    return host == DOMAIN or host.endswith("." + DOMAIN)


def konnect(address: Address) -> KonnectAddress | None:
    """What a Konnect address for data plane nodes says; None for any other address."""
    public = re.fullmatch(_PUBLIC, address.host)
    if public and not address.path:
        prefix, region, link, generation = public[1], public[2], public[3], public[4]
        other = "tp" if link == "cp" else "cp"
        middle = f".{region}" if region else ""
        sibling = Address(f"{prefix}{middle}.{other}{generation}.{DOMAIN}", address.port)
        return KonnectAddress(_LINKS[link], prefix, region, False, sibling)
    host, path = re.fullmatch(_PRIVATE_HOST, address.host), re.fullmatch(_PRIVATE_PATH, address.path)
    if host and path:
        link, prefix = path[1].lower(), path[2].lower()
        other = "tp" if link == "cp" else "cp"
        sibling = Address(address.host, address.port, f"/{other}/{prefix}")
        return KonnectAddress(_LINKS[link], prefix, of_private_link(host[1]), True, sibling)
    return None


def same_place(one: Address, other: Address) -> bool:
    """Whether both lead to one control plane: the host names of two generations and PrivateLink's have one prefix."""
    first, second = konnect(one), konnect(other)
    if first is None or second is None:
        return one == other
    somewhere = first.region is None or second.region is None
    return first.prefix == second.prefix and (somewhere or first.region == second.region)


def of_prefix(prefix: str, region: str) -> tuple[Address, Address]:
    """The config and telemetry addresses that a prefix has in a region, in the form used since August 2025."""
    return Address(f"{prefix}.{region}.cp.{DOMAIN}"), Address(f"{prefix}.{region}.tp.{DOMAIN}")
