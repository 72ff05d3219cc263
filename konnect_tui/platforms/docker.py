"""Platform `docker`: one script and one env file per node, for Docker or Podman on one host.

`run.sh` needs nothing but the engine. How a container is run, and why, stands in `containers`.
"""

from typing import Final

from konnect_tui.bundle import File, Files, script, text
from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.gateway.escape import env_file, shell
from konnect_tui.pki.material import Material
from konnect_tui.plan import Plan
from konnect_tui.platforms import Command, Option, Platform, containers, options_of
from konnect_tui.platforms.containers import Container
from konnect_tui.platforms.engine import CONTAINERS, FILES, FIND, PULL, STATE, USER
from konnect_tui.platforms.shell import FAIL, HERE, STAT, head

KEY: Final = "docker"
FEW: Final = 3
"""So many nodes get a command line each; more get a loop."""

OPTIONS: Final = (
    Option(
        "container_name",
        "text",
        "",
        "The container's name, for a bundle of one node. Default: the bundle's name, four digits, the node's name.",
        pattern=r"([A-Za-z0-9][A-Za-z0-9_.-]{1,127})?",
    ),
    *containers.OPTIONS,
)

_ENV_HEAD: Final = """\
# Settings of this node, for run.sh. Nothing in here is secret.
# Engines take every line as it stands, quotes included. What readers of such files
# would understand differently is given by run.sh itself.
"""

_USAGE: Final = r"""
usage() {
  cat <<'END'
usage: run.sh [start | stop | status | logs [-f ...] | remove | help]

  start    (default) start this node; one that runs is replaced, its state is kept
  stop     let open requests end, then stop
  status   whether it runs, and whether it is ready: it has its configuration from Konnect
  logs     what it says; -f goes on, --tail 100 shows the end
  remove   stop and remove the container; keys and state are kept
END
}
"""

_START: Final = r"""
start() {
  check_files "$node"
  find_engine
  choose_user
  [ -z "$env_file" ] || [ -r "$env_file" ] || fail "cannot read $env_file, the env_file that the answers name."
  [ -z "$host_network" ] || [ "$(uname -s)" = Linux ] ||
    printf 'Note: outside Linux, the host network has to be switched on in the settings of Docker Desktop.\n' >&2
  prepare_state "$node"
  fetch_image
  found=$(whose "$container")
  case $found in
    foreign) refuse_foreign "$container" ;;
    absent) ;;
    *)
      "$engine" stop "$container" >/dev/null
      "$engine" rm --force "$container" >/dev/null
      ;;
  esac
  clear_state "$node"
  run_container >/dev/null || fail "$engine could not start $node; its own words stand above."
  sleep 2
  stays_up "$node" "$container"
  printf '%s runs as container %s.\n' "$node" "$container"
  printf 'Whether it has its configuration: %s status\n' "$0"
}
"""

_OTHERS: Final = r"""
present() {
  find_engine
  case $(whose "$container") in
    absent) fail "there is no container $container." "Start it with: $0" ;;
    foreign) refuse_foreign "$container" ;;
  esac
}

status() {
  ready=http://127.0.0.1:$status_port/status/ready
  running=$("$engine" container inspect --format '{{.State.Status}}' "$container")
  printf '%s: container %s is %s\n' "$node" "$container" "$running"
  [ "$running" = running ] || exit 1
  if command -v curl >/dev/null 2>&1; then
    answer=$(curl --silent --show-error --noproxy '*' --max-time 5 --write-out ' (%{http_code})' "$ready") ||
      fail "$node does not answer at $ready."
    printf '%s\n' "$answer"
    case $answer in
      *'(200)') ;;
      *) fail "$node is not ready; its log says why: $0 logs --tail 50" ;;
    esac
  else
    printf 'Ready when this answers 200: %s\n' "$ready"
  fi
}

case ${1-start} in
  start) start ;;
  stop) present && "$engine" stop "$container" ;;
  status) present && status ;;
  logs) present && shift && exec "$engine" logs "$@" "$container" ;;
  remove) present && "$engine" stop "$container" >/dev/null && "$engine" rm --force "$container" ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
"""


def render(plan: Plan, _material: Material) -> Files:
    """`docker/<node>/run.sh` and `docker/<node>/kong.env` for every node. Needs nothing of the material."""
    options = options_of(KEY, plan.platforms[KEY])
    files: dict[str, File] = {}
    for node in plan.nodes:
        item = containers.container(plan, node, options)
        in_file, in_script = _split(item)
        files[f"docker/{node.name}/kong.env"] = text(_ENV_HEAD + "".join(f"{line}\n" for line in in_file))
        files[f"docker/{node.name}/run.sh"] = script(_run(plan, item, options, in_script))
    return files


def commands(plan: Plan) -> tuple[Command, ...]:
    """What to run on the host, from the bundle's folder."""
    if len(plan.nodes) > FEW:
        line = 'for node in docker/*/; do "$node/run.sh"; done'
        return (
            Command(line, f"starts all {len(plan.nodes)} nodes; one alone: docker/{plan.nodes[0].name}/run.sh"),
            Command('for node in docker/*/; do "$node/run.sh" status; done', "says which have their configuration"),
        )
    return tuple(
        command
        for node in plan.nodes
        for command in (
            Command(f"docker/{node.name}/run.sh", f"starts {node.name}; run it again after every change"),
            Command(f"docker/{node.name}/run.sh status", f"says whether {node.name} has its configuration"),
        )
    )


def check(plan: Plan) -> tuple[Problem, ...]:
    """Faults of the options. One name cannot be given to several containers."""
    options = options_of(KEY, plan.platforms[KEY])
    problems = containers.check(plan, KEY)
    if options["container_name"] and len(plan.nodes) > 1:
        problems += (
            error(
                f"platform.{KEY}.container_name",
                "conflicting-values",
                f"One container_name cannot serve {len(plan.nodes)} nodes.",
                "Leave it out: every node gets a name of its own.",
            ),
        )
    return problems


def _split(item: Container) -> tuple[list[str], list[str]]:
    """(lines of kong.env, values for `--env`): what readers of env files take differently goes into the script."""
    in_file, in_script = [], []
    for name, value in item.environment.items():
        try:
            in_file.append(f"{name}={env_file(value, name)}")
        except KonnectError:
            in_script.append(shell(f"{name}={value}", name))
    return in_file, in_script


def _run(plan: Plan, item: Container, options: containers.Options, environment: list[str]) -> str:
    values = {
        "node": item.node.name,
        "slug": plan.slug,
        "container": str(options["container_name"]) or item.name,
        "image": plan.image,
        "platform": str(options["platform"]),
        "pull": str(options["pull"]),
        "env_file": str(options["env_file"]),
        "host_network": "yes" if item.host_network else "",
        "status_port": str(item.node.host_ports[2]),
    }
    return (
        "#!/bin/sh\n"
        "# Runs one data plane node with Docker or Podman; run it again after every change. `run.sh help` says more.\n"
        "set -eu\n\n"
        f"{head(values)}"
        f"{FAIL}{HERE}"
        "bundle=$(CDPATH='' cd \"$here/../..\" && pwd -P)\n"
        f"{STAT}{_USAGE}{FIND}{FILES}{USER}{STATE}{CONTAINERS}{PULL}"
        f"{_run_container(plan, item, options, environment)}{_START}{_OTHERS}"
    )


def _run_container(plan: Plan, item: Container, options: containers.Options, environment: list[str]) -> str:
    lines = [
        "",
        "run_container() {",
        "  set -- \\",
        *(f"    {flag} \\" for flag in _flags(plan, item, options, environment)),
        "    --detach",
        '  [ -z "$platform" ] || set -- --platform "$platform" "$@"',
        '  [ -z "$nginx_user" ] || set -- --env "KONG_NGINX_USER=$nginx_user" "$@"',
        '  [ -z "$userns" ] || set -- --userns "$userns" "$@"',
        '  [ -z "$env_file" ] || set -- --env-file "$env_file" "$@" # kong.env comes later and wins',
    ]
    if options["log_driver"] != "engine":
        lines.append(f'  [ -n "$podman" ] || set -- {_log_flags(str(options["log_driver"]))} "$@"')
    return "\n".join((*lines, '  "$engine" run "$@" "$image"', "}", ""))


def _flags(plan: Plan, item: Container, options: containers.Options, environment: list[str]) -> list[str]:
    """One line of the script each, so that a reader sees exactly what the container gets."""
    flags = [
        '--name "$container"',
        f"--hostname {shell(item.node.hostname)}",
        f'--label "{containers.BUNDLE_LABEL}=$slug"',
        f'--label "{containers.NODE_LABEL}=$node"',
        '--user "$user"',
        "--read-only",
        "--tmpfs /tmp",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        f"--restart {shell(str(options['restart']))}",
        "--stop-signal SIGQUIT",
        f"--stop-timeout {options['stop_timeout']}",
        '--env-file "$here/kong.env"',
        *(f"--env {value}" for value in environment),
    ]
    for folder, target, mode, label in containers.mounts(plan, item.node, labelled=bool(options["selinux"])):
        how = f"{mode},{label}" if label else mode
        flags.append(f'--volume "$bundle/{folder}:{target}:{how}"')
    flags += [f"--publish {shell(port)}" for port in item.publish]
    if containers.has_shell(plan):
        flags.append("--health-cmd 'kong health'")
        flags += [f"--health-{name} {value}" for name, value in containers.HEALTH.items()]
    if item.host_network or options["network"]:
        flags.append(f"--network {shell('host' if item.host_network else str(options['network']))}")
    flags += [f"--{name} {shell(str(options[name]))}" for name in ("memory", "cpus") if options[name]]
    if options["pull"] == "never":
        flags.append("--pull never")
    return flags


def _log_flags(driver: str) -> str:
    rotation = "".join(f" --log-opt {name}={value}" for name, value in containers.LOG_OPTIONS.items())
    return f"--log-driver {shell(driver)}" + ("" if driver == "journald" else rotation)


PLATFORM: Final = Platform(
    key=KEY,
    title="Docker",
    summary="A script per node that starts it with Docker or Podman, as the owner of its key and without privileges.",
    one_host=True,
    options=OPTIONS,
    render=render,
    commands=commands,
    check=check,
)
