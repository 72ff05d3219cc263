"""`konnect-tui training PART`: hands over to the part's own module."""

from argparse import Namespace
from importlib import import_module
from typing import Any

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.setting import refuse_an_account


def run(options: Namespace) -> Answer | int:
    """Do what the part does. Bare `training` is the wizard on the embedded organisation, as `--training` is."""
    if options.part is None:
        from konnect_tui.cli.commands import wizard

        options.training = True
        return wizard.run(options)
    refuse_an_account(options)
    module: Any = import_module(f"konnect_tui.cli.training.{options.part}")
    answer: Answer | int = module.run(options)
    return answer
