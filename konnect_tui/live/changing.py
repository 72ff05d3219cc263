"""Give a control plane one certificate, take one away: looked at before and after, so that what is told is true.

An answer may be lost, and somebody else may be at work in Konnect. What counts is what its list says afterwards.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from konnect_tui.errors import KonnectError

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client
    from konnect_tui.konnect.target import Target
    from konnect_tui.live.inventory import Entry, Inventory
    from konnect_tui.live.offering import Offer

Look = Callable[[], Awaitable["Inventory"]]
"""Asks Konnect what the control plane has now."""


class Outcome(Struct, frozen=True):
    """What came of it, as a sentence that is printable but for titles, and what the control plane has now.

    `result` is `done`, `present` (it was so before, nothing was sent) or `failed`. `id` is the entry it is about.
    """

    result: Literal["done", "present", "failed"]
    sentence: str
    inventory: "Inventory"
    id: str = ""


async def give(client: "Client", target: "Target", offer: "Offer", look: Look) -> Outcome:
    """Give the certificate, unless the control plane has it. Raises KonnectError where it can't be told what is."""
    before = await look()
    if there := before.holding(offer.held.sha256):
        return Outcome(
            "present", f"{offer.name} is there already, as “{there.title}”: nothing was sent.", before, there.id
        )
    lost: KonnectError | None = None
    try:
        await client.pin(target.region, target.control_plane.id, offer.pem, offer.title)
    except KonnectError as fault:
        lost = fault
    after = await _look_after(look, lost)
    there = after.holding(offer.held.sha256)
    if there is None:
        why = f"{lost.message} {lost.hint}" if lost else "Konnect took it, and does not list it."
        return Outcome("failed", f"{offer.name} is not given: {why}", after)
    how = "though its answer was lost" if lost else "and nothing but the certificate was sent"
    return Outcome("done", f"Konnect has {offer.name} now, as “{there.title}”, {how}.", after, there.id)


async def remove(client: "Client", target: "Target", entry: "Entry", look: Look) -> Outcome:
    """Take the entry away, unless it is gone. Raises KonnectError where it can't be told what is."""
    before = await look()
    if not _listed(entry, before):
        said = f"Konnect does not have {entry.name} any more; somebody removed it meanwhile."
        return Outcome("present", said, before)
    lost: KonnectError | None = None
    try:
        await client.unpin(target.region, target.control_plane.id, entry.id)
    except KonnectError as fault:
        lost = fault
    after = await _look_after(look, lost)
    if _listed(entry, after):
        why = f"{lost.message} {lost.hint}" if lost else "Konnect took the request, and lists it still."
        return Outcome("failed", f"{entry.name} is not removed: {why}", after, entry.id)
    how = ", though Konnect's answer was lost" if lost else ""
    return Outcome("done", f"{entry.name} is removed{how}.", after)


def _listed(entry: "Entry", inventory: "Inventory") -> bool:
    return any(each.id == entry.id for each in inventory.entries)


async def _look_after(look: Look, lost: KonnectError | None) -> "Inventory":
    """What is there now. Where that can't be told either, the first fault is the one to tell."""
    try:
        return await look()
    except KonnectError as fault:
        raise lost or fault from None
