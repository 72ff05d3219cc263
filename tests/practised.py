"""Bundles as `apply` writes them, with real keys, for practice nodes; and a way to run such nodes in a test."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import laid_out
import samples
from certificate_maker import Made
from free_ports import free_ports
from msgspec.structs import replace

from konnect_tui.konnect.endpoint import Endpoint
from konnect_tui.plan import Plan, PlannedNode
from konnect_tui.platforms import options_of
from konnect_tui.training.practice.fleet import Fleet
from konnect_tui.training.practice.given import Given, given
from konnect_tui.training.practice.node import PracticeNode
from konnect_tui.training.practice.pace import Pace
from konnect_tui.training.practice.reached import Reached

QUICK = Pace(ping=0.2, silence=1.0, step=2.0, soonest=0, latest=0)
"""As Kong, for people in a hurry."""

VERSION = "3.12.0.5"
NO_HASH = "0" * 32


class Bundle:
    """A bundle on disk, and where its nodes answer."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self.ports = {node.name: node.host_ports for node in plan.nodes}

    def give(self, node: str, chain: Sequence[Made], key: Made | None = None) -> None:
        """Put these into the node's folder, leaf first; `key` is another's where it must not fit."""
        folder = self.folder / "nodes" / node
        (folder / "tls.crt").write_bytes(b"".join(each.pem for each in chain))
        (folder / "tls.key").write_bytes((key or chain[0]).secret.reveal())

    def given(self, node: str = "edge-1", **values: str) -> Given:
        """What its files tell that node, with some of it said differently."""
        found = given(str(self.folder), node, version=VERSION, environ={})
        return replace(found, values={**found.values, **values})

    def url(self, what: str, path: str = "/", node: str = "edge-1") -> str:
        """Where the node answers: `http`, `https` or `status`."""
        port = dict(zip(("http", "https", "status"), self.ports[node], strict=False))[what]
        return f"{'https' if what == 'https' else 'http'}://127.0.0.1:{port}{path}"


def bundle(
    root: Path,
    control_plane: Endpoint,
    chains: Mapping[str, Sequence[Made]],
    *,
    telemetry: Endpoint | None = None,
    platform: str = "docker",
) -> Bundle:
    """A bundle for a control plane on this machine. Nodes have free ports; `trust` of the endpoint is PEM text."""
    plan = samples.pinned({platform: options_of(platform, {"bind_address": "127.0.0.1"})})
    both = replace(plan.control_plane, source="training", config=control_plane, telemetry=telemetry or control_plane)
    ports = free_ports(3 * len(chains))
    nodes = tuple(_node(name, tuple(ports[3 * at : 3 * at + 3])) for at, name in enumerate(chains))
    plan = replace(plan, control_plane=both, nodes=nodes, version=VERSION, image=f"kong/kong-gateway:{VERSION}")
    laid = laid_out.lay(root, plan)
    (laid / "trust" / "control-plane-ca.crt").write_text(control_plane.trust)
    made = Bundle(laid, plan)
    for name, chain in chains.items():
        made.give(name, chain)
    return made


def _node(name: str, ports: tuple[int, ...]) -> PlannedNode:
    return PlannedNode(name=name, hostname=name, ports=ports, host_ports=ports, labels=(("node", name),))


@asynccontextmanager
async def running(
    told: Given, pace: Pace = QUICK, *, talkative: bool = True, heard: Callable[[str], None] = str
) -> AsyncIterator[PracticeNode]:
    """A practice node that runs as long as the context is open."""
    node = PracticeNode(told, pace=pace, talkative=talkative, heard=heard)
    task = asyncio.create_task(node.run())
    try:
        yield node
    finally:
        task.cancel()
        [ended] = await asyncio.gather(task, return_exceptions=True)
        assert ended is None or isinstance(ended, asyncio.CancelledError), ended


@asynccontextmanager
async def fleet(told: Sequence[Given], pace: Pace = QUICK) -> AsyncIterator[Fleet]:
    """Practice nodes that run as long as the context is open."""
    stop = asyncio.Event()
    found = Fleet(told, lambda _name, _line: None, pace)
    task = asyncio.create_task(found.run(stop))
    try:
        yield found
    finally:
        stop.set()
        await task


async def until(node: PracticeNode, wanted: Callable[[Reached], object], seconds: float = 10.0) -> None:
    """Wait until the node has reached that; where it does not, its log is what the test fails with."""
    try:
        await node.reached.until(lambda reached: bool(wanted(reached)), seconds)
    except TimeoutError:
        state = {name: value for name, value in vars(node.reached).items() if not name.startswith("_")}
        raise AssertionError("\n".join((str(state), *node.log.lines))) from None


async def get(url: str, **more: Any) -> tuple[int, Mapping[str, str], str]:
    """Status, headers and body of what is answered there."""
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(url, ssl=False, **more) as answer:
        found = answer.status, dict(answer.headers), await answer.text()
    await asyncio.sleep(0.02)  # aborting TLS takes some turns of the loop
    return found
