"""What the certificates screen says, as text: about the list, about one entry, about what went wrong."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from konnect_tui.errors import KonnectError
from konnect_tui.ui.theme import COLOURS, SIGNS
from konnect_tui.words import clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.live.inventory import Entry, Inventory, User
    from konnect_tui.live.remarks import Remark

_MODES = {
    "pinned": "Pinned: a node gets in whose certificate is in this list.",
    "pki": "PKI: a node gets in whose certificate was issued below a CA of this list.",
}
_MOST_NODES = 6


def counted(inventory: "Inventory") -> str:
    """How many of what: the sentence above the list."""
    count = len(inventory.entries)
    parts = ["1 certificate" if count == 1 else f"{count:,} certificates"]
    for word, told in (
        ("expired", "expired"),
        ("ends soon", "end within 30 days"),
        ("duplicate", "duplicate"),
        ("unused", "unused"),
        ("unreadable", "unreadable"),
    ):
        if number := sum(any(each.word == word for each in entry.remarks) for entry in inventory.entries):
            parts.append(f"{number:,} {told}")
    if inventory.nodes_fault:
        parts.append("nodes unknown")
    if inventory.astray:
        count = len(inventory.astray)
        parts.append("that of 1 node is gone" if count == 1 else f"those of {count:,} nodes are gone")
    return " · ".join(parts)


def whole(inventory: "Inventory") -> Iterator[tuple[str, str]]:
    """What there is to say about all of them, and its style."""
    if fault := inventory.nodes_fault:
        said = f"Which nodes use them is not known: {fault.message} {fault.hint}"
        yield f"{SIGNS['warning']} {said}", COLOURS["warning"]
    if inventory.astray:
        said = f"{_some(inventory.astray)} came in with a certificate that is not here any more, and won't come back."
        yield f"{SIGNS['warning']} {said}", COLOURS["warning"]
    if inventory.untold:
        said = f"Konnect does not say what {_some(inventory.untold)} came in with, so unused is said of none."
        yield f"{SIGNS['note']} {said}", "$muted"
    yield f"{mode_sentence(inventory.mode)}", "$muted"


def mode_sentence(mode: str) -> str:
    """Who gets in by what is in the list."""
    return _MODES.get(mode, f"This release does not know the auth mode {printable(mode)}.")


def details(entry: "Entry", width: int) -> Iterator[Content]:
    """Everything that is known about an entry, a line each; then what there is to say about it."""
    rows = [("Title", printable(entry.title) or "none"), ("Given", f"{entry.given:%Y-%m-%d %H:%M} UTC")]
    for held in entry.holds[:2]:
        kind = "a CA" if held.is_ca else "no CA"
        rows += [
            ("Subject", printable(held.subject) or "empty"),
            ("Issuer", "itself" if held.self_signed else printable(held.issuer) or "empty"),
            ("Valid", f"{held.not_before:%Y-%m-%d} to {held.not_after:%Y-%m-%d %H:%M} UTC · {held.key}, {kind}"),
            ("SHA-256", held.sha256),
        ]
    rows.append(("Nodes", users(entry.nodes)))
    for label, said in rows:
        yield Content.assemble((f"{label:<9}", "$muted"), clip(said, width - 9))
    yield from remarked(entry.remarks, width)


def remarked(remarks: Sequence["Remark"], width: int) -> Iterator[Content]:
    """Each remark with its cure, wrapped."""
    for each in remarks:
        for at, line in enumerate(wrap(printable(f"{SIGNS[each.severity]} {each.message}"), width)):
            yield Content.styled(line if at == 0 else f"  {line}", COLOURS[each.severity])
        yield from (Content.styled(f"  {line}", "$muted") for line in wrap(printable(each.hint), width - 2))


def users(nodes: Sequence["User"]) -> str:
    """The nodes by name, connected ones first."""
    if not nodes:
        return "none"
    known = sorted(nodes, key=lambda node: (not node.connected, node.name))
    names = [node.name + ("" if node.connected else " (not connected)") for node in known[:_MOST_NODES]]
    more = f" and {len(nodes) - _MOST_NODES:,} more" if len(nodes) > _MOST_NODES else ""
    return f"{', '.join(names)}{more}"


def _some(names: Sequence[str]) -> str:
    """A few nodes by name."""
    shown = ", ".join(clip(name, 24) for name in names[:2])
    return f"{shown} and {len(names) - 2:,} more" if len(names) > 2 else shown


def failed(fault: KonnectError, width: int, again: str) -> Iterator[Content]:
    """An error in its parts."""
    for said, style in (
        (f"{SIGNS['error']} {fault.message}", f"bold {COLOURS['error']}"),
        (fault.context, ""),
        (fault.hint, "$muted"),
        (f"Code {fault.code}. {again}", "$muted"),
    ):
        yield from (Content.styled(line, style) for line in wrap(printable(said), width))
