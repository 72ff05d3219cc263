"""How a check went. Loads no cryptography: lists and results show it without."""

from msgspec import Struct


class Outcome(Struct, frozen=True):
    """How one check went. `that` is its kind, `handshakes` the numbers of those it rests on."""

    that: str
    ok: bool
    message: str
    handshakes: tuple[int, ...] = ()
