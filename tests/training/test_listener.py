"""Nodes connect to the embedded control plane as they connect to Konnect's."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

import aiohttp
import pytest
from certificate_maker import NOW, make
from embedded import EmbeddedPlane as Plane
from hybrid_node import Files, client_session, connected, context

from konnect_tui.konnect.client import Client
from konnect_tui.konnect.training_hosts import server_name

T = TypeVar("T")
DAY = timedelta(days=1)


async def until(found: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it, five seconds at most."""
    for _ in range(250):
        if await found():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come")


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_the_whole_dance(make_plane: Callable[[str], Plane], tmp_path: Path, tls: str) -> None:
    """A pinned node connects, is configured, tells its hash, and is seen in the nodes API until it leaves."""
    plane, leaf = make_plane("pinned"), make("edge-1")

    async def dance() -> None:
        [pin] = await plane.given(leaf)
        tls_context = context(plane.ca, Files(tmp_path, [leaf]), tls)
        async with connected(plane.address, plane.prefix, tls_context) as node:
            configuration = await node.introduce(labels={"site": "berlin"})
            assert configuration["type"] == "reconfigure"
            assert configuration["config_table"] == {"_format_version": "3.0", "_transform": False}
            assert len(configuration["config_hash"]) == 32
            pong = await node.ping("0" * 32)
            assert pong.type is aiohttp.WSMsgType.PONG
            assert [each.config_hash for each in await plane.nodes()] == ["0" * 32]
            await node.ping(configuration["config_hash"])
            [seen] = await plane.nodes()
            assert (seen.id, seen.hostname, seen.version) == (node.node_id, "edge-1", "3.14.0.13")
            assert (seen.data_plane_cert_id, seen.labels) == (pin, {"site": "berlin"})
            assert seen.connection_state is not None
            assert seen.connection_state.is_connected
            async with plane.embedded.client() as client:
                assert seen.config_hash == await client.expected_hash("eu", plane.made.id)
        await until(lambda: _gone(plane))

    asyncio.run(dance())
    [entry] = plane.record()
    assert (entry.verdict, entry.cause, entry.tls) == ("accepted", "", tls)
    assert (entry.chain, entry.server_name) == ((leaf.der,), server_name(plane.prefix, "config"))


async def _gone(plane: Plane) -> bool:
    return not any(node.connection_state and node.connection_state.is_connected for node in await plane.nodes())


class Case(NamedTuple):
    """What is uploaded, what is presented, and what becomes of it: the cause, or empty where it is let in."""

    mode: str
    uploaded: str
    presented: str
    cause: str


ROOT = make("root", ca=True)
BETWEEN = ROOT.issue("intermediate", ca=True)
LEAF = BETWEEN.issue("edge-1")
OTHER = make("other")
ENDED = make("ended", begins=NOW - 30 * DAY, ends=NOW - DAY)
KNOWN = {"root": ROOT, "between": BETWEEN, "leaf": LEAF, "other": OTHER, "ended": ENDED}
CASES = [
    Case("pinned", "leaf", "leaf", ""),
    Case("pinned", "other", "leaf", "leaf-not-uploaded"),
    Case("pinned", "root", "leaf between", "issuer-uploaded"),
    Case("pinned", "ended", "ended", ""),
    Case("pki", "root", "leaf between", ""),
    Case("pki", "between", "leaf", ""),
    Case("pki", "leaf", "leaf", ""),
    Case("pki", "root", "leaf", "missing-intermediate"),
    Case("pki", "other", "leaf between", "wrong-upload"),
    Case("pki", "ended", "ended", "expired"),
    Case("pki", "", "leaf between", "wrong-upload"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case).replace(" ", "+"))
@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_who_is_let_in(make_plane: Callable[[str], Plane], tmp_path: Path, case: Case, tls: str) -> None:
    """The control plane decides as the judge does, and its record names the true cause while the node is told none."""
    plane = make_plane(case.mode)
    chain = [KNOWN[name] for name in case.presented.split()]

    async def knock() -> tuple[int, list[str]]:
        ids = await plane.given(*(KNOWN[name] for name in case.uploaded.split()))
        try:
            async with connected(plane.address, plane.prefix, context(plane.ca, Files(tmp_path, chain), tls)) as node:
                await node.introduce()
                assert [each.data_plane_cert_id for each in await plane.nodes()] == ids
                return 101, ids
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status, ids

    status, _ = asyncio.run(knock())
    assert status == (401 if case.cause else 101)
    [entry] = plane.record()
    assert entry.cause == case.cause
    assert entry.verdict == ("refused" if case.cause else "accepted")
    assert entry.chain == tuple(each.der for each in chain)
    assert entry.fingerprint is not None


def test_without_a_certificate(make_plane: Callable[[str], Plane], tmp_path: Path) -> None:
    """A node that presents nothing is told that it presented nothing."""
    plane = make_plane("pki")

    async def knock() -> tuple[int, str]:
        url = f"{plane.address}/cp/{plane.prefix}/v1/outlet"
        name = server_name(plane.prefix, "config")
        async with (
            client_session() as session,
            session.get(url, ssl=context(plane.ca, None), server_hostname=name) as answer,
        ):
            return answer.status, (await answer.json())["message"]

    assert asyncio.run(knock()) == (401, "no client certificate provided in request")
    assert [entry.cause for entry in plane.record()] == ["no-certificate-presented"]


@pytest.mark.parametrize("left_out", ["path", "server name"])
def test_path_or_server_name_is_enough(make_plane: Callable[[str], Plane], tmp_path: Path, left_out: str) -> None:
    """The control plane is found by the path alone, as with PrivateLink, and by the server name alone."""
    plane, leaf = make_plane("pinned"), make("edge-1")

    async def dance() -> None:
        await plane.given(leaf)
        tls = context(plane.ca, Files(tmp_path, [leaf]))
        how = {"path": ""} if left_out == "path" else {"name": "localhost"}
        async with connected(plane.address, plane.prefix, tls, **how) as node:  # type: ignore[arg-type]
            assert (await node.introduce())["type"] == "reconfigure"

    asyncio.run(dance())


def test_server_name_of_another_control_plane(make_plane: Callable[[str], Plane], tmp_path: Path) -> None:
    """A server name that belongs to another control plane than the address is refused, and named as the cause."""
    plane, other, leaf = make_plane("pinned"), make_plane("pki"), make("edge-1")

    async def dance() -> None:
        await plane.given(leaf)
        tls, name = context(plane.ca, Files(tmp_path, [leaf])), server_name(other.prefix, "config")
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            async with connected(plane.address, plane.prefix, tls, name=name):
                pass

    asyncio.run(dance())
    assert [entry.cause for entry in plane.record()] == ["server-name-differs"]


@pytest.mark.parametrize(
    ("change", "kept"),
    [("unpin", False), ("mode", False), ("delete", False), ("another", True)],
)
def test_who_is_no_longer_trusted_has_to_go(
    make_plane: Callable[[str], Plane], tmp_path: Path, change: str, kept: bool
) -> None:
    """A node loses its connection when its certificate is taken away or no longer counts, and only then."""
    plane, leaf = make_plane("pinned"), make("edge-1")
    other = make("other")

    async def act(client: Client, session: aiohttp.ClientSession, ids: list[str]) -> None:
        base = plane.embedded.running.api_url.replace("{region}", "eu")
        url = f"{base}/v2/control-planes/{plane.made.id}"
        headers = {"Authorization": f"Bearer {plane.embedded.running.token}"}
        match change:
            case "unpin":
                await client.unpin("eu", plane.made.id, ids[0])
            case "another":
                await client.unpin("eu", plane.made.id, ids[1])
            case "mode":  # the pin of a self-signed leaf counts in PKI mode too; that of another does not
                await client.unpin("eu", plane.made.id, ids[1])
                await session.patch(url, json={"auth_type": "pki_client_certs"}, headers=headers)
                await client.unpin("eu", plane.made.id, ids[0])
            case "delete":
                await session.delete(url, headers=headers)

    async def dance() -> bool:
        ids = await plane.given(leaf, other)
        tls = context(plane.ca, Files(tmp_path, [leaf]))
        async with (
            plane.embedded.client() as client,
            client_session() as session,
            connected(plane.address, plane.prefix, tls) as node,
        ):
            await node.introduce()
            await act(client, session, ids)
            try:
                message = await node.socket.receive(0.5 if kept else 5)
            except TimeoutError:
                return True
            return message.type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)

    assert asyncio.run(dance()) is kept


def test_what_lets_a_node_in_is_told_as_it_is_now(make_plane: Callable[[str], Plane], tmp_path: Path) -> None:
    """When another certificate takes the place of the one a node came in with, its record names the one that counts."""
    plane, root = make_plane("pki"), make("root", ca=True)
    middle = root.issue("middle", ca=True)
    leaf = middle.issue("edge-1")

    async def replaced() -> None:
        first, second = await plane.given(root, root)
        tls = context(plane.ca, Files(tmp_path, [leaf, middle]))
        async with connected(plane.address, plane.prefix, tls) as node, plane.embedded.client() as client:
            await node.introduce()
            [seen] = await plane.nodes()
            other = first if seen.data_plane_cert_id == second else second
            await client.unpin("eu", plane.made.id, seen.data_plane_cert_id or "")
            [seen] = await plane.nodes()
            assert seen.data_plane_cert_id == other
            [third] = await plane.given(middle)
            await client.unpin("eu", plane.made.id, other)
            [seen] = await plane.nodes()
            assert seen.connection_state is not None
            assert (seen.data_plane_cert_id, seen.connection_state.is_connected) == (third, True)

    asyncio.run(replaced())


def test_a_report_of_a_node_is_told(make_plane: Callable[[str], Plane], tmp_path: Path) -> None:
    """What a node reports about a configuration it could not use stands in its record, until one works."""
    plane, leaf = make_plane("pinned"), make("edge-1")
    error = {"name": "declarative configuration parse failure", "source": "kong", "message": "no", "config_hash": "a"}

    async def dance() -> None:
        await plane.given(leaf)
        async with connected(plane.address, plane.prefix, context(plane.ca, Files(tmp_path, [leaf]))) as node:
            configuration = await node.introduce()
            await node.socket.send_bytes(json.dumps({"type": "error", "error": error}).encode())
            await until(lambda: _reported(plane))
            await node.ping(configuration["config_hash"])
            assert [each.errors for each in await plane.nodes()] == [None]

    async def _reported(plane: Plane) -> bool:
        return any(each.errors and each.errors[0].name == error["name"] for each in await plane.nodes())

    asyncio.run(dance())


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("node_id=1&node_hostname=h&node_version=3.14.0", 400),
        ("node_id=8d1f4c4e-1a59-4a8d-9a6e-9a8c39a8f0d1&node_hostname=h", 400),
        ("node_id=8d1f4c4e-1a59-4a8d-9a6e-9a8c39a8f0d1&node_hostname=h&node_version=2.4.9", 400),
        ("node_id=8d1f4c4e-1a59-4a8d-9a6e-9a8c39a8f0d1&node_hostname=h&node_version=three", 400),
        ("node_id=8d1f4c4e-1a59-4a8d-9a6e-9a8c39a8f0d1&node_hostname=h&node_version=3.14.0.1", 400),
    ],
)
def test_half_a_request_is_refused(make_plane: Callable[[str], Plane], tmp_path: Path, query: str, status: int) -> None:
    """Who does not say what a node has to say, or asks for no WebSocket, gets a 400."""
    plane, leaf = make_plane("pinned"), make("edge-1")

    async def knock() -> int:
        await plane.given(leaf)
        tls = context(plane.ca, Files(tmp_path, [leaf]))
        url = f"{plane.address}/cp/{plane.prefix}/v1/outlet?{query}"
        name = server_name(plane.prefix, "config")
        async with client_session() as session, session.get(url, ssl=tls, server_hostname=name) as answer:
            return answer.status

    assert asyncio.run(knock()) == status


def test_a_browser_is_refused(make_plane: Callable[[str], Plane], tmp_path: Path) -> None:
    """A WebSocket that a web page opens is refused, whatever certificate the browser has."""
    plane, leaf = make_plane("pinned"), make("edge-1")

    async def dance() -> None:
        await plane.given(leaf)
        tls = context(plane.ca, Files(tmp_path, [leaf]))
        with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
            async with connected(plane.address, plane.prefix, tls, headers={"Origin": "https://example.com"}):
                pass

    asyncio.run(dance())


def test_telemetry_is_taken_and_thrown_away(make_plane: Callable[[str], Plane], tmp_path: Path) -> None:
    """The telemetry endpoint takes whatever a trusted node sends, and as long as it is trusted."""
    plane, leaf = make_plane("pinned"), make("edge-1")

    async def dance() -> None:
        [pin] = await plane.given(leaf)
        tls, name = context(plane.ca, Files(tmp_path, [leaf])), server_name(plane.prefix, "telemetry")
        url = f"{plane.made.config.telemetry_endpoint}/v1/analytics/reqlog?node_id=x&node_hostname=h&node_version=v"
        async with (
            client_session() as session,
            session.ws_connect(url, ssl=tls, server_hostname=name, autoping=False) as socket,
        ):
            for size in (0, 10, 100_000):
                await socket.send_bytes(b"x" * size)
            await socket.ping(b"anything")
            assert not socket.closed

            await socket.receive(5)  # the pong
            async with plane.embedded.client() as client:
                await client.unpin("eu", plane.made.id, pin)
            assert (await socket.receive(5)).type is aiohttp.WSMsgType.CLOSE

    asyncio.run(dance())
    assert [(entry.link, entry.verdict) for entry in plane.record()] == [("telemetry", "accepted")]


def test_thirty_nodes_at_once(make_plane: Callable[[str], Plane], tmp_path: Path) -> None:
    """Thirty nodes of one control plane connect at once, each with its own certificate."""
    plane = make_plane("pki")
    root = make("root", ca=True)

    async def one(number: int, ready: asyncio.Barrier) -> None:
        tls = context(plane.ca, Files(tmp_path / str(number), [root.issue(f"edge-{number}")]))
        async with connected(plane.address, plane.prefix, tls, hostname=f"edge-{number}") as node:
            await node.ping((await node.introduce())["config_hash"])
            await ready.wait()

    async def all_of_them() -> int:
        await plane.given(root)
        ready = asyncio.Barrier(31)
        async with asyncio.TaskGroup() as tasks:
            for number in range(30):
                tasks.create_task(one(number, ready))
            await ready.wait()
        return len(await plane.nodes())

    assert asyncio.run(all_of_them()) == 30
