"""What there is to say about certificates a control plane was given: ended, given twice, unused, in the wrong mode."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from konnect_tui.codes import REGISTER
from konnect_tui.errors import Severity

if TYPE_CHECKING:
    from konnect_tui.live.inventory import Entry

SOON: Final = 30
"""Days; as everywhere for `ends-soon`."""
_MOST_NAMES: Final = 3
_WEIGHT: Final = {"error": 0, "warning": 1, "note": 2}


class Remark(Struct, frozen=True):
    """Something about one entry: `word` for a column of a list, `message` why it matters, `hint` what to do."""

    severity: Severity
    code: str
    word: str
    message: str
    hint: str


def remarks(mode: str, entries: Sequence["Entry"], now: datetime, *, telling: bool) -> Iterator[tuple[Remark, ...]]:
    """What there is to say about each entry, the worst first. `telling`: it is known which node uses which."""
    kept = _kept(entries)
    for entry in entries:
        found = [
            *_held(entry),
            *_dates(mode, entry, now),
            *_misplaced(mode, entry),
            *_repeated(entry, kept),
            *(_unused(mode, entry) if telling else ()),
        ]
        yield tuple(sorted(found, key=lambda each: _WEIGHT[each.severity]))


def _held(entry: "Entry") -> Iterator[Remark]:
    if entry.fault is not None:
        message = f"{entry.fault.message} No node can be let in by it."
        yield Remark("error", entry.fault.code, "unreadable", message, "Remove it, and give the certificate anew.")
    if entry.private:
        message = f"The entry {entry.name} holds a private key: everyone who may see the control plane has it."
        hint = "Take a new key and certificate into use, then remove this one."
        yield Remark("error", "key-in-konnect", "private key", message, hint)
    if len(entry.holds) > 1:
        message = (
            f"The entry holds {len(entry.holds)} certificates, {_listed(entry.names)}. Konnect's documents know one "
            "to an entry; which of them counts is not said."
        )
        yield Remark(
            "warning", "several-in-one", f"{len(entry.holds)} in one", message, "Give each an entry of its own."
        )


def _dates(mode: str, entry: "Entry", now: datetime) -> Iterator[Remark]:
    for name, held in zip(entry.names, entry.holds, strict=True):
        if held.not_after < now:
            ended = f"{name} ended on {held.not_after:%Y-%m-%d}"
            if mode == "pki":
                message = f"{ended}: no certificate that it issued is accepted any more."
                yield Remark("error", "expired", "expired", message, REGISTER["expired"].cure)
            else:
                message = f"{ended}. Konnect does not say what it does then{_who(entry)}."
                hint = "Make a new certificate, give it to Konnect, then to the node."
                yield Remark("warning", "expired-pinned", "expired", message, hint)
        elif held.not_before > now:
            message = f"{name} is not valid before {held.not_before:%Y-%m-%d %H:%M} UTC."
            yield Remark("warning", "not-yet-valid", "not valid yet", message, REGISTER["not-yet-valid"].cure)
        elif held.days_left < SOON:
            message = f"{name} ends on {held.not_after:%Y-%m-%d}, {ending(held.days_left)}{_who(entry)}."
            yield Remark("warning", "ends-soon", "ends soon", message, REGISTER["ends-soon"].cure)


def ending(days: int) -> str:
    """When something ends, in words: `in 12 days`, `today`, `3 days ago`."""
    if days == 0:
        return "today"
    count = f"{abs(days):,} day{'s' * (abs(days) != 1)}"
    return f"in {count}" if days > 0 else f"{count} ago"


def _who(entry: "Entry") -> str:
    connected = sum(node.connected for node in entry.nodes)
    return f"; {nodes(len(entry.nodes))} came in with it, {connected:,} connected now" if entry.nodes else ""


def _misplaced(mode: str, entry: "Entry") -> Iterator[Remark]:
    """A CA where leaves are compared, a leaf where a CA is looked for."""
    for name, held in zip(entry.names, entry.holds, strict=True):
        if mode == "pinned" and held.is_ca:
            yield _pinned_ca(name, entry)
        elif mode == "pki" and not held.is_ca:
            message = (
                f"{name} is not a CA, and this control plane looks for one above what a node presents: at most the "
                "node that has this very certificate gets in."
            )
            yield Remark("warning", "leaf-in-pki", "no CA", message, REGISTER["leaf-in-pki"].cure)


def _pinned_ca(name: str, entry: "Entry") -> Remark:
    if entry.nodes:
        message = f"Nodes present {name} itself, and it is a CA: whoever has a node's key can issue certificates."
        return Remark("note", "ca-leaf", "CA", message, REGISTER["ca-leaf"].cure)
    message = (
        f"{name} is a CA. A pinned control plane compares certificates as they are: nothing that it issued gets in, "
        "only a node that presents the CA itself."
    )
    return Remark("warning", "issuer-uploaded", "CA", message, REGISTER["issuer-uploaded"].cure)


class _Kept(Struct, frozen=True):
    """How many entries hold a certificate, by its SHA-256; and by a key one entry for each certificate of it."""

    copies: Mapping[str, int]
    of_key: Mapping[bytes, Mapping[str, "Entry"]]


def _kept(entries: Sequence["Entry"]) -> _Kept:
    copies: Counter[str] = Counter()
    of_key: dict[bytes, dict[str, Entry]] = {}
    for entry in entries:
        copies.update({held.sha256 for held in entry.holds})
        for public in entry.publics:
            of_key.setdefault(public, {}).setdefault(entry.holds[0].sha256, entry)
    return _Kept(copies, of_key)


def _repeated(entry: "Entry", kept: _Kept) -> Iterator[Remark]:
    own = {held.sha256 for held in entry.holds}
    times = max((kept.copies[each] for each in own), default=1)
    if times > 1:
        message = f"Konnect was given the same certificate {times:,} times. One of them is enough."
        yield Remark("warning", "given-twice", "duplicate", message, REGISTER["given-twice"].cure)
    others = {
        digest: each for public in entry.publics for digest, each in kept.of_key[public].items() if digest not in own
    }
    if others:
        ends = ", ".join(f"{each.ends:%Y-%m-%d}" for each in [*others.values()][:_MOST_NAMES] if each.ends)
        message = f"Another certificate of the same key is here, too, which ends {ends}: as after a renewal."
        yield Remark("note", "same-key", "same key", message, REGISTER["same-key"].cure)


def _unused(mode: str, entry: "Entry") -> Iterator[Remark]:
    if entry.holds and not entry.nodes:
        could = "whatever it issued could" if mode == "pki" else "whoever has its key could"
        message = f"No node of the control plane came in with it; {could}."
        yield Remark("note", "unused-certificate", "unused", message, REGISTER["unused-certificate"].cure)


def nodes(count: int) -> str:
    """So many nodes, in words."""
    return "1 node" if count == 1 else f"{count:,} nodes"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
