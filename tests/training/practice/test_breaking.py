"""Every way a connection fails has Kong's words, and nothing a control plane sends breaks a node."""

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from certificate_maker import DAY, NOW, SERVER, Made, make
from free_ports import free_ports
from msgspec.structs import replace
from practised import NO_HASH, QUICK, Bundle, bundle, get, running, until
from scripted_plane import BINARY, CLOSE, NAME, PONG, TABLE, Script, ScriptedPlane, Session, normal

from konnect_tui.konnect.endpoint import Endpoint
from konnect_tui.training.practice.configuration import hash_of
from konnect_tui.training.practice.pace import Pace
from konnect_tui.training.practice.prefix import Cached, Prefix

CA = make("the control plane's CA", ca=True)
LEAF = make("edge-1")
CALM = Pace(ping=0.2, silence=1.0, step=2.0, soonest=60, latest=60)
"""One attempt, and then a long rest."""


def broken(root: Path, endpoint: Endpoint, pace: Pace = CALM, **values: str) -> str:
    """What a node says of its first attempt to reach that endpoint."""

    async def trying() -> str:
        made = bundle(root, endpoint, {"edge-1": [LEAF]})
        async with running(made.given(**values), pace) as node:
            await until(node, lambda reached: reached.error)
            line = next(line for line in node.log.lines if "[clustering]" in line)
            assert f" broken: {node.reached.error} (retrying after {pace.soonest} seconds) [" in line
            return node.reached.error

    return asyncio.run(trying())


def refused_by(root: Path, script: Script, **more: Any) -> str:
    """What a node says of a control plane that does that."""

    async def trying() -> str:
        async with ScriptedPlane(root / "plane", script, **{"ca": CA, **more}) as plane:
            trusting = replace(plane.endpoint, trust=CA.pem.decode())
            made = bundle(root, trusting, {"edge-1": [LEAF]})
            async with running(made.given(), CALM) as node:
                await until(node, lambda reached: reached.error)
                return node.reached.error

    return asyncio.run(trying())


# --- before TLS


def test_a_host_that_there_is_not(tmp_path: Path) -> None:
    """A name that nobody knows reads as Kong's resolver has it."""
    words = broken(tmp_path, Endpoint(host="no-such-host.invalid", trust=CA.pem.decode()))
    assert words.startswith("failed to connect: [cosocket] DNS resolution failed: ")


def test_a_port_where_nobody_listens(tmp_path: Path) -> None:
    """A closed port is a refused connection."""
    [port] = free_ports(1)
    endpoint = Endpoint(host="127.0.0.1", port=port, trust=CA.pem.decode())
    assert broken(tmp_path, endpoint) == "failed to connect: connection refused"


# --- TLS


def silent(root: Path, answer: bytes) -> str:
    """What a node says of a server that reads, sends this, and no more."""

    async def trying() -> str:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1000)
            writer.write(answer)
            if answer:
                writer.close()
            else:
                await reader.read()
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        made = bundle(root, Endpoint(host="127.0.0.1", port=port, trust=CA.pem.decode()), {"edge-1": [LEAF]})
        pace = replace(CALM, step=0.3)
        try:
            async with running(made.given(), pace) as node:
                await until(node, lambda reached: reached.error)
                return node.reached.error
        finally:
            server.close()

    return asyncio.run(trying())


def test_no_answer_to_the_handshake(tmp_path: Path) -> None:
    """A peer that says nothing is waited for, and then it is a timeout."""
    assert silent(tmp_path, b"") == "ssl handshake failed: timeout"


def test_a_peer_without_tls(tmp_path: Path) -> None:
    """A peer that answers in plain HTTP breaks the handshake."""
    assert silent(tmp_path, b"HTTP/1.1 400 Bad Request\r\n\r\n") == "ssl handshake failed: handshake failed"


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (CA.issue("other.example", purposes=SERVER, sans=["other.example"]), "certificate host mismatch"),
        (
            make("stranger", ca=True).issue(NAME, purposes=SERVER, sans=[NAME]),
            "20: unable to get local issuer certificate",
        ),
        (make(NAME, purposes=SERVER, sans=[NAME]), "18: self-signed certificate"),
        (CA.issue(NAME, purposes=SERVER, sans=[NAME], ends=NOW - DAY / 2), "10: certificate has expired"),
    ],
    ids=["another name", "another CA", "self-signed", "expired"],
)
def test_a_control_plane_that_is_not_it(tmp_path: Path, server: Made, words: str) -> None:
    """A certificate of another name, another CA or another time is refused, with the reason as Kong has it."""
    assert refused_by(tmp_path, normal, server=server) == f"ssl handshake failed: {words}"


def test_a_gateway_from_3_14_on_says_tls(tmp_path: Path) -> None:
    """The words changed with 3.14."""

    async def trying() -> None:
        server = make(NAME, purposes=SERVER, sans=[NAME])
        async with ScriptedPlane(tmp_path / "plane", server=server, ca=CA) as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            async with running(replace(made.given(), version="3.14.0.1"), CALM) as node:
                await until(node, lambda reached: reached.error)
                assert node.reached.error == "tls handshake failed: 18: self-signed certificate"

    asyncio.run(trying())


# --- the request


def answering(data: bytes) -> Script:
    """A control plane that answers this and closes."""

    async def script(session: Session) -> None:
        await session.raw(data)

    return script


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "failed to receive response header: closed"),
        (b"HTTP/1.1 101 Swi", "failed to receive response header: closed"),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", "unexpected HTTP response code: 401"),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno!", "unexpected HTTP response code: 400"),
        (b"HTTP/1.1 302 Found\r\nLocation: https://else.where/\r\n\r\n", "unexpected HTTP response code: 302"),
        (b"HTTP/1.0 200 OK\r\n\r\n", "bad HTTP response status line: HTTP/1.0 200 OK"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "bad HTTP response status line: SSH-2.0-OpenSSH_9.2"),
        (b"x" * 200_000, "bad HTTP response status line: xxx"),
    ],
)
def test_answers_that_are_no_websocket(tmp_path: Path, data: bytes, words: str) -> None:
    """Whatever comes in place of a WebSocket is told as Kong tells it."""
    assert refused_by(tmp_path, answering(data)).startswith(words)


def test_escapes_in_an_answer(tmp_path: Path) -> None:
    """What a peer sends reaches no terminal raw."""

    async def trying() -> None:
        async with ScriptedPlane(tmp_path / "plane", answering(b"\x1b[2J\x1b]0;owned\x07\r\n\r\n"), ca=CA) as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            async with running(made.given(), CALM) as node:
                await until(node, lambda reached: reached.error)
                assert all(line.isprintable() for line in node.log.lines)

    asyncio.run(trying())


# --- the conversation


async def conversing(root: Path, script: Script, check: Callable[..., Any], pace: Pace = QUICK, **values: str) -> None:
    """Run a node against a control plane that does that, and look at both."""
    async with ScriptedPlane(root / "plane", script, ca=CA) as plane:
        made = bundle(root, plane.endpoint, {"edge-1": [LEAF]})
        async with running(made.given(**values), pace) as node:
            await check(node, plane, made)


def test_what_a_node_says_first(tmp_path: Path) -> None:
    """The request and the first message are Kong's; secrets are masked, and the key goes nowhere."""
    told: list[dict[str, Any]] = []

    async def script(session: Session) -> None:
        await session.switch()
        told.append(await session.introduced())
        assert await session.expect(9) == NO_HASH.encode()
        await session.configure("b" * 32)
        assert await session.expect(9) == b"b" * 32
        await session.frame(PONG, b"")
        await session.stay()

    async def check(node: Any, plane: ScriptedPlane, made: Bundle) -> None:
        await until(node, lambda reached: reached.hash == "b" * 32)
        await until(node, lambda reached: reached.telemetry)
        [session] = plane.sessions
        line = session.request.splitlines()[0]
        assert line.startswith("GET /v1/outlet?node_id=")
        assert line.endswith("&node_hostname=edge-1&node_version=3.12.0.5 HTTP/1.1")
        assert session.header("Host") == f"127.0.0.1:{plane.port}"
        assert session.header("Sec-WebSocket-Version") == "13"
        assert session.header("Sec-WebSocket-Extensions") == session.header("Sec-WebSocket-Protocol") == ""
        assert any("sent ping frame to control plane with hash: " + "b" * 32 in line for line in node.log.lines)

    secret = {"proxy_server": "http://user:hidden@proxy:1", "pg_password": "hidden"}
    asyncio.run(conversing(tmp_path, script, check, **secret))
    [info] = told
    assert (info["type"], info["labels"], info["filters"]) == ("basic_info", {"node": "edge-1"}, {})
    assert {"name": "rate-limiting", "version": "3.12.0"} in info["plugins"]
    shown = info["process_conf"]
    assert shown["proxy_server"] == shown["pg_password"] == shown["cluster_cert_key"] == "******"
    assert shown["router_flavor"] == "expressions"
    assert "hidden" not in json.dumps(info)


GARBAGE: dict[str, Callable[[Session], Any]] = {
    "no gzip": lambda session: session.frame(BINARY, b"not gzip at all"),
    "gzip cut short": lambda session: session.frame(BINARY, gzip.compress(b'{"type":"reconfigure"}')[:-9]),
    "a bomb": lambda session: session.frame(BINARY, gzip.compress(bytes(80 * 1024 * 1024), 1)),
    "no JSON": lambda session: session.frame(BINARY, gzip.compress(b"{")),
    "deep JSON": lambda session: session.frame(BINARY, gzip.compress(b"[" * 100_000)),
    "no table": lambda session: session.frame(BINARY, gzip.compress(b'{"type":"reconfigure"}')),
    "an unknown opcode": lambda session: session.frame(3, b"x"),
    "reserved bits": lambda session: session.frame(BINARY, b"x", first=0xF0),
    "a long ping": lambda session: session.frame(9, bytes(200)),
    "a lone continuation": lambda session: session.frame(0, b"x"),
    "a length beyond the limit": lambda session: session.raw(b"\x82\x7f" + (2**40).to_bytes(8, "big")),
    "a length beyond belief": lambda session: session.raw(b"\x82\x7f" + b"\xff" * 8),
    "a masked frame": lambda session: session.raw(b"\x82\x81abcdx"),
    "a bad close": lambda session: session.frame(CLOSE, b"\x00"),
    "noise": lambda session: session.raw(bytes(range(256)) * 40),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_from_a_control_plane(tmp_path: Path, kind: str) -> None:
    """Garbage ends a connection at most: the node says so, comes again, and takes what is right then."""
    first = True

    async def script(session: Session) -> None:
        nonlocal first
        await session.switch()
        await session.introduced()
        if first:
            first = False
            await GARBAGE[kind](session)
            await session.stay()
            return
        await session.configure("c" * 32)
        await session.stay()

    async def check(node: Any, plane: ScriptedPlane, made: Bundle) -> None:
        await until(node, lambda reached: reached.connected and reached.hash == "c" * 32)
        assert node.reached.attempts >= 2

    asyncio.run(conversing(tmp_path, script, check))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "expected a declarative configuration table"),
        ({}, "in '_format_version': expected one of: 1.1, 2.1, 3.0"),
        ({"_format_version": "9"}, "in '_format_version': expected one of: 1.1, 2.1, 3.0"),
        ({**TABLE, "services": {}}, "in 'services': expected an array"),
        ({**TABLE, "routes": [{}, 1]}, "in 'routes': in entry 2 of 'routes': expected a record"),
    ],
)
def test_a_configuration_that_cannot_be_used(tmp_path: Path, table: object, message: str) -> None:
    """It is refused, reported to the control plane, and what was served before is served on."""
    reports: list[dict[str, Any]] = []

    async def script(session: Session) -> None:
        await session.switch()
        await session.introduced()
        await session.configure("d" * 32)
        await session.configure("e" * 32, table)
        reports.append(json.loads(await session.expect(BINARY)))
        await session.stay()

    async def check(node: Any, plane: ScriptedPlane, made: Bundle) -> None:
        for _ in range(200):
            if reports:
                break
            await asyncio.sleep(0.02)
        assert node.reached.hash == "d" * 32
        assert node.reached.connected
        words = f"unable to update running config: bad config received from control plane {message}"
        assert any(words in line and " [error] " in line for line in node.log.lines)
        assert (await get(made.url("status", "/status/ready")))[0] == 200

    asyncio.run(conversing(tmp_path, script, check))
    [report] = reports
    assert report["type"] == "error"
    error = report["error"]
    assert error["name"] == "declarative configuration parse failure"
    assert (error["config_hash"], error["message"]) == ("e" * 32, message)


@pytest.mark.parametrize("told", [None, "short", 7])
def test_a_configuration_without_a_hash(tmp_path: Path, told: Any) -> None:
    """A node that is told no usable hash works one out."""

    async def script(session: Session) -> None:
        await session.switch()
        await session.introduced()
        await session.configure(told)
        await session.stay()

    async def check(node: Any, plane: ScriptedPlane, made: Bundle) -> None:
        await until(node, lambda reached: reached.hash == hash_of(TABLE))

    asyncio.run(conversing(tmp_path, script, check))


def test_a_configuration_in_fragments(tmp_path: Path) -> None:
    """A message may come in fragments, with a ping in between (RFC 6455 section 5.4)."""

    async def script(session: Session) -> None:
        await session.switch()
        await session.introduced()
        message = {"type": "reconfigure", "config_table": TABLE, "config_hash": "f" * 32}
        data = gzip.compress(json.dumps(message).encode())
        await session.frame(BINARY, data[:20], first=0)
        await session.frame(9, b"are you there")
        assert await session.expect(PONG) == b"are you there"
        await session.frame(0, data[20:40], first=0)
        await session.frame(0, data[40:])
        await session.stay()

    async def check(node: Any, plane: ScriptedPlane, made: Bundle) -> None:
        await until(node, lambda reached: reached.hash == "f" * 32)

    asyncio.run(conversing(tmp_path, script, check))


def test_silence(tmp_path: Path) -> None:
    """A control plane that says nothing, not even a pong, is left after the time, and tried again."""

    async def script(session: Session) -> None:
        await session.switch()
        while True:
            await session.receive()

    async def check(node: Any, plane: ScriptedPlane, made: Bundle) -> None:
        await until(node, lambda reached: reached.attempts >= 2)
        words = "[clustering] did not receive pong frame from control plane within 0.5 seconds ["
        assert any(words in line and " [error] " in line for line in node.log.lines)

    asyncio.run(conversing(tmp_path, script, check, replace(QUICK, silence=0.5)))


def test_heartbeats(tmp_path: Path) -> None:
    """Pings with the hash keep coming, and pongs keep the connection for longer than silence would."""
    pings: list[bytes] = []

    async def script(session: Session) -> None:
        await session.switch()
        await session.introduced()
        await session.configure("a" * 32)
        while True:
            pings.append(await session.expect(9))
            await session.frame(PONG, b"")

    async def check(node: Any, plane: ScriptedPlane, made: Bundle) -> None:
        await asyncio.sleep(1.0)
        assert node.reached.connected
        assert node.reached.attempts == 1
        assert pings[0] == NO_HASH.encode()
        assert set(pings[2:]) == {b"a" * 32}
        assert len(pings) >= 4

    asyncio.run(conversing(tmp_path, script, check, replace(QUICK, silence=0.5)))


@pytest.mark.parametrize("how", ["close frame", "end of stream"])
def test_a_control_plane_that_goes(tmp_path: Path, how: str) -> None:
    """A node whose control plane goes comes again, as quietly as Kong."""

    async def script(session: Session) -> None:
        await session.switch()
        await session.introduced()
        await session.configure("a" * 32)
        await asyncio.sleep(0.2)
        if how == "close frame":
            await session.frame(CLOSE, b"")
            await session.expect(CLOSE)

    async def check(node: Any, plane: ScriptedPlane, made: Bundle) -> None:
        await until(node, lambda reached: reached.attempts >= 2)
        graver = [line for line in node.log.lines if " [error] " in line or " [warn] " in line]
        assert graver == []
        if how == "end of stream":
            assert any(" [info] " in line and "connection to control plane closed [" in line for line in node.log.lines)

    asyncio.run(conversing(tmp_path, script, check, replace(QUICK, soonest=1, latest=1)))


def test_green_that_lies(tmp_path: Path) -> None:
    """Without its control plane a node that starts again serves what it had: ready, and told apart as stale."""

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane", ca=CA) as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            async with running(made.given()) as node:
                await until(node, lambda reached: reached.hash == "a" * 32)
                assert not node.reached.stale
        async with running(made.given(), CALM) as node:
            await until(node, lambda reached: reached.error)
            assert node.reached.stale
            assert not node.reached.connected
            assert (await get(made.url("status", "/status/ready")))[::2] == (200, '{"message":"ready"}')
            assert any("found cached config, loading..." in line for line in node.log.lines)
        cache = made.folder / "state" / "edge-1" / "config.cache.json.gz"
        flipped = bytearray(gzip.compress(b"a configuration" * 9))
        flipped[10:14] = b"\xff" * 4
        other_hashes = [json.dumps({"config_hash": told, "config_table": {}}) for told in (5, "a" * 400, "\ud800" * 32)]
        damages = (b"", b"\x1f\x8b", flipped, *(gzip.compress(it.encode()) for it in ("[1]", "{", *other_hashes)))
        for damaged in damages:
            cache.write_bytes(damaged)
            async with running(made.given(), CALM) as node:
                await until(node, lambda reached: reached.error)
                assert node.reached.hash == NO_HASH
                assert any("unable to decode cached config: " in line for line in node.log.lines)

    asyncio.run(practise())


def test_a_link_in_the_state_leads_nowhere(tmp_path: Path) -> None:
    """Whoever can write to a node's state can't make it write over a file elsewhere."""
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    prefix = Prefix(str(tmp_path / "state" / "edge-1"), str(tmp_path / "tls.key"))
    node_id = prefix.node_id()
    assert prefix.node_id() == node_id
    (tmp_path / "state" / "edge-1" / "other.new").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        prefix.write("other", b"over it")
    assert victim.read_text() == "as it was"


@pytest.mark.parametrize("dangling", [False, True], ids=["folder", "dangling"])
@pytest.mark.parametrize("place", ["state", "state/edge-1", "state/edge-1/ssl"])
def test_a_state_that_is_a_link_is_refused(tmp_path: Path, place: str, dangling: bool) -> None:
    """A node does not start on a state that somebody has led elsewhere by a symlink; nothing is written there."""
    elsewhere = tmp_path / "elsewhere"
    if not dangling:
        elsewhere.mkdir(mode=0o755)

    async def practise() -> None:
        async with ScriptedPlane(tmp_path / "plane", ca=CA) as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            link = made.folder / place
            if link.is_dir():
                link.rmdir()
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(elsewhere)
            async with running(made.given()) as node:
                await until(node, lambda reached: reached.refused)
            assert node.reached.code == "symlink-in-the-way"
            assert str(link) in node.reached.refused
            assert "symlink" in node.log.lines[-1]
            assert plane.sessions == []

    asyncio.run(practise())
    assert dangling or list(elsewhere.iterdir()) == []
    assert elsewhere.exists() is not dangling


def test_a_link_that_comes_later_is_not_followed(tmp_path: Path) -> None:
    """While a node runs, a symlink in place of its state, its id or its cache is not followed either."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    prefix = Prefix(str(tmp_path / "state" / "edge-1"), str(tmp_path / "tls.key"))
    node_id = prefix.node_id()
    (tmp_path / "state" / "edge-1" / "kong.id").rename(elsewhere / "kong.id")
    (tmp_path / "state" / "edge-1" / "kong.id").symlink_to(elsewhere / "kong.id")
    (tmp_path / "state" / "edge-1" / "config.cache.json.gz").symlink_to("/dev/zero")
    assert prefix.node_id() != node_id
    assert (elsewhere / "kong.id").read_text() == node_id
    with pytest.raises(ValueError, match="symbolic link"):
        prefix.cached()
    (tmp_path / "state" / "edge-1").rename(tmp_path / "state" / "moved")
    (tmp_path / "state" / "edge-1").symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic link"):
        prefix.keep(Cached("a" * 32, {}))
    assert [path.name for path in elsewhere.iterdir()] == ["kong.id"]
