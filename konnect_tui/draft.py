"""What the operator has chosen so far: frozen, possibly incomplete, and without any secret inside.

Every field has the name of its key in the answers file; `None` means that nothing was said about it, so
that a Draft goes to an answers file and back without loss. Defaults are not filled in here: `plan` does.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from msgspec import Struct

OptionValue = str | int | bool | tuple[str, ...]

PATHS: Final = frozenset(
    {
        "trusted_ca",
        "ca_passphrase_file",
        "ca_certificate",
        "ca_key_file",
        "chain",
        "certificate",
        "private_key",
        "passphrase_file",
        "file",
        "proxy_password_file",
    }
)
"""The keys whose values are paths, in whatever section."""
PATH_LISTS: Final = frozenset({"signed"})
"""Those whose values are lists of paths."""


TOLD: Final = frozenset({"konnect", "training"})
"""The sources with an API that tells where the control plane is: an account's, or the embedded organisation's."""


class ControlPlane(Struct, frozen=True, omit_defaults=True):
    """Which control plane the nodes belong to, and where it is reached."""

    source: str | None = None
    region: str | None = None
    name: str | None = None
    auth_mode: str | None = None
    id: str | None = None
    create: bool | None = None
    prefix: str | None = None
    endpoint: str | None = None
    telemetry_endpoint: str | None = None
    server_name: str | None = None
    telemetry_server_name: str | None = None
    trusted_ca: str | None = None

    @property
    def training(self) -> bool:
        """Whether it is one of the embedded organisation."""
        return self.source == "training"


class Certificate(Struct, frozen=True, omit_defaults=True):
    """Where the nodes' certificates come from and what they say. Paths, never contents."""

    source: str | None = None
    per: str | None = None
    key: str | None = None
    years: int | None = None
    days: int | None = None
    not_after: datetime | date | None = None
    common_name: str | None = None
    organization: str | None = None
    organizational_unit: str | None = None
    country: str | None = None
    sans: tuple[str, ...] | None = None
    intermediates: int | None = None
    upload: str | None = None
    ca_key: str | None = None
    ca_passphrase_file: str | None = None
    ca_certificate: str | None = None
    ca_key_file: str | None = None
    chain: str | None = None
    certificate: str | None = None
    private_key: str | None = None
    passphrase_file: str | None = None
    signed: tuple[str, ...] | None = None
    custody: str | None = None


class Gateway(Struct, frozen=True, omit_defaults=True):
    """Which Kong Gateway the nodes run. `version` is X.Y or X.Y.Z.P."""

    version: str | None = None
    image: str | None = None


class NodeOverride(Struct, frozen=True, omit_defaults=True):
    """What one node has differently from its siblings."""

    name: str
    http_port: int | None = None
    https_port: int | None = None
    status_port: int | None = None
    stream_ports: tuple[int, ...] | None = None
    labels: Mapping[str, str] | None = None
    hostname: str | None = None
    certificate: str | None = None
    private_key: str | None = None


class Node(Struct, frozen=True, omit_defaults=True):
    """The nodes: their names as written (patterns kept), what all have, what some have differently."""

    names: tuple[str, ...] | None = None
    file: str | None = None
    http_port: int | None = None
    https_port: int | None = None
    status_port: int | None = None
    stream_ports: tuple[int, ...] | None = None
    labels: Mapping[str, str] | None = None
    parameters: Mapping[str, str | int | bool] | None = None
    each: tuple[NodeOverride, ...] | None = None


class Network(Struct, frozen=True, omit_defaults=True):
    """The forward proxy, if there is one. The password stays in its file."""

    proxy: str | None = None
    proxy_user: str | None = None
    proxy_password_file: str | None = None
    proxy_ssl_verify: bool | None = None


class Output(Struct, frozen=True, omit_defaults=True):
    """The bundle's name and the platforms it is written for."""

    bundle: str | None = None
    platforms: tuple[str, ...] | None = None


class Draft(Struct, frozen=True, omit_defaults=True):
    """Everything chosen so far. Change it with `msgspec.structs.replace`."""

    control_plane: ControlPlane = ControlPlane()
    certificate: Certificate = Certificate()
    gateway: Gateway = Gateway()
    node: Node = Node()
    network: Network = Network()
    output: Output = Output()
    platform: Mapping[str, Mapping[str, OptionValue]] = {}
