"""The outside world of a lesson, made once by whoever begins it."""

from datetime import datetime

from msgspec import Struct

from konnect_tui.services import Services
from konnect_tui.training.lessons.organisation import Organisation, Practice


class World(Struct, frozen=True):
    """What an attempt acts on. `state` is the folder of the training state."""

    services: Services
    state: str
    organisation: Organisation
    practice: Practice

    @property
    def folder(self) -> str:
        """Where lessons keep what they need."""
        return f"{self.state}/lessons"

    def now(self) -> datetime:
        """The time, aware."""
        return self.services.now()
