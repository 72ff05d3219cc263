"""`konnect-tui watch BUNDLE`: wait until its nodes are connected and in sync, or say what to look at."""

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from konnect_tui import manifest
from konnect_tui.cli.account import account
from konnect_tui.cli.answer import Answer
from konnect_tui.cli.duration import spelled
from konnect_tui.cli.reaching import reached
from konnect_tui.cli.setting import bundle_meant
from konnect_tui.cli.talk import Talk
from konnect_tui.converge.belonging import refuse_another_organization
from konnect_tui.errors import KonnectError, Problem
from konnect_tui.live import advice
from konnect_tui.live.arrival import NodeState, Subject
from konnect_tui.live.locate import against
from konnect_tui.live.organization import inactive
from konnect_tui.live.watch import Sight, subject, watch
from konnect_tui.services import Services

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client

_MOST_LINES = 10
"""Nodes that are told of after one look; the others are counted."""


def run(options: Namespace) -> Answer:
    """Look until all have arrived: exit 0. When the time is up: exit 3, with what to look at next for each node."""
    services, bundle = bundle_meant(options)
    kept = manifest.read(f"{services.workspace.path(bundle)}/{manifest.NAME}")
    watched = subject(kept)
    if not watched.nodes:
        nothing = "nothing to watch: the bundle has no node with a certificate"
        return Answer({"nodes": [], "expected_hash": ""}, talk=(nothing, *_pending(kept)))
    with reached(services, kept.draft, passing=False) as there:  # it waits for nodes, which have to find it
        return _watched(there.services, kept, watched, options)


def _watched(services: Services, kept: manifest.Kept, watched: Subject, options: Namespace) -> Answer:
    known = kept.manifest.konnect
    found = account(services, options)
    telling = _Telling(found.talk, watched, kept.draft.control_plane.name or watched.control_plane)

    async def watching(client: "Client") -> tuple[Sight, tuple[Problem, ...]]:
        organization = await client.organization()
        if known is not None:
            refuse_another_organization(known, organization, training=kept.draft.control_plane.training)
        telling.begin(options.timeout)
        sight = await watch(client, watched, limit=options.timeout, told=telling.told)
        changed = () if sight.settled or sight.fault else await against(client, kept)
        return sight, inactive(organization) + changed

    sight, changed = found.ask(watching, telling.doing)
    waiting = [state for state in sight.states if not state.in_sync]
    problems = found.problems + changed + sight.untold + advice.advice(sight.states, sight.group)
    data = {"nodes": [_row(state) for state in sight.states], "expected_hash": sight.expected_hash}
    if not waiting:
        return Answer(data, talk=(*_done(sight), *_pending(kept)), problems=problems)
    return Answer(data, talk=_where_to_look(sight), problems=problems, error=_late(sight, options.timeout))


def _late(sight: Sight, limit: float) -> KonnectError:
    waiting = sum(not state.in_sync for state in sight.states)
    after = f" after {spelled(limit)}" if limit else ""
    message = f"{waiting} of {len(sight.states)} nodes are not connected and in sync{after}."
    if sight.settled:
        message = f"All {len(sight.states)} nodes are connected; whether {waiting} of them are in sync can't be known."
    context = f"The last look failed, so this is what was seen before: {sight.fault.message}" if sight.fault else ""
    return KonnectError("not-arrived", message, context=context)


def _done(sight: Sight) -> tuple[str, ...]:
    count = len(sight.states)
    return (f"{count} of {count} nodes are connected and in sync", advice.TELEMETRY)


def _pending(kept: manifest.Kept) -> tuple[str, ...]:
    pending = kept.manifest.pending
    return (f"not watched, since their certificates have not come: {', '.join(pending[:5])}",) if pending else ()


def _where_to_look(sight: Sight) -> tuple[str, ...]:
    if not any(_silent(state) for state in sight.states):
        return ()
    width = max(len(said) for said, _ in advice.LOG_LINES)
    return (
        "a node that does not come in says why in its log, each time it tries (every 5 to 10 s):",
        *(f"  {said:<{width}}  {means}" for said, means in advice.LOG_LINES),
        "no such line at all: it does not run, or logs elsewhere",
    )


def _silent(state: NodeState) -> bool:
    """Whether only the node's own log can say why it is not there."""
    return state.stage == "gone" or (state.stage == "unseen" and state.given is not False and not state.strangers)


def _row(state: NodeState) -> dict[str, Any]:
    record = state.record
    return {
        "name": state.name,
        "connected": state.connected,
        "in_sync": state.in_sync,
        "node_id": record.id if record else None,
        "version": record.version if record else None,
        "state": state.stage,
        "config_hash": record.config_hash if record else None,
        "certificate_id": record.data_plane_cert_id if record else None,
        "certificate_given": state.given,
        "compatibility": (record.compatibility_status.state if record and record.compatibility_status else None),
        "issues": [{"code": each.code, "resolution": each.resolution} for each in state.issues],
        "errors": list(state.refusals),
    }


class _Telling:
    """Says what changes, and nothing that does not."""

    def __init__(self, talk: Talk, watched: Subject, plane: str) -> None:
        self._talk = talk
        self._watched = watched
        self._plane = plane
        self._ready = 0
        self._fault = ""

    def begin(self, limit: float) -> None:
        count, where = len(self._watched.nodes), f"{self._plane} in region {self._watched.region}"
        until = f"for {spelled(limit)} at most" if limit else "once"
        self._talk.say(f"watching {count} node{'s' * (count != 1)} of {where}, {until}")

    def doing(self) -> str:
        return f"{self._ready} of {len(self._watched.nodes)} nodes connected and in sync"

    def told(self, sight: Sight) -> None:
        self._ready = sum(state.in_sync for state in sight.states)
        if sight.moved:
            self._talk.say("Konnect expects another configuration now; the nodes follow")
        for state in sight.changed[:_MOST_LINES]:
            self._talk.say(advice.line(state))
        if len(sight.changed) > _MOST_LINES:
            self._talk.say(f"and {len(sight.changed) - _MOST_LINES} more changed: {self.doing()}")
        fault = sight.fault.message if sight.fault else ""
        if fault != self._fault:
            self._talk.say(f"{fault} Still watching." if fault else "Konnect answers again")
        self._fault = fault
