"""Where the embedded organisation listens: what is wanted, what was kept, and what can be had."""

import errno
import os
import socket
from contextlib import AsyncExitStack
from ipaddress import AddressValueError, IPv4Address
from typing import Final

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.training.organisation import Organisation
from konnect_tui.training.ports import bound
from konnect_tui.training.state import kept_port

LOOPBACK: Final = "127.0.0.1"
_REST: Final = "rest port"
_LISTENER: Final = "listener port"
"""What their ports are kept under."""

_ELSEWHERE: Final = "192.0.2.1"
"""An address that is nobody's (RFC 5737)."""


class Ports(Struct, frozen=True):
    """What is tried first; where somebody else has one, the system chooses, and that is kept."""

    rest: int = 8790
    listener: int = 8791


class Wanted(Struct, frozen=True):
    """How it shall run. `seed` None: the default, or what the state was made from.

    `port` and `listener` None: the ones it had; another program may have that of the API, never that of the listener.
    `usual` are the ports for a new state. `passing`: it runs for one command, so nobody is told of it.
    `alone`: it is nobody's part.
    """

    seed: str | None = None
    port: int | None = None
    listener: int | None = None
    listen: str = LOOPBACK
    fresh: bool = False
    usual: Ports = Ports()
    passing: bool = False
    alone: bool = False


def kept_api_port(organisation: Organisation) -> int | None:
    """The port its API had last; None before it had one. Raises KonnectError `training-state`."""
    return kept_port(organisation, _REST)


def sockets(stack: AsyncExitStack, organisation: Organisation, wanted: Wanted) -> tuple[socket.socket, socket.socket]:
    """Sockets for the API and for nodes; their ports are kept from then on.

    The API's address is in no bundle: where another program has its port, any other one will do.
    Raises KonnectError `port-in-use`, `invalid-value`, `training-state`.
    """
    api = kept_api_port(organisation)
    kept = kept_port(organisation, _LISTENER)
    for_api = (wanted.usual.rest if api is None else api, 0) if wanted.port is None else (wanted.port,)
    for_nodes = (wanted.usual.listener, 0) if kept is None else (kept,)
    rest = _on(stack, LOOPBACK, *for_api)
    listening = _on(stack, wanted.listen, *(for_nodes if wanted.listener is None else (wanted.listener,)), kept=kept)
    with organisation.store.together():
        organisation.store.keep(_REST, str(port_of(rest)))
        organisation.store.keep(_LISTENER, str(port_of(listening)))
    return rest, listening


def _on(stack: AsyncExitStack, address: str, *ports: int, kept: int | None = None) -> socket.socket:
    """A socket on the first of these ports that is free. Raises KonnectError `port-in-use`, `invalid-value`.

    `kept` is a port that somebody relies on.
    """
    try:
        return bound(stack, address, *ports)
    except OSError as fault:
        if kept is not None and ports == (kept,) and fault.errno == errno.EADDRINUSE:
            raise _settled(kept) from None
        code = "invalid-value" if fault.errno == errno.EADDRNOTAVAIL else "port-in-use"
        where, why = f"{address}:{ports[-1]}", os.strerror(fault.errno or 0)
        raise KonnectError(code, f"The training organisation can't listen on {where}: {why}.") from None


def _settled(port: int) -> KonnectError:
    """The error where another program has the port that nodes connect to."""
    return KonnectError(
        "port-in-use",
        f"Another program has port {port}, which nodes of the training organisation connect to.",
        context="Bundles made before and lessons under way name that port, so no other one is taken unasked.",
        hint="Stop that program. Or run `konnect-tui training serve --listener-port 0`: it takes a free port and keeps "
        "it. Each bundle made before gets it by `konnect-tui apply BUNDLE/konnect-tui.toml --replace`; a lesson under "
        "way has to be begun anew.",
    )


def port_of(listening: socket.socket) -> int:
    """The port that it is on."""
    return int(listening.getsockname()[1])


def advertised(listen: str) -> str:
    """The address that nodes are told to connect to: an IP address, which every resolver knows.

    Raises KonnectError `invalid-value`.
    """
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
