"""The rules of `[node]`: names, ports and what single nodes have of their own."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from konnect_tui.checks.labels import check_labels
from konnect_tui.checks.parameters import check_parameters
from konnect_tui.checks.rules import misplaced, not_yet, path, quoted, suggestion, told
from konnect_tui.defaults import BASE_PORTS, DEFAULT_NODES, DEFAULT_PLATFORMS
from konnect_tui.draft import Draft, Node, NodeOverride
from konnect_tui.errors import Problem, error
from konnect_tui.konnect.address import is_host
from konnect_tui.nodes import expand, is_name
from konnect_tui.platforms import available, platform

PORT_KEYS: Final = ("http_port", "https_port", "status_port")
LAST_PORT: Final = 65535
LONGEST_HOSTNAME: Final = 64
"""Linux takes no longer host name (HOST_NAME_MAX), so that a container with one would not start."""

_Ports = Mapping[str, int]


def check_node(draft: Draft, today: date) -> Iterator[Problem]:
    """Every fault of the section."""
    node = draft.node
    if node.file is not None:
        yield not_yet("node.file", "Reading nodes from a CSV file")
    names: list[str] = []
    yield from _names(draft, names)
    written = _written(node)
    yield from _valid("node", written)
    yield from _distinct("node", _base(node), written)
    yield from check_labels("node.labels", node.labels or {})
    yield from check_parameters(draft, today)
    yield from _each(draft, names)


def _names(draft: Draft, expanded: list[str]) -> Iterator[Problem]:
    """The faults of the names; what they stand for goes into `expanded`."""
    patterns = DEFAULT_NODES if draft.node.names is None else draft.node.names
    if not patterns and draft.control_plane.auth_mode == "pinned":
        message = (
            "There are no nodes. In pinned mode Konnect is given the nodes' certificates, so nothing would be made."
        )
        yield error("node.names", "missing-key", message, "Name a node. No nodes at all is for pki, to make a CA only.")
    try:
        expand(patterns)
    except ValueError as wrong:
        yield error("node.names", "bad-name", str(wrong))
        return
    seen: set[str] = set()
    for index, pattern in enumerate(patterns):
        for name in expand((pattern,)):
            field = f"node.names[{index}]"
            if not is_name(name):
                message = f"{quoted(name)} cannot be a node's name, which is its host name too."
                hint = "At most 63 lower-case letters, digits and inner hyphens. A range is written edge-{01..40}."
                yield error(field, "bad-name", message, hint)
                break
            if name in seen:
                yield error(field, "duplicate", f"Two nodes are called {name}.")
                break
            seen.add(name)
            expanded.append(name)


def _written(given: Node | NodeOverride) -> dict[str, int]:
    """The ports that were written there, by key."""
    found = {key: port for key in PORT_KEYS if (port := getattr(given, key)) is not None}
    return found | {f"stream_ports[{index}]": port for index, port in enumerate(given.stream_ports or ())}


def _over(base: _Ports, given: Node | NodeOverride) -> dict[str, int]:
    """All ports by key: those written there, the others as in `base`. Stream ports count as one value."""
    kept = {key: port for key, port in base.items() if key in PORT_KEYS or given.stream_ports is None}
    return kept | _written(given)


def _base(node: Node) -> dict[str, int]:
    return _over(dict(zip(PORT_KEYS, BASE_PORTS, strict=True)), node)


def _valid(where: str, ports: _Ports) -> Iterator[Problem]:
    for key, port in ports.items():
        if not 1 <= port <= LAST_PORT:
            yield error(f"{where}.{key}", "bad-port", f"{told(port)} is no port: ports go from 1 to {LAST_PORT}.")


def _distinct(where: str, ports: _Ports, written: _Ports) -> Iterator[Problem]:
    """No two listeners of one node on the same port. Only a port that was written there is at fault there."""
    first: dict[int, str] = {}
    for key, port in ports.items():
        other = first.setdefault(port, key)
        if other != key and (key in written or other in written):
            fault = key if key in written else other
            yield error(f"{where}.{fault}", "port-clash", f"{other} and {key} of one node are both {port}.")


def _each(draft: Draft, names: list[str]) -> Iterator[Problem]:
    known = set(names)
    seen: set[str] = set()
    base = _base(draft.node)
    sharing = _sharing_a_host(draft)
    taken: dict[int, str] = {}
    for index, own in enumerate(draft.node.each or ()):
        where = f"node.each[{index}]"
        if own.name not in known:
            message = f"No node is called {quoted(own.name)}."
            yield error(f"{where}.name", "unknown-node", message, suggestion(own.name, names))
        elif own.name in seen:
            yield error(f"{where}.name", "duplicate", f"The node {own.name} has two entries.")
        seen.add(own.name)
        written = _written(own)
        yield from _valid(where, written)
        yield from _distinct(where, _over(base, own), written)
        if sharing:
            yield from _on_one_host(where, own.name, written, taken, sharing)
        yield from check_labels(f"{where}.labels", own.labels or {}, draft.node.labels)
        yield from _own(where, own, draft.certificate.source)


def _sharing_a_host(draft: Draft) -> str:
    """The chosen platforms whose nodes share one host's ports, in words; empty if there are none."""
    chosen = DEFAULT_PLATFORMS if draft.output.platforms is None else draft.output.platforms
    return ", ".join(key for key in available() if key in chosen and platform(key).one_host)


def _on_one_host(where: str, name: str, written: _Ports, taken: dict[int, str], sharing: str) -> Iterator[Problem]:
    for key, port in written.items():
        owner = taken.setdefault(port, name)
        if owner != name:
            message = f"The nodes {quoted(owner)} and {quoted(name)} both want port {port} of one host ({sharing})."
            yield error(f"{where}.{key}", "port-clash", message)


def _own(where: str, own: NodeOverride, source: str | None) -> Iterator[Problem]:
    """The host name of one node, and files of its own."""
    if own.hostname is not None and not (is_host(own.hostname) and len(own.hostname) <= LONGEST_HOSTNAME):
        message = f"{quoted(own.hostname)} cannot be a node's host name."
        hint = (
            f"At most {LONGEST_HOSTNAME} characters: lower-case letters, digits and inner hyphens, with dots between."
        )
        yield error(f"{where}.hostname", "invalid-value", message, hint)
    for key in ("certificate", "private_key"):
        value = getattr(own, key)
        if value is not None and source != "import":
            yield misplaced(f"{where}.{key}", 'it belongs to `source = "import"`')
        yield from path(f"{where}.{key}", value)
