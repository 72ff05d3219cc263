"""What the lesson screens act through: the course, and the organisation it is taught on, one act after the other."""

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons.course import Course
from konnect_tui.training.lessons.shelf import Shelved, shelf
from konnect_tui.training.lessons.texts import ENGLISH
from konnect_tui.ui.session import beside

if TYPE_CHECKING:
    from konnect_tui.training.lessons.attempt import Attempt
    from konnect_tui.ui.app import KonnectApp

T = TypeVar("T")

_LANGUAGE: Final = re.compile(r"[a-z]{2}(?=[_.@-]|\Z)")


class Classroom:
    """All lessons there are, for as long as they are looked at.

    `fault` is why the trainer's lessons are not among them, empty where they are or where there is no trainer.
    """

    def __init__(self, app: "KonnectApp") -> None:
        """Reads all lessons: in a thread, please."""
        self._app = app
        self._turn = threading.Lock()
        environ = app.outside.environ
        spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ENGLISH
        found = _LANGUAGE.match(spoken)
        self.language = found[0] if found else ENGLISH
        self.lessons, self.fault = _lessons(environ.get("KONNECT_TUI_LESSONS") or None, self.language)

    @property
    def course(self) -> Course:
        """The course, for what needs no organisation."""
        return Course(self._app.outside, self.lessons)

    @property
    def next(self) -> str:
        """The next lesson that is not solved, by number and title; empty where that can't be told."""
        try:
            found = self.course.next()
        except KonnectError:  # whoever opens the lessons is told
            return ""
        return f"Lesson {found.lesson.number}: {found.text.title}" if found else "A lesson once more: all are solved"

    async def act(self, which: str, act: "Callable[[Attempt], Coroutine[Any, Any, T]]") -> T:
        """What comes of acting in a lesson. The organisation is started first where none runs.

        It happens in a thread with a loop of its own: acts write files and wait for handshakes, and the screen goes on.
        An act that was begun is ended, also when the screen is left meanwhile; the next waits for it.
        Raises KonnectError: what starting the organisation raises, and what acting does.
        """
        await self._app.organisation.running(self._app.outside)
        return await beside(lambda: self._acted(which, act))

    def _acted(self, which: str, act: "Callable[[Attempt], Coroutine[Any, Any, T]]") -> T:
        from konnect_tui.training.at_hand import again
        from konnect_tui.training.lessons.connecting import Connecting
        from konnect_tui.training.lessons.embedded import EmbeddedOrganisation

        running = again(self._app.outside.training)
        services = self._app.outside.in_training(running)
        organisation = EmbeddedOrganisation(services.training, running)
        attempt = Course(services, self.lessons).attempt(which, organisation, Connecting())
        with self._turn, asyncio.Runner() as runner:
            return runner.run(act(attempt))

    async def reset(self, which: str) -> tuple[str, ...]:
        """Start a lesson over; the folders where its bundles lie now. Raises KonnectError."""

        def reset() -> tuple[str, ...]:
            with self._turn:
                return self.course.reset(which)

        return await beside(reset)


def _lessons(folder: str | None, language: str) -> tuple[tuple[Shelved, ...], str]:
    """All of them; without the trainer's where there is something wrong with those, and what that is."""
    try:
        return shelf(folder, language), ""
    except KonnectError as fault:
        first = fault.problems[0] if fault.problems else None
        told = f"{first.field}: {first.message}" if first else fault.message
        more = f"{told} So the lessons of {folder} are left out; `konnect-tui training check` names every fault."
        return shelf(None, language), more
