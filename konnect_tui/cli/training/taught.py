"""What the parts about lessons share: which lessons there are, and the organisation they are taught on."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import TypeVar

from konnect_tui.cli.asking import wait_for
from konnect_tui.cli.setting import services_for
from konnect_tui.cli.talk import Talk
from konnect_tui.services import Services
from konnect_tui.training.lessons.course import Course
from konnect_tui.training.lessons.organisation import Organisation
from konnect_tui.training.lessons.shelf import Shelved, shelf

T = TypeVar("T")


def lessons(options: Namespace, services: Services) -> tuple[Shelved, ...]:
    """The shipped lessons and those of a trainer's folder. Raises KonnectError as `shelf`."""
    folder = options.lessons or services.environ.get("KONNECT_TUI_LESSONS") or None
    return shelf(folder, options.language)


def course(options: Namespace) -> tuple[Services, Course]:
    """The outside world, and the learner's course in it."""
    services = services_for(options)
    return services, Course(services, lessons(options, services))


def on_organisation(services: Services, act: Callable[[Organisation], Awaitable[T]], *, talk: Talk, what: str) -> T:
    """What comes of acting on the organisation: the one that runs, else one that runs for this command.

    Raises KonnectError as `at_hand` does, and what acting raises.
    """
    from konnect_tui.training.at_hand import at_hand
    from konnect_tui.training.lessons.embedded import EmbeddedOrganisation

    async def acting(organisation: Organisation) -> T:
        return await act(organisation)

    with at_hand(services.training, services.now) as running:
        return wait_for(acting(EmbeddedOrganisation(services.training, running)), talk=talk, what=what)
