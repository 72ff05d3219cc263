"""The rehearsal: every node shakes hands, over TCP on this machine, with a control plane that has the uploads.

The same control plane and node as the judge's (`handshake`), in one thread and without blocking: nothing here
waits longer than its deadline.
"""

import select
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from time import monotonic

from OpenSSL import SSL

from konnect_tui.errors import KonnectError
from konnect_tui.pki.judging.handshake import VERSIONS, ControlPlane, Failure, Node, failure_of, step
from konnect_tui.pki.judging.verdict import Mode, Rehearsed, Row

_DEADLINE = 5.0
_BACKLOG = 8


def rehearse(
    nodes: Sequence[Rehearsed],
    mode: Mode,
    uploaded: Sequence[bytes],
    *,
    now: datetime | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Row, ...]:
    """A row per node and version of TLS, in that order. Nodes without certificate or key here are left out.

    `uploaded` is DER. `now` is for rehearsing at another time than this. `progress` is told `handshakes`, how
    many nodes are done, and how many there are; what it raises ends the rehearsal. Raises KonnectError
    `rehearsal-broken` when loopback connections do not work, and what `handshake.Node` raises.
    """
    control_plane = ControlPlane(mode, uploaded, now)
    rows: list[Row] = []
    try:
        with closing(_listen()) as listener:
            for done, each in enumerate(nodes, start=1):
                rows += _node(each, mode, uploaded, control_plane, listener)
                if progress is not None:
                    progress("handshakes", done, len(nodes))
    except OSError as problem:
        message = f"No handshake over the loopback interface: {problem.strerror or problem}."
        raise KonnectError("rehearsal-broken", message) from problem
    return tuple(rows)


def _node(
    each: Rehearsed, mode: Mode, uploaded: Sequence[bytes], control_plane: ControlPlane, listener: socket.socket
) -> Iterator[Row]:
    presented, key = each.identity.chain, each.identity.key
    if not presented or key is None:
        return
    node = Node(presented, key)
    matched = mode == "pki" or presented[0] in uploaded
    for tls in VERSIONS:
        failure = node.failure or _over_tcp(node, control_plane, tls, listener)
        if failure is None and matched:
            yield Row(name=each.name, tls=tls, accepted=True, findings=())
            continue
        from konnect_tui.pki.judging import explain  # most rehearsals have nothing to explain
        from konnect_tui.pki.judging.case import read_case

        causes = explain.causes(read_case(mode, uploaded, presented, key), failure)
        yield Row(name=each.name, tls=tls, accepted=False, findings=causes)


def _listen() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.bind(("127.0.0.1", 0))
        listener.listen(_BACKLOG)
        listener.settimeout(_DEADLINE)
    except OSError:
        listener.close()
        raise
    return listener


def _over_tcp(node: Node, control_plane: ControlPlane, tls: str, listener: socket.socket) -> Failure | None:
    near = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with near:
        near.settimeout(_DEADLINE)
        near.connect(listener.getsockname())  # create_connection would load the IDNA tables for an address
        with _accept(listener, near.getsockname()) as far:
            near.setblocking(False)
            far.setblocking(False)
            return _shake(node.connection(near), control_plane.connection(tls, far), near, far)


def _accept(listener: socket.socket, wanted: object) -> socket.socket:
    """The connection from `wanted`: others on this machine may knock as well."""
    while True:
        far, peer = listener.accept()
        if peer == wanted:
            return far
        far.close()


def _shake(client: SSL.Connection, server: SSL.Connection, near: socket.socket, far: socket.socket) -> Failure | None:
    deadline = monotonic() + _DEADLINE
    met = False
    try:
        while True:
            met = met or step(client)
            if step(server):
                return None
            waiting = [far] if met else [near, far]
            left = deadline - monotonic()
            if left <= 0 or not select.select(waiting, [], [], left)[0]:
                return Failure(("the handshake did not end in time",))
    except SSL.Error as problem:
        return failure_of(server, problem)
