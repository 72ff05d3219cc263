"""A node's first message: its plugins, its settings with the secrets masked, its labels.

Sources: Kong/kong, `kong/clustering/data_plane.lua` (basic_info), `kong/conf_loader/constants.lua` (what is masked),
`kong/constants.lua` (the plugins).
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from konnect_tui.gateway.parameters import holds_secret
from konnect_tui.training.practice.settings import Settings

MASK: Final = "******"

_MASKED: Final = frozenset(
    (
        "proxy_server",
        "declarative_config_string",
        "pg_password",
        "pg_ro_password",
        "cluster_cert_key",
        "ssl_cert_key",
        "client_ssl_cert_key",
        "admin_ssl_cert_key",
        "admin_gui_ssl_cert_key",
        "status_ssl_cert_key",
        "debug_ssl_cert_key",
    )
)
_PLUGINS: Final = (
    "acl",
    "acme",
    "aws-lambda",
    "basic-auth",
    "bot-detection",
    "correlation-id",
    "cors",
    "datadog",
    "file-log",
    "grpc-gateway",
    "grpc-web",
    "hmac-auth",
    "http-log",
    "ip-restriction",
    "jwt",
    "key-auth",
    "ldap-auth",
    "loggly",
    "oauth2",
    "opentelemetry",
    "post-function",
    "pre-function",
    "prometheus",
    "proxy-cache",
    "rate-limiting",
    "request-size-limiting",
    "request-termination",
    "request-transformer",
    "response-ratelimiting",
    "response-transformer",
    "session",
    "statsd",
    "syslog",
    "tcp-log",
    "udp-log",
    "zipkin",
)


def basic_info(settings: Settings) -> bytes:
    """The message as it goes out: JSON, not compressed."""
    core = ".".join(settings.given.version.split(".")[:3])
    message: dict[str, Any] = {
        "type": "basic_info",
        "plugins": [{"name": name, "version": core} for name in _PLUGINS],
        "process_conf": _shown(settings.given.values) | {"cluster_max_payload": settings.max_payload},
        "filters": {},
    }
    if settings.labels:
        message["labels"] = settings.labels
    return json.dumps(message).encode()


def _shown(values: Mapping[str, str]) -> dict[str, Any]:
    return {name: MASK if name in _MASKED or holds_secret(name, value) else value for name, value in values.items()}
