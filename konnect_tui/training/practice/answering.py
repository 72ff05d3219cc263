"""What a node answers on its proxy and status ports, as Kong Gateway does.

Sources: Kong/kong, `kong/runloop/handler.lua` (404), `kong/status/ready.lua`, `kong/api/routes/health.lua`,
`kong/pdk/nginx.lua` (the numbers).
"""

import json
import os
import uuid
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from konnect_tui.training.practice.configuration import NO_HASH
from konnect_tui.training.practice.log import READY, Log
from konnect_tui.training.practice.reached import Reached
from konnect_tui.training.practice.settings import Settings

_JSON: Final = "application/json"
_NO_ROUTE: Final = "no Route matched with those values"
_EMPTY: Final = "no configuration available (empty configuration present)"
_MEBIBYTE: Final = 1024


class Answering:
    """Both ports of one node."""

    def __init__(self, settings: Settings, reached: Reached, log: Log) -> None:
        self._settings = settings
        self._reached = reached
        self._log = log
        self._server = f"kong/{settings.given.version}-enterprise-edition"
        self._asked = 0
        self._taken = 0
        self._servers: list[web.Server] = []

    def serving(self, server: web.Server) -> Callable[[], web.RequestHandler]:
        """What answers each connection that is made to one of its ports."""
        self._servers.append(server)

        def take() -> web.RequestHandler:
            self._taken += 1
            return server()

        return take

    def proxy(self) -> web.Application:
        """What clients get: without a route, always the same."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._no_route)
        app.on_response_prepare.append(self._sign)
        return app

    def status(self) -> web.Application:
        """What probes get."""
        app = web.Application()
        app.router.add_get("/status/ready", self._ready)
        app.router.add_get("/status", self._status)
        app.router.add_route("*", "/{path:.*}", self._not_found)
        return app

    async def _no_route(self, request: web.Request) -> web.Response:
        request_id = uuid.uuid4().hex
        body = f'{{\n  "message":"{_NO_ROUTE}",\n  "request_id":"{request_id}"\n}}'
        headers = {"Connection": _connection(request)}
        if "off" not in self._settings.headers:
            headers |= {"X-Kong-Response-Latency": "0", "Server": self._server, "X-Kong-Request-Id": request_id}
        return web.Response(status=404, text=body, content_type=_JSON, charset="utf-8", headers=headers)

    async def _sign(self, _request: web.Request, response: web.StreamResponse) -> None:
        """With `headers = off` the gateway doesn't say what it is; a program that answers for it must not either."""
        self._asked += 1
        if "off" in self._settings.headers:
            response.headers.popall("Server", None)

    async def _ready(self, request: web.Request) -> web.Response:
        if self._reached.hash != NO_HASH:
            return self._answer(request, {"message": "ready"})
        context = (
            f"client: {request.remote}, server: kong_status, "
            f'request: "{request.method} {request.path_qs} HTTP/1.1", host: "{request.host}"'
        )
        self._log.lua(self._log.next_number(), "notice", READY, f"not ready for proxying: {_EMPTY}", context)
        return self._answer(request, {"message": _EMPTY}, 503)

    async def _status(self, request: web.Request) -> web.Response:
        open_now = max(sum(len(server.connections) for server in self._servers), 1)
        return self._answer(
            request,
            {
                "memory": {
                    "workers_lua_vms": [{"pid": os.getpid(), "http_allocated_gc": _memory()}],
                    "lua_shared_dicts": {},
                },
                "server": {
                    "connections_active": open_now,
                    "connections_reading": 0,
                    "connections_writing": 1,
                    "connections_waiting": open_now - 1,
                    "connections_accepted": self._taken,
                    "connections_handled": self._taken,
                    "total_requests": self._asked + 1,
                },
                "configuration_hash": self._reached.hash,
            },
        )

    async def _not_found(self, request: web.Request) -> web.Response:
        return self._answer(request, {"message": "Not found"}, 404)

    def _answer(self, request: web.Request, body: dict[str, Any], status: int = 200) -> web.Response:
        self._asked += 1
        return web.Response(
            status=status,
            reason="Service Temporarily Unavailable" if status == 503 else None,
            body=json.dumps(body, separators=(",", ":")).encode(),
            headers={
                "Content-Type": f"{_JSON}; charset=utf-8",
                "Connection": _connection(request),
                "Access-Control-Allow-Origin": "*",
                "X-Kong-Admin-Latency": "0",
                "Server": self._server,
            },
        )


def _connection(request: web.Request) -> str:
    return "keep-alive" if request.keep_alive else "close"


def _memory() -> str:
    """The memory of the process, which all practice nodes in it share."""
    import resource

    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBIBYTE:.2f} MiB"
