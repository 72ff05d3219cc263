"""Draft → Plan: every default filled in, every `X.Y` made exact, every port given out.

What a default once resolved to stays as it was (`kept`) until the answers name it, so that neither time nor
a newer product changes a bundle by itself.
"""

from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec.structs import replace

from konnect_tui.defaults import DEFAULT_IMAGE, DEFAULT_PLATFORMS, bundle_name, node_names, slug
from konnect_tui.draft import Draft
from konnect_tui.gateway.releases import default_version, resolve_version
from konnect_tui.konnect.endpoint import SYSTEM_TRUST
from konnect_tui.manifest import Kept
from konnect_tui.pki.bringing.supply import Supply
from konnect_tui.plan import Plan
from konnect_tui.platforms import options_of
from konnect_tui.resolve.certificate import certificate
from konnect_tui.resolve.control_plane import planned_control_plane
from konnect_tui.resolve.nodes import nodes

if TYPE_CHECKING:
    from konnect_tui.konnect.target import Target


def resolve(
    draft: Draft,
    now: datetime,
    *,
    kept: Kept | None = None,
    trust: str = SYSTEM_TRUST,
    target: "Target | None" = None,
    supply: Supply | None = None,
    fresh: bool = False,
    new_keys: bool = False,
) -> Plan:
    """The Plan of a draft in which `checks` found no error.

    `now` is aware and UTC. `trust` is `system` or the PEM text of `control_plane.trusted_ca`. `target` is the control
    plane as Konnect told it (source `konnect`); without it a bundle's own memory (`kept`) says where it is. `supply` is
    what the operator gives; without it that memory says what was given. `fresh` lets defaults resolve anew (version,
    endpoints, ports); the dates of certificates do so only with `new_keys`: another date is another certificate,
    and that one Konnect does not have yet.
    Raises KonnectError `invalid-input` for `outlives-issuer` and `ports-exhausted`; `no-token` where only Konnect could
    tell the endpoints, `konnect-answer` where it told none.
    """
    control_plane = planned_control_plane(draft, trust, target, kept, fresh=fresh)
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
        certificate=certificate(draft, control_plane, names, now, None if new_keys else kept, supply),
        version=version,
        image=_image(draft.gateway.image or DEFAULT_IMAGE, version),
        nodes=nodes(draft, names, settled),
        parameters=tuple(sorted((key, told(value)) for key, value in (draft.node.parameters or {}).items())),
        platforms={key: options_of(key, draft.platform.get(key, {})) for key in chosen},
    )


def told(value: str | int | bool) -> str:
    """A parameter's value as Kong reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _version(draft: Draft, today: date, kept: Kept | None) -> str:
    if kept and kept.draft.gateway.version == draft.gateway.version:
        return kept.manifest.gateway
    written = draft.gateway.version
    return resolve_version(written) if written else default_version(today)


def _image(image: str, version: str) -> str:
    """The complete reference: an image that names a tag or a digest already is one."""
    repository = image.rsplit("/", 1)[-1]
    return image if ":" in repository or "@" in repository else f"{image}:{version}"


def reduced(plan: Plan, like: Plan) -> Plan:
    """`plan` with only the nodes, certificates and platforms that `like` has: equal to it when it only adds to it."""
    had, names = {node.name for node in like.nodes}, like.certificate.common_names
    said = replace(
        plan.certificate,
        not_before=like.certificate.not_before,
        common_names={key: name for key, name in plan.certificate.common_names.items() if key in names},
    )
    if said.source == like.certificate.source and said.source in ("import", "csr"):
        given = like.certificate  # what comes in later ends when it ends
        said = replace(said, not_after=given.not_after, ca_not_after=given.ca_not_after, pending=given.pending)
    return replace(
        plan,
        nodes=tuple(node for node in plan.nodes if node.name in had),
        platforms={key: plan.platforms[key] for key in plan.platforms if key in like.platforms},
        draft=like.draft,
        certificate=said,
    )
