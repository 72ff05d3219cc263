"""`konnect-tui training PART`: hands over to the part's own module."""

from argparse import Namespace
from importlib import import_module
from typing import Any

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.training.parts import NOT_YET
from konnect_tui.errors import KonnectError


def run(options: Namespace) -> Answer | int:
    """Do what the part does. Bare `training`, the wizard on the embedded organisation, is still to come."""
    if options.part is None or options.part in NOT_YET:
        what = " ".join(filter(None, ("konnect-tui training", options.part)))
        raise KonnectError("not-available-yet", f"{what} is known, but this release does not have it yet.")
    module: Any = import_module(f"konnect_tui.cli.training.{options.part}")
    answer: Answer | int = module.run(options)
    return answer
