"""The embedded organisation as data: who it is, what it has, and its token."""

from collections.abc import Callable
from datetime import datetime
from hmac import compare_digest
from typing import Final

import msgspec
from msgspec import Struct

from konnect_tui.secret import Secret
from konnect_tui.training.held import Certificates
from konnect_tui.training.nodes import Nodes
from konnect_tui.training.planes import Planes
from konnect_tui.training.record import Record
from konnect_tui.training.store import Store

Clock = Callable[[], datetime]
"""The time, aware."""

ABOUT: Final = "about"
TOKEN: Final = "token"  # noqa: S105 - the name of a setting


class About(Struct, frozen=True):
    """Who the organisation is, made once by its seed. `regions` are those it has; `most` how many control planes."""

    seed: str
    id: str
    name: str
    login_path: str
    owner: str
    email: str
    full_name: str
    created_at: str
    regions: tuple[str, ...]
    most: int


class Organisation:
    """All of it on one store. `host` and `port` are where nodes connect to, once that is known."""

    def __init__(self, store: Store, now: Clock) -> None:
        self.store = store
        self.now = now
        self.planes = Planes(store)
        self.certificates = Certificates(store)
        self.nodes = Nodes(store)
        self.record = Record(store)
        self.about = msgspec.json.decode(store.setting(ABOUT) or "{}", type=About)
        self.token = Secret((store.setting(TOKEN) or "").encode())
        self.host, self.port = "127.0.0.1", 0

    def takes(self, token: str) -> bool:
        """Whether that is its token. How long it takes to say tells nothing."""
        return compare_digest(token.encode("utf-8", "surrogateescape"), self.token.reveal())


def seed_of(store: Store) -> str | None:
    """The seed the organisation was made from; None where the store is still empty."""
    about = store.setting(ABOUT)
    return msgspec.json.decode(about, type=About).seed if about else None
