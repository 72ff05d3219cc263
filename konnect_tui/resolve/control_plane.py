"""Which control plane, and where its two connections go: as the answers say, as Konnect told, or as is remembered."""

from typing import TYPE_CHECKING

from konnect_tui.draft import TOLD, ControlPlane, Draft
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.address import Address, parse, same_place
from konnect_tui.konnect.connections import endpoint, endpoints, region_of
from konnect_tui.konnect.endpoint import Endpoint
from konnect_tui.manifest import Kept, KeptEndpoint
from konnect_tui.plan import Plan, PlannedControlPlane

if TYPE_CHECKING:
    from konnect_tui.konnect.target import Target


def planned_control_plane(
    draft: Draft, trust: str, target: "Target | None", kept: Kept | None, *, fresh: bool
) -> PlannedControlPlane:
    """The control plane with both connections. Arguments and errors are those of `resolve`."""
    said = draft.control_plane
    config, telemetry = _connections(said, trust, target, kept, fresh=fresh)
    return PlannedControlPlane(
        source=said.source or "manual",
        name=said.name or "",
        region=region_of(said),
        auth_mode=said.auth_mode or "",
        config=config,
        telemetry=telemetry,
        id=_id(said, target, kept),
    )


def _connections(
    said: ControlPlane, trust: str, target: "Target | None", kept: Kept | None, *, fresh: bool
) -> tuple[Endpoint, Endpoint]:
    if said.source not in TOLD:
        return endpoints(said, trust)
    known = kept.manifest if kept and kept.manifest.konnect else None
    if known is not None and target is None and not remembers(kept, said):
        known = None
    if known is not None and (target is None or not fresh):
        return (
            _remembered(known.control_plane, said.server_name, trust),
            _remembered(known.telemetry, said.telemetry_server_name, trust),
        )
    if target is None:
        message = "Where the control plane is reached, only Konnect can tell."
        raise KonnectError("no-token", message)
    from konnect_tui.konnect import target as told  # brings the models of Konnect's API

    return told.endpoints(target, said, trust)


def _remembered(kept: KeptEndpoint, name: str | None, trust: str) -> Endpoint:
    try:
        return endpoint(parse(kept.address), name or "", kept.derived, trust)
    except ValueError as wrong:
        message = f"An endpoint in the [manifest] can't be used. {wrong}"
        raise KonnectError("manifest-damaged", message) from None


def _id(said: ControlPlane, target: "Target | None", kept: Kept | None) -> str | None:
    if said.source not in TOLD:
        return said.id
    if target is not None:
        return target.control_plane.id or None
    return kept.manifest.konnect.id if kept and kept.manifest.konnect else said.id


def remembers(kept: Kept | None, said: ControlPlane) -> bool:
    """Whether a bundle knows all that Konnect could tell of this control plane: it was made for the same one."""
    known = kept.manifest.konnect if kept else None
    if kept is None or known is None or said.source not in TOLD:
        return False
    before = kept.draft.control_plane
    same = (before.name, before.auth_mode, known.region) == (said.name, said.auth_mode, said.region)
    return same and said.id in (None, known.id)


def same_control_plane(plan: Plan, kept: Kept) -> bool:
    """Whether a bundle was made for the control plane that the plan names: by id where both have one, else by place."""
    known = kept.manifest.konnect
    before, now = known.id if known else kept.draft.control_plane.id, plan.control_plane.id
    if before and now:
        return before == now
    config, written = plan.control_plane.config, kept.manifest.control_plane.address
    try:
        return same_place(parse(written), Address(config.host, config.port, config.path))
    except ValueError:
        return written == config.address
