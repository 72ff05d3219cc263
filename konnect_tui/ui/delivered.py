"""What Create says of upload and watch, as text: on the page, and once the wizard is left."""

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from konnect_tui.errors import KonnectError, Problem
from konnect_tui.flow.paths import shown
from konnect_tui.ui.reviewing import problem_lines, quoted
from konnect_tui.ui.theme import COLOURS, CURRENT, DONE, SIGNS, TODO
from konnect_tui.words import cells, clip, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.live.arrival import NodeState
    from konnect_tui.live.upload import Given
    from konnect_tui.live.watch import Sight
    from konnect_tui.ui.delivery import Delivery

_MOST = 8
"""Rows that are shown of many; those that still wait come first."""
_STATES = {"done": "uploaded", "present": "there already", "pending": "waiting", "manual": "waiting"}
_STAGES = {
    "unseen": "waiting: not seen yet",
    "gone": "not connected any more",
    "empty": "connected, no configuration yet",
    "behind": "connected, not in sync yet",
    "untold": "connected; whether in sync can't be known",
    "ready": "connected, in sync",
}
_BAR = 24
_LONGEST, _LONGEST_VERSION = 24, 12


def where(delivery: "Delivery") -> str:
    """The control plane that is given them, with region and organisation. Printable."""
    target = delivery.target
    if target is None:
        return ""
    return printable(f"{clip(target.control_plane.name, 40)}, {target.region}, {clip(target.organization.name, 30)}")


# --- the certificates


def uploads(delivery: "Delivery", width: int) -> Iterator[Content]:
    """How the upload stands: a line when it is done, rows while it isn't, and what to do where it failed."""
    if not delivery.total:
        return
    count = _certificates(delivery.total)
    if delivery.complete and not delivery.uploading:
        said = clip(f"Konnect has {_all(delivery)}: {where(delivery)}", width - 2)
        yield Content.assemble((f"{DONE} ", "$success"), (said, "bold"))
        if any(each.state != "done" for each in delivery.given):
            yield Content.styled(f"  {_counts(delivery)}", "$muted")
        yield from problem_lines(delivery.problems)
        return
    if not delivery.accepted:
        yield Content.styled("Konnect was given nothing: a control plane would refuse a node of this bundle.", "bold")
        return
    if not delivery.live:
        yield Content.styled(f"Give Konnect {count}, before the nodes start:", "bold")
        yield Content(f"  konnect-tui upload {printable(quoted(shown(delivery.bundle)))}")
        return
    if delivery.uploading:
        bar = "█" * (_BAR * delivery.done // max(delivery.total, 1))
        head = f"Giving Konnect {count}: {where(delivery)}"
        yield Content.styled(clip(head, width), "bold")
        yield Content.assemble(
            (f"  {bar:<{_BAR}}", "$primary"), f"  {delivery.done:,} of {delivery.total:,}   {delivery.seconds} s"
        )
        yield from _worded(delivery.patience, "$muted", width)
    else:
        yield Content.styled(f"Konnect has {delivery.done:,} of {count}: {where(delivery)}", "bold")
    yield from _rows(delivery, width)
    if delivery.fault:
        yield from _fault(delivery.fault, width)
        yield from _worded("The bundle is whole and stays. Enter tries again; later, or for somebody else:", "", width)
        yield Content(f"  konnect-tui upload {printable(quoted(shown(delivery.bundle)))}")
    elif delivery.stopped:
        yield from _worded("Stopped. What Konnect has is noted in the bundle. Enter goes on.", "", width)
    yield from problem_lines(delivery.problems)


def _rows(delivery: "Delivery", width: int) -> Iterator[Content]:
    """What is on its way or failed first, then what waits, then what is done."""
    given = sorted(delivery.given, key=lambda each: each.state in ("done", "present"))
    first = next((each for each in given if each.state == "pending"), None)
    for each in given[:_MOST]:
        now = each is first
        if now and (delivery.fault or delivery.stopped):
            sign, word, style = SIGNS["error"], "failed" if delivery.fault else "stopped", "$error"
        elif now and delivery.uploading:
            sign, word, style = CURRENT, "uploading …", "$primary"
        else:
            sign = DONE if each.state in ("done", "present") else TODO
            word, style = _STATES[each.state], "$success" if sign == DONE else "$muted"
        yield _row(sign, each, word, style, width)
    if len(given) > _MOST:
        yield Content.styled(f"    and {len(given) - _MOST:,} more", "$muted")


def _row(sign: str, given: "Given", word: str, style: str, width: int) -> Content:
    file = clip(given.file, width - 22)
    return Content.assemble((f"  {sign} ", style), f"{file:<{min(40, width - 22)}} ", word)


def _all(delivery: "Delivery") -> str:
    return "the certificate" if delivery.total == 1 else f"the {delivery.total:,} certificates"


def _counts(delivery: "Delivery") -> str:
    counts = [(sum(each.state == state for each in delivery.given), word) for state, word in _STATES.items()]
    return ", ".join(f"{number:,} {word}" for number, word in counts if number)


def _certificates(count: int) -> str:
    return "1 certificate" if count == 1 else f"{count:,} certificates"


# --- the nodes


def nodes(delivery: "Delivery", width: int) -> Iterator[Content]:
    """A row for each node: how far it is, its version, what keeps it."""
    sight = delivery.sight
    if sight is None and not delivery.watching:
        if delivery.watch_fault:
            yield from _fault(delivery.watch_fault, width)
        return
    states = sight.states if sight else ()
    ready = sum(state.in_sync for state in states)
    going = f"   watching, {delivery.seconds} s" if delivery.watching else ""
    head = f"Nodes: {ready:,} of {len(states):,} connected and in sync" if sight else "Nodes: asking Konnect"
    yield Content.assemble((head, "bold"), (going, "$muted"))
    yield from _worded(delivery.patience, "$muted", width)
    shown = sorted(states, key=lambda each: each.in_sync)[:_MOST] if len(states) > _MOST else states
    names = _column([printable(state.name) for state in shown], _LONGEST)
    versions = _column([state.version for state in shown], _LONGEST_VERSION)
    for name, version, state in zip(names, versions, shown, strict=True):
        yield _node(delivery, state, f"{name}  {version}  " if version else f"{name}  ", width)
    if len(states) > _MOST:
        yield Content.styled(f"    and {len(states) - _MOST:,} more", "$muted")
    fault = delivery.watch_fault or (sight.fault if sight else None)
    if fault:
        yield from _fault(fault, width)
    for problem in _told(delivery, sight)[:_MOST] if sight else ():
        yield from _worded(f"{SIGNS[problem.severity]} {problem.message}", COLOURS[problem.severity], width)
        yield from _worded(problem.hint, "$muted", width)


def _told(delivery: "Delivery", sight: "Sight") -> list[Problem]:
    """What keeps nodes. While they are waited for, that a node was not seen yet is no news."""
    from konnect_tui.live.advice import advice

    early = ("node-unseen", "node-behind") if delivery.watching else ()
    told = (*sight.untold, *advice(sight.states, sight.group))
    return [each for each in told if each.code not in early]


def _node(delivery: "Delivery", state: "NodeState", called: str, width: int) -> Content:
    from konnect_tui.live.advice import overdue

    words = overdue(state) or _STAGES[state.stage]
    if state.in_sync and certified(delivery, state):
        words += ", on the certificate just made"
    sign = DONE if state.in_sync else CURRENT if state.connected else TODO
    style = "$success" if state.in_sync else "$primary" if state.connected else "$muted"
    return Content.assemble((f"  {sign} ", style), called, clip(words, width - cells(called) - 5))


def _column(values: Sequence[str], most: int) -> list[str]:
    """All as wide as the widest, at most so many columns."""
    width = min(max(map(cells, values), default=0), most)
    clipped = [clip(value, width) for value in values]
    return [value + " " * (width - cells(value)) for value in clipped]


def certified(delivery: "Delivery", state: "NodeState") -> bool:
    """Whether the node came in with a certificate that was given on this page."""
    return state.record is not None and delivery.made(state.record.data_plane_cert_id)


# --- once the wizard is left


def farewell(delivery: "Delivery") -> list[str]:
    """What of upload and watch is done, and the commands for what isn't."""
    lines = []
    if delivery.total and delivery.complete:
        lines.append(f"  done    Konnect has {_all(delivery)}")
    elif delivery.total:
        lines.append(f"  upload  {_command('upload', delivery.bundle)}")
        if delivery.done:
            lines[-1] += f"   ({delivery.done:,} of {delivery.total:,} are there)"
    states: Sequence[NodeState] = delivery.sight.states if delivery.sight else ()
    if states and all(state.in_sync for state in states):
        count = f"{len(states):,} nodes are" if len(states) > 1 else f"{printable(states[0].name)} is"
        lines.append(f"  done    {count} connected and in sync")
    else:
        lines.append(f"  watch   {_command('watch', delivery.bundle)}")
    return lines


def _command(name: str, folder: str) -> str:
    return f"konnect-tui {name} {printable(shlex.quote(folder))}"


def _fault(fault: KonnectError, width: int) -> Iterator[Content]:
    for said, style in (
        (f"{SIGNS['error']} {fault.message}", COLOURS["error"]),
        (fault.context, ""),
        (fault.hint, "$muted"),
    ):
        yield from _worded(said, style, width)


def _worded(said: str, style: str, width: int) -> Iterator[Content]:
    return (Content.styled(line, style) for line in wrap(printable(said), width))
