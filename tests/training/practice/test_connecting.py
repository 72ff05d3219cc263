"""Practice nodes connect to the embedded control plane as a gateway connects to Konnect's."""

import asyncio
import gc
import resource
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from certificate_maker import Made, make
from embedded import EmbeddedPlane as Plane
from msgspec.structs import replace
from nothing_left import run_leaving_nothing
from practised import NO_HASH, Bundle, bundle, fleet, get, running, until

from konnect_tui.konnect.address import Link
from konnect_tui.konnect.endpoint import Endpoint
from konnect_tui.konnect.training_hosts import server_name
from konnect_tui.training.practice.fleet import Fleet
from konnect_tui.training.practice.given import Given
from konnect_tui.training.practice.pace import KONG

MakePlane = Callable[[str], Plane]


def endpoint(plane: Plane, link: Link) -> Endpoint:
    """One connection of a control plane of the embedded organisation."""
    side = "cp" if link == "config" else "tp"
    name = server_name(plane.prefix, link)
    trust = Path(plane.ca).read_text()
    return Endpoint(
        host="127.0.0.1", port=plane.embedded.node_port, path=f"/{side}/{plane.prefix}", server_name=name, trust=trust
    )


def made_for(plane: Plane, root: Path, *chains: list[Made], platform: str = "docker") -> Bundle:
    """A bundle for it, with nodes edge-1, edge-2, …"""
    named = {f"edge-{number}": chain for number, chain in enumerate(chains, start=1)}
    config, telemetry = endpoint(plane, "config"), endpoint(plane, "telemetry")
    return bundle(root, config, named, telemetry=telemetry, platform=platform)


async def seen(found: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the API shows it, five seconds at most."""
    for _ in range(250):
        if await found():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come")


@pytest.mark.parametrize("platform", ["docker", "compose", "linux"])
def test_a_pinned_node(make_plane: MakePlane, tmp_path: Path, platform: str) -> None:
    """With its certificate pinned a node connects, is configured, is ready, and the API shows it in sync."""
    plane, leaf = make_plane("pinned"), make("edge-1")

    async def practise() -> None:
        [pin] = await plane.given(leaf)
        made = made_for(plane, tmp_path, [leaf], platform=platform)
        async with running(made.given()) as node:
            await until(node, lambda reached: reached.connected and reached.telemetry and reached.hash != NO_HASH)
            async with plane.embedded.client() as client:
                expected = await client.expected_hash("eu", plane.made.id)
            assert node.reached.hash == expected
            assert (await get(made.url("status", "/status/ready")))[0] == 200

            async def told() -> bool:
                return [each.config_hash for each in await plane.nodes()] == [expected]

            await seen(told)
            [shown] = await plane.nodes()
            assert (shown.hostname, shown.version, shown.data_plane_cert_id) == ("edge-1", "3.12.0.5", pin)
            assert shown.labels == {"node": "edge-1"}

    asyncio.run(practise())
    assert {entry.link for entry in plane.record() if entry.verdict == "accepted"} == {"config", "telemetry"}


def test_a_certificate_that_is_not_pinned(make_plane: MakePlane, tmp_path: Path) -> None:
    """The gateway's log says 401 and no more; once the certificate is uploaded, the same node comes in by itself."""
    plane, leaf = make_plane("pinned"), make("edge-1")
    made = made_for(plane, tmp_path, [leaf])

    async def practise() -> None:
        async with running(made.given()) as node:
            await until(node, lambda reached: reached.error)
            assert node.reached.error == "unexpected HTTP response code: 401"
            line = node.log.lines[0]
            assert " [warn] " in line
            assert (
                "data_plane.lua:251: communicate(): [clustering] connection to control plane wss://127.0.0.1:" in line
            )
            assert f"/cp/{plane.prefix}/v1/outlet?node_id=" in line
            assert "&node_hostname=edge-1&node_version=3.12.0.5 broken: unexpected HTTP response code: 401 " in line
            assert f"(retrying after 0 seconds) [127.0.0.1:{plane.embedded.node_port}/cp/{plane.prefix}]" in line
            assert line.endswith(", context: ngx.timer")
            assert (await get(made.url("status", "/status/ready")))[0] == 503
            await plane.given(leaf)
            await until(node, lambda reached: reached.connected and reached.hash != NO_HASH)

    asyncio.run(practise())
    assert "leaf-not-uploaded" in {entry.cause for entry in plane.record()}


def test_a_missing_intermediate(make_plane: MakePlane, tmp_path: Path) -> None:
    """A node presents exactly what its file has: the leaf alone is refused, with its intermediate it is accepted."""
    plane, root = make_plane("pki"), make("root", ca=True)
    intermediate = root.issue("intermediate", ca=True)
    leaf = intermediate.issue("edge-1")

    async def practise() -> None:
        await plane.given(root)
        made = made_for(plane, tmp_path, [leaf])
        # That it trusts its own issuers must not complete what it presents.
        trust = made.folder / "trust" / "control-plane-ca.crt"
        trust.write_bytes(trust.read_bytes() + intermediate.pem + root.pem)
        async with running(made.given()) as node:
            await until(node, lambda reached: reached.error)
            assert node.reached.error == "unexpected HTTP response code: 401"
        made.give("edge-1", [leaf, intermediate])
        async with running(made.given()) as node:
            await until(node, lambda reached: reached.connected)

    asyncio.run(practise())
    lengths = {(entry.verdict, len(entry.chain), entry.cause) for entry in plane.record() if entry.link == "config"}
    assert lengths == {("refused", 1, "missing-intermediate"), ("accepted", 2, "")}


def test_certificates_are_read_at_the_start_only(make_plane: MakePlane, tmp_path: Path) -> None:
    """A node that runs goes on with the certificate it started with, whatever lies on disk; a new start reads it."""
    plane, old, new = make_plane("pinned"), make("edge-1"), make("edge-1")

    async def practise() -> None:
        await plane.given(new)
        made = made_for(plane, tmp_path, [old])
        async with running(made.given()) as node:
            await until(node, lambda reached: reached.attempts >= 2)
            made.give("edge-1", [new])
            before = node.reached.attempts
            await until(node, lambda reached: reached.attempts >= before + 3)
            assert not node.reached.connected
        async with running(made.given()) as node:
            await until(node, lambda reached: reached.connected)

    asyncio.run(practise())


def test_the_same_node_after_a_restart(make_plane: MakePlane, tmp_path: Path) -> None:
    """What is in state/ makes a node that starts again the same node."""
    plane, leaf = make_plane("pinned"), make("edge-1")

    async def practise() -> None:
        await plane.given(leaf)
        made = made_for(plane, tmp_path, [leaf])
        for _ in range(2):
            async with running(made.given()) as node:
                await until(node, lambda reached: reached.connected)
        assert len(await plane.nodes()) == 1
        state = made.folder / "state" / "edge-1"
        assert state.stat().st_mode & 0o777 == 0o700
        assert (state / "kong.id").read_text() == (await plane.nodes())[0].id
        assert {path.stat().st_mode & 0o777 for path in state.rglob("*") if path.is_file()} == {0o600}

    asyncio.run(practise())


def test_a_key_that_does_not_fit(make_plane: MakePlane, tmp_path: Path) -> None:
    """A key of another certificate breaks every handshake before it begins, as OpenSSL says it to Kong."""
    plane, leaf, other = make_plane("pinned"), make("edge-1"), make("other")

    async def practise() -> None:
        await plane.given(leaf)
        made = made_for(plane, tmp_path, [leaf])
        made.give("edge-1", [leaf], other)
        async with running(made.given()) as node:
            await until(node, lambda reached: reached.error)
            assert node.reached.error == "ssl handshake failed: ssl set client private key failed"

    asyncio.run(practise())


def test_thirty_at_once(make_plane: MakePlane, tmp_path: Path) -> None:
    """All nodes of a bundle run side by side in one process; each is itself."""
    plane = make_plane("pki")
    root = make("root", ca=True)
    chains = [[root.issue(f"edge-{number}")] for number in range(1, 31)]

    async def practise() -> None:
        await plane.given(root)
        made = made_for(plane, tmp_path, *chains)
        told: list[Given] = [made.given(f"edge-{number}") for number in range(1, 31)]
        async with fleet(told, KONG) as all_of_them:
            for node in all_of_them.nodes:
                await until(node, lambda reached: reached.connected and reached.hash != NO_HASH, 30)
            shown = await plane.nodes()
            assert sorted(each.hostname for each in shown) == sorted(each.node for each in told)

    asyncio.run(practise())


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 20, 200])
def test_stopped_at_any_moment(make_plane: MakePlane, tmp_path: Path, turns: int) -> None:
    """However early nodes are stopped: once they have been, no port is open and nothing of them runs."""
    plane = make_plane("pinned")
    made = made_for(plane, tmp_path, *[[make(f"edge-{number}")] for number in range(1, 9)])

    async def practise() -> None:
        stop = asyncio.Event()
        others = asyncio.all_tasks()
        running = asyncio.create_task(
            Fleet([made.given(name) for name in made.ports], lambda _name, _line: None).run(stop)
        )
        for _ in range(turns):
            await asyncio.sleep(0)
        stop.set()
        await running
        assert asyncio.all_tasks() == others
        gc.collect()

    run_leaving_nothing(practise())


@pytest.mark.slow
def test_many_idle_nodes_cost_little(make_plane: MakePlane, tmp_path: Path) -> None:
    """200 nodes that are connected and ping three times as often as Kong take, with their control plane, less than a
    twentieth of one core.
    """
    plane, root = make_plane("pki"), make("root", ca=True)
    chains = [[root.issue(f"edge-{number}")] for number in range(1, 201)]

    async def practise() -> float:
        await plane.given(root)
        made = made_for(plane, tmp_path, *chains)
        told = [made.given(f"edge-{number}") for number in range(1, 201)]
        async with fleet(told, replace(KONG, ping=10.0)) as all_of_them:
            for node in all_of_them.nodes:
                await until(node, lambda reached: reached.connected and reached.telemetry, 60)
            await asyncio.sleep(1)
            began, used = time.monotonic(), time.process_time()
            await asyncio.sleep(10)
            return (time.process_time() - used) / (time.monotonic() - began)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard) if hard != resource.RLIM_INFINITY else 8192, hard))
    try:
        assert asyncio.run(practise()) < 0.05
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
