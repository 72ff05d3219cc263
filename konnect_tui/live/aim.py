"""Which control plane a bundle that stands is for: the one it remembers, or the one named for it, if that fits."""

from msgspec.structs import replace

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.address import parse, same_place
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.connections import region_of
from konnect_tui.konnect.ids import EXAMPLE, is_id
from konnect_tui.konnect.models import ControlPlane
from konnect_tui.konnect.regions import REGIONS
from konnect_tui.konnect.target import Target, addresses
from konnect_tui.live.locate import locate, places
from konnect_tui.manifest import Kept
from konnect_tui.words import printable


async def aim(client: Client, kept: Kept, named: str | None) -> Target:
    """The control plane in Konnect of a bundle. `named` is the id given for one that was made offline.

    Raises KonnectError `usage`, `control-plane-needed`, `other-organization`, `other-control-plane`, and as `locate`.
    """
    if named is not None and not is_id(named):
        raise KonnectError("usage", "--control-plane takes a control plane's id.", hint=f"It looks like {EXAMPLE}.")
    known, said = kept.manifest.konnect, kept.draft.control_plane
    if known is not None:
        _refuse_another_id(known.id, named)
        return await locate(client, replace(said, id=known.id, region=known.region, create=None), kept)
    region = region_of(said)
    identity = named.lower() if named else await _needed(client, region, kept)
    if region is None:
        found, _ = await places(client, said, identity)
        region = next(iter(found), REGIONS[0].code)
    target = await locate(client, replace(said, id=identity, region=region, create=None))
    _refuse_another_place(kept, target)
    return target


def _refuse_another_id(known: str, named: str | None) -> None:
    if named is not None and named.lower() != known:
        context = f"--control-plane names {named.lower()}."
        raise KonnectError("other-control-plane", f"The bundle is for the control plane {known}.", context=context)


def _refuse_another_place(kept: Kept, target: Target) -> None:
    """A bundle made offline is for the control plane whose endpoint it has."""
    if not _fits(kept, target.control_plane):
        address = target.control_plane.config.control_plane_endpoint
        message = f"The nodes of this bundle connect to {kept.manifest.control_plane.address}."
        context = f"The control plane {target.control_plane.id} is at {printable(address)}."
        raise KonnectError("other-control-plane", message, context=context, hint="Name the control plane it is for.")


def _fits(kept: Kept, plane: ControlPlane) -> bool:
    try:
        return same_place(parse(kept.manifest.control_plane.address), addresses(plane.config)[0])
    except (KonnectError, ValueError):
        return False


async def _needed(client: Client, region: str | None, kept: Kept) -> str:
    """Nobody said which: that is an error, which names the one whose endpoint the bundle has."""
    hint = ""
    if region is not None:
        async for page in client.control_planes(region):
            fitting = [plane.id for plane in page.control_planes if _fits(kept, plane)]
            hint = f"The one with its endpoint: --control-plane {fitting[0]}" if fitting else hint
    raise KonnectError(
        "control-plane-needed", "This bundle was made offline: which control plane is it for?", hint=hint
    )
