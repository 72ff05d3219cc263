"""A Plan is a Draft with every default resolved: nothing left to decide, nothing random, no clock.

Platform renderers, the chain drawing, Review and `apply` all read it. `resolve` makes it from a Draft that
has no problem of severity error.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from konnect_tui.draft import Draft, OptionValue
from konnect_tui.konnect.endpoint import Endpoint

CLOCK_SKEW: Final = timedelta(minutes=5)
SHARED: Final = "shared"
"""The identity's name where all nodes use one key."""


class PlannedControlPlane(Struct, frozen=True):
    """The control plane with both connections worked out. `region` is None for a host that names none."""

    source: str
    name: str
    region: str | None
    auth_mode: str
    config: Endpoint
    telemetry: Endpoint
    id: str | None = None

    @property
    def training(self) -> bool:
        """Whether it is one of the embedded organisation."""
        return self.source == "training"


class PlannedCertificate(Struct, frozen=True):
    """What the certificates will say. Times are UTC with whole seconds.

    `subject` holds what all leaves share, as (RFC 4514 short name, value): O, OU, C. `common_names` is by
    node name ("shared" with `per = bundle`). `upload` is the stem of what Konnect is given in `upload/`: `root` or
    `intermediate` of a CA made here, `ca` of the operator's, `leaf` for each node's own. `pending` are the
    identities whose certificate was requested and has not come: `not_after` is then what is asked for.
    """

    source: str
    per: str
    key: str
    not_before: datetime
    not_after: datetime
    ca_not_after: datetime
    common_names: Mapping[str, str]
    subject: tuple[tuple[str, str], ...] = ()
    sans: tuple[str, ...] = ()
    intermediates: int = 0
    upload: str = "leaf"
    ca_key: str = "encrypted"
    custody: str = "bundle"
    pending: tuple[str, ...] = ()

    @property
    def made(self) -> datetime:
        """The moment the plan was made: certificates begin a little earlier, for clocks that are behind."""
        return self.not_before + CLOCK_SKEW


class PlannedNode(Struct, frozen=True):
    """One node. `ports` are its own; `host_ports` those it gets where several nodes share one host.

    Ports are http, https, status, then the stream ports. `labels` always begin with `node`.
    """

    name: str
    hostname: str
    ports: tuple[int, ...]
    host_ports: tuple[int, ...]
    labels: tuple[tuple[str, str], ...]


class Plan(Struct, frozen=True):
    """Everything about a bundle but its keys."""

    draft: Draft
    bundle: str
    slug: str
    control_plane: PlannedControlPlane
    certificate: PlannedCertificate
    version: str
    image: str
    nodes: tuple[PlannedNode, ...]
    parameters: tuple[tuple[str, str], ...]
    platforms: Mapping[str, Mapping[str, OptionValue]]

    @property
    def shared(self) -> bool:
        """Whether all nodes use one key."""
        return self.certificate.per == "bundle"

    @property
    def makes_ca(self) -> bool:
        """Whether a CA is made here."""
        return self.certificate.source == "generate" and self.control_plane.auth_mode == "pki"

    @property
    def missing(self) -> tuple[str, ...]:
        """The nodes whose certificate was requested and has not come."""
        pending = set(self.certificate.pending)
        return tuple(node.name for node in self.nodes if self.identity(node.name) in pending)

    def identity(self, node: str) -> str:
        """Whose key that node uses: its own, or the one all share."""
        return SHARED if self.shared else node
