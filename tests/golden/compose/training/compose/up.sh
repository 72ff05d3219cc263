#!/bin/sh
# Runs the nodes of this bundle with Docker Compose, as the owner of their keys. `up.sh help` says more.
set -eu

nodes='edge-1 edge-2'
slug='edge-eu-1a2b'
image='kong/kong-gateway:3.14.0.13'
platform=''
pull='missing'
selinux='yes'

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
bundle=$(CDPATH='' cd "$here/.." && pwd -P)

owner_of() { stat -L -c '%u:%g' "$1" 2>/dev/null || stat -L -f '%u:%g' "$1"; }
mode_of() { stat -L -c '%a' "$1" 2>/dev/null || stat -L -f '%Lp' "$1"; }

usage() {
  cat <<'END'
usage: up.sh [up [NODE...] | down | ps | logs [NODE...] | any command of docker compose | help]

  up       (default) start all nodes, or those named; what runs is replaced, its state is kept
  others   go to docker compose as they are, for this project
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
