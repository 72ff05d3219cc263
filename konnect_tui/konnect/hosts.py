"""Which hosts of Konnect's API a token may be sent to: one global and one per region, all of one API domain.

Source: Kong/developer.konghq.com, `api-specs/konnect/control-planes/v2/openapi.yaml` and `identity/v3/openapi.yaml`
(`servers`); Kong/kong-operator, `controller/konnect/server/region.go` (the grammar of a region's code).
"""

import re
from typing import Final

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.regions import is_code

GLOBAL: Final = "global"
DOMAIN: Final = "api.konghq.com"
_PLACE: Final = "{region}"
DEFAULT: Final = f"https://{_PLACE}.{DOMAIN}"
_STANDARD_PORTS: Final = {"https": 443, "http": 80}
_HOST: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


class Hosts(Struct, frozen=True):
    """Where the API is: a base address in which `{region}` stands for a region's code or `global`."""

    template: str = DEFAULT

    def base(self, region: str) -> str:
        """The base address of a region or of `global`, without a slash at its end.

        Raises ValueError for anything that is not a region's code: a host is never built from such text.
        """
        if region != GLOBAL and not is_code(region):
            raise ValueError("not the code of a region")
        return self.template.replace(_PLACE, region)

    @property
    def domain(self) -> str:
        """The API domain that a saved token belongs to: `api.konghq.com` for Konnect's hosts, else host and port.

        A `{region}` stays in it: the host of that name without one is another, and may be somebody else's.
        """
        authority = self.template.partition("://")[2].partition("/")[0]
        return DOMAIN if authority == f"{_PLACE}.{DOMAIN}" else authority

    @property
    def live(self) -> bool:
        """Whether this is Konnect itself, and not an address given with `--api-url`."""
        return self.template == DEFAULT


def hosts(api_url: str | None) -> Hosts:
    """The hosts that `--api-url` or `KONNECT_API_URL` means; Konnect's own without one.

    The address replaces scheme and authority of every API host; `{region}` in it becomes the code or `global`. It is
    kept as it will be sent: lower case, without the scheme's own port and without a slash at the end.
    Raises KonnectError `bad-api-url`: https is required but for literal loopback addresses, and no user name or
    password, query or fragment may be in it.
    """
    if not api_url:
        return Hosts()
    try:
        return Hosts(_normal(api_url.strip()))
    except ValueError as fault:
        raise KonnectError("bad-api-url", f"The address of the API can't be used: {fault}") from None


def _normal(written: str) -> str:
    """The address in its one form. Raises ValueError, whose text never repeats any of it.

    Every part is held to characters that all parsers of addresses agree on: the one that checks here is not the one
    that connects.
    """
    if "@" in written:
        raise ValueError("it holds a user name or password.")
    if "?" in written or "#" in written:
        raise ValueError("it has a query or fragment.")
    if not written.isascii():
        raise ValueError("it holds letters that no address has; international names are written as xn--….")
    scheme, _, rest = written.partition("://")
    authority, slash, path = rest.partition("/")
    scheme, path = scheme.lower(), (slash + path).rstrip("/")
    if scheme not in _STANDARD_PORTS or not authority:
        raise ValueError("it has to begin with https:// and a host.")
    host, port = _split(authority.lower())
    if _HOST.fullmatch(host.replace(_PLACE, "us")) is None and not _is_ip(host, version=6):
        raise ValueError("its host is not one.")
    if host == DOMAIN:
        raise ValueError(f"{DOMAIN} is no host of Konnect's; its regions are at {DEFAULT}.")
    if host.rpartition(".")[2].isdigit() and not _is_ip(host, version=4):
        raise ValueError("its host is neither a name nor an IP address.")
    if _PATH.fullmatch(path.replace(_PLACE, "us")) is None or ".." in path.split("/") or "." in path.split("/"):
        raise ValueError("its path holds characters that don't belong there.")
    if scheme == "http" and not _is_loopback(host):
        example = "http://127.0.0.1:8080"
        raise ValueError(
            f"http would send the token unencrypted; only loopback addresses such as {example} may use it."
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{'' if port in (None, _STANDARD_PORTS[scheme]) else f':{port}'}{path}"


def _split(authority: str) -> tuple[str, int | None]:
    """Host, without the brackets of an IPv6 address or a name's last dot, and port."""
    bracketed = re.fullmatch(r"\[([0-9a-f:.]+)\](?::([0-9]{1,5}))?", authority)
    plain = re.fullmatch(r"([^:\[\]]+?)\.?(?::([0-9]{1,5}))?", authority)
    found = bracketed or plain
    if found is None or (found[2] and not 0 < int(found[2]) <= 65535):
        raise ValueError("its host or port is not one.")
    return found[1], int(found[2]) if found[2] else None


def _is_ip(host: str, *, version: int) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).version == version
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    return host == "::1" or (host.startswith("127.") and _is_ip(host, version=4))
