"""Where somebody connects: a node where its bundle's own files say, as Kong reads them; a guest where it should."""

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.address import parse
from konnect_tui.training.lessons.gateway_log import VERSION
from konnect_tui.training.lessons.organisation import Party, Placed
from konnect_tui.training.practice.given import given
from konnect_tui.training.practice.konnect_itself import konnect_host
from konnect_tui.training.practice.settings import Peer, settings


def destination(party: Party, placed: Placed) -> Peer:
    """Where this one connects if it is started now.

    Raises WouldNotStart in Kong's words, and KonnectError as `given`; `not-for-practice` where it would be Konnect.
    """
    if not party.bundle:
        address = parse(placed.endpoint)
        shown = f"{address.host}:{address.port}{address.path}"
        return Peer(shown, address.host, address.port, address.path, placed.server_name)
    chosen = settings(given(party.bundle, party.name, version=VERSION))
    if real := konnect_host(chosen):
        raise KonnectError("not-for-practice", f"{real} is Konnect itself, where nobody in a lesson connects.")
    return chosen.control_plane
