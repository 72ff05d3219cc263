r"""The install script of platform `linux`: one body for all nodes, below what is decided for one.

`install` (GNU, BusyBox) makes a file closed to others, writes it, then gives it owner and mode. Everything is put
into a closed folder beside the target first, judged by `kong check` there, and renamed into place.
"""

from collections.abc import Mapping
from typing import Final

from konnect_tui.platforms.shell import FAIL, HERE, head


def install_script(decided: Mapping[str, str]) -> str:
    """The whole script. `decided`: node, conf, folder, group, service, version, trust (file name or empty)."""
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
