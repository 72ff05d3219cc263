"""What Kong makes of its parameters when it starts.

Source: Kong/kong, `kong/conf_loader/{init,parse,listeners}.lua`.
"""

import os
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from konnect_tui.secret import Secret
from konnect_tui.training.practice.conf import listed, switched_on
from konnect_tui.training.practice.given import Given
from konnect_tui.training.practice.refusals import ADDRESS, LEVELS, WouldNotStart, require_startable

SYSTEM_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where Kong looks for the system's CAs, in that order."""

_PORT: Final = 443
_SHARED_NAME: Final = "kong_clustering"
_LISTEN: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):(?P<port>\d{1,5})(?P<flags>(?: [a-z0-9_=]+)*)")
_DEFAULTS: Final = {
    "role": "traditional",
    "database": "postgres",
    "cluster_mtls": "shared",
    "konnect_mode": "off",
    "cluster_use_proxy": "off",
    "log_level": "notice",
    "headers": "server_tokens, latency_tokens, X-Kong-Request-Id",
    "proxy_listen": "0.0.0.0:8000 reuseport backlog=16384, 0.0.0.0:8443 http2 ssl reuseport backlog=16384",
    "status_listen": "127.0.0.1:8007 reuseport backlog=16384",
    "cluster_max_payload": "16777216",
    "cluster_control_plane": "127.0.0.1:8005",
    "cluster_telemetry_endpoint": "127.0.0.1:8006",
}
"""What a parameter is that nobody sets. Source: Kong/kong, `kong/templates/kong_defaults.lua`."""


class Peer(Struct, frozen=True):
    """Where a connection goes. `address` is as it was written; `server_name` is asked for and checked."""

    address: str
    host: str
    port: int
    path: str
    server_name: str


class Proxy(Struct, frozen=True):
    """A forward proxy. `credentials` are `user:password`, None unless both are given."""

    host: str
    port: int
    tls: bool
    verified: bool
    credentials: Secret | None


class Listener(Struct, frozen=True):
    """Where the node listens on this machine."""

    host: str
    port: int
    tls: bool


class Settings(Struct, frozen=True):
    """Everything a node runs on. Paths are those of this machine; `level` is an index into LEVELS."""

    given: Given
    control_plane: Peer
    telemetry: Peer
    certificate: str
    key: str
    trust: tuple[str, ...]
    proxy: Proxy | None
    labels: Mapping[str, str]
    proxy_listen: tuple[Listener, ...]
    status_listen: tuple[Listener, ...]
    level: int
    headers: frozenset[str]
    konnect_mode: bool
    max_payload: int
    remarks: tuple[str, ...] = ()

    @property
    def node(self) -> str:
        """The node's name."""
        return self.given.node


def settings(given: Given) -> Settings:
    """What a node with these files runs on. Raises WouldNotStart."""
    values = {**_DEFAULTS, **{name: value.strip() for name, value in given.values.items() if value.strip()}}
    require_startable(given, values)
    trust, remarks = _trust(given, values)
    return Settings(
        given=given,
        control_plane=_peer(values, "cluster_control_plane", "cluster_server_name"),
        telemetry=_peer(values, "cluster_telemetry_endpoint", "cluster_telemetry_server_name"),
        certificate=given.here(values["cluster_cert"]),
        key=given.here(values["cluster_cert_key"]),
        trust=trust,
        proxy=_proxy(values) if switched_on(values["cluster_use_proxy"]) else None,
        labels=dict(label.split(":", 1) for label in listed(values.get("cluster_dp_labels", ""))),
        proxy_listen=_listeners(given, "proxy_listen", values),
        status_listen=_listeners(given, "status_listen", values),
        level=LEVELS.index(values["log_level"]),
        headers=frozenset(token.lower() for token in listed(values["headers"])),
        konnect_mode=switched_on(values["konnect_mode"]),
        max_payload=int(values["cluster_max_payload"]),
        remarks=remarks,
    )


def _peer(values: Mapping[str, str], address: str, server_name: str) -> Peer:
    found = ADDRESS.fullmatch(values[address])
    assert found is not None  # noqa: S101 - refused before
    host = found["host"]
    name = _SHARED_NAME if values["cluster_mtls"] == "shared" else values.get(server_name, host)
    return Peer(values[address], host, int(found["port"] or _PORT), found["path"] or "", name)


def _proxy(values: Mapping[str, str]) -> Proxy:
    parts = urlsplit(values["proxy_server"])
    both = parts.username is not None and parts.password is not None
    credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode() if both else None
    return Proxy(
        host=parts.hostname or "",
        port=parts.port or _PORT,
        tls=parts.scheme == "https",
        verified=switched_on(values.get("proxy_server_ssl_verify", "on")),
        credentials=Secret(credentials) if credentials is not None else None,
    )


def _trust(given: Given, values: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files of CAs, and what Kong remarks about them."""
    files, remarks = [], []
    for path in listed(values.get("lua_ssl_trusted_certificate", "")):
        if path != "system":
            files.append(given.here(path))
        elif found := next((bundle for bundle in SYSTEM_BUNDLES if os.path.exists(bundle)), None):
            files.append(found)
        else:
            remarks.append("lua_ssl_trusted_certificate: unable to locate system bundle")
    if values["cluster_mtls"] == "shared":
        files.append(given.here(values["cluster_cert"]))
    elif values.get("cluster_ca_cert"):
        files.append(given.here(values["cluster_ca_cert"]))
    return tuple(files), tuple(remarks)


def _listeners(given: Given, name: str, values: Mapping[str, str]) -> tuple[Listener, ...]:
    """Where this machine listens for the node: on Kong's own ports, or on those published for them."""
    found = []
    for written in listed(values[name]):
        if written == "off":
            continue
        parsed = _LISTEN.fullmatch(written)
        if parsed is None or not 1 <= int(parsed["port"]) <= 65535:
            form = "[off] | <ip>:<port> [ssl] [http2] [proxy_protocol] [deferred] [bind] [reuseport] [backlog=%d+]"
            raise WouldNotStart(f"{name} must be of form: {form}, [... next entry ...]")
        place = (parsed["host"].strip("[]"), int(parsed["port"]))
        if given.published is not None:
            if place[1] not in given.published:
                continue
            place = given.published[place[1]]
        found.append(Listener(*place, tls="ssl" in parsed["flags"].split()))
    return tuple(found)
