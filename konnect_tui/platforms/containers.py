"""What the platforms that run containers on one host have in common: options, environment, ports, shell.

`docker` and `compose` build on it. How a container is run, and why:

- as the owner of `tls.key`, so that nobody has to open the key to others. No capability is left, so that
  nginx could not change to another user: where the owner is root, `nginx_user` is root as well.
- a rootless engine (Docker or Podman) maps root inside to the user outside, and every other id to one that can
  read nothing of theirs. So there it is root inside, with no capability, which is that user outside. Podman's
  `--userns=keep-id` would come to the same and costs a second copy of the image with shifted owners.
- where Docker shifts all ids (`userns-remap`), with the host's own ids.
- with its root read-only; Kong writes to its prefix (`state/<node>`, on disk) and `/tmp`.
- with its folders labelled where SELinux confines containers; everywhere else engines ignore the label.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from konnect_tui.draft import OptionValue
from konnect_tui.errors import Problem, error, warning
from konnect_tui.gateway.settings import (
    CONTAINER,
    CONTAINER_LOGS,
    EVERYWHERE,
    container_ports,
    settings,
)
from konnect_tui.konnect.endpoint import SYSTEM_TRUST
from konnect_tui.plan import Plan, PlannedNode
from konnect_tui.platforms import Option

Options = Mapping[str, OptionValue]

LOOPBACK: Final = "127.0.0.1"
BUNDLE_LABEL: Final = "konnect-tui.bundle"
NODE_LABEL: Final = "konnect-tui.node"
HEALTH: Final = {"interval": "30s", "timeout": "10s", "retries": "3", "start-period": "60s"}
LOG_OPTIONS: Final = {"max-size": "20m", "max-file": "5"}

OPTIONS: Final = (
    Option("bind_address", "text", EVERYWHERE, "The host's address that clients reach the gateway at."),
    Option(
        "network",
        "text",
        "",
        "An existing network of the engine to join; `host` gives the node the host's own network.",
        pattern=r"([A-Za-z0-9][A-Za-z0-9_.-]*)?",
    ),
    Option(
        "restart",
        "choice",
        "unless-stopped",
        "When the engine starts the container again.",
        choices=("unless-stopped", "always", "on-failure", "no"),
    ),
    Option(
        "stop_timeout",
        "integer",
        30,
        "Seconds that open requests get when the node is stopped.",
        minimum=1,
        maximum=3600,
    ),
    Option("memory", "text", "", "The most memory a node may use, such as 2g.", pattern=r"([1-9][0-9]*[bkmg]?)?"),
    Option("cpus", "text", "", "The most processors a node may use, such as 1.5.", pattern=r"([0-9]+(\.[0-9]+)?)?"),
    Option(
        "pull",
        "choice",
        "missing",
        "When the image is fetched; `never` for hosts that get it another way.",
        choices=("missing", "always", "never"),
    ),
    Option(
        "platform",
        "text",
        "",
        "The image's architecture where it is not the host's, such as linux/amd64.",
        pattern=r"([a-z0-9]+/[a-z0-9]+(/v[0-9]+)?)?",
    ),
    Option(
        "log_driver",
        "choice",
        "json-file",
        "Where the log goes: json-file and local are kept small by rotation, `engine` is what the host has set.",
        choices=("json-file", "local", "journald", "engine"),
    ),
    Option(
        "env_file",
        "text",
        "",
        "A file on the host with further environment variables, such as a plugin's credentials; it is never copied.",
        pattern=r"(/[^\x00-\x1f\x7f-\x9f]*)?",
    ),
    Option(
        "selinux", "boolean", True, "Label the mounted folders so that containers confined by SELinux may use them."
    ),
)


class Container(Struct, frozen=True):
    """One node as a container: its name, what it is told, and which ports of the host lead to it."""

    node: PlannedNode
    name: str
    environment: Mapping[str, str]
    publish: tuple[str, ...]
    host_network: bool


def container(plan: Plan, node: PlannedNode, options: Options) -> Container:
    """How one node is run. In the host's own network it listens on the host's ports itself.

    A bundle for the training organisation needs that network: its control plane listens on the host's
    loopback, which a container cannot reach otherwise.
    """
    host_network = plan.control_plane.training or options["network"] == "host"
    address = str(options["bind_address"])
    if host_network:
        found = settings(
            plan, node, CONTAINER, ports=node.host_ports, address=address, status_address=LOOPBACK, extra=CONTAINER_LOGS
        )
        publish: tuple[str, ...] = ()
    else:
        inner = container_ports(node)
        found = settings(
            plan,
            node,
            CONTAINER,
            ports=inner,
            status_address=EVERYWHERE,
            published=node.host_ports,
            extra=CONTAINER_LOGS,
        )
        addresses = (address, address, LOOPBACK, *(address for _ in inner[3:]))
        publish = tuple(
            f"{_host(at)}:{outer}:{port}" for at, outer, port in zip(addresses, node.host_ports, inner, strict=True)
        )
    environment = {f"KONG_{name.upper()}": value for name, value in found.items()}
    return Container(node, f"{plan.slug}-{node.name}", environment, publish, host_network)


def trusts_file(plan: Plan) -> bool:
    """Whether the bundle has a `trust/` folder that nodes need."""
    return plan.control_plane.config.trust != SYSTEM_TRUST


def mounts(plan: Plan, node: PlannedNode, *, labelled: bool) -> tuple[tuple[str, str, str, str], ...]:
    """(folder in the bundle, folder in the container, `ro` or `rw`, SELinux label or "") of each mount.

    Folders, not files: a file that is replaced would go on being the old one inside. `trust/` is shared.
    """
    own, shared = ("Z", "z") if labelled else ("", "")
    found = [(f"nodes/{node.name}", "/konnect/node", "ro", own)]
    if trusts_file(plan):
        found.append(("trust", "/konnect/trust", "ro", shared))
    return (*found, (f"state/{node.name}", "/konnect/state", "rw", own))


def has_shell(plan: Plan) -> bool:
    """Whether `kong health` can be run in the image: distroless images hold neither a shell nor the `kong` command."""
    return "distroless" not in plan.image


def check(plan: Plan, key: str) -> tuple[Problem, ...]:
    """The faults that options of a container platform can have beyond type and pattern."""
    options = plan.platforms[key]
    problems = []
    if not _is_address(str(options["bind_address"])):
        problems.append(
            error(
                f"platform.{key}.bind_address",
                "invalid-value",
                "bind_address is not an IP address.",
                "Give an IPv4 or IPv6 address of the host, such as 0.0.0.0 for all of them.",
            )
        )
    if options["network"] == "none":
        problems.append(error(f"platform.{key}.network", "invalid-value", "A gateway without a network serves nobody."))
    if options["network"] == "host" or plan.control_plane.training:
        low = sorted({port for node in plan.nodes for port in node.host_ports if port < 1024})
        if low:
            problems.append(
                warning(
                    f"platform.{key}.network",
                    "privileged-port",
                    f"In the host's own network a node without capabilities cannot take port {low[0]}.",
                    f"Take ports from 1024 on, or set net.ipv4.ip_unprivileged_port_start={low[0]} on the host.",
                )
            )
    return tuple(problems)


def _is_address(text: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(text) is not None and "%" not in text
    except ValueError:
        return False


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address
