"""The two doors of the listener: the one nodes get their configuration at, and the one that takes their telemetry."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from konnect_tui.konnect.address import Link
from konnect_tui.training.compatibility import let_in
from konnect_tui.training.listener import hybrid
from konnect_tui.training.listener.admission import Admission, admit, meant
from konnect_tui.training.listener.reception import Reception
from konnect_tui.training.listener.sessions import Session, Sessions
from konnect_tui.training.listener.tunnel import Tunnel
from konnect_tui.training.organisation import Organisation
from konnect_tui.training.planes import Plane

_LONGEST_NAME: Final = 255
_CLOSING: Final = 2.0
_MOST_REPORT: Final = 65536


class Caller(msgspec.Struct, frozen=True):
    """Who a node says it is."""

    id: str
    hostname: str
    version: str


class Doors:
    """Answers what nodes ask for, once the handshake is over."""

    def __init__(self, organisation: Organisation, sessions: Sessions, reception: Reception) -> None:
        self._organisation = organisation
        self._sessions = sessions
        self._reception = reception

    def application(self) -> web.Application:
        """Both doors, each with and without a path in front that names the control plane."""
        app = web.Application(client_max_size=_MOST_REPORT)
        for front, tail, handler in (
            ("cp", "/v1/outlet", self._outlet),
            ("tp", "/v1/analytics/reqlog", self._telemetry),
            ("tp", "/v1/ingest", self._telemetry),
        ):
            app.router.add_get(tail, handler)
            app.router.add_get(f"/{front}/{{prefix}}{tail}", handler)
        return app

    async def _outlet(self, request: web.Request) -> web.StreamResponse:
        admission, tunnel, caller = self._received(request, "config")
        if not admission.accepted or admission.plane is None:
            return _unauthorized(admission)
        if caller is None:
            return web.Response(status=400, text="node_id, node_hostname and node_version are required")
        if not let_in(caller.version):
            return web.Response(status=400, text="unsupported dataplane version")
        socket = _socket()
        if not socket.can_prepare(request).ok:
            return web.Response(status=400, text="this is the door of a WebSocket")
        await socket.prepare(request)
        tunnel.settle()
        await self._serve(socket, admission.plane, caller, admission.certificate, tunnel.tls.presented)
        return socket

    async def _telemetry(self, request: web.Request) -> web.StreamResponse:
        """Take whatever a node measures, and throw it away."""
        admission, tunnel, _ = self._received(request, "telemetry")
        if not admission.accepted or admission.plane is None:
            return _unauthorized(admission)
        socket = _socket()
        if not socket.can_prepare(request).ok:
            return web.Response(status=400, text="this is the door of a WebSocket")
        await socket.prepare(request)
        tunnel.settle()
        session = Session(admission.plane.id, "", tunnel.tls.presented, _ending(socket))
        self._sessions.enter(session)
        try:
            async for message in socket:
                if message.type is WSMsgType.PING:
                    await socket.pong(message.data)
        finally:
            self._sessions.leave(session)
        return socket

    def _received(self, request: web.Request, link: Link) -> tuple[Admission, Tunnel, Caller | None]:
        """What the control plane thinks of who asks; it goes on record."""
        tunnel: Tunnel = request.get_extra_info("tunnel")
        caller = _caller(request)
        plane = meant(self._organisation, tunnel.tls.server_name, request.match_info.get("prefix", ""), link)
        if isinstance(plane, Plane):
            held = self._organisation.certificates.list(plane.id)
            admission = admit(plane, held, tunnel.tls.presented)
        else:
            admission = plane
        if "Origin" in request.headers:
            admission = Admission(admission.plane, cause="from-a-browser", message="No node sends an Origin header.")
        self._reception.decided(tunnel, admission, link, caller.id if caller else "")
        return admission, tunnel, caller

    async def _serve(
        self,
        socket: web.WebSocketResponse,
        plane: Plane,
        caller: Caller,
        certificate: str,
        presented: tuple[bytes, ...],
    ) -> None:
        session = Session(plane.id, caller.id, presented, _ending(socket))
        organisation = self._organisation
        organisation.nodes.came(plane.id, caller.id, caller.hostname, caller.version, certificate, organisation.now())
        self._sessions.enter(session)
        try:
            await self._converse(socket, plane, caller.id)
        except TimeoutError:
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"no ping in time")
        except ConnectionError:
            pass  # it is gone
        finally:
            self._sessions.leave(session)

    async def _converse(self, socket: web.WebSocketResponse, plane: Plane, node: str) -> None:
        """Introduction, configuration, then pings until either side ends it. Raises TimeoutError."""
        nodes, now = self._organisation.nodes, self._organisation.now
        introduced = False
        while not socket.closed:
            message = await socket.receive(hybrid.SILENCE if introduced else hybrid.FIRST_WORD)
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
                if not hybrid.HASH.fullmatch(message.data):
                    return await _refuse(socket, "a ping's payload is a hash of 32 characters")
                nodes.pinged(plane.id, node, bytes(message.data).decode(), now())
            elif message.type is WSMsgType.BINARY and not introduced:
                info = hybrid.introduction(message.data)
                if info is None:
                    return await _refuse(socket, "the first message has to be basic_info")
                introduced = True
                nodes.told(plane.id, node, info.labels)
                await socket.send_bytes(hybrid.reconfigure(plane.config_hash, now().timestamp()))
            elif message.type is WSMsgType.BINARY and (found := hybrid.report(message.data)):
                nodes.failed(plane.id, node, found)
            elif not _over(message):
                return await _refuse(socket, "only pings and reports are expected")
        return None


def _socket() -> web.WebSocketResponse:
    return web.WebSocketResponse(
        autoping=False, compress=False, max_msg_size=hybrid.MOST_BYTES, timeout=_CLOSING, receive_timeout=hybrid.SILENCE
    )


def _ending(socket: web.WebSocketResponse) -> Callable[[], Awaitable[None]]:
    """What closes the connection of a node that is no longer let in, or whose control plane goes."""

    async def end() -> None:
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"no longer let in")

    return end


async def _refuse(socket: web.WebSocketResponse, why: str) -> None:
    await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=why.encode())


def _over(message: WSMessage) -> bool:
    return message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR, WSMsgType.PONG)


def _caller(request: web.Request) -> Caller | None:
    """Who a node says it is; None where it does not say all of it."""
    said = [request.query.get(f"node_{name}", "") for name in ("id", "hostname", "version")]
    try:
        identity = str(uuid.UUID(said[0]))
    except ValueError:
        return None
    if not said[1] or len(said[1]) > _LONGEST_NAME or not said[2] or len(said[2]) > _LONGEST_NAME:
        return None
    return Caller(identity, said[1], said[2])


def _unauthorized(admission: Admission) -> web.Response:
    """As koko answers: what really was wrong it does not say."""
    none = admission.cause == "no-certificate-presented"
    message = "no client certificate provided in request" if none else "client certificate authentication failed"
    return web.Response(status=401, body=msgspec.json.encode({"message": message}), content_type="application/json")
