"""What nobody's gateway would send does the embedded control plane no harm."""

import asyncio
import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
from certificate_maker import make
from embedded import Embedded
from embedded import EmbeddedPlane as Plane
from hybrid_node import Files, connected, context

from konnect_tui.konnect.training_hosts import server_name
from konnect_tui.training.listener import hybrid, reception, tunnel

LEAF = make("edge-1")


@pytest.fixture
def trusting(make_plane: Callable[[str], Plane], tmp_path: Path) -> Iterator[tuple[Plane, ssl.SSLContext]]:
    """A control plane and a node that it lets in; afterwards it lets that node in again, as if nothing had been."""
    plane = make_plane("pinned")
    plane.give(LEAF)
    tls = context(plane.ca, Files(tmp_path, [LEAF]))
    yield plane, tls

    async def still_works() -> None:
        async with connected(plane.address, plane.prefix, tls) as node:
            await node.ping((await node.introduce())["config_hash"])

    asyncio.run(still_works())


def _raw(plane: Plane) -> socket.socket:
    host, _, port = plane.address.removeprefix("https://").partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def _ended(connection: socket.socket) -> bool:
    """Whether the other side ends it, in words of TLS or without."""
    try:
        while connection.recv(65536):
            continue
    except ConnectionError:
        pass
    return True


@pytest.mark.parametrize(
    "greeting",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        b"\x16\x03\x01\xff\xff" + b"\x00" * 65535,
        os.urandom(4096),
        b"\x00" * (1 << 20),
    ],
    ids=["http", "ssh", "short-hello", "long-record", "noise", "a-megabyte-of-nothing"],
)
def test_what_is_no_tls(trusting: tuple[Plane, ssl.SSLContext], greeting: bytes) -> None:
    """Bytes that are no TLS end their connection, and it goes on record as broken."""
    plane, _ = trusting
    with _raw(plane) as connection:
        try:
            connection.sendall(greeting)
            connection.shutdown(socket.SHUT_WR)
        except OSError:  # it has hung up already
            return
        assert _ended(connection)


def test_half_a_handshake(trusting: tuple[Plane, ssl.SSLContext]) -> None:
    """Who begins a handshake and goes leaves an entry that says so."""
    plane, tls = trusting
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = tls.wrap_bio(incoming, outgoing, server_hostname=server_name(plane.prefix, "config"))
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with _raw(plane) as connection:
        connection.sendall(outgoing.read())
        assert connection.recv(100)
    entry = _eventually(lambda: plane.record()[-1:])[0]
    assert (entry.verdict, entry.cause) == ("broken", "handshake-broken")
    assert "middle of the handshake" in entry.message


def _eventually(found: Callable[[], tuple]) -> tuple:  # type: ignore[type-arg]
    for _ in range(200):
        if value := found():
            return value
        threading.Event().wait(0.02)
    raise AssertionError("it did not come")


def test_a_slow_client(trusting: tuple[Plane, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> None:
    """Who dawdles over handshake or request is cut off; a connected node is not."""
    monkeypatch.setattr(tunnel, "PATIENCE", 0.3)
    plane, tls = trusting
    with _raw(plane) as silent:
        assert _ended(silent)
    with tls.wrap_socket(_raw(plane), server_hostname=server_name(plane.prefix, "config")) as slow:
        slow.sendall(b"GET /v1/outlet HTTP/1.1\r\nX-Slow: ")
        assert _ended(slow)

    async def patient() -> None:
        async with connected(plane.address, plane.prefix, tls) as node:
            await node.introduce()
            await asyncio.sleep(0.6)
            assert (await node.ping("0" * 32)).type is aiohttp.WSMsgType.PONG

    asyncio.run(patient())


def test_a_node_that_falls_silent(trusting: tuple[Plane, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that no longer pings is gone after the time Kong gives it."""
    monkeypatch.setattr(hybrid, "SILENCE", 0.3)
    plane, tls = trusting

    async def silent() -> None:
        async with connected(plane.address, plane.prefix, tls) as node:
            await node.introduce()
            message = await node.socket.receive(5)
            assert message.type is aiohttp.WSMsgType.CLOSE

    asyncio.run(silent())


async def _ends(node_plane: Plane, tls: ssl.SSLContext, *frames: tuple[str, bytes], introduced: bool = False) -> bool:
    async with connected(node_plane.address, node_plane.prefix, tls) as node:
        if introduced:
            await node.introduce()
        for kind, data in frames:
            match kind:
                case "binary":
                    await node.socket.send_bytes(data)
                case "text":
                    await node.socket.send_str(data.decode())
                case "ping":
                    await node.socket.ping(data)
        while True:
            message = await node.socket.receive(10)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                return True


INTRODUCTIONS = {
    "no JSON": b"\xff\xfe",
    "another type": b'{"type":"reconfigure","plugins":[]}',
    "no plugins": b'{"type":"basic_info"}',
    "plugins no list": b'{"type":"basic_info","plugins":{}}',
    "labels of other types": b'{"type":"basic_info","plugins":[],"labels":{"a":1}}',
    "very deep": b"[" * 100_000,
    "many labels": json.dumps(
        {"type": "basic_info", "plugins": [], "labels": {str(n): "" for n in range(99)}}
    ).encode(),
}


@pytest.mark.parametrize("data", INTRODUCTIONS.values(), ids=INTRODUCTIONS)
def test_a_wrong_introduction(trusting: tuple[Plane, ssl.SSLContext], data: bytes) -> None:
    """A node that does not introduce itself as Kong does is sent away."""
    assert asyncio.run(_ends(*trusting, ("binary", data)))


@pytest.mark.parametrize("introduced", [False, True])
def test_text_that_is_no_text(trusting: tuple[Plane, ssl.SSLContext], introduced: bool) -> None:
    """JSON whose strings are not UTF-8 is refused with a close frame that says so, introduction or report."""
    plane, tls = trusting
    kind = b'"error","error":{"name":"\xff"}' if introduced else b'"basic_info","plugins":[],"labels":{"a":"\xff"}'

    async def refused() -> aiohttp.WSMessage:
        async with connected(plane.address, plane.prefix, tls) as node:
            if introduced:
                await node.introduce()
            await node.socket.send_bytes(b'{"type":' + kind + b"}")
            return await node.socket.receive(10)

    message = asyncio.run(refused())
    assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.POLICY_VIOLATION)


@pytest.mark.parametrize(
    ("kind", "data"),
    [("text", b"hello"), ("binary", b"hello"), ("ping", b"short"), ("ping", b"x" * 33), ("ping", b"\n" * 32)],
)
def test_a_wrong_frame(trusting: tuple[Plane, ssl.SSLContext], kind: str, data: bytes) -> None:
    """A frame that Kong's control plane would not take ends the connection."""
    assert asyncio.run(_ends(*trusting, (kind, data), introduced=True))


@pytest.mark.parametrize(
    "frame",
    [
        b"\x82\x05hello",  # not masked
        b"\xf2\x80\x00\x00\x00\x00",  # reserved bits
        b"\x83\x80\x00\x00\x00\x00",  # no such opcode
        b"\x89\xfe\x01\x00\x00\x00\x00\x00" + b"x" * 256,  # a ping of 256 bytes
        b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",  # exabytes announced
        b"\x00\x80\x00\x00\x00\x00",  # a continuation of nothing
    ],
    ids=["unmasked", "reserved-bits", "unknown-opcode", "long-ping", "exabytes", "continuation"],
)
def test_malformed_frames(trusting: tuple[Plane, ssl.SSLContext], frame: bytes) -> None:
    """A frame that breaks RFC 6455 ends the connection."""
    plane, tls = trusting
    query = "node_id=8d1f4c4e-1a59-4a8d-9a6e-9a8c39a8f0d1&node_hostname=h&node_version=3.14.0.13"
    with tls.wrap_socket(_raw(plane), server_hostname=server_name(plane.prefix, "config")) as connection:
        request = f"GET /v1/outlet?{query} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        request += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        connection.sendall(request.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        connection.sendall(frame)
        assert _ended(connection)


def test_a_huge_message(trusting: tuple[Plane, ssl.SSLContext]) -> None:
    """A message larger than Kong's `cluster_max_payload` is not taken."""
    data = b'{"type":"basic_info","plugins":[],"x":"' + b"x" * hybrid.MOST_BYTES + b'"}'

    async def send() -> bool:
        try:
            return await _ends(*trusting, ("binary", data))
        except ConnectionError:
            return True

    assert asyncio.run(send())


def test_a_huge_request(trusting: tuple[Plane, ssl.SSLContext]) -> None:
    """Headers without end are answered with an error, not kept."""
    plane, tls = trusting
    with tls.wrap_socket(_raw(plane), server_hostname=server_name(plane.prefix, "config")) as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * (1 << 20))
        except OSError:  # it has hung up already
            return
        assert connection.recv(4096)[8:].startswith(b" 400 ")


def test_more_connections_than_there_is_room_for(
    trusting: tuple[Plane, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond its limit the control plane takes no more connections; who is connected stays."""
    monkeypatch.setattr(reception, "MOST", 5)
    plane, tls = trusting

    async def crowd() -> None:
        async with connected(plane.address, plane.prefix, tls) as node:
            await node.introduce()
            waiting = [_raw(plane) for _ in range(8)]
            try:
                for each in waiting[5:]:
                    assert await asyncio.to_thread(_ended, each)
                assert (await node.ping("0" * 32)).type is aiohttp.WSMsgType.PONG
            finally:
                for each in waiting:
                    each.close()

    asyncio.run(crowd())


def test_a_presented_list_too_long(make_plane: Callable[[str], Plane], tmp_path: Path) -> None:
    """A list over 100 KB is refused by TLS itself, and a long one that is not is kept without its tail."""
    plane, root = make_plane("pki"), make("root", ca=True)
    plane.give(root)
    leaf = root.issue("edge-1")
    several = [root.issue(f"decoy-{number}") for number in range(40)]
    for count, verdict in ((10, "accepted"), (40, "accepted"), (400, "broken")):
        tls = context(plane.ca, Files(tmp_path / str(count), [leaf, *(several * 10)[:count]]))

        async def knock(tls: ssl.SSLContext = tls) -> None:
            try:
                async with connected(plane.address, plane.prefix, tls) as node:
                    await node.introduce()
            except aiohttp.ClientError:
                pass

        asyncio.run(knock())
        entry = _eventually(lambda: plane.record()[-1:])[0]
        assert entry.verdict == verdict
        assert sum(map(len, entry.chain)) <= 16 * 1024


def test_the_server_is_still_whole(embedded: Embedded) -> None:
    """After all of that the API answers as before."""

    async def ask() -> str:
        async with embedded.client() as client:
            return (await client.organization()).name

    assert asyncio.run(ask()) == "Practice Co."
