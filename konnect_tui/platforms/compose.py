"""Platform `compose`: all nodes as one Compose project, and a script that starts it as the owner of the keys.

`compose.yaml` cannot know who owns the keys on the host; `up.sh` finds out and writes it to `compose/.env`.
How a container is run, and why, stands in `containers`.
"""

from collections.abc import Iterator
from typing import Final

from konnect_tui.bundle import Files, script, text
from konnect_tui.errors import Problem
from konnect_tui.gateway.escape import compose, yaml
from konnect_tui.pki.material import Material
from konnect_tui.plan import Plan, PlannedNode
from konnect_tui.platforms import Command, Platform, containers, options_of
from konnect_tui.platforms.engine import CONTAINERS, FILES, FIND, PULL, STATE, USER
from konnect_tui.platforms.shell import FAIL, HERE, STAT, head

KEY: Final = "compose"

_USAGE: Final = r"""
usage() {
  cat <<'END'
usage: up.sh [up [NODE...] | down | ps | logs [NODE...] | any command of docker compose | help]

  up       (default) start all nodes, or those named; what runs is replaced, its state is kept
  others   go to docker compose as they are, for this project
END
}
"""

_COMPOSE: Final = r"""
# `docker compose` is a plugin, older hosts have `docker-compose`, Podman hands over to either.
find_compose() {
  if "$engine" compose version >/dev/null 2>&1; then
    compose=plugin
  elif command -v docker-compose >/dev/null 2>&1; then
    compose=program
  else
    fail "docker compose is not on this host." "Install Docker's compose plugin (docker-compose-plugin)."
  fi
}

run_compose() {
  set -- --project-name "$slug" --project-directory "$here" --env-file "$here/.env" --file "$here/compose.yaml" "$@"
  if [ "$compose" = plugin ]; then
    "$engine" compose "$@"
  else
    docker-compose "$@"
  fi
}

# What only this host knows.
write_env() {
  rm -f "$here/.env"
  {
    printf '%s\n' '# Written by up.sh: the owner of the keys, as whom the nodes run.'
    printf 'KONNECT_TUI_UID=%s\n' "${user%%:*}"
    printf 'KONNECT_TUI_GID=%s\n' "${user##*:}"
    [ -z "$userns" ] || printf 'KONNECT_TUI_USERNS=%s\n' "$userns"
    [ -z "$nginx_user" ] || printf 'KONG_NGINX_USER=%s\n' "$nginx_user"
  } >"$here/.env"
  [ "$(id -u)" != 0 ] || chown "$owner" "$here/.env"
}

# One .env serves all nodes, so their keys must belong to one user.
check_nodes() {
  first=''
  for node in "$@"; do
    check_files "$node"
    [ "$owner" = "${first:=$owner}" ] ||
      fail "the key of $node belongs to $owner, others belong to $first." \
        "Give all to one user: sudo chown -R $first '$bundle/nodes' '$bundle/state'" \
        "Or run every node for itself, as its own user: platform docker."
  done
}

up() {
  # Node names hold neither blanks nor patterns.
  # shellcheck disable=SC2086
  [ "$#" -gt 0 ] || set -- $nodes
  for node in "$@"; do
    case " $nodes " in
      *" $node "*) ;;
      *) fail "there is no node $node in this bundle." "Its nodes: $nodes" ;;
    esac
  done
  check_nodes "$@"
  choose_user
  write_env
  for node in "$@"; do prepare_state "$node"; done
  fetch_image
  for node in "$@"; do make_way "$node"; done
  run_compose up --detach --force-recreate "$@"
  sleep 2
  for node in "$@"; do stays_up "$node" "$slug-$node"; done
}

# Where SELinux confines containers, the folders of node $1 need the label that `:z` would give them.
label() {
  [ -n "$selinux" ] || return 0
  case $security in
    *name=selinux* | *selinux=true*) ;;
    *) return 0 ;;
  esac
  set -- "$bundle/nodes/$1" "$bundle/state/$1"
  [ ! -d "$bundle/trust" ] || set -- "$@" "$bundle/trust"
  chcon -R -t container_file_t -l s0 "$@" ||
    fail "the folders could not be labelled for SELinux." \
      "Run this with sudo, or set selinux = false in [platform.compose] and label them yourself."
}

# Stops what node $1 runs as: the same node cannot run twice on one state.
make_way() {
  case $(whose "$slug-$1") in
    foreign) refuse_foreign "$slug-$1" ;;
    absent) ;;
    compose) "$engine" stop "$slug-$1" >/dev/null ;;
    run) # by docker/NODE/run.sh; Compose would find its name taken
      "$engine" stop "$slug-$1" >/dev/null
      "$engine" rm --force "$slug-$1" >/dev/null
      ;;
  esac
  clear_state "$1"
  label "$1"
}

# Compose takes a variable of the caller's before one of .env.
unset KONNECT_TUI_UID KONNECT_TUI_GID KONNECT_TUI_USERNS KONG_NGINX_USER
case ${1-up} in
  help | -h | --help)
    usage
    exit 0
    ;;
esac
find_engine
find_compose
case ${1-up} in
  up)
    [ "$#" = 0 ] || shift
    up "$@"
    ;;
  *)
    if [ ! -e "$here/.env" ]; then
      # shellcheck disable=SC2086
      check_nodes $nodes
      choose_user
      write_env
    fi
    run_compose "$@"
    ;;
esac
"""


def render(plan: Plan, _material: Material) -> Files:
    """`compose/compose.yaml` and `compose/up.sh`. Needs nothing of the material."""
    options = options_of(KEY, plan.platforms[KEY])
    return {
        "compose/compose.yaml": text("".join(f"{line}\n" for line in _project(plan, options))),
        "compose/up.sh": script(_up(plan, options)),
    }


def commands(_plan: Plan) -> tuple[Command, ...]:
    """What to run on the host, from the bundle's folder."""
    return (
        Command("compose/up.sh", "starts all nodes; run it again after every change"),
        Command("compose/up.sh ps", "says which run"),
        Command("compose/up.sh logs --follow", "shows what they say"),
    )


def check(plan: Plan) -> tuple[Problem, ...]:
    """Faults of the options."""
    return containers.check(plan, KEY)


def _up(plan: Plan, options: containers.Options) -> str:
    values = {
        "nodes": " ".join(node.name for node in plan.nodes),
        "slug": plan.slug,
        "image": plan.image,
        "platform": str(options["platform"]),
        "pull": str(options["pull"]),
        "selinux": "yes" if options["selinux"] else "",
    }
    return (
        "#!/bin/sh\n"
        "# Runs the nodes of this bundle with Docker Compose, as the owner of their keys. `up.sh help` says more.\n"
        "set -eu\n\n"
        f"{head(values)}"
        f"{FAIL}{HERE}"
        "bundle=$(CDPATH='' cd \"$here/..\" && pwd -P)\n"
        f"{STAT}{_USAGE}{FIND}{FILES}{USER}{STATE}{CONTAINERS}{PULL}{_COMPOSE}"
    )


def _project(plan: Plan, options: containers.Options) -> Iterator[str]:
    yield "# Start it with ./up.sh, which finds the owner of the keys and writes .env."
    yield f"name: {yaml(plan.slug)}"
    yield "services:"
    for node in plan.nodes:
        yield f"  {yaml(node.name)}:"
        yield from (f"    {line}" for line in _service(plan, node, options))
    network = str(options["network"])
    if network and network != "host" and not plan.control_plane.training:
        yield from ("networks:", '  "default":', f"    name: {compose(network)}", "    external: true")


def _service(plan: Plan, node: PlannedNode, options: containers.Options) -> Iterator[str]:
    item = containers.container(plan, node, options)
    yield f"image: {compose(plan.image)}"
    yield f"container_name: {compose(item.name)}"
    yield f"hostname: {compose(node.hostname)}"
    yield from _list("labels", [f"{containers.BUNDLE_LABEL}={plan.slug}", f"{containers.NODE_LABEL}={node.name}"])
    if options["platform"]:
        yield f"platform: {compose(str(options['platform']))}"
    yield f"pull_policy: {compose(str(options['pull']))}"
    yield 'user: "${KONNECT_TUI_UID:?start with ./up.sh}:${KONNECT_TUI_GID:?start with ./up.sh}"'
    yield 'userns_mode: "${KONNECT_TUI_USERNS:-}"'
    yield "read_only: true"
    yield from _list("cap_drop", ["ALL"])
    yield from _list("security_opt", ["no-new-privileges:true"])
    yield from _list("tmpfs", ["/tmp"])  # noqa: S108 -- the container's own
    if item.host_network:
        yield 'network_mode: "host"'
    yield f"restart: {compose(str(options['restart']))}"
    yield 'stop_signal: "SIGQUIT"'
    yield f'stop_grace_period: "{options["stop_timeout"]}s"'
    if options["memory"]:
        yield f"mem_limit: {compose(str(options['memory']))}"
    if options["cpus"]:
        yield f"cpus: {compose(str(options['cpus']))}"
    if options["env_file"]:
        yield from _list("env_file", [str(options["env_file"])])
    # The first has no value: only .env gives it one, and only where the owner is root.
    environment = ["KONG_NGINX_USER", *(f"{name}={value}" for name, value in item.environment.items())]
    yield from _list("environment", environment)
    yield from _mounts(plan, node)
    if item.publish:
        yield from _list("ports", list(item.publish))
    yield from _health(plan)
    yield from _logging(options)


def _mounts(plan: Plan, node: PlannedNode) -> Iterator[str]:
    yield "volumes:"
    for folder, target, mode, _ in containers.mounts(plan, node, labelled=False):
        yield '  - type: "bind"'
        yield f"    source: {compose(f'../{folder}')}"
        yield f"    target: {compose(target)}"
        if mode == "ro":
            yield "    read_only: true"
        # Nothing is to be made up where a folder is missing. With this Compose drops a SELinux label
        # without a word (seen with 2.40.3), so up.sh sets it.
        yield "    bind:"
        yield "      create_host_path: false"


def _health(plan: Plan) -> Iterator[str]:
    if containers.has_shell(plan):
        yield "healthcheck:"
        yield '  test: ["CMD", "kong", "health"]'
        yield f'  interval: "{containers.HEALTH["interval"]}"'
        yield f'  timeout: "{containers.HEALTH["timeout"]}"'
        yield f"  retries: {containers.HEALTH['retries']}"
        yield f'  start_period: "{containers.HEALTH["start-period"]}"'


def _logging(options: containers.Options) -> Iterator[str]:
    driver = str(options["log_driver"])
    if driver == "engine":
        return
    yield "logging:"
    yield f"  driver: {compose(driver)}"
    if driver != "journald":
        yield "  options:"
        for name, value in containers.LOG_OPTIONS.items():
            yield f'    "{name}": "{value}"'


def _list(name: str, values: list[str]) -> Iterator[str]:
    yield f"{name}:"
    for value in values:
        yield f"  - {compose(value, value.split('=', 1)[0])}"


PLATFORM: Final = Platform(
    key=KEY,
    title="Docker Compose",
    summary="One Compose project with all nodes, started as the owner of their keys and without privileges.",
    one_host=True,
    options=containers.OPTIONS,
    render=render,
    commands=commands,
    check=check,
)
