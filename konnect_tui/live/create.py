"""Create the control plane that the answers ask for. What is there already is never replaced."""

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.models import ControlPlane, NewControlPlane
from konnect_tui.konnect.target import Target
from konnect_tui.live.locate import informed
from konnect_tui.live.upload import FINAL
from konnect_tui.words import printable


async def create(client: Client, target: Target) -> Target:
    """The target, born. An answer that was lost is looked up before it is asked again, so that there are never two.

    Raises KonnectError `name-taken` where another came first, and what the client raises.
    """
    plane = target.control_plane
    wanted = NewControlPlane(plane.name, "pki_client_certs" if plane.auth_mode == "pki" else "pinned_client_certs")
    made = await _created(client, target.region, wanted)
    return await informed(client, Target(target.region, target.organization, made))


async def _created(client: Client, region: str, wanted: NewControlPlane) -> ControlPlane:
    try:
        return await client.create(region, wanted)
    except KonnectError as fault:
        if fault.code == "name-taken":
            raise _taken(region, wanted) from None
        if fault.code in FINAL or fault.exit_code != 1:
            raise
        found = await client.named(region, wanted.name)
        if found is not None:
            return found
    return await client.create(region, wanted)


def _taken(region: str, wanted: NewControlPlane) -> KonnectError:
    message = f"A control plane called “{printable(wanted.name)}” came to be in region {region} meanwhile."
    return KonnectError("name-taken", message, hint="Run it again to use that one, or choose another name.")
