"""The line that a gateway writes for what became of its connection. That line alone is what an operator has to go on.

Format of the refusal: Kong/kong `kong/clustering/data_plane.lua`; the answer 401: Kong/koko
`internal/server/kong/ws/authenticator.go`; of the ping: `kong/clustering/data_plane.lua`.
"""

from typing import Final

VERSION: Final = "3.14.0.13"
_RETRY: Final = 7
"""Seconds; Kong waits 5 to 10, chosen anew each time."""


def accepted(config_hash: str) -> str:
    """Connected, and the configuration of that hash is applied."""
    return f"[clustering] sent ping frame to control plane with hash: {config_hash}"


def refused(address: str, node_id: str, hostname: str, status: int = 401) -> str:
    """The control plane answered with another status than 101. It does not say why."""
    return (
        f"[clustering] connection to control plane wss://{address}/v1/outlet?node_id={node_id}"
        f"&node_hostname={hostname}&node_version={VERSION} broken: unexpected HTTP response code: {status}"
        f" (retrying after {_RETRY} seconds) [{address}]"
    )


def broken(address: str, node_id: str, hostname: str, why: str) -> str:
    """TLS failed, or the connection did."""
    return (
        f"[clustering] connection to control plane wss://{address}/v1/outlet?node_id={node_id}"
        f"&node_hostname={hostname}&node_version={VERSION} broken: {why} (retrying after {_RETRY} seconds) [{address}]"
    )


def not_started(hostname: str) -> str:
    """The node has no certificate and key that fit together: in our words, Kong's differ by version."""
    return f"{hostname} did not start: its key is not the key of its certificate, or one of the two can't be read"
