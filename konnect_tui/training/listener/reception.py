"""Keeps the record of handshakes, and how many connections there may be."""

import asyncio
import sqlite3
from contextlib import suppress
from typing import Final

from konnect_tui.konnect.address import Link
from konnect_tui.konnect.training_hosts import named
from konnect_tui.training.listener.admission import Admission, admit
from konnect_tui.training.listener.tunnel import Tunnel
from konnect_tui.training.organisation import Organisation
from konnect_tui.training.planes import Plane
from konnect_tui.training.record import Handshake, Outcome

MOST: Final = 2000
"""Connections at a time; one node has two."""

_TURNS: Final = 8
"""Turns of the loop until asyncio has told of a connection it took just before the listener closed, and of its end."""

_MOST_BYTES: Final = 16 * 1024
"""Of one list that is kept. A list may have 100 KB, and the record has many."""

_UNTRUSTED: Final = ("unknown ca", "bad certificate", "certificate unknown", "certificate expired")
"""In the alerts of a client that does not trust the control plane's certificate."""


class Reception:
    """Watches every connection; each gets one entry in the record, when it is clear what became of it."""

    def __init__(self, organisation: Organisation, room: int) -> None:
        """`room` is how many connections the system lets it have; it has no more than `MOST`."""
        self._organisation = organisation
        self._room = room
        self._open: dict[Tunnel, float] = {}
        self._recorded: set[Tunnel] = set()

    def opened(self, tunnel: Tunnel) -> bool:
        """One has come; whether there is room."""
        self._open[tunnel] = self._organisation.now().timestamp()
        return len(self._open) <= min(MOST, self._room)

    def decided(self, tunnel: Tunnel, admission: Admission, link: Link, node: str) -> None:
        """What was presented has been judged."""
        outcome: Outcome = "accepted" if admission.accepted else "refused"
        self._note(tunnel, outcome, admission, link, node)

    def broke(self, tunnel: Tunnel, words: tuple[str, ...]) -> None:
        """TLS failed."""
        said = ", ".join(words) or "OpenSSL names no reason"
        if any(word in said for word in _UNTRUSTED):
            cause, message = "control-plane-not-trusted", f"The node does not trust the control plane: {said}."
        else:
            cause, message = "handshake-broken", f"TLS failed: {said}."
        link, plane = self._asked(tunnel)
        self._note(tunnel, "broken", Admission(plane, cause=cause, message=message), link, "")

    def closed(self, tunnel: Tunnel) -> None:
        """One has gone. If it did nothing but shake hands, or begin to, that is worth an entry; a mere knock is not."""
        if not tunnel.tls.established and tunnel.spoke:
            self.broke(tunnel, ("the node closed the connection in the middle of the handshake",))
        elif tunnel.tls.established and tunnel not in self._recorded:
            link, plane = self._asked(tunnel)
            if plane is None:
                admission = Admission(None)
            else:
                held = self._organisation.certificates.list(plane.id)
                admission = admit(plane, held, tunnel.tls.presented)
            self._note(tunnel, "unused", admission, link, "")
        self._open.pop(tunnel, None)
        self._recorded.discard(tunnel)

    async def end(self) -> None:
        """Close what is still open, and wait until it is. Nobody is let in any more."""
        for _ in range(_TURNS):
            for tunnel in tuple(self._open):
                tunnel.abort()
            await asyncio.sleep(0)

    def _asked(self, tunnel: Tunnel) -> tuple[Link, Plane | None]:
        """What the server name alone tells of where the client wanted to go."""
        asked = named(tunnel.tls.server_name)
        return (asked[1], self._organisation.planes.of_prefix(asked[0])) if asked else ("config", None)

    def _note(self, tunnel: Tunnel, outcome: Outcome, admission: Admission, link: Link, node: str) -> None:
        if tunnel in self._recorded:
            return
        self._recorded.add(tunnel)
        tls = tunnel.tls
        handshake = Handshake(
            at=self._open.get(tunnel, self._organisation.now().timestamp()),
            control_plane=admission.plane.id if admission.plane else None,
            link=link,
            server_name=tls.server_name,
            tls=tls.version if tls.established else "",
            chain=_kept(tls.presented) if tls.established else (),
            verdict=outcome,
            cause=admission.cause,
            message=admission.message,
            hint=admission.hint,
            node=node,
        )
        with suppress(sqlite3.Error):  # a full disk costs the record, not the control plane
            self._organisation.record.add(handshake)


def _kept(presented: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The list as the record keeps it: of one that is far too long only the leaf."""
    if sum(map(len, presented)) <= _MOST_BYTES:
        return presented
    return presented[:1] if len(presented[0]) <= _MOST_BYTES else ()
