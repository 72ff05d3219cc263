"""Where the embedded organisation's control planes are: one address for all, a path and a server name for each.

The API says `https://127.0.0.1:8444/cp/PREFIX` (as AWS PrivateLink has it: Kong appends its own path to that), and
the server name is worked out from it. docs/decisions/018 says why.
"""

import re
from typing import Final

from konnect_tui.konnect.address import Address, Link, is_ip

DOMAIN: Final = "training.localhost"
"""Never leaves the machine (RFC 6761 section 6.3), whoever tries to resolve it."""

_PATH: Final = re.compile(r"/(cp|tp)/([a-z0-9]{10})")
_NAME: Final = re.compile(rf"([a-z0-9]{{10}})\.(cp|tp)\.{re.escape(DOMAIN)}")
_SIDES: Final[dict[Link, str]] = {"config": "cp", "telemetry": "tp"}
_LINKS: Final[dict[str, Link]] = {side: link for link, side in _SIDES.items()}


def url(host: str, port: int, prefix: str, link: Link) -> str:
    """The endpoint as the API writes it."""
    return f"https://{host}:{port}/{_SIDES[link]}/{prefix}"


def server_name(prefix: str, link: Link) -> str:
    """The server name (SNI) of a connection."""
    return f"{prefix}.{_SIDES[link]}.{DOMAIN}"


def server_name_of(address: Address) -> str | None:
    """The server name that belongs to an address of the embedded organisation; None for any other address.

    Its host is an IP address, always: as that can be no server name, another one has to be there.
    """
    found = _PATH.fullmatch(address.path) if is_ip(address.host) else None
    return server_name(found[2], _LINKS[found[1]]) if found else None


def named(name: str) -> tuple[str, Link] | None:
    """Prefix and link that a server name stands for; None for any other name."""
    found = _NAME.fullmatch(name)
    return (found[1], _LINKS[found[2]]) if found else None
