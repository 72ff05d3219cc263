"""`konnect-tui training node`: the nodes of a bundle without a gateway, until they are stopped."""

import asyncio
import os
import signal
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from konnect_tui import manifest
from konnect_tui.cli.answer import Answer
from konnect_tui.cli.asking import wait_for
from konnect_tui.cli.setting import bundle_meant
from konnect_tui.cli.talk import Talk
from konnect_tui.errors import KonnectError
from konnect_tui.services import Services
from konnect_tui.training.practice.configuration import NO_HASH
from konnect_tui.training.practice.fleet import Fleet, Report
from konnect_tui.training.practice.given import Given, given
from konnect_tui.training.practice.node import PracticeNode
from konnect_tui.training.practice.reached import Reached
from konnect_tui.training.room import room_for

_FILES = 128
_FILES_EACH = 16
"""Open files: ports, connections to the control plane, and some clients at a time."""

_FEW = 3
"""Of so many nodes it is told one by one which files they read."""


def run(options: Namespace) -> Answer:
    """Run them until Ctrl-C (exit 130) or SIGTERM, or until none is left that would start."""
    services, name = bundle_meant(options)
    kept = manifest.read(f"{services.workspace.path(name)}/{manifest.NAME}")
    told = _told(services, name, kept.manifest, options.node)
    talk = Talk(wanted=not options.json)
    with ExitStack() as stack:
        if kept.draft.control_plane.training:
            stack.enter_context(_organisation(services, talk))
        return _practised(told, talk)


@contextmanager
def _organisation(services: Services, talk: Talk) -> Iterator[None]:
    """What nodes of a training bundle connect to: where it does not run, it runs as long as they do."""
    from konnect_tui.training.at_hand import staying

    with staying(services.training, services.now) as running:
        if running.pid == os.getpid():
            talk.say("the training organisation did not run; it runs now, as long as these nodes do")
        yield


def _practised(told: tuple[Given, ...], talk: Talk) -> Answer:
    _introduce(told, talk)
    several = len(told) > 1
    room_for(_FILES + len(told) * _FILES_EACH)
    fleet = Fleet(told, lambda node, line: talk.say(f"{node} | {line}" if several else line))
    reports, interrupted = wait_for(_running(fleet, talk), talk=talk, what="practising")
    error = _failed(reports)
    if interrupted:
        error = KonnectError("cancelled", "Stopped; what the nodes had is kept in state/.")
    return Answer({"nodes": reports}, error=error)


def _told(services: Services, bundle: str, known: manifest.Manifest, wanted: Sequence[str] | None) -> tuple[Given, ...]:
    """What the bundle's files tell each node that is wanted. Raises KonnectError."""
    folder = services.workspace.path(bundle)
    for name in wanted or ():
        if name not in known.nodes:
            hint = f"Nodes of {bundle}: {', '.join(known.nodes) or 'none'}."
            raise KonnectError("unknown-node", f"The bundle {bundle} has no node {name}.", hint=hint)
    names = dict.fromkeys(wanted or known.nodes)
    if not names:
        raise KonnectError("unknown-node", f"The bundle {bundle} has no nodes.", hint="It holds only what to upload.")
    return tuple(given(folder, name, version=known.gateway, environ=services.environ) for name in names)


def _introduce(told: Sequence[Given], talk: Talk) -> None:
    for each in told[:_FEW]:
        talk.say(f"{each.node} reads {', '.join(each.files)}, as platform {each.platform} has them")
    if len(told) > _FEW:
        talk.say(f"and {len(told) - _FEW} more likewise")
    talk.say("Ctrl-C stops all")


async def _running(fleet: Fleet, talk: Talk) -> tuple[tuple[Report, ...], bool]:
    """What the nodes reached, and whether it was Ctrl-C that stopped them."""
    stop, interrupted = asyncio.Event(), False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        stop.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupt)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    following = [asyncio.create_task(_follow(node, talk)) for node in fleet.nodes]
    try:
        return await fleet.run(stop), interrupted
    finally:
        for task in following:
            task.cancel()


async def _follow(node: PracticeNode, talk: Talk) -> None:
    """Say what a gateway's log leaves unsaid: that the node is connected, and what it serves."""
    said = ""
    while True:
        await node.reached.until(partial(_differs, said))
        said = _state(node.reached)
        if said:
            talk.say(f"→ {node.name}: {said}")


def _differs(said: str, reached: Reached) -> bool:
    return _state(reached) != said


def _state(reached: Reached) -> str:
    if not reached.serving:
        return ""
    if reached.connected:
        return f"connected, in sync on {reached.hash}" if reached.hash != NO_HASH else "connected, not configured yet"
    serves = "has no configuration" if reached.hash == NO_HASH else f"goes on serving {reached.hash}"
    return f"not connected; {serves}" if reached.attempts > 1 or reached.error else ""


def _failed(reports: Sequence[Report]) -> KonnectError | None:
    refused = [report for report in reports if report.code]
    if not refused:
        return None
    first = refused[0]
    others = f" ({len(refused)} of {len(reports)} nodes did not start)" if len(reports) > 1 else ""
    return KonnectError(first.code, f"{first.name} would not start: {first.refused}.{others}")
