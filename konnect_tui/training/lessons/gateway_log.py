"""The line that a gateway writes for what became of its connection. That line alone is what an operator has to go on.

The form is the practice node's; the words are Kong's (Kong/kong, `kong/clustering/data_plane.lua`), the answer 401 is
koko's (Kong/koko, `internal/server/kong/ws/authenticator.go`).
"""

from typing import Final

from konnect_tui.training.practice.log import Log

VERSION: Final = "3.14.0.13"
REFUSED: Final = "unexpected HTTP response code: 401"
"""What a gateway says of a refusal. It is never told why."""

HANDSHAKE: Final = "tls handshake failed"
"""How that version begins to say why TLS failed."""
OTHER_NAME: Final = f"{HANDSHAKE}: certificate host mismatch"
"""What a gateway says where the control plane's certificate is for another name than it asked for."""

_RETRY: Final = 7
"""Seconds; Kong waits 5 to 10, chosen anew each time."""


def query(node_id: str, hostname: str) -> str:
    """Who asks, as it stands behind the path."""
    return f"?node_id={node_id}&node_hostname={hostname}&node_version={VERSION}"


def accepted(config_hash: str, address: str) -> str:
    """Connected, and the configuration of that hash is applied."""
    return _line("info", f"sent ping frame to control plane with hash: {config_hash} [{address}]")


def broken(address: str, node_id: str, hostname: str, why: str) -> str:
    """The connection came to nothing. `why` are Kong's words."""
    uri = f"wss://{address}/v1/outlet{query(node_id, hostname)}"
    words = f"connection to control plane {uri} broken: {why} (retrying after {_RETRY} seconds) [{address}]"
    return _line("warn", words)


def not_started(hostname: str) -> str:
    """The node has no certificate and key that fit together: in our words, Kong's differ by version."""
    return f"{hostname} did not start: its key is not the key of its certificate, or one of the two can't be read"


def would_not_start(reason: str) -> str:
    """The node ends before it connects. `reason` are Kong's words."""
    return f"Error: {reason}"


def _line(level: str, words: str) -> str:
    log = Log(0, lambda _: None)
    log.clustering(log.next_number(), level, words)
    return log.lines[-1]
