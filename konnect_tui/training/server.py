"""The embedded organisation as a server: REST on loopback, mutual TLS where it was asked to listen."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

from aiohttp import web
from msgspec import Struct

from konnect_tui.bundle import SECRET_MODE
from konnect_tui.konnect.training_hosts import named
from konnect_tui.pki.serving.authority import Issuing
from konnect_tui.pki.serving.tls import Front
from konnect_tui.training import running, state
from konnect_tui.training.addresses import LOOPBACK, Wanted, advertised, kept_api_port, port_of, sockets
from konnect_tui.training.listener.doors import Doors
from konnect_tui.training.listener.masking import NodeConnection
from konnect_tui.training.listener.reception import MOST, Reception
from konnect_tui.training.listener.sessions import Sessions
from konnect_tui.training.listener.tunnel import Tunnel
from konnect_tui.training.organisation import Clock, Organisation
from konnect_tui.training.ports import listen, prepared
from konnect_tui.training.rest.server import Connection, application
from konnect_tui.training.room import room_for
from konnect_tui.training.running import Running

_GRACE: Final = 1.0
"""Seconds that open requests get when the server stops."""

_BACKLOG: Final = 512
_BURSTS: Final = 4
"""Backlogs of connections that asyncio may have taken before the first of them is closed for want of room."""

_SPARE: Final = 32
"""Files that are open for other things."""


class _Parts(Struct, frozen=True):
    """What a server is made of. All that is opened for it ends with `stack`; `files` is how many it may have open."""

    stack: AsyncExitStack
    organisation: Organisation
    sessions: Sessions
    files: int

    @property
    def backlog(self) -> int:
        """Connections that wait to be taken, at each of its ports."""
        return min(_BACKLOG, self.files // (2 * _BURSTS))


@asynccontextmanager
async def serving(folder: str, wanted: Wanted, now: Clock) -> AsyncIterator[Running]:
    """The server for the state in `folder`, which runs as long as the context is open.

    Raises KonnectError `training-running`, `training-state`, `unknown-seed`, `other-seed`, `port-in-use`,
    `invalid-value` (what to listen on).
    """
    host = advertised(wanted.listen)
    async with AsyncExitStack() as stack:
        stack.callback(os.close, running.hold(folder))
        running.withdraw(folder)  # what one that crashed has left would be taken for this one
        organisation = state.open_state(folder, wanted.seed, now, fresh=wanted.fresh)
        stack.callback(organisation.store.close)
        kept = kept_api_port(organisation)
        rest, listening = sockets(stack, organisation, wanted)
        organisation.host, organisation.port = host, port_of(listening)
        parts = _Parts(stack, organisation, Sessions(organisation), room_for(MOST + _BURSTS * _BACKLOG + _SPARE))
        await _rest(parts, rest)
        await _listener(parts, listening, Issuing(state.authority(organisation, folder), now()))
        about = Running(
            api_url=f"http://{LOOPBACK}:{port_of(rest)}/{{region}}",
            token=organisation.token.reveal().decode(),
            token_file=f"{folder}/{running.TOKEN_FILE}",
            control_plane=f"https://{organisation.host}:{organisation.port}",
            ca=f"{folder}/{state.CA_FILE}",
            seed=organisation.about.seed,
            pid=os.getpid(),
            alone=wanted.alone,
            api_port_before=kept if wanted.port is None and kept != port_of(rest) else None,
        )
        running.put(about.token_file, f"{about.token}\n".encode(), SECRET_MODE)
        if not wanted.passing:
            running.announce(folder, about)
            stack.callback(running.withdraw, folder)
        yield about


async def _rest(parts: _Parts, listening: socket.socket) -> None:
    """Start the API."""
    app = application(parts.organisation, parts.sessions.recheck)
    server = await prepared(parts.stack, web.AppRunner(app, shutdown_timeout=_GRACE))
    await listen(parts.stack, _quiet(Connection, server), sock=listening, backlog=parts.backlog)


async def _listener(parts: _Parts, listening: socket.socket, issuing: Issuing) -> None:
    """Start what nodes connect to."""
    stack, organisation, sessions = parts.stack, parts.organisation, parts.sessions
    reception = Reception(organisation, parts.files - _BURSTS * parts.backlog - _SPARE)
    own = dict.fromkeys((organisation.host, LOOPBACK, "localhost"))
    front = Front(issuing, own, lambda name: _known(organisation, name))
    server = await prepared(stack, web.AppRunner(Doors(organisation, sessions, reception).application()))
    inner = _quiet(NodeConnection, server)
    stack.push_async_callback(reception.end)
    stack.push_async_callback(sessions.end)
    await listen(stack, lambda: Tunnel(front.connection(), inner, reception), sock=listening, backlog=parts.backlog)


def _known(organisation: Organisation, name: str) -> bool:
    found = named(name)
    return found is not None and organisation.planes.of_prefix(found[0]) is not None


def _quiet(kind: type[web.RequestHandler], server: web.Server) -> Callable[[], web.RequestHandler]:
    """What clients send wrong is answered, not logged: a stray byte must not fill somebody's terminal with frames."""
    logger = logging.getLogger("konnect_tui.training")
    logger.disabled = True
    return partial(kind, server, loop=asyncio.get_running_loop(), logger=logger, access_log=logger)
