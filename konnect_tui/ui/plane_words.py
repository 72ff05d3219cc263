"""What the page of Konnect's control planes says around its list, as text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from konnect_tui.flow.planes import host
from konnect_tui.ui.theme import COLOURS
from konnect_tui.words import clip, printable

if TYPE_CHECKING:
    from konnect_tui.flow.planes import Row
    from konnect_tui.ui.loading import Planes
    from konnect_tui.ui.planes import PlaneList
    from konnect_tui.ui.session import Session

_MODES = {
    "pinned": "Konnect is given each node's own certificate",
    "pki": "Konnect is given a CA, and takes what that issued",
}
_ORDERS = {"created": "latest first", "name": "by name"}


def counted(planes: "Planes", width: int) -> Content:
    """What was typed, and how many of how many are listed."""
    listing = planes.listing
    here, total = len(listing.rows), max(listing.total, len(listing.rows))
    if planes.loading and not planes.loaded:
        count = f"{here:,} of {total:,} …" if total else "asking Konnect …"
    elif planes.loading:
        count = f"{total:,}, asking again …"
    elif planes.fault:
        count = f"{here:,} of {total:,}, then it failed: F5 tries again" if here else "F5 tries again"
    else:
        count = f"{total:,}"
    if listing.typed and here:
        count = f"{len(listing.shown):,} of {count}"
    count += f" · {_ORDERS[listing.order]}" if total > 1 and not planes.fault else ""
    if not listing.typed:
        return Content.assemble(("› ", "$primary"), ("type to filter   ", "$muted"), (count, "bold"))
    typed = clip(printable(listing.typed), max(width - len(count) - 6, 8))
    return Content.assemble(("› ", "$primary"), (typed, "bold $primary"), ("▏  ", "$primary"), (count, "bold"))


def nothing(planes: "Planes", session: "Session") -> Iterator[str]:
    """What the list says where it is empty."""
    listing = planes.listing
    if planes.fault:
        yield "Konnect did not give the list. F5 asks again; Esc goes back to Region."
    elif planes.loading and not listing.rows:
        yield "Asking Konnect …"
    elif listing.rows:
        yield "No control plane of this region has that in its name, labels, id or host."
        yield "F6 looks for a name or an id in the other regions; Backspace takes letters away."
    elif planes.loaded:
        whose = printable(session.organization.name or session.organization.id)
        yield f"{whose} has no control plane in region {planes.region}, or this token may see none."
        yield "F2 creates one. Type a name and press F6 to look for it in the other regions."


def about(listed: "PlaneList", row: "Row | None", width: int) -> Content:
    """What is known of the control plane under the cursor."""
    if row is None:
        told = "You give it a name, labels and an auth mode; it is in Konnect then, empty, and taken here."
        return Content.styled(told, "$muted")
    lines = [
        Content.assemble((clip(printable(row.name), width - 42), "bold"), (f"  {printable(row.id)}", "$muted")),
        _line("Auth", f"{row.mode or 'none'}: {_MODES.get(row.mode, 'not known to this release')}", width),
        _line("Hosts", " · ".join(host(each) for each in (row.endpoint, row.telemetry) if each) or "none", width),
        _line("Nodes", f"{_nodes(listed, row)}   Labels  {row.labels or 'none'}", width),
    ]
    if refusal := listed.refusal(row):
        lines.insert(1, Content.styled(clip(f"! {refusal}", width), COLOURS["warning"]))
    elif row.description.strip():
        lines.append(_line("About", " ".join(row.description.split()), width))
    return Content("\n").join(lines)


def _line(label: str, said: str, width: int) -> Content:
    return Content.assemble((f"{label:<7}", "$muted"), clip(printable(said), width - 7))


def _nodes(listed: "PlaneList", row: "Row") -> str:
    found = listed.planes.nodes.get(row.id)
    if found is None:
        return "not asked yet" if row.id not in listed.planes.nodes else "Konnect did not say"
    return f"{found[0]:,} of {found[1]:,} connected" if found[1] else "none yet"
