"""Which Konnect a command means: an account's, or for `source = "training"` the embedded organisation.

What is typed about Konnect (`--token-file`, `--profile`) and the real token mean nothing there; nothing that is for
training can reach the real Konnect.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from msgspec.structs import replace

from konnect_tui.cli.answer import Answer
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError
from konnect_tui.services import Services

TRAINING: Final = "training"
_PASSING: Final = "nodes can connect while `konnect-tui training serve` runs; it was started for this command only"


class Reached(NamedTuple):
    """What to ask with, and for which draft. `passing`: the organisation runs for this command only."""

    services: Services
    draft: Draft
    passing: bool = False

    def told(self, answer: Answer) -> Answer:
        """The answer of a command that made something, with what it takes to use it."""
        if not self.passing or answer.error is not None:
            return answer
        return replace(answer, talk=(*answer.talk, _PASSING))


@contextmanager
def reached(services: Services, draft: Draft, *, passing: bool = True) -> Iterator[Reached]:
    """The services to ask with and the draft, which for training gets the CA of the organisation's control planes.

    The organisation runs at least as long as the context is open; `passing`: other commands are not told of it.
    Raises KonnectError `usage`, `bad-api-url`, and as
    `training.at_hand`.
    """
    if draft.control_plane.source != TRAINING:
        yield Reached(services, draft)
        return
    if services.reach.api_url is not None:
        _require_loopback(services)
        _require_own_token(services)
        yield Reached(services, draft)
        return
    if services.reach.token_file is not None or services.reach.profile is not None:
        message = "The training organisation has a token of its own: --token-file and --profile mean nothing for it."
        raise KonnectError("usage", message, hint="Leave them out.")
    from konnect_tui.training.addresses import Wanted
    from konnect_tui.training.at_hand import at_hand, trusting  # brings the server

    with at_hand(services.training, services.now, Wanted(passing=passing)) as running:
        yield Reached(services.in_training(running), trusting(draft, running), running.pid == os.getpid())


def _require_own_token(services: Services) -> None:
    """A token that lies around in the environment or the keyring is one of the real Konnect."""
    if services.reach.token_file is None:
        message = "--api-url names a training organisation, and not the file with its token."
        raise KonnectError("usage", message, hint="Give the --token-file that `training serve` shows, too; or neither.")


def _require_loopback(services: Services) -> None:
    """Plain http is taken for loopback addresses only, and the embedded organisation speaks nothing else."""
    if not services.hosts.base("global").startswith("http://"):
        message = "The training organisation is on this machine, and --api-url names another address."
        raise KonnectError("bad-api-url", message, hint="Leave --api-url out, or give what `training serve` shows.")
