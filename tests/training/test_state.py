"""What the embedded organisation knows survives it, and only one server holds it."""

import asyncio
import gc
import os
import socket
import stat
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from certificate_maker import make
from embedded import Embedded, now
from hybrid_node import Files, connected, context
from nothing_left import run_leaving_nothing

from konnect_tui.errors import KonnectError
from konnect_tui.training import running
from konnect_tui.training.addresses import Wanted
from konnect_tui.training.record import MOST, Handshake, Record
from konnect_tui.training.seeds.planting import plant
from konnect_tui.training.seeds.recipe import SEEDS
from konnect_tui.training.server import serving
from konnect_tui.training.store import Store


def refusal(folder: Path, wanted: Wanted) -> str:
    """The code with which it refuses to start."""
    with pytest.raises(KonnectError) as raised, Embedded(folder, wanted):
        pass
    return raised.value.code


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    """After a restart ports, token, CA and all that was made are as before; a node comes back as the same."""
    leaf = make("edge-1")
    with Embedded(tmp_path / "state") as first:
        before = first.running
        plane = first.create("kept", "pinned")
        plane.give(leaf)
        tls = context(plane.ca, Files(tmp_path, [leaf]))

        async def connect(node_id: str | None = None) -> str:
            async with connected(plane.address, plane.prefix, tls, node_id=node_id) as node:
                await node.ping((await node.introduce())["config_hash"])
                return node.node_id

        node_id = asyncio.run(connect())
    with Embedded(tmp_path / "state") as second:
        assert second.running == before
        again = plane._replace(embedded=second)
        [node] = asyncio.run(again.nodes())
        assert (node.id, node.connection_state and node.connection_state.is_connected) == (node_id, False)
        assert [entry.verdict for entry in again.record()] == ["accepted"]
        asyncio.run(connect(node_id))
        assert [each.id for each in asyncio.run(again.nodes())] == [node_id]


def test_a_crash_loses_nothing(tmp_path: Path) -> None:
    """What was written is there although nobody closed the store."""
    store = Store(str(tmp_path))
    plant(store, "starter", now())
    reader = Store(str(tmp_path))
    assert reader.count("SELECT count(*) FROM control_plane") == 3
    reader.close()
    store.close()


def test_fresh_starts_over(tmp_path: Path) -> None:
    """--fresh forgets everything, the token and the CA included."""
    with Embedded(tmp_path) as first:
        first.create("gone soon", "pki")
        token, ca = first.running.token, Path(first.running.ca).read_bytes()
    with Embedded(tmp_path, Wanted(fresh=True, seed="enterprise")) as second:
        assert (second.running.seed, second.running.token == token) == ("enterprise", False)
        assert Path(second.running.ca).read_bytes() != ca


def test_a_seed_is_not_changed_by_the_way(tmp_path: Path) -> None:
    """Another seed than the state was made from is refused unless it may start over; an unknown one always."""
    with Embedded(tmp_path):
        pass
    assert refusal(tmp_path, Wanted(seed="enterprise")) == "other-seed"
    assert refusal(tmp_path / "new", Wanted(seed="nothing")) == "unknown-seed"
    with Embedded(tmp_path, Wanted(seed="starter")) as embedded:
        assert embedded.running.seed == "starter"


def test_one_server_a_state(tmp_path: Path) -> None:
    """A second server on the same state is refused and finds the first; afterwards there is none to be found."""
    assert running.find(str(tmp_path)) is None
    with Embedded(tmp_path) as embedded:
        assert refusal(tmp_path, Wanted()) == "training-running"
        assert running.find(str(tmp_path)) == embedded.running
    assert running.find(str(tmp_path)) is None


def test_what_a_crash_left_behind_is_nobody(tmp_path: Path) -> None:
    """A file of a server that died is not taken for a server."""
    with Embedded(tmp_path) as embedded:
        content = (tmp_path / "running.json").read_bytes()
        assert str(embedded.node_port).encode() in content
    (tmp_path / "running.json").write_bytes(content)
    assert running.find(str(tmp_path)) is None


def test_what_a_crash_left_behind_does_not_speak_for_the_next(tmp_path: Path) -> None:
    """While a server runs for one command only, nobody takes what an earlier one left behind for it."""
    with Embedded(tmp_path):
        content = (tmp_path / "running.json").read_bytes()
    (tmp_path / "running.json").write_bytes(content)
    with Embedded(tmp_path, Wanted(passing=True)):
        assert running.find(str(tmp_path)) is None


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE setting SET value = '{' WHERE name = 'about'",
        "UPDATE setting SET value = 'abc' WHERE name = 'rest port'",
        "UPDATE setting SET value = '99999' WHERE name = 'listener port'",
        "UPDATE setting SET value = 'no key' WHERE name = 'ca key'",
        "UPDATE setting SET value = '' WHERE name = 'token'",
        "DELETE FROM setting WHERE name = 'token'",
        "DROP TABLE node",
        "DROP TABLE setting",
    ],
)
def test_a_damaged_state_is_named(tmp_path: Path, damage: str) -> None:
    """A state that was edited or cut short is named with its cure; above all it never opens without a token."""
    with Embedded(tmp_path):
        pass
    store = Store(str(tmp_path))
    store.write(damage)
    store.close()
    assert refusal(tmp_path, Wanted()) == "training-state"
    with Embedded(tmp_path, Wanted(fresh=True)) as embedded:
        assert embedded.running.token


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """The state holds a token and a CA's key: only its owner can read it."""
    with Embedded(tmp_path / "state"):
        assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
        for path in (tmp_path / "state").iterdir():
            wanted = 0o644 if path.suffix == ".crt" else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == wanted, path.name


def test_the_api_gives_way(tmp_path: Path) -> None:
    """Where another program has the API's port, it takes another one, says so, and keeps that: nothing names it."""
    with Embedded(tmp_path) as embedded:
        before = embedded.rest_port, embedded.node_port
    with socket.create_server(("127.0.0.1", before[0])), Embedded(tmp_path) as embedded:
        assert embedded.running.api_port_before == before[0] != embedded.rest_port
        assert embedded.node_port == before[1]
        port = embedded.rest_port
    with Embedded(tmp_path) as embedded:
        assert (embedded.rest_port, embedded.running.api_port_before) == (port, None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1]
        assert refusal(tmp_path, Wanted(port=wanted)) == "port-in-use"
        assert refusal(tmp_path / "new", Wanted(port=wanted)) == "port-in-use"


def test_the_control_plane_stays_where_bundles_expect_it(tmp_path: Path) -> None:
    """Where another program has the control plane's port, it moves only when it is told to; then it stays there."""
    with Embedded(tmp_path) as embedded:
        before, token = embedded.node_port, embedded.running.token
    with socket.create_server(("127.0.0.1", before)):
        with pytest.raises(KonnectError) as raised, Embedded(tmp_path):
            pass
        fault = raised.value
        assert (fault.code, f"port {before}" in fault.message) == ("port-in-use", True)
        assert "bundles" in fault.context.lower()
        assert "training serve --listener-port 0" in fault.hint
        assert "apply BUNDLE/konnect-tui.toml --replace" in fault.hint
        assert refusal(tmp_path, Wanted(listener=before)) == "port-in-use"
        with Embedded(tmp_path, Wanted(listener=0)) as embedded:
            moved = embedded.node_port
            plane = embedded.create("after the move", "pinned")
            assert f":{moved}/" in plane.made.config.control_plane_endpoint
            assert embedded.running.token == token
    with Embedded(tmp_path) as embedded:
        assert embedded.node_port == moved != before
    with Embedded(tmp_path, Wanted(listener=before)) as embedded:
        assert embedded.node_port == before


def test_nothing_moves_where_nothing_starts(tmp_path: Path) -> None:
    """A start that fails for one port changes neither of those that are kept."""
    with Embedded(tmp_path) as embedded:
        before = embedded.rest_port, embedded.node_port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        other = taken.getsockname()[1]
        assert refusal(tmp_path, Wanted(port=other, listener=0)) == "port-in-use"
        assert refusal(tmp_path, Wanted(port=0, listener=other)) == "port-in-use"
    with Embedded(tmp_path) as embedded:
        assert (embedded.rest_port, embedded.node_port) == before


def test_only_the_listener_goes_elsewhere(tmp_path: Path) -> None:
    """With another address to listen on, nodes come from there and are told so; the API stays on loopback."""
    with Embedded(tmp_path, Wanted(listen="0.0.0.0")) as embedded:
        plane = embedded.create("elsewhere", "pinned")
        host = plane.made.config.control_plane_endpoint.removeprefix("https://").partition(":")[0]
        assert str(IPv4Address(host)) == host != "0.0.0.0"
        assert embedded.running.api_url.startswith("http://127.0.0.1:")
        with socket.create_connection(("127.0.0.2", embedded.node_port), timeout=5) as knock:
            knock.shutdown(socket.SHUT_WR)
            assert knock.recv(1) == b""
        with pytest.raises(ConnectionError):
            socket.create_connection(("127.0.0.2", embedded.rest_port), timeout=5)
    for wrong in ("::", "localhost", "no.such.host", "256.1.1.1", ""):
        assert refusal(tmp_path / "new", Wanted(listen=wrong)) == "invalid-value"
    assert refusal(tmp_path / "new", Wanted(listen="192.0.2.1")) == "invalid-value"


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 4, 5, 20])
def test_stopped_at_any_moment(tmp_path: Path, turns: int) -> None:
    """However early the server is stopped: then no port is open, nothing of it runs, and nobody holds the state."""
    with Embedded(tmp_path) as embedded:
        ports = embedded.rest_port, embedded.node_port

    async def serve() -> None:
        async with serving(str(tmp_path), Wanted(), now):
            await asyncio.Event().wait()

    async def begin() -> None:
        others = asyncio.all_tasks()
        running = asyncio.create_task(serve())
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert asyncio.all_tasks() == others
        for port in ports:
            socket.create_server(("127.0.0.1", port)).close()
        gc.collect()  # what is left open warns while its loop still runs

    run_leaving_nothing(begin())
    assert running.find(str(tmp_path)) is None
    os.close(running.hold(str(tmp_path)))


def test_a_state_that_is_none(tmp_path: Path) -> None:
    """A file that is no database, or another release's, is named; it is never overwritten."""
    (tmp_path / "organisation.sqlite3").write_bytes(b"not a database, though long enough to be looked at" * 100)
    assert refusal(tmp_path, Wanted()) == "training-state"
    assert (tmp_path / "organisation.sqlite3").read_bytes().startswith(b"not a database")
    os.makedirs(tmp_path / "later")
    store = Store(str(tmp_path / "later"))
    store.write("PRAGMA user_version = 99")
    store.close()
    assert refusal(tmp_path / "later", Wanted()) == "training-state"


def test_the_record_has_an_end(tmp_path: Path) -> None:
    """The record keeps the latest handshakes and does not grow for ever."""
    store = Store(str(tmp_path))
    record = Record(store)
    with store.together():
        for number in range(MOST + 1500):
            record.add(Handshake(float(number), None, "config", "", "", (), "broken"))
    kept = record.since(now() - timedelta(days=365 * 100))
    assert MOST <= len(kept) <= MOST + 1000
    assert kept[-1].at == MOST + 1499
    store.close()


@pytest.mark.parametrize("name", SEEDS)
def test_a_seed_is_the_same_every_time(tmp_path: Path, name: str) -> None:
    """A seed gives the same ids and hosts every time, so that a bundle made yesterday still fits after --fresh."""
    found = []
    for folder in ("one", "two"):
        os.makedirs(tmp_path / folder)
        store = Store(str(tmp_path / folder))
        plant(store, name, now())
        found.append(
            [tuple(row) for row in store.rows("SELECT id, prefix, region, name FROM control_plane ORDER BY seq")]
        )
        store.close()
    assert found[0] == found[1]
