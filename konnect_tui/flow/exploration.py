"""The chain explorer's state: certificates, and which of them each side has. Loads no cryptography.

Everything is a value: going back is keeping the ones before.
"""

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.secret import Secret

if TYPE_CHECKING:
    from konnect_tui.pki.judging.repair import Fix


class Exploration(Struct, frozen=True):
    """`pool` is every certificate (DER) as they are numbered: the node's own, upwards, then unrelated ones."""

    pool: tuple[bytes, ...] = ()
    mode: Mode = "pinned"
    uploaded: tuple[bytes, ...] = ()
    presented: tuple[bytes, ...] = ()
    key: Secret | None = None


def give(exploration: Exploration, der: bytes) -> Exploration:
    """Konnect is given this one and no other."""
    return replace(exploration, uploaded=(der,))


def give_too(exploration: Exploration, der: bytes) -> Exploration:
    """Konnect is given this one, too, or no longer."""
    chosen = set(exploration.uploaded) ^ {der}
    return replace(exploration, uploaded=tuple(each for each in exploration.pool if each in chosen))


def present(exploration: Exploration, der: bytes) -> Exploration:
    """The node presents this one, too, or no longer; it always presents something."""
    if der in exploration.presented:
        left = tuple(each for each in exploration.presented if each != der)
        return replace(exploration, presented=left) if left else exploration
    chosen = {*exploration.presented, der}
    return replace(exploration, presented=tuple(each for each in exploration.pool if each in chosen))


def turn(exploration: Exploration) -> Exploration:
    """Pinned instead of PKI, or the other way round."""
    return replace(exploration, mode="pki" if exploration.mode == "pinned" else "pinned")


def mended(exploration: Exploration, found: "Fix") -> Exploration:
    """With both sides as the fix has them."""
    return replace(exploration, uploaded=found.uploaded, presented=found.presented)
