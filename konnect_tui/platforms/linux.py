"""Platform `linux`: kong.conf and an install script for a host with Kong Gateway's deb or rpm package.

Sources: Kong/kong `build/package/{nfpm.yaml,postinstall.sh,kong.service}` (paths, user and group `kong`, unit) and
Kong/developer.konghq.com, `app/gateway/manage-kong-conf.md`. The unit starts nginx's master as root, which reads
certificate and key, so `root:kong` and no access for others serve it and `kong start` by a member of the group.
"""

from collections.abc import Mapping
from typing import Final

from konnect_tui.bundle import File, Files, script, text
from konnect_tui.draft import OptionValue
from konnect_tui.errors import Problem, error
from konnect_tui.gateway.escape import comment, kong_conf
from konnect_tui.gateway.settings import EVERYWHERE, Places, settings
from konnect_tui.konnect.endpoint import SYSTEM_TRUST
from konnect_tui.pki.material import Material
from konnect_tui.plan import Plan, PlannedNode
from konnect_tui.platforms import Command, Option, Platform, options_of
from konnect_tui.platforms.linux_install import install_script

_PATH: Final = r"/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+"
_LISTED: Final = 3

OPTIONS: Final = (
    Option(
        name="conf",
        kind="text",
        default="/etc/kong/kong.conf",
        help="Where kong.conf goes. Another path needs a unit that names it: kong prepare -c PATH.",
        pattern=_PATH,
    ),
    Option(
        name="folder",
        kind="text",
        default="/etc/kong/konnect",
        help="Where certificate and key go: a folder of their own.",
        pattern=_PATH,
    ),
    Option(
        name="prefix",
        kind="text",
        default="/usr/local/kong",
        help="Kong's prefix. The package's unit says /usr/local/kong.",
        pattern=_PATH,
    ),
    Option(
        name="group",
        kind="text",
        default="kong",
        help="The group that may read the key.",
        pattern=r"[a-z_][a-z0-9_-]{0,30}",
    ),
    Option(
        name="service",
        kind="text",
        default="kong-enterprise-edition",
        help="The systemd unit.",
        pattern=r"[A-Za-z0-9][A-Za-z0-9@._-]*",
    ),
    Option(
        name="bind_address",
        kind="text",
        default=EVERYWHERE,
        help="The address that clients reach, IPv4 or IPv6. The status port is on 127.0.0.1 always.",
        pattern=r"[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*",
    ),
)


def render(plan: Plan, material: Material) -> Files:
    """`linux/<node>/kong.conf` and `linux/<node>/install.sh` for every node. Needs nothing of the material."""
    del material
    options = _options(plan)
    files: dict[str, File] = {}
    for node in plan.nodes:
        files[f"linux/{node.name}/kong.conf"] = text(_kong_conf(plan, node, options))
        files[f"linux/{node.name}/install.sh"] = script(_install(plan, node, options))
    return files


def check(plan: Plan) -> tuple[Problem, ...]:
    """The address, as far as its pattern cannot judge it."""
    from ipaddress import ip_address

    try:
        ip_address(str(_options(plan)["bind_address"]))
    except ValueError:
        what, how = "bind_address is not an IP address.", "Give an address of the host, or 0.0.0.0 for all of them."
        return (error("platform.linux.bind_address", "invalid-value", what, how),)
    return ()


def commands(plan: Plan) -> tuple[Command, ...]:
    """How one node gets to its host, and what to run there. Of many nodes only the first are spelled out."""
    if not plan.nodes:
        return ()
    options, first = _options(plan), plan.nodes[0].name
    parts = f"linux/{first} nodes/{first}{'' if plan.control_plane.config.trust == SYSTEM_TRUST else ' trust'}"
    lines = [
        Command(
            f"sudo linux/{first}/install.sh --restart",
            f"on the host of {first}: checks, installs (key in {options['folder']}, root:{options['group']}), restarts",
        ),
        Command(
            f"tar -cf - {parts} | ssh HOST 'umask 077; mkdir -p kong; tar -C kong -xpf -'",
            "if that is another machine, first: brings the files there; afterwards remove the folder kong from it",
        ),
    ]
    others = plan.nodes[1:_LISTED]
    lines.extend(Command(f"sudo linux/{node.name}/install.sh --restart", f"{node.name} likewise") for node in others)
    if len(plan.nodes) > _LISTED:
        lines.append(Command("sudo linux/NODE/install.sh --restart", "and every other node"))
    return tuple(lines)


def _options(plan: Plan) -> Mapping[str, OptionValue]:
    return options_of("linux", plan.platforms["linux"])


def _kong_conf(plan: Plan, node: PlannedNode, options: Mapping[str, OptionValue]) -> str:
    folder = str(options["folder"])
    places = Places(
        certificate=f"{folder}/tls.crt",
        key=f"{folder}/tls.key",
        trust=f"{folder}/control-plane-ca.crt",
        prefix=str(options["prefix"]),
    )
    chosen = settings(plan, node, places, ports=node.ports, address=str(options["bind_address"]))
    lines = [f"{key} = {kong_conf(value, key)}\n" for key, value in chosen.items()]
    where = f"data plane node {comment(node.name)} of the bundle {comment(plan.bundle)}"
    return (
        f"# Kong Gateway {comment(plan.version)}: {where}.\n"
        "# Written by konnect-tui: change the answers (konnect-tui.toml) and apply them again.\n"
        "# In a value, # would begin a comment and is written \\#; quotes would be part of the value.\n\n"
    ) + "".join(lines)


def _install(plan: Plan, node: PlannedNode, options: Mapping[str, OptionValue]) -> str:
    trusted = plan.control_plane.config.trust != SYSTEM_TRUST
    decided = {
        "node": node.name,
        "conf": str(options["conf"]),
        "folder": str(options["folder"]),
        "group": str(options["group"]),
        "service": str(options["service"]),
        "version": plan.version,
        "trust": "control-plane-ca.crt" if trusted else "",
    }
    return install_script(decided)


PLATFORM = Platform(
    key="linux",
    title="Linux package",
    summary="kong.conf and an install script for a host with the deb or rpm package.",
    one_host=False,
    options=OPTIONS,
    render=render,
    commands=commands,
    check=check,
)
