"""The nodes that are connected now. When a control plane's trust changes, those it would not let in any more go."""

import asyncio
from collections.abc import Awaitable, Callable

from konnect_tui.training.listener.admission import admit
from konnect_tui.training.organisation import Organisation


class Session:
    """One connection of a node. `end` closes it. `node` is empty for its telemetry, which makes no node connected."""

    def __init__(
        self, control_plane: str, node: str, presented: tuple[bytes, ...], end: Callable[[], Awaitable[None]]
    ) -> None:
        self.control_plane = control_plane
        self.node = node
        self.presented = presented
        self.end = end


class Sessions:
    """All of them, by control plane."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._open: dict[str, set[Session]] = {}

    def enter(self, session: Session) -> None:
        """A node has connected."""
        self._open.setdefault(session.control_plane, set()).add(session)

    def leave(self, session: Session) -> None:
        """Its connection is gone. The node is so, too, unless it has another already."""
        among = self._open.get(session.control_plane, set())
        among.discard(session)
        if not among:
            self._open.pop(session.control_plane, None)
        if session.node and not any(other.node == session.node for other in among):
            self._organisation.nodes.left(session.control_plane, session.node)

    async def recheck(self, control_plane: str) -> None:
        """Close the connections of those that would be refused now; of the others note what lets them in."""
        plane = self._organisation.planes.by_id(control_plane)
        held = self._organisation.certificates.list(control_plane)
        refused = []
        for each in tuple(self._open.get(control_plane, ())):
            admission = admit(plane, held, each.presented) if plane is not None else None
            if admission is None or not admission.accepted:
                refused.append(each)
            elif each.node:
                self._organisation.nodes.let_in(control_plane, each.node, admission.certificate)
        await _end(refused)

    async def end(self) -> None:
        """Close all connections: the control plane goes."""
        await _end([each for among in self._open.values() for each in among])


async def _end(sessions: list[Session]) -> None:
    """Close these, all at once: one that does not answer holds up nobody else."""
    await asyncio.gather(*(session.end() for session in sessions), return_exceptions=True)
