"""`konnect-tui training serve`: the embedded organisation for any client, until it is stopped."""

import asyncio
import shlex
import signal
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from konnect_tui import manifest
from konnect_tui.cli.answer import Answer, document, problem_lines
from konnect_tui.cli.asking import wait_for
from konnect_tui.cli.setting import services_for
from konnect_tui.cli.talk import Talk
from konnect_tui.errors import ExitCode, KonnectError, Problem, note, warning
from konnect_tui.services import Services
from konnect_tui.training import running
from konnect_tui.training.addresses import LOOPBACK, Wanted
from konnect_tui.training.running import Running
from konnect_tui.training.server import serving

_LOOK: Final = 0.5
"""Seconds between two looks whether the server of somebody else still runs."""


def run(options: Namespace) -> Answer | int:
    """Serve until Ctrl-C (exit 130) or SIGTERM (exit 0). Where it runs already, say where, and leave it at that.

    One that ends with a wizard or another command goes on here then, on the same ports.
    """
    services, talk = services_for(options), Talk(wanted=not options.json)
    folder = services.training
    found = running.find(folder)
    if found is not None and found.alone and _is_that(found, options):
        told = (f"it runs already, as process {found.pid}", *_how_to_use(found))
        answer = Answer(_data(found), talk=told, problems=tuple(_moved_api(found)))
        if not options.json:
            return answer
        _write(options, answer)
        return int(ExitCode.OK)
    wanted = Wanted(options.seed, options.port, options.listener_port, options.listen, options.fresh, alone=True)

    async def serve() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        waited = await _beside(options, folder, talk, stop)
        while not stop.is_set():
            try:
                async with serving(folder, wanted, services.now) as about:
                    if not waited:
                        left_behind = () if wanted.listener is None else _left_behind(services, about)
                        _tell(options, talk, about, [*_moved_api(about), *left_behind])
                    talk.say("the training organisation runs; Ctrl-C ends it, and nothing is lost")
                    await stop.wait()
            except KonnectError as fault:
                if not (waited and fault.code == "training-running"):
                    raise
                await _beside(options, folder, talk, stop, said=True)  # somebody else went on with it

    try:
        wait_for(serve(), talk=talk, what="serving")
    except KeyboardInterrupt:
        talk.say("stopped")
        return int(ExitCode.CANCELLED)
    talk.say("stopped")
    return int(ExitCode.OK)


async def _beside(options: Namespace, folder: str, talk: Talk, stop: asyncio.Event, *, said: bool = False) -> bool:
    """Wait while it runs as part of another process. Whether it did."""
    while (found := running.find(folder)) is not None and _is_that(found, options) and not stop.is_set():
        if not said:
            _tell(options, talk, found, list(_moved_api(found)))
            talk.say(f"it runs as part of process {found.pid}; when that ends, it goes on here. Ctrl-C ends this")
            said = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK)
    return said


def _tell(options: Namespace, talk: Talk, about: Running, problems: Sequence[Problem]) -> None:
    """Where it runs, and how to ask it."""
    if options.json:
        _write(options, Answer(_data(about), problems=tuple(problems)))
    for line in (*problem_lines(problems), *_how_to_use(about)):
        talk.say(line)


def _write(options: Namespace, answer: Answer) -> None:
    """The document on one line, so that a program need not wait for an end that does not come."""
    print(document(options.command, answer, one_line=True), flush=True)


def _is_that(found: Running, options: Namespace) -> bool:
    """Whether the one that runs is the one that is asked for."""
    same_port = options.port is None or f":{options.port}/" in found.api_url
    same_listener = options.listener_port is None or found.control_plane.endswith(f":{options.listener_port}")
    same_address = options.listen == LOOPBACK or f"//{options.listen}:" in found.control_plane
    return not options.fresh and options.seed in (None, found.seed) and same_port and same_listener and same_address


def _moved_api(about: Running) -> Iterator[Problem]:
    if about.api_port_before is not None:
        message = f"Another program has port {about.api_port_before}, so the API has another one now, and keeps it."
        yield note("", "port-moved", message)


def _left_behind(services: Services, about: Running) -> Iterator[Problem]:
    """The bundles of the workspace that lead elsewhere than to where nodes connect to now."""
    now = about.control_plane.removeprefix("https://")
    for name in services.workspace.bundles():
        path = f"{services.workspace.path(name)}/{manifest.NAME}"
        try:
            kept = manifest.read(path)
        except KonnectError:
            continue  # its own commands say what is wrong with it
        before = kept.manifest.control_plane.address.partition("/")[0]
        if kept.draft.control_plane.training and before != now:
            message = f"Nodes connect to {now} now; the bundle {services.workspace.path(name)} still has {before}."
            hint = f"`konnect-tui apply {shlex.quote(path)} --replace` tells it; its keys stay."
            yield warning("", "endpoints-moved", message, hint)


def _data(about: Running) -> dict[str, object]:
    return {
        "api_url": about.api_url,
        "token": about.token,
        "token_file": about.token_file,
        "control_plane": about.control_plane,
        "ca": about.ca,
        "seed": about.seed,
        "pid": about.pid,
    }


def _how_to_use(about: Running) -> tuple[str, ...]:
    return (
        f"  nodes connect to {about.control_plane}",
        f"  its CA is        {about.ca}",
        "from another terminal, with any command:",
        f"  konnect-tui … --api-url {shlex.quote(about.api_url)} --token-file {shlex.quote(about.token_file)}",
    )
