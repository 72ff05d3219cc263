"""The embedded organisation as a server: REST on loopback, mutual TLS where it was asked to listen."""

import asyncio
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from ipaddress import AddressValueError, IPv4Address
from typing import Final

from aiohttp import web
from msgspec import Struct

from konnect_tui.bundle import SECRET_MODE
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.training_hosts import named
from konnect_tui.pki.serving.authority import Issuing
from konnect_tui.pki.serving.tls import Front
from konnect_tui.training import running, state
from konnect_tui.training.listener.doors import Doors
from konnect_tui.training.listener.masking import NodeConnection
from konnect_tui.training.listener.reception import MOST, Reception
from konnect_tui.training.listener.sessions import Sessions
from konnect_tui.training.listener.tunnel import Tunnel
from konnect_tui.training.organisation import Clock, Organisation
from konnect_tui.training.ports import bound, listen, prepared
from konnect_tui.training.rest.server import Connection, application
from konnect_tui.training.room import room_for
from konnect_tui.training.running import Running

LOOPBACK: Final = "127.0.0.1"


class Ports(Struct, frozen=True):
    """What is tried first; where somebody else has one, the system chooses, and that is kept."""

    rest: int = 8790
    listener: int = 8791


_REST: Final = "rest port"
_LISTENER: Final = "listener port"
"""What their ports are kept under."""

_GRACE: Final = 1.0
"""Seconds that open requests get when the server stops."""

_BACKLOG: Final = 512
_BURSTS: Final = 4
"""Backlogs of connections that asyncio may have taken before the first of them is closed for want of room."""

_SPARE: Final = 32
"""Files that are open for other things."""

_ELSEWHERE: Final = "192.0.2.1"
"""An address that is nobody's (RFC 5737)."""


class Wanted(Struct, frozen=True):
    """How it shall run. `seed` None: the default, or what the state was made from.

    `port` and `listener` None: the ones it had; another program may have that of the API, never that of the listener.
    `usual` are the ports for a new state. `passing`: it runs for one command, so nobody is told of it.
    """

    seed: str | None = None
    port: int | None = None
    listener: int | None = None
    listen: str = LOOPBACK
    fresh: bool = False
    usual: Ports = Ports()
    passing: bool = False


@asynccontextmanager
async def serving(folder: str, wanted: Wanted, now: Clock) -> AsyncIterator[Running]:
    """The server for the state in `folder`, which runs as long as the context is open.

    Raises KonnectError `training-running`, `training-state`, `unknown-seed`, `other-seed`, `port-in-use`,
    `invalid-value` (what to listen on).
    """
    host = _advertised(wanted.listen)
    async with AsyncExitStack() as stack:
        stack.callback(os.close, running.hold(folder))
        running.withdraw(folder)  # what one that crashed has left would be taken for this one
        organisation = state.open_state(folder, wanted.seed, now, fresh=wanted.fresh)
        stack.callback(organisation.store.close)
        sessions = Sessions(organisation)
        files = room_for(MOST + _BURSTS * _BACKLOG + _SPARE)
        backlog = min(_BACKLOG, files // (2 * _BURSTS))
        reception = Reception(organisation, files - _BURSTS * backlog - _SPARE)
        kept = state.kept_port(organisation, _REST)
        rest, listening = _bound(stack, organisation, wanted)
        organisation.host, organisation.port = host, _port(listening)
        await _rest(stack, organisation, sessions, rest, backlog)
        await _listener(stack, organisation, sessions, reception, folder, listening, backlog)
        about = Running(
            api_url=f"http://{LOOPBACK}:{_port(rest)}/{{region}}",
            token=organisation.token.reveal().decode(),
            token_file=f"{folder}/{running.TOKEN_FILE}",
            control_plane=f"https://{organisation.host}:{organisation.port}",
            ca=f"{folder}/{state.CA_FILE}",
            seed=organisation.about.seed,
            pid=os.getpid(),
            api_port_before=kept if wanted.port is None and kept != _port(rest) else None,
        )
        running.put(about.token_file, f"{about.token}\n".encode(), SECRET_MODE)
        if not wanted.passing:
            running.announce(folder, about)
            stack.callback(running.withdraw, folder)
        yield about


async def _rest(
    stack: AsyncExitStack, organisation: Organisation, sessions: Sessions, listening: socket.socket, backlog: int
) -> None:
    """Start the API."""
    runner = web.AppRunner(application(organisation, sessions.recheck), shutdown_timeout=_GRACE)
    await listen(stack, _quiet(Connection, await prepared(stack, runner)), sock=listening, backlog=backlog)


async def _listener(
    stack: AsyncExitStack,
    organisation: Organisation,
    sessions: Sessions,
    reception: Reception,
    folder: str,
    listening: socket.socket,
    backlog: int,
) -> None:
    """Start what nodes connect to."""
    issuing = Issuing(state.authority(organisation, folder), organisation.now())
    own = dict.fromkeys((organisation.host, LOOPBACK, "localhost"))
    front = Front(issuing, own, lambda name: _known(organisation, name))
    runner = web.AppRunner(Doors(organisation, sessions, reception).application())
    inner = _quiet(NodeConnection, await prepared(stack, runner))
    stack.push_async_callback(reception.end)
    stack.push_async_callback(sessions.end)
    await listen(stack, lambda: Tunnel(front.connection(), inner, reception), sock=listening, backlog=backlog)


def _known(organisation: Organisation, name: str) -> bool:
    found = named(name)
    return found is not None and organisation.planes.of_prefix(found[0]) is not None


def _bound(stack: AsyncExitStack, organisation: Organisation, wanted: Wanted) -> tuple[socket.socket, socket.socket]:
    """Sockets for the API and for nodes; their ports are kept from then on.

    The API's address is in no bundle: where another program has its port, any other one will do.
    """
    kept = state.kept_port(organisation, _LISTENER)
    api = wanted.usual.rest if (had := state.kept_port(organisation, _REST)) is None else had
    rest = _on(stack, LOOPBACK, *((api, 0) if wanted.port is None else (wanted.port,)))
    if wanted.listener is not None:
        listening = _on(stack, wanted.listen, wanted.listener)
    elif kept is None:
        listening = _on(stack, wanted.listen, wanted.usual.listener, 0)
    else:
        try:
            listening = _on(stack, wanted.listen, kept)
        except KonnectError as fault:
            raise (_settled(kept) if fault.code == "port-in-use" else fault) from None
    with organisation.store.together():
        organisation.store.keep(_REST, str(_port(rest)))
        organisation.store.keep(_LISTENER, str(_port(listening)))
    return rest, listening


def _on(stack: AsyncExitStack, address: str, *ports: int) -> socket.socket:
    """A socket on the first of these ports that is free. Raises KonnectError `port-in-use`, `invalid-value`."""
    try:
        return bound(stack, address, *ports)
    except OSError as fault:
        code = "invalid-value" if fault.errno == errno.EADDRNOTAVAIL else "port-in-use"
        where, why = f"{address}:{ports[-1]}", os.strerror(fault.errno or 0)
        raise KonnectError(code, f"The training organisation can't listen on {where}: {why}.") from None


def _settled(port: int) -> KonnectError:
    """The error where another program has the port that nodes connect to."""
    return KonnectError(
        "port-in-use",
        f"Another program has port {port}, which nodes of the training organisation connect to.",
        context="Bundles made before name that port, so no other one is taken unasked.",
        hint="Stop that program. Or run `konnect-tui training serve --listener-port 0`: it takes a free port and keeps "
        "it. Each bundle made before gets it by `konnect-tui apply BUNDLE/konnect-tui.toml --replace`.",
    )


def _port(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def _advertised(listen: str) -> str:
    """The address that nodes are told to connect to: an IP address, which every resolver knows."""
    try:
        address = IPv4Address(listen)
    except AddressValueError:
        message = f"{listen!r} is no IPv4 address to listen on."
        raise KonnectError("invalid-value", message, hint="127.0.0.1, 0.0.0.0 or an address of this machine.") from None
    if not address.is_unspecified:
        return listen
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_ELSEWHERE, 9))  # nothing is sent: it only asks which address would be used
            return str(probe.getsockname()[0])
        except OSError:
            return LOOPBACK  # the machine has no network


def _quiet(kind: type[web.RequestHandler], server: web.Server) -> Callable[[], web.RequestHandler]:
    """What clients send wrong is answered, not logged: a stray byte must not fill somebody's terminal with frames."""
    logger = logging.getLogger("konnect_tui.training")
    logger.disabled = True
    return partial(kind, server, loop=asyncio.get_running_loop(), logger=logger, access_log=logger)
