"""What nobody's gateway would send does the embedded control plane no harm."""

import asyncio
import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from certificate_maker import make
from embedded import Embedded
from embedded import EmbeddedPlane as Plane
from hybrid_node import Files, connected, context

from konnect_tui.konnect.address import Link
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


UPGRADE = (
    b"GET /v1/%b?node_id=8d1f4c4e-1a59-4a8d-9a6e-9a8c39a8f0d1&node_hostname=h&node_version=3.14.0.13 HTTP/1.1\r\n"
    b"Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PING = b"\x89\xa0\x00\x00\x00\x00" + b"0" * 32


def _masked(opcode: int, data: bytes) -> bytes:
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else (b"\xfe" + size.to_bytes(2)) if size < 65536 else b""
    return bytes([0x80 | opcode]) + (length or b"\xff" + size.to_bytes(8)) + b"\x00\x00\x00\x00" + data


def _introduction(size: int) -> bytes:
    """An introduction of exactly so many bytes."""
    start, end = b'{"type":"basic_info","plugins":[],"x":"', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


def _close_code(connection: ssl.SSLSocket) -> int:
    """The code of the close frame that comes, after whatever else comes."""
    data = b""
    while True:
        while len(data) >= 4 and len(data) >= (end := 2 + (data[1] & 0x7F) + 2 * (data[1] == 126)):
            if data[1] == 126:
                end = 4 + int.from_bytes(data[2:4])
                if len(data) < end:
                    break
            if data[0] == 0x88:
                return int.from_bytes(data[2:4])
            data = data[end:]
        some = connection.recv(65536)
        assert some, data
        data += some


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xf2\x80\x00\x00\x00\x00", 1002),
        (b"\x83\x80\x00\x00\x00\x00", 1002),
        (b"\x89\xfe\x01\x00\x00\x00\x00\x00" + b"x" * 256, 1002),
        (b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 1009),
        (b"\x00\x80\x00\x00\x00\x00", 1002),
    ],
    ids=["reserved-bits", "unknown-opcode", "long-ping", "exabytes", "continuation"],
)
def test_malformed_frames(trusting: tuple[Plane, ssl.SSLContext], frame: bytes, code: int) -> None:
    """A frame that breaks RFC 6455 ends the connection with the code that it has for this."""
    with _upgraded(trusting) as connection:
        connection.sendall(frame)
        assert _close_code(connection) == code
        assert _ended(connection)


@pytest.mark.parametrize("door", [b"outlet", b"ingest"])
@pytest.mark.parametrize(
    "before", [b"", PING, _masked(2, _introduction(70_000)), _masked(2, _introduction(126))], ids=len
)
@pytest.mark.parametrize(
    "frame",
    [b"\x82\x05hello", b"\x89\x00", b"\x88\x02\x03\xe8", b"\x82\x7e\x01"],
    ids=["data", "ping", "close", "half"],
)
def test_frames_that_are_not_masked(
    trusting: tuple[Plane, ssl.SSLContext], door: bytes, before: bytes, frame: bytes
) -> None:
    """A frame that a node did not mask ends its connection with 1002 (RFC 6455, 5.1), whatever came before."""
    with _upgraded(trusting, door) as connection:
        connection.sendall(before + frame)
        assert _close_code(connection) == 1002
        assert _ended(connection)


def test_an_unmasked_frame_in_pieces(trusting: tuple[Plane, ssl.SSLContext]) -> None:
    """The same where it comes byte by byte, or together with the request."""
    with _upgraded(trusting) as connection:
        for byte in PING + b"\x89\x00":
            connection.sendall(bytes([byte]))
        assert _close_code(connection) == 1002
    with _upgraded(trusting, behind=b"\x89\x00") as connection:
        assert _close_code(connection) == 1002


@pytest.mark.parametrize("size", [125, 126, 127, 65535, 65536, 200_000])
@pytest.mark.parametrize("piece", [1, 2, 7, 1 << 20])
def test_masked_frames_of_any_size(trusting: tuple[Plane, ssl.SSLContext], size: int, piece: int) -> None:
    """What a node masks is taken, however it is cut on its way; with the request, too."""
    if piece < 7 and size > 127:
        piece *= 1009
    with _upgraded(trusting, behind=_masked(2, _introduction(size))[:piece]) as connection:
        rest = _masked(2, _introduction(size))[piece:] + PING * 3
        for at in range(0, len(rest), piece):
            connection.sendall(rest[at : at + piece])
        connection.sendall(b"\x88\x82\x00\x00\x00\x00\x03\xe8")
        assert _close_code(connection) == 1000


@contextmanager
def _upgraded(
    trusting: tuple[Plane, ssl.SSLContext], door: bytes = b"outlet", *, behind: bytes = b""
) -> Iterator[ssl.SSLSocket]:
    """A WebSocket as bare bytes. `behind` is sent together with the request."""
    plane, tls = trusting
    link: Link = "config" if door == b"outlet" else "telemetry"
    with tls.wrap_socket(_raw(plane), server_hostname=server_name(plane.prefix, link)) as connection:
        connection.sendall(UPGRADE % door + behind)
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        assert head.startswith(b"HTTP/1.1 101 ")
        yield connection


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
