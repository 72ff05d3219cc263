"""`konnect-tui` without a command: the wizard."""

import gc
import os
import sys
from argparse import Namespace

from konnect_tui.cli.setting import refuse_an_account, services_for
from konnect_tui.errors import KonnectError


def run(options: Namespace) -> int:
    """Start the wizard where there is a terminal to draw on; its exit status."""
    if options.training:
        refuse_an_account(options)
    if options.json:
        raise KonnectError("usage", "--json goes with a command; the wizard has no document to print.")
    dumb = os.environ.get("TERM", "") in ("", "dumb") or os.environ.get("KONNECT_TUI_PLAIN")
    if dumb or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise KonnectError(
            "not-available-yet",
            "The wizard needs a terminal, and plain prompts are not in this release yet.",
            hint="Write an answers file and run `konnect-tui apply FILE`.",
        )
    if options.no_color:
        os.environ["NO_COLOR"] = "1"
    # Textual lays out on ticks of this many a second: at 60, Tab and page changes take twice as long.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    from konnect_tui.ui.app import run as run_wizard

    gc.freeze()  # what is loaded by now stays: it need not be looked through again and again
    gc.enable()
    return run_wizard(services_for(options), training=options.training)
