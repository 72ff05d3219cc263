"""The installed command: starts fast, hands over to the command line, ends fast."""

import gc
import os
import sys

from konnect_tui.cli import flushed
from konnect_tui.cli import main as command_line


def main() -> int:
    """Run `konnect-tui`. Ends the process itself where nothing is left to wait for."""
    # While modules load nothing becomes garbage, and looking for it takes a tenth of a command's time. The
    # wizard, which lives longer, turns it on again.
    gc.disable()
    code = command_line()
    if _alone():
        _leave(code)
    return code


def _alone() -> bool:
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


def _leave(code: int) -> None:
    """End without taking apart three hundred modules, a tenth of a command's time: what was written is flushed."""
    os._exit(code if flushed() else code or 1)


if __name__ == "__main__":
    sys.exit(main())
