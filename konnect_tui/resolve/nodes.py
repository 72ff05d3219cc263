"""The nodes, and the ports that each of them gets where several share one host."""

from collections.abc import Mapping

from msgspec import Struct

from konnect_tui.defaults import BASE_PORTS, DEFAULT_PLATFORMS
from konnect_tui.draft import Draft, Node, NodeOverride
from konnect_tui.errors import KonnectError, error
from konnect_tui.manifest import Kept
from konnect_tui.plan import PlannedNode
from konnect_tui.platforms import platform

_LAST_PORT = 65535


class _Wish(Struct, frozen=True):
    """One port of a node: its base, and whether it was written for this very node."""

    base: int
    exact: bool


def nodes(draft: Draft, names: tuple[str, ...], kept: Kept | None) -> tuple[PlannedNode, ...]:
    """Every node. One keeps the ports it has (`kept`) until its wishes change.

    Raises KonnectError `invalid-input` for `ports-exhausted`.
    """
    overrides = {override.name: override for override in draft.node.each or ()}
    wishes = {name: _wishes(draft.node, overrides.get(name)) for name in names}
    settled = _settled(wishes, kept, bool(_one_host(draft)))
    taken = {port for ports in settled.values() for port in ports}
    taken.update(wish.base for wanted in wishes.values() for wish in wanted if wish.exact)
    free = _FreePorts(taken)
    planned = []
    for name in names:
        host_ports = settled.get(name) or tuple(
            wish.base if wish.exact else free.at_least(wish.base) for wish in wishes[name]
        )
        override = overrides.get(name) or NodeOverride(name)
        labels = dict(draft.node.labels or {}) | dict(override.labels or {})
        planned.append(
            PlannedNode(
                name=name,
                hostname=override.hostname or name,
                ports=tuple(wish.base for wish in wishes[name]),
                host_ports=host_ports,
                labels=(("node", name), *sorted(labels.items())),
            )
        )
    _refuse_exhausted(draft, planned)
    return tuple(planned)


def _wishes(node: Node, override: NodeOverride | None) -> tuple[_Wish, ...]:
    own = override or NodeOverride("")
    ports = [
        _Wish(own_port or shared_port or base, own_port is not None)
        for own_port, shared_port, base in zip(
            (own.http_port, own.https_port, own.status_port),
            (node.http_port, node.https_port, node.status_port),
            BASE_PORTS,
            strict=True,
        )
    ]
    stream = node.stream_ports if own.stream_ports is None else own.stream_ports
    ports += [_Wish(port, own.stream_ports is not None) for port in stream or ()]
    return tuple(ports)


def _settled(wishes: Mapping[str, tuple[_Wish, ...]], kept: Kept | None, one_host: bool) -> dict[str, tuple[int, ...]]:
    """The host ports that nodes already have, where their wishes have not changed.

    Where nodes share one host, a node moves when another insists on one of its ports.
    """
    if kept is None:
        return {}
    overrides = {override.name: override for override in kept.draft.node.each or ()}
    insisting = {wish.base: name for name, wanted in wishes.items() for wish in wanted if wish.exact and one_host}
    return {
        name: ports
        for name, ports in kept.manifest.host_ports.items()
        if name in wishes
        and wishes[name] == _wishes(kept.draft.node, overrides.get(name))
        and all(insisting.get(port, name) == name for port in ports)
    }


class _FreePorts:
    """Gives out the lowest port at or above a base that nobody in the bundle has, remembering where it was."""

    def __init__(self, taken: set[int]) -> None:
        self._taken = taken
        self._next: dict[int, int] = {}

    def at_least(self, base: int) -> int:
        port = self._next.get(base, base)
        while port in self._taken:
            port += 1
        self._taken.add(port)
        self._next[base] = port + 1
        return port


def _one_host(draft: Draft) -> list[str]:
    """The chosen platforms whose nodes share one host's ports."""
    return [key for key in draft.output.platforms or DEFAULT_PLATFORMS if platform(key).one_host]


def _refuse_exhausted(draft: Draft, planned: list[PlannedNode]) -> None:
    one_host = _one_host(draft)
    last = max((node for node in planned), key=lambda node: max(node.host_ports), default=None)
    if one_host and last and max(last.host_ports) > _LAST_PORT:
        message = f"Node {last.name} would need port {max(last.host_ports)}: one host has ports up to {_LAST_PORT}."
        hint = f"Begin at lower ports, or leave out {', '.join(one_host)}, which count as one host."
        raise KonnectError("invalid-input", message, problems=(error("node.names", "ports-exhausted", message, hint),))
