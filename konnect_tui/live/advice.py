"""What to say of nodes that are watched: how far each has come, and what to look at where one does not arrive. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from konnect_tui.errors import Problem, note, warning
from konnect_tui.konnect.models import GroupStatus
from konnect_tui.live.arrival import NodeState
from konnect_tui.words import clip, printable

MOST_NODES: Final = 20
"""Nodes that are advised about one by one; of more, the others are counted."""
_MOST_REASONS: Final = 3
_LONGEST: Final = 200

LOG_LINES: Final = (
    ("unexpected HTTP response code: 401", "Konnect does not know the certificate that the node presents"),
    ("failed to receive response header: closed", "the same, said by closing the connection"),
    ("DNS resolution failed", "the control plane's host can't be resolved there"),
    ("connection refused, timeout", "a firewall is in between, or a proxy is needed: see network/"),
    ("proxy server, got status", "the forward proxy refuses: its user and password, or its rules"),
    ("certificate host mismatch", "something in between opens TLS, or cluster_server_name is wrong"),
    ("unable to get local issuer certificate", "the node does not trust who signed what it met: mostly such a proxy"),
    ("cluster_cert_key: failed loading key", "Kong can't read tls.key: start it with the bundle's own script"),
    ("unable to update running config", "the node refuses the configuration"),
)
"""What a node's log says → what that means. Source: Kong/kong, `kong/clustering/data_plane.lua`, `tls.lua`,
`conf_loader/parse.lua`; Kong/lua-resty-websocket, `lib/resty/websocket/client.lua`; Kong/koko,
`internal/server/kong/ws/authenticator.go`."""

TELEMETRY: Final = (
    "whether analytics arrive can't be asked: send a request through a node and look at Analytics in Konnect"
)


def line(state: NodeState) -> str:
    """One line on how far a node has come; printable."""
    return f"{state.name}: {_how_far(state)}"


def _how_far(state: NodeState) -> str:
    version = f", version {state.version}" if state.version else ""
    if state.stage == "unseen":
        return "there is one of its name with another certificate" if state.strangers else "not seen yet"
    if state.stage == "gone":
        return overdue(state) or f"not connected{_last_seen(state)}"
    if state.stage == "ready":
        return f"connected and in sync{version}"
    if state.stage == "untold":
        return f"connected{version}; whether it is in sync can't be known"
    if state.refusals:
        return f"connected{version}, and refuses the configuration: {clip(state.refusals[0], _LONGEST)}"
    if state.stage == "empty":
        return f"connected{version}, and has no configuration yet"
    return f"connected{version}, with another configuration than Konnect expects"


def overdue(state: NodeState, called: str = "it") -> str:
    """The words for a node that stopped and that Konnect has not noticed yet; empty for any other."""
    if not state.overdue:
        return ""
    return f"Konnect still calls {called} connected, but its last sign was {_ago(state)}"


def _last_seen(state: NodeState) -> str:
    return "" if state.seen_ago is None else f", last seen {_ago(state)}"


def _ago(state: NodeState) -> str:
    seconds = max(state.seen_ago or 0, 0)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def advice(states: Sequence[NodeState], group: GroupStatus | None = None) -> tuple[Problem, ...]:
    """What there is to say of every node, the group's conflicts first. Of many nodes of one trouble some are named."""
    problems = [*_group(group), *_locked_out(states)]
    told: dict[str, int] = {}
    common = {upload for upload, count in _lacking(states).items() if count > 1}
    for state in states:
        if _lacks(state) and state.upload in common:
            continue
        for problem in _of(state):
            told[problem.code] = told.get(problem.code, 0) + 1
            if told[problem.code] <= MOST_NODES:
                problems.append(problem)
    for code, count in told.items():
        if count > MOST_NODES:
            problems.append(note("", code, f"The same is true of {count - MOST_NODES:,} more nodes."))
    return tuple(problems)


def _group(group: GroupStatus | None) -> Iterator[Problem]:
    if group is not None and group.state == "CONFLICT":
        count = len(group.conflicts or ())
        message = (
            f"The members of the control plane group contradict each other ({count} conflict{'s' * (count != 1)}): "
            "until that is resolved its nodes get no new configuration."
        )
        yield warning("", "group-conflict", message)


def _lacks(state: NodeState) -> bool:
    """Whether it can't have come in, since Konnect does not have its certificate."""
    return state.stage == "unseen" and state.given is False and not state.strangers


def _lacking(states: Sequence[NodeState]) -> Counter[str]:
    return Counter(state.upload for state in states if _lacks(state))


def _locked_out(states: Sequence[NodeState]) -> Iterator[Problem]:
    """One word for all nodes that wait for the same certificate: a CA's, or one that they share."""
    for upload, count in _lacking(states).items():
        if count > 1:
            message = f"{count:,} nodes were not seen, and can't come in: Konnect does not have {upload}."
            yield warning("", "certificate-not-given", message)


def _of(state: NodeState) -> Iterator[Problem]:
    field = f"nodes.{state.name}"
    match state.stage:
        case "unseen":
            yield _unseen(state, field)
        case "gone":
            message = overdue(state, state.name) or f"{state.name} is not connected{_last_seen(state)}"
            yield warning(field, "node-gone", f"{message}.")
        case "empty" | "behind":
            yield _waiting(state, field)
        case "untold" | "ready":
            pass
    if state.given is False and state.stage != "unseen":
        message = f"Konnect no longer has what let {state.name} in: {state.upload}."
        yield warning(field, "certificate-not-given", message)
    if state.incompatible or state.issues:
        yield _limited(state, field)
    if state.twins:
        message = f"{state.twins + 1} nodes are connected as {state.name}: with its certificate, or under its name."
        yield note(field, "node-twice", message)


def _unseen(state: NodeState, field: str) -> Problem:
    if state.strangers:
        stranger = max(state.strangers, key=lambda each: each.last_ping)
        where = f"({printable(stranger.hostname)}, node id {printable(stranger.id)})"
        message = f"A node called {state.name} is there {where}, but it came in with a certificate not of this bundle."
        return warning(field, "other-certificate", message)
    if _lacks(state):
        message = f"{state.name} was not seen, and can't come in: Konnect does not have {state.upload}."
        return warning(field, "certificate-not-given", message)
    known = " Konnect has its certificate." if state.given else ""
    return warning(field, "node-unseen", f"{state.name} was not seen at the control plane.{known}")


def _waiting(state: NodeState, field: str) -> Problem:
    if state.refusals:
        reasons = "; ".join(clip(reason, _LONGEST) for reason in state.refusals[:_MOST_REASONS])
        more = len(state.refusals) - _MOST_REASONS
        message = f"{state.name} refuses the configuration: {reasons}{f'; and {more} more' if more > 0 else ''}."
        return warning(field, "configuration-refused", message)
    what = "no configuration yet" if state.stage == "empty" else "another configuration than Konnect expects"
    return warning(field, "node-behind", f"{state.name} is connected and has {what}.")


def _limited(state: NodeState, field: str) -> Problem:
    """What its version can't do: a warning where Konnect calls that incompatible, else a note."""
    issues = state.issues
    reasons = "; ".join(
        printable(clip(f"{each.code} {each.description}".strip(), _LONGEST)) for each in issues[:_MOST_REASONS]
    )
    more = f"; and {len(issues) - _MOST_REASONS} more" if len(issues) > _MOST_REASONS else ""
    resolution = next((printable(clip(each.resolution, _LONGEST)) for each in issues if each.resolution), "")
    reasons = f": {reasons}{more}" if reasons else ""
    message = f"Version {state.version} of {state.name} can't do all that is configured{reasons}."
    tell = warning if state.incompatible else note
    return tell(field, "node-incompatible", message, resolution)
