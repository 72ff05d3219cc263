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
from konnect_tui.platforms.shell import FAIL, HERE, head

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
            f"on the host of {first}: checks, installs the key in {options['folder']} (root:{options['group']}), restarts",
        ),
        Command(
            f"tar -cf - {parts} | ssh HOST 'umask 077; mkdir -p kong; tar -C kong -xpf -'",
            "if that is another machine, first: brings the files there, the key closed; afterwards remove the folder kong",
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
    return _HEAD + head(decided) + FAIL + HERE + _BODY


_HEAD: Final = r"""#!/bin/sh
# Installs this data plane node on a host with the kong-enterprise-edition package: certificate, key and kong.conf.
# Written by konnect-tui. See: ./install.sh --help
set -eu
umask 077
PATH=$PATH:/usr/sbin:/sbin:/usr/local/bin

"""

_BODY: Final = r"""
bundle=${here%/*/*}

usage() {
  cat <<'USAGE'
usage: install.sh [--restart]

Installs certificate, key and kong.conf of this node, after `kong check` has accepted them.
Run it as root. Running it again is safe: it writes the same files. A kong.conf that differs is kept beside.

  --restart   restart the gateway afterwards; without it the command is only shown
  DESTDIR     (environment) install below this folder, as package builders do
USAGE
}

restart=no
for argument in "$@"; do
  case $argument in
    --restart) restart=yes ;;
    -h | --help) usage; exit 0 ;;
    *) printf 'install.sh: there is no such argument\n' >&2; usage >&2; exit 2 ;;
  esac
done

root=${DESTDIR:-}
root=${root%/}
as_root=no
if [ "$(id -u)" -eq 0 ]; then as_root=yes; fi
if [ "$as_root" = no ] && [ -z "$root" ]; then
  fail "this has to run as root: it writes to ${conf%/*}" "Run: sudo $here/install.sh"
fi
if [ -n "$root" ] && [ "$restart" = yes ]; then
  fail "--restart and DESTDIR do not go together: nothing below DESTDIR runs"
fi

certificate=$bundle/nodes/$node/tls.crt
key=$bundle/nodes/$node/tls.key
for file in "$here/kong.conf" "$certificate" "$key" ${trust:+"$bundle/trust/$trust"}; do
  [ -e "$file" ] || fail "missing: $file" \
    "Copy the folders linux/$node, nodes/$node${trust:+ and trust} of the bundle side by side, as they are there."
  [ -r "$file" ] || fail "not readable: $file" "Run this as its owner or as root."
done

kong=$(command -v kong || :)
if [ -z "$root" ]; then
  [ -n "$kong" ] || fail "Kong Gateway is not installed here: there is no program kong" \
    "Install the package kong-enterprise-edition, version $version, then run this again."
  [ -d "${conf%/*}" ] || fail "the folder ${conf%/*} is missing" \
    "It comes with the package kong-enterprise-edition, version $version."
else
  for parent in "$root${conf%/*}" "$root${folder%/*}"; do
    [ -d "$parent" ] || (umask 022 && mkdir -p -- "$parent")
  done
fi

# The folder is ours alone: its owner and mode are about to be set.
[ ! -h "$root$folder" ] || fail "$root$folder is a symbolic link; the key goes only into a real folder"
for file in "$root$folder"/*; do
  case ${file##*/} in
    '*' | tls.crt | tls.key | control-plane-ca.crt) ;;
    *) fail "$root$folder holds other files; certificate and key need a folder of their own" \
      "Choose one with the option folder of [platform.linux]." ;;
  esac
done
[ -d "$root$folder" ] || mkdir -- "$root$folder"
if [ "$as_root" = yes ]; then
  chown root -- "$root$folder"
  chgrp -- "$group" "$root$folder" 2>/dev/null || {
    rmdir -- "$root$folder" 2>/dev/null || :
    fail "there is no group $group on this host" \
      "It comes with the package kong-enterprise-edition, version $version. Install that, then run this again."
  }
fi
chmod 0750 -- "$root$folder"

stage=$(mktemp -d "$root$folder/.new.XXXXXX")
trap 'rm -rf -- "$stage"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# place MODE SOURCE TARGET: `install` makes the file closed to others, then gives it owner and mode.
place() {
  if [ "$as_root" = yes ]; then
    install -o root -g "$group" -m "$1" -- "$2" "$3"
  else
    install -m "$1" -- "$2" "$3"
  fi
}

place 0644 "$certificate" "$stage/tls.crt"
place 0640 "$key" "$stage/tls.key"
place 0640 "$here/kong.conf" "$stage/kong.conf"
if [ -n "$trust" ]; then
  place 0644 "$bundle/trust/$trust" "$stage/$trust"
  export KONG_LUA_SSL_TRUSTED_CERTIFICATE="$stage/$trust"
fi

if [ -n "$kong" ]; then
  KONG_CLUSTER_CERT="$stage/tls.crt" KONG_CLUSTER_CERT_KEY="$stage/tls.key" "$kong" check "$stage/kong.conf" >&2 ||
    fail "kong check does not accept the configuration, see above" "Nothing was installed."
fi

if [ -e "$root$conf" ] && ! cmp -s -- "$stage/kong.conf" "$root$conf"; then
  backup=$root$conf.$(date -u +%Y%m%dT%H%M%SZ).bak
  place 0600 "$root$conf" "$backup"
  printf 'The kong.conf that was there is kept: %s\n' "$backup"
fi

for file in tls.key tls.crt ${trust:+"$trust"}; do
  mv -f -- "$stage/$file" "$root$folder/$file"
done
mv -f -- "$stage/kong.conf" "$root$conf"
printf 'Installed the node %s: %s and %s\n' "$node" "$root$conf" "$root$folder"

if [ -n "$root" ]; then
  [ "$as_root" = yes ] || printf 'Not run as root: owner and group are yours. They should be root:%s.\n' "$group"
  [ -n "$kong" ] || printf 'There is no program kong here: kong check was left out.\n'
  exit 0
fi
if [ "$conf" != /etc/kong/kong.conf ]; then
  printf 'The unit %s has to name this file: kong prepare -c %s\n' "$service" "$conf"
fi
if [ "$restart" = yes ]; then
  systemctl restart -- "$service"
  printf 'Restarted %s.\n' "$service"
else
  printf 'The gateway reads certificate and kong.conf only when it starts: systemctl restart %s\n' "$service"
fi
"""

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
