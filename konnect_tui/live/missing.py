"""Why a control plane was not found: what its answers should have said instead."""

from difflib import get_close_matches
from typing import Final

from konnect_tui.draft import ControlPlane as Section
from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.konnect import regions
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.models import ControlPlane
from konnect_tui.words import printable

MOST_NAMES: Final = 2000
"""Names looked at for one that was perhaps meant."""


async def refuse_no_region(client: Client, code: str) -> None:
    """A code that this release does not know may be a new region; whether it is one, Konnect itself is asked."""
    if regions.region(code) is not None:
        return
    known = await client.regions()
    if known is not regions.REGIONS and code not in {each.code for each in known}:
        message = f"Konnect has no region {code}."
        hint = f"One of {', '.join(each.code for each in known)}."
        raise _refused(error("control_plane.region", "unknown-value", message, hint))


async def missing(
    client: Client, section: Section, known: str | None, elsewhere: dict[str, ControlPlane], silent: list[str]
) -> KonnectError:
    """Why it was not found, as the one problem of `invalid-input`."""
    meant = f"The control plane {section.id or known}" if section.id or known else f"“{printable(section.name or '')}”"
    if elsewhere:
        places = " or ".join(f'`region = "{code}"`' for code in elsewhere)
        message = f"{meant} is not in region {section.region}, but in {', '.join(elsewhere)}."
        return _refused(error("control_plane.region", "other-region", message, f"Write {places}."))
    unheard = f" ({', '.join(silent)} did not answer)" if silent else ""
    if known is not None:
        message = f"{meant}, which this bundle was made for, is in no region of Konnect any more{unheard}."
        hint = "Choose another output.bundle to make a bundle for another control plane."
        return _refused(error("control_plane.name", "not-in-konnect", message, hint))
    message = f"{meant} is in no region that this token can see{unheard}."
    if section.id:
        return _refused(error("control_plane.id", "not-in-konnect", message))
    near = await _near(client, section)
    create = "To have it created, write `create = true`."
    hint = f"Did you mean “{printable(near)}”? {create}" if near else create
    return _refused(error("control_plane.name", "not-in-konnect", message, hint))


def _refused(problem: Problem) -> KonnectError:
    return KonnectError("invalid-input", problem.message, problems=(problem,))


async def _near(client: Client, section: Section) -> str | None:
    """The name in the region that was most likely meant; none where the region can't be listed."""
    names: dict[str, str] = {}
    try:
        async for page in client.control_planes(section.region or ""):
            names |= {plane.name.casefold(): plane.name for plane in page.control_planes}
            if len(names) >= MOST_NAMES:
                break
    except KonnectError:
        return None
    found = get_close_matches((section.name or "").casefold(), names, 1, 0.6)
    return names[found[0]] if found else None
