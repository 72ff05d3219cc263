"""The complete set of kong.conf parameters of a data plane node, and where they are used in a container.

Everything a node needs is always written, also where a default exists: defaults differ between releases, and
Konnect's own recipes differ between platforms. Nothing here is escaped; `escape` does that per language.
Source: Kong/developer.konghq.com, `app/gateway/data-plane-reference.md` and `app/_data/kong-conf/*.json`.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from konnect_tui.gateway.releases import number
from konnect_tui.konnect.endpoint import SYSTEM_TRUST
from konnect_tui.plan import Plan, PlannedNode

_LAST_WITH_VITALS: Final = (3, 4)
_HTTP_SUFFIX: Final = "reuseport backlog=16384"
_HTTPS_SUFFIX: Final = "http2 ssl reuseport backlog=16384"

EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 -- a gateway is there to be reached


class Places(Struct, frozen=True):
    """Where a node finds its files, as absolute paths that Kong sees. `trust` is None for the system's CAs."""

    certificate: str
    key: str
    trust: str | None
    prefix: str


CONTAINER: Final = Places(
    certificate="/konnect/node/tls.crt",
    key="/konnect/node/tls.key",
    trust="/konnect/trust/control-plane-ca.crt",
    prefix="/konnect/state",
)
"""Where a container finds its files. `trust` is there only in bundles that have one."""

CONTAINER_LOGS: Final = {
    "proxy_access_log": "/dev/stdout",
    "proxy_error_log": "/dev/stderr",
    "proxy_stream_access_log": "/dev/stdout basic",
    "proxy_stream_error_log": "/dev/stderr",
    "admin_error_log": "/dev/stderr",
    "status_error_log": "/dev/stderr",
}
"""Where a container's log belongs. An image without a shell has no entrypoint that would link the files there."""


def settings(
    plan: Plan,
    node: PlannedNode,
    places: Places,
    *,
    ports: tuple[int, ...],
    address: str = EVERYWHERE,
    status_address: str = "127.0.0.1",
    published: tuple[int, ...] | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Every parameter of one node, in the order to write them; nothing escaped.

    Kong listens on `ports` (http, https, status, then the stream ports) of `address`, for status of
    `status_address`. `published` are the ports clients use where a forwarder such as Docker stands before Kong.
    `extra` is what only the platform knows. The operator's own parameters come last and win over all.
    """
    both = plan.control_plane
    trust = "system" if both.config.trust == SYSTEM_TRUST else (places.trust or "system")
    complete = {
        "role": "data_plane",
        "database": "off",
        "konnect_mode": "on",
        **({"vitals": "off"} if number(plan.version)[:2] <= _LAST_WITH_VITALS else {}),
        "cluster_mtls": "pki",
        "cluster_control_plane": both.config.address,
        "cluster_server_name": both.config.sni,
        "cluster_telemetry_endpoint": both.telemetry.address,
        "cluster_telemetry_server_name": both.telemetry.sni,
        "cluster_cert": places.certificate,
        "cluster_cert_key": places.key,
        "lua_ssl_trusted_certificate": trust,
        "cluster_dp_labels": ",".join(f"{key}:{value}" for key, value in node.labels),
        "router_flavor": "expressions",
        "prefix": places.prefix,
        "admin_listen": "off",
        **_listeners(ports, address, status_address),
        **_port_maps(ports, published or ports),
        **(extra or {}),
    }
    return complete | dict(plan.parameters)


def container_ports(node: PlannedNode) -> tuple[int, ...]:
    """What Kong listens on in a container: 8000, 8443 and 8100 moved up where a stream port has that number.

    A stream port keeps its number inside: routes name the port that Kong itself sees, and the control plane
    gives one set of routes to all nodes, wherever each is published.
    """
    taken = set(node.ports[3:])
    ports = []
    for base in (8000, 8443, 8100):
        port = base
        while port in taken:
            port += 1
        taken.add(port)
        ports.append(port)
    return (*ports, *node.ports[3:])


def _listeners(ports: tuple[int, ...], address: str, status_address: str) -> dict[str, str]:
    http, https, status, *stream = ports
    host = _host(address)
    found = {
        "proxy_listen": f"{host}:{http} {_HTTP_SUFFIX}, {host}:{https} {_HTTPS_SUFFIX}",
        "status_listen": f"{_host(status_address)}:{status}",
    }
    if stream:
        found["stream_listen"] = ", ".join(f"{host}:{port} {_HTTP_SUFFIX}" for port in stream)
    return found


def _port_maps(ports: tuple[int, ...], published: tuple[int, ...]) -> dict[str, str]:
    """How Kong learns the port that clients used (X-Forwarded-Port). Not for streams, see `container_ports`."""
    moved = [f"{outer}:{inner}" for outer, inner in zip(published[:2], ports[:2], strict=True) if outer != inner]
    return {"port_maps": ", ".join(moved)} if moved else {}


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address
