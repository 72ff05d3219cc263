"""What a practice node answers on its ports is what a gateway without routes answers."""

import asyncio
import json
import re
import socket
import ssl
from pathlib import Path

from certificate_maker import make
from cryptography import x509
from practised import NO_HASH, bundle, get, running, until
from scripted_plane import ScriptedPlane, Session

LEAF = make("edge-1")


def test_the_proxy_port(tmp_path: Path) -> None:
    """Without a route every request gets Kong's 404, byte for byte but for its id, over HTTP and HTTPS."""

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane") as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            async with running(made.given()) as node:
                await until(node, lambda reached: reached.serving)
                for kind in ("http", "https"):
                    status, headers, body = await get(made.url(kind, "/anything?x=1"))
                    told = headers["X-Kong-Request-Id"]
                    assert re.fullmatch(r"[0-9a-f]{32}", told)
                    words = f'{{\n  "message":"no Route matched with those values",\n  "request_id":"{told}"\n}}'
                    assert (status, body, headers["Content-Length"]) == (404, words, "103")
                    assert headers["Content-Type"] == "application/json; charset=utf-8"
                    assert headers["Server"] == "kong/3.12.0.5-enterprise-edition"
                    assert headers["X-Kong-Response-Latency"] == "0"

    asyncio.run(practise())


def test_headers_off(tmp_path: Path) -> None:
    """With `headers = off` nothing tells what answers."""

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane") as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            async with running(made.given(headers="off")) as node:
                await until(node, lambda reached: reached.serving)
                _, headers, body = await get(made.url("http"))
                assert headers.keys() == {"Connection", "Content-Type", "Content-Length", "Date"}
                assert "no Route matched" in body

    asyncio.run(practise())


def test_the_certificate_of_the_https_port(tmp_path: Path) -> None:
    """It is one that the node made for itself, as Kong does, closed to others, and the same after a restart."""
    shown = []

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane") as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            for _ in range(2):
                async with running(made.given()) as node:
                    await until(node, lambda reached: reached.serving)
                    address = ("127.0.0.1", made.ports["edge-1"][1])
                    shown.append(await asyncio.to_thread(ssl.get_server_certificate, address))
            key = made.folder / "state" / "edge-1" / "ssl" / "kong-default.key"
            assert key.stat().st_mode & 0o777 == 0o600
            assert key.parent.stat().st_mode & 0o777 == 0o700

    asyncio.run(practise())
    assert shown[0] == shown[1]
    certificate = x509.load_pem_x509_certificate(shown[0].encode())
    assert certificate.subject.rfc4514_string().startswith("CN=localhost")
    assert certificate.issuer == certificate.subject


def test_the_status_port(tmp_path: Path) -> None:
    """Not ready while there is no configuration, with Kong's words and a line in the log; ready from then on."""
    go = asyncio.Event()

    async def script(session: Session) -> None:
        await session.switch()
        await session.introduced()
        while not go.is_set():
            await session.expect(9)
            await session.frame(10, b"")
        await session.configure("a" * 32)
        await session.stay()

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane", script) as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            async with running(made.given()) as node:
                await until(node, lambda reached: reached.connected)
                status, headers, body = await get(made.url("status", "/status/ready"))
                empty = "no configuration available (empty configuration present)"
                assert (status, json.loads(body)) == (503, {"message": empty})
                assert headers["Access-Control-Allow-Origin"] == "*"
                line = next(line for line in node.log.lines if "ready.lua" in line)
                assert f"not ready for proxying: {empty}, client: 127.0.0.1, server: kong_status" in line
                go.set()
                await until(node, lambda reached: reached.hash != NO_HASH)
                assert (await get(made.url("status", "/status/ready")))[::2] == (200, '{"message":"ready"}')
                status, _, body = await get(made.url("status", "/status"))
                told = json.loads(body)
                assert (status, told["configuration_hash"]) == (200, "a" * 32)
                assert told.keys() == {"memory", "server", "configuration_hash"}
                numbers = told["server"]
                assert numbers["total_requests"] == 3  # nginx counts the one that asks, too
                assert numbers["connections_accepted"] == numbers["connections_handled"] == 3
                assert (await get(made.url("status", "/other")))[0] == 404

    asyncio.run(practise())


def test_503_has_the_words_of_nginx(tmp_path: Path) -> None:
    """The reason phrase of 503 is nginx's, which is not the standard's."""

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane", lambda session: session.expect(9)) as plane:  # type: ignore[arg-type]
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            async with running(made.given()) as node:
                await until(node, lambda reached: reached.serving)
                reader, writer = await asyncio.open_connection("127.0.0.1", made.ports["edge-1"][2])
                writer.write(b"GET /status/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = await reader.read()
                writer.close()
                await writer.wait_closed()
                assert answer.startswith(b"HTTP/1.1 503 Service Temporarily Unavailable\r\n")
                assert b"\r\nConnection: close\r\n" in answer

    asyncio.run(practise())


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """A port that somebody else has keeps the node from starting, in nginx's words; its other ports are free again."""

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane") as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            http, _, status = made.ports["edge-1"]
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind(("127.0.0.1", status))
                other.listen()
                async with running(made.given()) as node:
                    await until(node, lambda reached: reached.refused)
                    assert node.reached.code == "port-in-use"
                    words = f"nginx: [emerg] bind() to 127.0.0.1:{status} failed (98: Address already in use)"
                    assert node.log.lines[-1] == words
            with socket.socket() as free:
                free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                free.bind(("127.0.0.1", http))

    asyncio.run(practise())


def test_the_log_keeps_to_its_level(tmp_path: Path) -> None:
    """What `log_level` leaves out is not written: by default a node that connects says nothing at all, as Kong does."""

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane") as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            async with running(made.given(), talkative=False) as node:
                await until(node, lambda reached: reached.hash != NO_HASH)
                assert list(node.log.lines) == []
            async with running(made.given(log_level="info"), talkative=False) as node:
                await until(node, lambda reached: reached.connected)
                await asyncio.sleep(0.05)
                assert any("sent ping frame" in line for line in node.log.lines)
                assert not any(" [debug] " in line for line in node.log.lines)

    asyncio.run(practise())
