"""The stand-in as a server of its own thread, so that the product may run in this process or another."""

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiohttp import web

from fake_konnect.answers import Answer, as_json, legacy, problem
from fake_konnect.state import Json, State

TOKEN = "kpat_MARKED0000fake0000token0000only0000for0000tests"
_JSON = {"Content-Type": "application/json"}


class Request(NamedTuple):
    """What was asked: the path begins with the region."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


class FakeKonnect(State):
    """Answers as Konnect does; `close` fails on anything it did not expect and on scripts nobody used."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        self.requests: list[Request] = []
        self.unexpected: list[str] = []
        self._scripts: list[tuple[str, str, Answer]] = []
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        if kind is None:
            assert not self.unexpected, f"the product asked for what Konnect does not have: {self.unexpected}"
            assert not self._scripts, f"nobody asked for {[script[:2] for script in self._scripts]}"

    @property
    def url(self) -> str:
        """What `--api-url` takes; each region has a path of its own."""
        return f"http://127.0.0.1:{self.port}/{{region}}"

    def token_file(self, folder: Path) -> str:
        """A file with the token, closed to others."""
        path = folder / "token"
        path.touch(0o600)
        path.write_text(f"{self.token}\n")
        return str(path)

    def script(self, method: str, path: str, *answers: Answer) -> None:
        """The next answers to this request, in this order. `path` is that of `requests`, without a query."""
        with self._lock:
            self._scripts += [(method, path, answer) for answer in answers]

    def asked(self, method: str, ending: str) -> list[Request]:
        """The requests so far whose path ends so."""
        return [each for each in self.requests if each.method == method and each.path.endswith(ending)]

    # --- the server

    async def _start(self) -> int:
        app = web.Application()
        app.router.add_route("*", "/{region}/{rest:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw
        seen = Request(request.method, request.path, dict(request.query), body)
        with self._lock:
            self.requests.append(seen)
            script = next((each for each in self._scripts if each[:2] == (seen.method, seen.path)), None)
            if script:
                self._scripts.remove(script)
        answer = script[2] if script else None
        if answer and answer.delay:
            await asyncio.sleep(answer.delay)
        if answer and answer.act == "drop":
            return self._drop(request)
        if answer and answer.body is not None and not answer.act:
            return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        with self._lock:
            found = self._answer(request, seen)
        if answer and answer.act == "lose":
            return self._drop(request)
        return web.Response(status=found.status, body=found.body, headers=found.headers)

    def _drop(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    def _answer(self, request: web.Request, seen: Request) -> Answer:
        region, rest = request.match_info["region"], request.match_info["rest"]
        if rest != "v3/available-regions" and request.headers.get("Authorization") != f"Bearer {self.token}":
            if rest.startswith("v2/control-planes/") and "/dp-client-certificates" in rest:
                return legacy(401, "Unauthorized")
            return problem(401, "Unauthenticated", "A valid token is required")
        handler, arguments, allowed = self._route(region, rest.split("/"), seen)
        if handler is None or not set(seen.query) <= allowed:
            self.unexpected.append(f"{seen.method} {seen.path} {seen.query}")
            return Answer(501, b"the stand-in does not know this")
        return handler(seen, *arguments)

    def _route(  # noqa: C901, PLR0911 - becomes a table
        self, region: str, parts: list[str], seen: Request
    ) -> tuple[Callable[..., Answer] | None, tuple[Any, ...], set[str]]:
        nothing: tuple[None, tuple[Any, ...], set[str]] = (None, (), set())
        if region == "global":
            fixed = {"v3/organizations/me": self.organization, "v3/available-regions": {"regions": self.regions}}
            found = fixed.get("/".join(parts))
            return nothing if found is None or seen.method != "GET" else (lambda seen: _found(found), (), set())
        match seen.method, parts:
            case "GET", ["v2", "control-planes"]:
                return self._list, (region,), {"page[size]", "page[number]", "filter[name][eq]", "filter[id][eq]"}
            case "POST", ["v2", "control-planes"]:
                return self._create, (region,), set()
            case "GET", ["v2", "control-planes", plane]:
                return self._one, (region, plane), set()
            case "GET", ["v2", "control-planes", plane, "group-member-status"]:
                return self._inside(region, plane, {"is_member": plane in self.members})
            case "GET", ["v2", "control-planes", plane, "group-status"]:
                return self._inside(region, plane, {"item": self.groups.get(plane, {"state": "OK", "conflicts": []})})
            case "GET", ["v2", "control-planes", plane, "expected-config-hash"]:
                expected = {"expected_hash": self.hashes.get(plane, ""), "created_at": 1, "updated_at": 2}
                return self._inside(region, plane, expected)
            case "GET", ["v2", "control-planes", plane, "dp-client-certificates"]:
                items = self.certificates.get(plane, [])
                return self._inside(region, plane, {"items": items, "page": {"total_count": len(items)}})
            case "POST", ["v2", "control-planes", plane, "dp-client-certificates"]:
                return self._pin, (region, plane), set()
            case "DELETE", ["v2", "control-planes", plane, "dp-client-certificates", certificate]:
                return self._unpin, (region, plane, certificate), set()
            case "GET", ["v2", "control-planes", plane, "nodes"]:
                return self._nodes, (region, plane), {"page[size]", "page[after]"}
        return nothing

    def _plane(self, region: str, plane: str) -> Json | None:
        return next((each for each in self.control_planes.get(region, []) if each["id"] == plane), None)

    def _inside(
        self, region: str, plane: str, found: object
    ) -> tuple[Callable[..., Answer], tuple[Any, ...], set[str]]:
        known = self._plane(region, plane) is not None
        return (lambda seen: _found(found) if known else legacy(404, "Not Found")), (), set()

    def _list(self, seen: Request, region: str) -> Answer:
        planes = self.control_planes.get(region, [])
        for key in ("name", "id"):
            wanted = seen.query.get(f"filter[{key}][eq]")
            planes = [each for each in planes if wanted is None or each[key] == wanted]
        size, number = int(seen.query.get("page[size]", "10")), int(seen.query.get("page[number]", "1"))
        page = planes[size * (number - 1) : size * number]
        return _found({"meta": {"page": {"number": number, "size": size, "total": len(planes)}}, "data": page})

    def _create(self, seen: Request, region: str) -> Answer:
        body = seen.body
        known = {"name", "description", "cluster_type", "auth_type", "cloud_gateway", "proxy_urls", "labels"}
        if not isinstance(body, dict) or not set(body) <= known or not 2 <= len(body.get("name", "")) <= 256:
            wrong = [{"field": "name", "reason": "cannot be blank"}]
            return problem(400, "Bad Request", "Request cannot be empty", invalid_parameters=wrong)
        if any(each["name"] == body["name"] for each in self.control_planes.get(region, [])):
            return problem(409, "Conflict", "Control Plane with provided name already exists.")
        return _found(self.add_control_plane(region, **body), 201)

    def _one(self, seen: Request, region: str, plane: str) -> Answer:
        found = self._plane(region, plane)
        return _found(found) if found else problem(404, "Not Found", "The requested control plane was not found.")

    def _pin(self, seen: Request, region: str, plane: str) -> Answer:
        found, body = self._plane(region, plane), seen.body
        if found is None:
            return legacy(404, "Not Found")
        if not isinstance(body, dict) or not set(body) <= {"cert", "title"} or "BEGIN CERTIFICATE" not in body["cert"]:
            self.unexpected.append(f"a certificate written as {seen.body}")
            return legacy(400, "Bad Request")
        return _found({"item": self.add_certificate(found, body["cert"], body.get("title", ""))}, 201)

    def _unpin(self, seen: Request, region: str, plane: str, certificate: str) -> Answer:
        held = self.certificates.get(plane, [])
        kept = [each for each in held if each["id"] != certificate]
        if len(kept) == len(held):
            return legacy(404, "Not Found")
        self.certificates[plane] = kept
        return Answer(204, b"")

    def _nodes(self, seen: Request, region: str, plane: str) -> Answer:
        if self._plane(region, plane) is None:
            return legacy(404, "Not Found")
        nodes, after = self.nodes.get(plane, []), int(seen.query.get("page[after]", "0"))
        size = int(seen.query.get("page[size]", "10"))
        following = str(after + size) if after + size < len(nodes) else ""
        return _found({"items": nodes[after : after + size], "page": {"total_count": len(nodes), "next": following}})


def _found(body: object, status: int = 200) -> Answer:
    return Answer(status, as_json(body), _JSON)
