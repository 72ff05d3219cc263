#!/bin/sh
# Runs one data plane node with Docker or Podman; run it again after every change. `run.sh help` says more.
set -eu

node='edge-2'
slug='edge-eu-1a2b'
container='edge-eu-1a2b-edge-2'
image='kong/kong-gateway:3.14.0.13'
platform=''
pull='missing'
env_file=''
host_network='yes'
status_port='8101'

fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
here=$(CDPATH='' cd "$(dirname "$self")" && pwd -P)
bundle=$(CDPATH='' cd "$here/../.." && pwd -P)

owner_of() { stat -L -c '%u:%g' "$1" 2>/dev/null || stat -L -f '%u:%g' "$1"; }
mode_of() { stat -L -c '%a' "$1" 2>/dev/null || stat -L -f '%Lp' "$1"; }

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

# Sets `engine`, `podman` (yes or empty) and `security` (what the engine says about users).
find_engine() {
  engine='' podman=''
  for candidate in docker podman; do
    if command -v "$candidate" >/dev/null 2>&1; then
      engine=$candidate
      break
    fi
  done
  [ -n "$engine" ] || fail "neither docker nor podman is on this host, or not in PATH." \
    "Install Docker Engine or Podman, or copy the bundle to a host that has one."
  case $("$engine" --version 2>/dev/null) in
    podman*) podman=yes ;;
  esac
  if [ -n "$podman" ]; then
    format='rootless={{.Host.Security.Rootless}} selinux={{.Host.Security.SELinuxEnabled}}'
    security=$("$engine" info --format "$format" 2>&1) ||
      fail "podman does not work here:" "$security"
  else
    answer=$("$engine" version --format '{{.Server.Version}}' 2>&1) ||
      fail "the Docker daemon does not answer:" "$answer" \
        "Start it (systemctl start docker, or Docker Desktop), or run this as a user who may use it."
    security=$("$engine" info --format '{{json .SecurityOptions}}' 2>&1) ||
      fail "the Docker daemon does not say how it is set up:" "$security"
  fi
}

# Certificate and key of node $1: there, readable, and the key for its owner alone. Sets `owner` (uid:gid).
check_files() {
  case $bundle in
    *:*) fail "the path of this bundle holds a colon, which cannot be mounted: $bundle" "Move the bundle." ;;
  esac
  for file in "$bundle/nodes/$1/tls.crt" "$bundle/nodes/$1/tls.key"; do
    if [ ! -e "$file" ]; then
      [ ! -e "$bundle/nodes/$1/tls.csr" ] ||
        fail "the signed certificate of $1 has not come yet." \
          "When it has: konnect-tui apply konnect-tui.toml --signed FILE"
      fail "$file is missing." "konnect-tui verify says what else is."
    fi
    [ ! -h "$file" ] || fail "$file is a symbolic link, which leads nowhere inside a container." \
      "Put the file itself there."
    [ -r "$file" ] || fail "$file belongs to $(owner_of "$file") and cannot be read by you ($(id -u):$(id -g))." \
      "Run this as that user, or with sudo."
  done
  key=$bundle/nodes/$1/tls.key
  case $(mode_of "$key") in
    [4-7]00) ;;
    *) fail "others can read $key (mode $(mode_of "$key"))." "Close it: chmod 600 '$key'" \
      "If somebody else may have read it, make a new one: konnect-tui apply konnect-tui.toml --new-keys" ;;
  esac
  owner=$(owner_of "$key")
}

# Whom to run as inside, so that the key can be read. Sets `user`, `nginx_user` and `userns` (both often empty).
choose_user() {
  user=$owner nginx_user='' userns=''
  case $security in
    *name=rootless* | *rootless=true*)
      # Root inside is you outside; any other id inside is nobody who can read your files.
      [ "${owner%%:*}" = "$(id -u)" ] ||
        fail "the key belongs to user ${owner%%:*}, but this rootless engine can only read what is yours ($(id -u))." \
          "Run this as that user."
      user=0:0
      ;;
    *name=userns*) userns=host ;; # else every id inside is another one outside
  esac
  if [ "${user%%:*}" = 0 ]; then
    # Without capabilities nginx cannot change to the user kong, nor to another group.
    user=0:0 nginx_user='root root'
  fi
}

# Kong's prefix for node $1, kept on disk: with it a node that restarts while Konnect is down still serves.
prepare_state() {
  for folder in "$bundle/state" "$bundle/state/$1"; do
    if [ ! -d "$folder" ]; then
      mkdir -m 0700 "$folder"
      [ "$(id -u)" != 0 ] || chown "$owner" "$folder"
    fi
  done
  found=$(owner_of "$bundle/state/$1")
  [ "${found%%:*}" = "${owner%%:*}" ] ||
    fail "$bundle/state/$1 belongs to user ${found%%:*}, but the key to ${owner%%:*}, who will run the node." \
      "Give it to them: sudo chown -R $owner '$bundle/state/$1'"
}

# What a crash leaves behind keeps Kong from starting. Only for a node that is stopped.
clear_state() {
  rm -f "$bundle/state/$1/pids/nginx.pid"
  find "$bundle/state/$1" -type s -exec rm -f {} +
}

# Whose the container $1 is: absent, run (by run.sh of this bundle), compose (of this bundle) or foreign.
whose() {
  format='{{index .Config.Labels "konnect-tui.bundle"}}/{{index .Config.Labels "com.docker.compose.project"}}'
  labels=$("$engine" container inspect --format "$format" "$1" 2>/dev/null) || labels=absent
  case $labels in
    absent) echo absent ;;
    "$slug/$slug") echo compose ;;
    "$slug"/*) echo run ;;
    *) echo foreign ;;
  esac
}

refuse_foreign() {
  fail "there is a container $1 that this bundle did not make." \
    "Look at it with: $engine container inspect $1" \
    "Remove or rename it, or choose another name and apply the answers file again."
}

# A node $1 that cannot read its files or take its ports ends at once, and is started again and again, as $2.
stays_up() {
  running=$("$engine" container inspect --format '{{.State.Status}} {{.RestartCount}}' "$2")
  if [ "$running" != 'running 0' ]; then
    "$engine" logs --tail 20 "$2" >&2 || true
    fail "$1 did not stay up; the end of its log stands above." "Stop it with: $engine stop $2"
  fi
}

# Before anything is stopped, so that a slow or failing download costs no downtime.
fetch_image() {
  [ "$pull" != never ] || return 0
  if [ "$pull" = always ] || ! "$engine" image inspect "$image" >/dev/null 2>&1; then
    set -- pull
    [ -z "$platform" ] || set -- "$@" --platform "$platform"
    "$engine" "$@" "$image" >&2 || fail "the image $image could not be fetched." \
      "Check the name and the way to its registry; where short names are refused, write the registry in gateway.image."
  fi
}

run_container() {
  set -- \
    --name "$container" \
    --hostname 'edge-2' \
    --label "konnect-tui.bundle=$slug" \
    --label "konnect-tui.node=$node" \
    --user "$user" \
    --read-only \
    --tmpfs /tmp \
    --cap-drop ALL \
    --security-opt no-new-privileges \
    --restart 'unless-stopped' \
    --stop-signal SIGQUIT \
    --stop-timeout 30 \
    --env-file "$here/kong.env" \
    --volume "$bundle/nodes/edge-2:/konnect/node:ro,Z" \
    --volume "$bundle/trust:/konnect/trust:ro,z" \
    --volume "$bundle/state/edge-2:/konnect/state:rw,Z" \
    --health-cmd 'kong health' \
    --health-interval 30s \
    --health-timeout 10s \
    --health-retries 3 \
    --health-start-period 60s \
    --network 'host' \
    --detach
  [ -z "$platform" ] || set -- --platform "$platform" "$@"
  [ -z "$nginx_user" ] || set -- --env "KONG_NGINX_USER=$nginx_user" "$@"
  [ -z "$userns" ] || set -- --userns "$userns" "$@"
  [ -z "$env_file" ] || set -- --env-file "$env_file" "$@" # kong.env comes later and wins
  [ -n "$podman" ] || set -- --log-driver 'json-file' --log-opt max-size=20m --log-opt max-file=5 "$@"
  "$engine" run "$@" "$image"
}

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
