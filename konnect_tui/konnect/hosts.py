"""Which hosts of Konnect's API a token may be sent to: one global and one per region, all of one API domain.

Source: Kong/developer.konghq.com, `api-specs/konnect/control-planes/v2/openapi.yaml` and `identity/v3/openapi.yaml`
(`servers`); Kong/kong-operator, `controller/konnect/server/region.go` (the grammar of a region's code).
"""

import re
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.regions import is_code

GLOBAL: Final = "global"
DEFAULT: Final = "https://{region}.api.konghq.com"
_PLACE: Final = "{region}"
_LOOPBACK: Final = re.compile(r"127(?:\.\d{1,3}){3}|::1")


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
        """The API domain that a saved token belongs to: host and port without the region, `api.konghq.com`."""
        authority = urlsplit(self.template.replace(_PLACE, "region")).netloc
        return authority.removeprefix("region.")

    @property
    def live(self) -> bool:
        """Whether this is Konnect itself, and not an address given with `--api-url`."""
        return self.template == DEFAULT


def hosts(api_url: str | None) -> Hosts:
    """The hosts that `--api-url` or `KONNECT_API_URL` means; Konnect's own without one.

    The address replaces scheme and authority of every API host; `{region}` in it becomes the code or `global`.
    Raises KonnectError `bad-api-url`: https is required but for literal loopback addresses, and no user name or
    password, query or fragment may be in it.
    """
    if not api_url:
        return Hosts()
    written = api_url.strip().rstrip("/")
    problem = _wrong_with(written)
    if problem:
        raise KonnectError("bad-api-url", f"The address of the API can't be used: {problem}")
    return Hosts(written)


def _wrong_with(written: str) -> str:
    try:
        parts = urlsplit(written.replace(_PLACE, "us"))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "it is no address."
    if not written.isascii() or not written.isprintable() or any(letter in written for letter in ' \\"<>'):
        return "it holds characters that no address has."
    if parts.scheme not in ("http", "https") or not host or port == 0:
        return "it has to begin with https:// and a host."
    if "@" in parts.netloc:
        return "it holds a user name or password."
    if "?" in written or "#" in written:
        return "it has a query or fragment."
    if parts.scheme == "http" and _LOOPBACK.fullmatch(host) is None:
        return (
            "http would send the token unencrypted; only loopback addresses such as http://127.0.0.1:8080 may use it."
        )
    return ""
