"""Create the control plane that the answers ask for. What is there already is never replaced."""

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.models import PINNED, PKI, NewControlPlane
from konnect_tui.konnect.target import Target
from konnect_tui.words import printable


async def create(client: Client, target: Target) -> Target:
    """The target, born. Only what was asked for is set: name and auth mode. In a group it can't be yet.

    Raises KonnectError `name-taken` where another came first, and what the client raises.
    """
    plane = target.control_plane
    wanted = NewControlPlane(plane.name, PKI if plane.config.auth_type == PKI else PINNED)
    try:
        made = await client.create(target.region, wanted)
    except KonnectError as fault:
        if fault.code != "name-taken":
            raise
        message = f"A control plane called “{printable(plane.name)}” came to be in region {target.region} meanwhile."
        raise KonnectError(
            "name-taken", message, hint="Run it again to use that one, or choose another name."
        ) from None
    return Target(target.region, target.organization, made)
