"""The nodes: which Kong Gateway they run, how they are called, their ports, labels and further parameters."""

import re

from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Choice, Field, Scene, Step, Unclear, Value, items, number, read, text, write
from konnect_tui.gateway.releases import RELEASES, default_version
from konnect_tui.nodes import expand

_LABEL = re.compile(r"([^=,\s]+)\s*[=:]\s*([^=,\s]*)")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})", re.ASCII)


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    return (
        _version(draft, scene),
        _names(draft),
        _labels(),
        *_ports(),
        replace(
            text("gateway.image", "Image", default="kong/kong-gateway",
                 help="Another registry, flavour or digest, as registry.example/kong/kong-gateway:3.14-rhel."),
            rare=True,
        ),
        _parameters(),
    )  # fmt: skip


def _version(draft: Draft, scene: Scene) -> Field:
    today = scene.now.date()
    words = {"full": "full support until {0}", "sunset": "upgrade help only, until {1}", "ended": "support ended {1}"}
    choices = [
        Choice(
            release.version,
            f"{release.version}{' LTS' if release.lts else ''}",
            words[release.state(today)].format(release.support_until, release.sunset_until)
            + f" · newest is {release.latest}",
        )
        for release in RELEASES
    ]
    default = ".".join(default_version(today).split(".")[:2])
    said = draft.gateway.version
    if said and said not in {release.version for release in RELEASES}:
        choices.insert(0, Choice(said, said, "Exactly this version, as the answers say."))
    return Field(
        key="gateway.version",
        label="Kong Gateway",
        kind="choice",
        choices=tuple(choices),
        default=default,
        note=next(choice.explanation for choice in choices if choice.value == (said or default)),
        get=lambda draft: draft.gateway.version,
        put=lambda draft, value: write(draft, "gateway.version", value),
        help=(
            "Support dates are Kong's own, told from today. The newest patch this release knows is taken and then kept."
        ),
    )


def _names(draft: Draft) -> Field:
    def get(draft: Draft) -> Value:
        return " ".join(draft.node.names or ())

    def put(draft: Draft, value: Value) -> Draft:
        return write(draft, "node.names", items(value))

    return Field(
        key="node.names",
        about=("node.names", "node.file", "node.each"),
        label="Names",
        kind="list",
        default="node-1",
        get=get,
        put=put,
        note=_counted(draft),
        help=(
            "One or more, parted by blanks. edge-{01..40} stands for forty. A name is the node's host name, too: "
            "lower-case letters, digits and hyphens."
        ),
    )


def _counted(draft: Draft) -> str:
    try:
        names = expand(draft.node.names or ("node-1",))
    except ValueError:
        return ""
    shown = " … ".join((names[0], names[-1])) if len(names) > 3 else ", ".join(names)
    return f"{len(names):,} node{'s' * (len(names) != 1)}: {shown}"


def _labels() -> Field:
    def get(draft: Draft) -> Value:
        return ", ".join(f"{key}={value}" for key, value in (draft.node.labels or {}).items())

    def put(draft: Draft, value: Value) -> Draft:
        parts = [part.strip() for part in str(value or "").split(",") if part.strip()]
        found = [_LABEL.fullmatch(part) for part in parts]
        if not all(found):
            raise Unclear("Labels are written site=berlin, team=edge.")
        return write(draft, "node.labels", {match[1]: match[2] for match in found if match} or None)

    return Field(
        key="node.labels",
        label="Labels",
        kind="text",
        default="none but node:<name>",
        get=get,
        put=put,
        help="At most four, as site=berlin, team=edge. Konnect shows them with each node; node:<name> is always set.",
    )


def _ports() -> tuple[Field, ...]:
    shared = "Several nodes on one host get this port and the following ones."
    return (
        number("node.http_port", "HTTP port", default="8000", help=f"Where clients reach the gateway. {shared}"),
        number("node.https_port", "HTTPS port", default="8443", help=f"Where clients reach it over TLS. {shared}"),
        replace(
            number("node.status_port", "Status port", default="8100", help="For health checks; on 127.0.0.1 only."),
            rare=True,
        ),
        replace(_stream_ports(), rare=True),
    )


def _stream_ports() -> Field:
    def get(draft: Draft) -> Value:
        return " ".join(str(port) for port in draft.node.stream_ports or ())

    def put(draft: Draft, value: Value) -> Draft:
        ports = items(value)
        if not all(port.isascii() and port.isdigit() and len(port) < 6 for port in ports):
            raise Unclear("Ports are numbers parted by blanks.")
        return write(draft, "node.stream_ports", tuple(int(port) for port in ports))

    told = "TCP and TLS ports for stream routes, parted by blanks."
    return Field(
        key="node.stream_ports", label="Stream ports", kind="list", default="none", get=get, put=put, help=told
    )


def _parameters() -> Field:
    def get(draft: Draft) -> Value:
        found = draft.node.parameters or {}
        return "\n".join(f"{name} = {_told(value)}" for name, value in found.items())

    def put(draft: Draft, value: Value) -> Draft:
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        if wrong := [line for line in lines if not line.partition("=")[1]]:
            raise Unclear(f"One parameter a line, as log_level = info. This has no =: {wrong[0][:40]}")
        pairs = (line.partition("=") for line in lines)
        return write(draft, "node.parameters", {name.strip(): _typed(said.strip()) for name, _, said in pairs} or None)

    return Field(
        key="node.parameters",
        label="Parameters",
        kind="lines",
        get=get,
        put=put,
        rare=True,
        help=(
            "Further kong.conf parameters, one a line, as nginx_worker_processes = 2. Those this product sets are "
            "refused."
        ),
    )


def _told(value: str | int | bool) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _typed(said: str) -> str | int:
    return int(said) if _INTEGER.fullmatch(said) else said


def _says(draft: Draft) -> str:
    names = read(draft, "node.names")
    return " ".join(names) if isinstance(names, tuple) else "node-1"


STEP = Step(
    key="node",
    title="Node",
    why="A data plane node is one running Kong Gateway.",
    help=(
        "Every node of the bundle gets its own folder with its certificate, and its own scripts on each platform.",
        "Names, labels and ports can differ for single nodes: that is written in the answers file under [[node.each]].",
    ),
    fields=_fields,
    prefixes=("node", "gateway"),
    says=_says,
)
