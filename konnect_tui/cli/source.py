"""Which Konnect is asked about a control plane: the account's, or the embedded organisation of training."""

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from konnect_tui.draft import ControlPlane
from konnect_tui.errors import KonnectError
from konnect_tui.services import Services

_PASSING: Final = "the training organisation ran for this command only; `konnect-tui training serve` lets nodes connect"


@contextmanager
def konnect_of(section: ControlPlane, services: Services, options: Namespace) -> Iterator[Services]:
    """The outside world in which that control plane is asked about.

    For training that is the organisation that runs, else one that runs as long as the context is open; nothing that
    leads to the real Konnect is in it. Raises KonnectError as `training.hosting.hosted`, and `usage` for options that
    mean another Konnect.
    """
    if not section.training:
        yield services
        return
    _refuse_another(options)
    from konnect_tui.training.hosting import hosted

    with hosted(services.training, services.now) as running:
        yield services.in_training(running)


def _refuse_another(options: Namespace) -> None:
    """An option that can't have any effect is never ignored in silence."""
    for name in ("api_url", "token_file", "profile"):
        if getattr(options, name) is not None:
            message = f"--{name.replace('_', '-')} is for an account: with source training no other Konnect is asked."
            hint = 'Leave it out. With source = "konnect" a training organisation is reached by its address, too.'
            raise KonnectError("usage", message, hint=hint)


def passing(services: Services) -> tuple[str, ...]:
    """What is to be said where the organisation ends with the command."""
    embedded = services.embedded
    return (_PASSING,) if embedded is not None and embedded.pid == os.getpid() else ()
