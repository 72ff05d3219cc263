"""`konnect-tui training PART`: hands over to the part's own module."""

from argparse import Namespace
from importlib import import_module
from typing import Any

from konnect_tui.cli.answer import Answer
from konnect_tui.errors import KonnectError


def run(options: Namespace) -> Answer | int:
    """Do what the part does. Bare `training`, the wizard on the embedded organisation, is still to come."""
    if options.part is None:
        raise KonnectError("not-available-yet", "konnect-tui training is known, but this release does not have it yet.")
    module: Any = import_module(f"konnect_tui.cli.training.{options.part}")
    answer: Answer | int = module.run(options)
    return answer
