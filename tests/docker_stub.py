"""A Docker daemon that runs nothing: it answers what the real command lines ask and remembers it.

Strict: a request it does not know is answered with an error and kept in `unexpected`, and the fixture that
hands the stub out fails the test for it. Source: Docker Engine API 1.44 (moby/moby `api/swagger.yaml`).
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

API = "1.44"


class Stub:
    """The daemon's state, and what was asked of it. Containers and networks are by name."""

    def __init__(self) -> None:
        self.security = ["name=seccomp,profile=builtin", "name=cgroupns"]
        self.images: set[str] = set()
        self.containers: dict[str, dict[str, Any]] = {}
        self.networks: dict[str, dict[str, Any]] = {}
        self.created: list[dict[str, Any]] = []
        self.done: list[str] = []
        self.unexpected: list[str] = []
        self.port = 0

    @property
    def environ(self) -> dict[str, str]:
        """What points a Docker command line at this stub."""
        return {"DOCKER_HOST": f"tcp://127.0.0.1:{self.port}"}

    def add(self, name: str, labels: dict[str, str], status: str = "running") -> None:
        """A container that is already there."""
        self.containers[name] = {"Config": {"Labels": labels, "Image": "x"}, "status": status, "restarts": 0}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Status and JSON body (None: no body) for one request; the API version is already off the path."""
        for pattern, handler in _ROUTES:
            found = re.fullmatch(pattern, f"{method} {path}")
            if found:
                return handler(self, [unquote(part) for part in found.groups()], query, body)
        self.unexpected.append(f"{method} {path} {query}")
        return 501, {"message": f"the stub does not know {method} {path}"}

    def find(self, reference: str) -> dict[str, Any] | None:
        """A container by name or id, as `docker inspect` shows it."""
        for name, kept in self.containers.items():
            if reference in (name, _id(name)):
                return {
                    "Id": _id(name),
                    "Name": f"/{name}",
                    "Created": "2026-11-23T00:00:00Z",
                    "Image": "sha256:1",
                    "RestartCount": kept["restarts"],
                    "State": {"Status": kept["status"], "Running": kept["status"] == "running"},
                    "Config": kept["Config"],
                    "HostConfig": kept.get("HostConfig", {"NetworkMode": "default"}),
                    "Mounts": [],
                    "NetworkSettings": {"Networks": {}},
                }
        return None


def _id(name: str) -> str:
    return (name.encode().hex() + "0" * 64)[:64]


def _name(stub: Stub, reference: str) -> str:
    return next((name for name in stub.containers if reference in (name, _id(name))), reference)


def _ping(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    return 200, "OK"


def _version(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    return 200, {"Version": "28.2.2", "ApiVersion": API, "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"}


def _info(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    return 200, {
        "SecurityOptions": stub.security,
        "OSType": "linux",
        "Architecture": "x86_64",
        "ServerVersion": "28.2.2",
    }


def _image(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    if parts[0] in stub.images:
        return 200, {"Id": "sha256:1", "RepoTags": [parts[0]], "Config": {}, "Os": "linux", "Architecture": "amd64"}
    return 404, {"message": f"No such image: {parts[0]}"}


def _pull(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    name = f"{query['fromImage'].removeprefix('docker.io/')}:{query['tag']}"  # a daemon's default, left out of names
    stub.done.append(f"pull {name}" + (f" {query['platform']}" if "platform" in query else ""))
    if "missing" in name:
        return 404, {"message": f"manifest for {name} not found"}
    stub.images.add(name)
    return 200, {"status": f"Downloaded {name}"}


def _inspect(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    found = stub.find(parts[0])
    return (200, found) if found else (404, {"message": f"No such container: {parts[0]}"})


def _create(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    name = query["name"]
    stub.done.append(f"create {name}")
    if name in stub.containers:
        return 409, {"message": f'Conflict. The container name "/{name}" is already in use'}
    if body["Image"] not in stub.images:
        return 404, {"message": f"No such image: {body['Image']}"}
    stub.created.append({"name": name, "query": query, **body})
    config = {key: body.get(key) for key in ("Labels", "Image", "Env", "Hostname", "User")}
    stub.containers[name] = {"Config": config, "HostConfig": body["HostConfig"], "status": "created", "restarts": 0}
    return 201, {"Id": _id(name), "Warnings": []}


def _start(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    name = _name(stub, parts[0])
    stub.done.append(f"start {name}")
    stub.containers[name]["status"] = "restarting" if "crash" in name else "running"
    stub.containers[name]["restarts"] = 3 if "crash" in name else 0
    return 204, None


def _wait(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    return 200, {"StatusCode": 0}  # `docker run` asks even when detached, and looks at the answer only when not


def _stop(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    name = _name(stub, parts[0])
    stub.done.append(f"stop {name}")
    stub.containers[name]["status"] = "exited"
    return 204, None


def _rename(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    name = _name(stub, parts[0])
    stub.done.append(f"rename {name}")
    stub.containers[query["name"]] = stub.containers.pop(name)
    return 204, None


def _remove(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    name = _name(stub, parts[0])
    stub.done.append(f"remove {name}")
    del stub.containers[name]
    return 204, None


def _logs(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    stub.done.append(f"logs {_name(stub, parts[0])} {query.get('tail', '')}".rstrip())
    line = b"[emerg] the log of a stub\n"
    return 200, b"\x02\x00\x00\x00" + len(line).to_bytes(4, "big") + line


def _network(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    found = stub.networks.get(parts[0])
    return (200, found) if found else (404, {"message": f"network {parts[0]} not found"})


def _networks(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    return 200, list(stub.networks.values())


def _create_network(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    name = body["Name"]
    stub.networks[name] = {
        "Name": name,
        "Id": _id(name),
        "Driver": "bridge",
        "Scope": "local",
        "Labels": body["Labels"],
    }
    return 201, {"Id": _id(name)}


def _list(stub: Stub, parts: list[str], query: dict[str, str], body: Any) -> tuple[int, Any]:
    wanted = list(json.loads(query.get("filters", "{}")).get("label", {}))
    return 200, [
        {
            "Id": _id(name),
            "Names": [f"/{name}"],
            "Labels": kept["Config"]["Labels"],
            "State": kept["status"],
            "Image": kept["Config"]["Image"],
            "Created": 0,
            "NetworkSettings": {"Networks": {}},
        }
        for name, kept in stub.containers.items()
        if all(_has(kept["Config"]["Labels"], label) for label in wanted)
    ]


def _has(labels: dict[str, str], wanted: str) -> bool:
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)


_ROUTES = [
    (r"GET /networks/([^/]+)", _network),
    (r"GET /networks", _networks),
    (r"POST /networks/create", _create_network),
    (r"GET /containers/json", _list),
    (r"(?:GET|HEAD) /_ping", _ping),
    (r"GET /version", _version),
    (r"GET /info", _info),
    (r"GET /images/(.+)/json", _image),
    (r"POST /images/create", _pull),
    (r"POST /containers/create", _create),
    (r"GET /containers/([^/]+)/json", _inspect),
    (r"POST /containers/([^/]+)/start", _start),
    (r"POST /containers/([^/]+)/wait", _wait),
    (r"POST /containers/([^/]+)/stop", _stop),
    (r"POST /containers/([^/]+)/rename", _rename),
    (r"DELETE /containers/([^/]+)", _remove),
    (r"GET /containers/([^/]+)/logs", _logs),
]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: Stub

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        if self.headers.get("Transfer-Encoding") == "chunked":
            raw = self._chunks()
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        path = re.sub(r"^/v1\.\d+(?=/)", "", parts.path)
        status, answer = self.stub.answer(self.command, path, query, json.loads(raw) if raw.strip() else None)
        data = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Api-Version", API)
        self.send_header("Ostype", "linux")
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(data)

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    do_GET = do_HEAD = do_POST = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Say nothing: what was asked is in the stub."""


@contextmanager
def serve() -> Iterator[Stub]:
    """A stub that listens on a free port of loopback until the block ends."""
    stub = Stub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stub": stub}))
    server.daemon_threads = True
    stub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
