"""Whether a node's settings lead to Konnect itself, where nothing that is no gateway ever connects."""

from contextlib import suppress
from typing import Final

from konnect_tui.training.practice.settings import Peer, Settings

_KONNECT: Final = ("konghq.com", "konghq.tech")


def konnect_host(chosen: Settings) -> str:
    """The first host of Konnect's own that these settings lead to; empty where none does."""
    hosts = (_resolved(name) for peer in (chosen.control_plane, chosen.telemetry) for name in _names(peer))
    return next((host for host in hosts for domain in _KONNECT if f".{host}".endswith(f".{domain}")), "")


def _resolved(name: str) -> str:
    """The name as it is looked up: a resolver reads letters of other scripts that look alike as the plain ones."""
    with suppress(UnicodeError):  # such a name can't be looked up at all
        name = name.encode("idna").decode()
    return name.lower().rstrip(".")


def _names(peer: Peer) -> tuple[str, str]:
    return peer.host, peer.server_name
