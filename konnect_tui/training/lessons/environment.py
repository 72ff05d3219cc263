"""A value in a node's environment, written where people write one: in `kong.env`, or into the command of `run.sh`.

Engines give `--env` after what is in an env file, so it wins. Both files are the docker platform's.
"""

import re
from typing import Final

from konnect_tui.bundle import PUBLIC_MODE, SCRIPT_MODE
from konnect_tui.errors import KonnectError
from konnect_tui.gateway.escape import env_file, shell
from konnect_tui.konnect.address import parse
from konnect_tui.training.lessons.lesson import Set
from konnect_tui.training.lessons.making import write
from konnect_tui.training.lessons.organisation import Placed

_MODES: Final = {"kong.env": PUBLIC_MODE, "run.sh": SCRIPT_MODE}
_BEHIND: Final = '    --env-file "$here/kong.env" \\\n'


def put(step: Set, folder: str, placed: Placed | None) -> None:
    """Write it into the node's file in that folder. `placed` is the control plane that is meant, if one is.

    Raises KonnectError `no-such-bundle`, and `practice-files` where a script is not as the platform writes it.
    """
    path = f"{folder}/{step.place}"
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        raise KonnectError("no-such-bundle", f"There is no file {path} to write it into.") from None
    name, value = f"KONG_{step.parameter.upper()}", _value(step, placed)
    changed = _in_file(text, name, value) if step.place == "kong.env" else _in_script(text, name, value)
    if changed is None:
        raise KonnectError("practice-files", f"{path} is not as platform docker writes it.")
    write(path, changed.encode(), _MODES[step.place])


def _value(step: Set, placed: Placed | None) -> str:
    if placed is None:
        return step.to
    if step.parameter == "cluster_server_name":
        return placed.server_name
    address = parse(placed.endpoint)
    return f"{address.host}:{address.port}{address.path}"


def _in_file(text: str, name: str, value: str) -> str:
    """The line of that name with this value, or one more."""
    lines = text.splitlines(keepends=True)
    wanted = f"{name}={env_file(value, name)}\n"
    own = [at for at, line in enumerate(lines) if line.startswith(f"{name}=")]
    if not own:
        return f"{text}{wanted}"
    return "".join(wanted if at == own[0] else line for at, line in enumerate(lines) if at not in own[1:])


def _in_script(text: str, name: str, value: str) -> str | None:
    """One `--env` of that name; None where the script has no place for it."""
    without = re.sub(rf"^    --env '{name}=[^\n]*\n", "", text, flags=re.MULTILINE)
    if _BEHIND not in without:
        return None
    return without.replace(_BEHIND, f"{_BEHIND}    --env {shell(f'{name}={value}', name)} \\\n", 1)
