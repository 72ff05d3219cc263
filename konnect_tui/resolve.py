"""Draft → Plan: every default filled in, every `X.Y` made exact, every port given out.

What a default once resolved to stays as it was (`kept`) until the answers name it, so that neither time nor
a newer product changes a bundle by itself.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.defaults import BASE_PORTS, DEFAULT_IMAGE, DEFAULT_PLATFORMS, bundle_name, end_of, node_names, slug
from konnect_tui.draft import Certificate, Draft, Node, NodeOverride
from konnect_tui.errors import KonnectError, error
from konnect_tui.gateway.releases import default_version, resolve_version
from konnect_tui.konnect.connections import endpoints, region_of
from konnect_tui.konnect.endpoint import SYSTEM_TRUST
from konnect_tui.manifest import Kept
from konnect_tui.pki.names import common_name
from konnect_tui.plan import SHARED, Plan, PlannedCertificate, PlannedControlPlane, PlannedNode
from konnect_tui.platforms import options_of, platform

_CLOCK_SKEW: Final = timedelta(minutes=5)
_LAST_PORT: Final = 65535


def resolve(
    draft: Draft,
    now: datetime,
    *,
    kept: Kept | None = None,
    trust: str = SYSTEM_TRUST,
    fresh: bool = False,
    new_keys: bool = False,
) -> Plan:
    """The Plan of a draft in which `checks` found no error.

    `now` is aware and UTC. `trust` is `system` or the PEM text of `control_plane.trusted_ca`. `fresh` lets
    defaults resolve anew (version, ports); the dates of certificates do so only with `new_keys`, because
    another date is another certificate, and that one Konnect does not have yet.
    Raises KonnectError `invalid-input` for `outlives-issuer` and `ports-exhausted`.
    """
    control_plane = _control_plane(draft, trust)
    bundle = bundle_name(draft)
    settled = None if fresh else kept
    version = _version(draft, now.date(), settled)
    names = node_names(draft)
    chosen = draft.output.platforms or DEFAULT_PLATFORMS
    return Plan(
        draft=draft,
        bundle=bundle,
        slug=f"{slug(bundle)}-{sha256(bundle.encode()).hexdigest()[:4]}",
        control_plane=control_plane,
        certificate=_certificate(draft, control_plane, names, now, None if new_keys else kept),
        version=version,
        image=_image(draft.gateway.image or DEFAULT_IMAGE, version),
        nodes=_nodes(draft, names, settled),
        parameters=tuple(sorted((key, told(value)) for key, value in (draft.node.parameters or {}).items())),
        platforms={key: options_of(key, draft.platform.get(key, {})) for key in chosen},
    )


def told(value: str | int | bool) -> str:
    """A parameter's value as Kong reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _control_plane(draft: Draft, trust: str) -> PlannedControlPlane:
    said = draft.control_plane
    config, telemetry = endpoints(said, trust)
    return PlannedControlPlane(
        source=said.source or "manual",
        name=said.name or "",
        region=region_of(said),
        auth_mode=said.auth_mode or "",
        config=config,
        telemetry=telemetry,
        id=said.id,
    )


def _version(draft: Draft, today: date, kept: Kept | None) -> str:
    if kept and kept.draft.gateway.version == draft.gateway.version:
        return kept.manifest.gateway
    written = draft.gateway.version
    return resolve_version(written) if written else default_version(today)


def _image(image: str, version: str) -> str:
    """The complete reference: an image that names a tag or a digest already is one."""
    repository = image.rsplit("/", 1)[-1]
    return image if ":" in repository or "@" in repository else f"{image}:{version}"


def _certificate(
    draft: Draft, control_plane: PlannedControlPlane, names: tuple[str, ...], now: datetime, kept: Kept | None
) -> PlannedCertificate:
    said = draft.certificate
    pki = control_plane.auth_mode == "pki"
    not_after, ca_not_after = _ends(said, pki, now, kept)
    per = said.per or "node"
    subject = (("O", said.organization), ("OU", said.organizational_unit), ("C", said.country))
    return PlannedCertificate(
        source=said.source or "generate",
        per=per,
        key=said.key or "ec-p256",
        not_before=now.replace(microsecond=0) - _CLOCK_SKEW,
        not_after=not_after,
        ca_not_after=ca_not_after,
        common_names=_common_names(said.common_name, control_plane, names if per == "node" else (SHARED,)),
        subject=tuple((key, value) for key, value in subject if value),
        sans=said.sans or (),
        intermediates=(said.intermediates or 0) if pki else 0,
        upload=(said.upload or "root") if pki else "leaf",
        ca_key=said.ca_key or "encrypted",
        custody=said.custody or "bundle",
    )


def _ends(said: Certificate, pki: bool, now: datetime, kept: Kept | None) -> tuple[datetime, datetime]:
    """When leaves end, and when the CA made here does.

    A CA lives ten years, or as long as its first leaves where that is longer: short-lived leaves would else
    need a new CA, and so a new upload, with every renewal. Nothing outlives its issuer.
    """
    same_life = kept is not None and _life(kept.draft.certificate) == _life(said)
    not_after = kept.manifest.not_after if kept and same_life else end_of(said, now)
    if kept and kept.draft.control_plane.auth_mode == "pki":
        ca_not_after = kept.manifest.ca_not_after
    else:
        ca_not_after = max(not_after, end_of(Certificate(), now))
    if pki and not_after > ca_not_after:
        if any(_life(said)):
            field = next(key for key in ("years", "days", "not_after") if getattr(said, key) is not None)
            message = (
                f"The leaves would end {not_after:%Y-%m-%d}, after the CA that issues them ({ca_not_after:%Y-%m-%d})."
            )
            raise KonnectError(
                "invalid-input", message, problems=(error(f"certificate.{field}", "outlives-issuer", message),)
            )
        not_after = ca_not_after
    return not_after, ca_not_after


def _life(certificate: Certificate) -> tuple[object, ...]:
    return certificate.years, certificate.days, certificate.not_after


def _common_names(
    written: str | None, control_plane: PlannedControlPlane, identities: tuple[str, ...]
) -> Mapping[str, str]:
    if written:
        return dict.fromkeys(identities, common_name(written))
    if control_plane.auth_mode == "pinned":
        return dict.fromkeys(identities, common_name(f"konnect-{control_plane.name}"))
    return {identity: common_name(f"{identity}.{control_plane.name}") for identity in identities}


class _Wish(Struct, frozen=True):
    """One port of a node: its base, and whether it was written for this very node."""

    base: int
    exact: bool


def _nodes(draft: Draft, names: tuple[str, ...], kept: Kept | None) -> tuple[PlannedNode, ...]:
    overrides = {override.name: override for override in draft.node.each or ()}
    wishes = {name: _wishes(draft.node, overrides.get(name)) for name in names}
    settled = _settled(wishes, kept, bool(_one_host(draft)))
    taken = {port for ports in settled.values() for port in ports}
    taken.update(wish.base for wanted in wishes.values() for wish in wanted if wish.exact)
    free = _FreePorts(taken)
    nodes = []
    for name in names:
        host_ports = settled.get(name) or tuple(
            wish.base if wish.exact else free.at_least(wish.base) for wish in wishes[name]
        )
        override = overrides.get(name) or NodeOverride(name)
        labels = dict(draft.node.labels or {}) | dict(override.labels or {})
        nodes.append(
            PlannedNode(
                name=name,
                hostname=override.hostname or name,
                ports=tuple(wish.base for wish in wishes[name]),
                host_ports=host_ports,
                labels=(("node", name), *sorted(labels.items())),
            )
        )
    _refuse_exhausted(draft, nodes)
    return tuple(nodes)


def _wishes(node: Node, override: NodeOverride | None) -> tuple[_Wish, ...]:
    own = override or NodeOverride("")
    ports = [
        _Wish(own_port or shared_port or base, own_port is not None)
        for own_port, shared_port, base in zip(
            (own.http_port, own.https_port, own.status_port),
            (node.http_port, node.https_port, node.status_port),
            BASE_PORTS,
            strict=True,
        )
    ]
    stream = node.stream_ports if own.stream_ports is None else own.stream_ports
    ports += [_Wish(port, own.stream_ports is not None) for port in stream or ()]
    return tuple(ports)


def _settled(wishes: Mapping[str, tuple[_Wish, ...]], kept: Kept | None, one_host: bool) -> dict[str, tuple[int, ...]]:
    """The host ports that nodes already have, where their wishes have not changed.

    Where nodes share one host, a node moves when another insists on one of its ports.
    """
    if kept is None:
        return {}
    overrides = {override.name: override for override in kept.draft.node.each or ()}
    insisting = {wish.base: name for name, wanted in wishes.items() for wish in wanted if wish.exact and one_host}
    return {
        name: ports
        for name, ports in kept.manifest.host_ports.items()
        if name in wishes
        and wishes[name] == _wishes(kept.draft.node, overrides.get(name))
        and all(insisting.get(port, name) == name for port in ports)
    }


class _FreePorts:
    """Gives out the lowest port at or above a base that nobody in the bundle has, remembering where it was."""

    def __init__(self, taken: set[int]) -> None:
        self._taken = taken
        self._next: dict[int, int] = {}

    def at_least(self, base: int) -> int:
        port = self._next.get(base, base)
        while port in self._taken:
            port += 1
        self._taken.add(port)
        self._next[base] = port + 1
        return port


def _one_host(draft: Draft) -> list[str]:
    """The chosen platforms whose nodes share one host's ports."""
    return [key for key in draft.output.platforms or DEFAULT_PLATFORMS if platform(key).one_host]


def _refuse_exhausted(draft: Draft, nodes: list[PlannedNode]) -> None:
    one_host = _one_host(draft)
    last = max((node for node in nodes), key=lambda node: max(node.host_ports), default=None)
    if one_host and last and max(last.host_ports) > _LAST_PORT:
        message = f"Node {last.name} would need port {max(last.host_ports)}: one host has ports up to {_LAST_PORT}."
        hint = f"Begin at lower ports, or leave out {', '.join(one_host)}, which count as one host."
        raise KonnectError("invalid-input", message, problems=(error("node.names", "ports-exhausted", message, hint),))


def reduced(plan: Plan, like: Plan) -> Plan:
    """`plan` with only the nodes and platforms that `like` has: equal to it when `plan` only adds to it."""
    had = {node.name for node in like.nodes}
    return replace(
        plan,
        nodes=tuple(node for node in plan.nodes if node.name in had),
        platforms={key: plan.platforms[key] for key in plan.platforms if key in like.platforms},
        draft=like.draft,
        certificate=replace(
            plan.certificate,
            not_before=like.certificate.not_before,
            common_names={
                key: name for key, name in plan.certificate.common_names.items() if key in like.certificate.common_names
            },
        ),
    )


def same_control_plane(plan: Plan, kept: Kept) -> bool:
    """Whether a bundle was made for the control plane that the plan names: by id where both have one."""
    before, now = kept.draft.control_plane.id, plan.control_plane.id
    if before and now:
        return before == now
    return kept.manifest.control_plane.address == plan.control_plane.config.address
