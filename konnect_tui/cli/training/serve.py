"""`konnect-tui training serve`: the embedded organisation for any client, until it is stopped."""

import asyncio
import shlex
import signal
from argparse import Namespace
from collections.abc import Iterator

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


def run(options: Namespace) -> Answer | int:
    """Serve until Ctrl-C (exit 130) or SIGTERM (exit 0). Where it runs already, say where, and leave it at that."""
    services, talk = services_for(options), Talk(wanted=not options.json)
    folder = services.training
    found = running.find(folder)
    if found is not None and _is_that(found, options):
        told = (f"it runs already, as process {found.pid}", *_how_to_use(found))
        answer = Answer(_data(found), talk=told, problems=tuple(_moved_api(found)))
        if not options.json:
            return answer
        _write(options, answer)
        return int(ExitCode.OK)
    wanted = Wanted(options.seed, options.port, options.listener_port, options.listen, options.fresh)

    async def serve() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with serving(folder, wanted, services.now) as about:
            moved = [*_moved_api(about), *(() if wanted.listener is None else _left_behind(services, about))]
            if options.json:
                _write(options, Answer(_data(about), problems=tuple(moved)))
            for line in problem_lines(moved):
                talk.say(line)
            for line in ("the training organisation runs; Ctrl-C ends it, and nothing is lost", *_how_to_use(about)):
                talk.say(line)
            await stop.wait()

    try:
        wait_for(serve(), talk=talk, what="serving")
    except KeyboardInterrupt:
        talk.say("stopped")
        return int(ExitCode.CANCELLED)
    talk.say("stopped")
    return int(ExitCode.OK)


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
