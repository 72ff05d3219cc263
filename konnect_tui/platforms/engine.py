r"""The shell of the container platforms: find Docker or Podman, learn whom to run as, prepare a node's state.

The scripts set `bundle` (the bundle's folder), `slug` and `image` before they use these functions.
"""

from typing import Final

FIND: Final = r"""
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
"""

FILES: Final = r"""
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
"""

USER: Final = r"""
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
"""

STATE: Final = r"""
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
"""

CONTAINERS: Final = r"""
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
"""

PULL: Final = r"""
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
"""
