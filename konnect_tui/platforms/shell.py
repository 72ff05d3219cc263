r"""What the written shell scripts say alike: POSIX sh, no bash, GNU and BSD tools.

A script is a head of plain assignments (all that a bundle decides, each value escaped) and a body that never
changes, so that a body can be read, and judged by ShellCheck, once for all bundles.
"""

from collections.abc import Mapping
from typing import Final

from konnect_tui.gateway.escape import shell

FAIL: Final = r"""
fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}
"""

# `here` is the script's own folder, also when it is started through a symbolic link or from elsewhere.
HERE: Final = r"""
self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
here=$(CDPATH='' cd "$(dirname "$self")" && pwd -P)
"""

STAT: Final = r"""
owner_of() { stat -L -c '%u:%g' "$1" 2>/dev/null || stat -L -f '%u:%g' "$1"; }
mode_of() { stat -L -c '%a' "$1" 2>/dev/null || stat -L -f '%Lp' "$1"; }
"""


def head(values: Mapping[str, str]) -> str:
    """One assignment per value. Names are ours, values are escaped."""
    return "".join(f"{name}={shell(value, name)}\n" for name, value in values.items())
