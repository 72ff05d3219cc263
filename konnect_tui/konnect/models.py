"""What Konnect's API answers, as far as the product reads it.

Fields and values that are not known survive: further fields are passed over, enumerations are plain text. Whatever
the documents call optional, or reality leaves out, has a default here.

Sources: Kong/developer.konghq.com, `api-specs/konnect/control-planes/v2`, `control-planes-config/v2` and
`identity/v3` (August 2026); fields of a node beyond these: Kong/public-ui-components,
`packages/entities/entities-data-plane-nodes/src/types/data-plane-node.ts`.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

PINNED: Final = "pinned_client_certs"
PKI: Final = "pki_client_certs"
AUTH_TYPES: Final[Mapping[str, str]] = {"pinned": PINNED, "pki": PKI}
"""The answers file's words → the API's."""


Seconds = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""A Unix time that can be reckoned with."""


class Organization(Struct, frozen=True):
    """The organisation a token belongs to."""

    id: str
    name: str = ""
    state: str = ""


class ProxyUrl(Struct, frozen=True):
    """Where clients reach the nodes; nodes do not use it."""

    host: str = ""
    port: int = 0
    protocol: str = ""


class Config(Struct, frozen=True):
    """A control plane's `config`."""

    control_plane_endpoint: str = ""
    telemetry_endpoint: str = ""
    cluster_type: str = ""
    auth_type: str = ""
    cloud_gateway: bool = False
    proxy_urls: tuple[ProxyUrl, ...] | None = None


class ControlPlane(Struct, frozen=True):
    """A control plane. `created_at` is RFC 3339 text."""

    id: str
    name: str
    config: Config = Config()
    description: str | None = ""
    labels: Mapping[str, str] | None = None
    created_at: str = ""
    updated_at: str = ""

    @property
    def auth_mode(self) -> str:
        """The answers file's word for its auth mode; the API's own where that is another."""
        return next((mode for mode, kind in AUTH_TYPES.items() if kind == self.config.auth_type), self.config.auth_type)


class NewControlPlane(Struct, frozen=True, omit_defaults=True):
    """What is asked for when one is created. `auth_type` is always sent: its default is not documented."""

    name: str
    auth_type: Literal["pinned_client_certs", "pki_client_certs"]
    description: str = ""
    labels: Mapping[str, str] = {}


class ClientCertificate(Struct, frozen=True):
    """A data plane client certificate that a control plane was given. `cert` is PEM, times are Unix seconds."""

    id: str
    cert: str
    title: str | None = ""
    created_at: int = 0
    updated_at: int = 0


class AffectedResource(Struct, frozen=True):
    """Something in the configuration that a compatibility issue is about."""

    id: str = ""
    type: str = ""
    parent_code: str = ""
    details: tuple[str, ...] | None = None


class Issue(Struct, frozen=True):
    """Why a node's version does not fit its configuration."""

    code: str = ""
    severity: str = ""
    description: str = ""
    resolution: str = ""
    affected_resources: tuple[AffectedResource, ...] | None = None
    documentation_url: str = ""


class Compatibility(Struct, frozen=True):
    """Whether a node can run the configuration. `state` is `COMPATIBILITY_STATE_…`."""

    state: str = ""
    issues: tuple[Issue, ...] | None = None


class ConnectionState(Struct, frozen=True):
    """Whether a node is connected now; None where that is left out."""

    is_connected: bool | None = None


class FieldFault(Struct, frozen=True):
    """One thing that is wrong in an entity of the configuration."""

    error_message: str = ""
    type: str = ""
    field: str = ""


class EntityFault(Struct, frozen=True):
    """An entity of the configuration that a node refused."""

    entity_id: str = ""
    entity_name: str = ""
    entity_type: str = ""
    errors: tuple[FieldFault, ...] | None = None


class NodeError(Struct, frozen=True):
    """Why a node did not take a configuration, as it reported it."""

    name: str = ""
    config_hash: str = ""
    code: str | int = ""
    source: str = ""
    message: str = ""
    flattened_errors: tuple[EntityFault, ...] | None = None


class Node(Struct, frozen=True):
    """A data plane node's record. Times are Unix seconds; `data_plane_cert_id` is the certificate it came in with."""

    id: str
    version: str = ""
    hostname: str = ""
    last_ping: Seconds = 0
    type: str = ""
    created_at: int = 0
    updated_at: int = 0
    config_hash: str = ""
    compatibility_status: Compatibility | None = None
    labels: Mapping[str, str] | None = None
    data_plane_cert_id: str | None = None
    connection_state: ConnectionState | None = None
    errors: tuple[NodeError, ...] | None = None


class GroupStatus(Struct, frozen=True):
    """How a control plane group fares: `state` is OK, CONFLICT or UNKNOWN."""

    state: str = ""
    conflicts: tuple[Mapping[str, object], ...] | None = None
