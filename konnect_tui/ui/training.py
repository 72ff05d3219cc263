"""The embedded organisation behind the wizard: started beside the screen, asked like Konnect, ended with the wizard."""

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

from konnect_tui.ui.dialogs import QuestionScreen
from konnect_tui.ui.session import Patience, Session, begin, beside

if TYPE_CHECKING:
    from konnect_tui.errors import KonnectError
    from konnect_tui.services import Services
    from konnect_tui.training.running import Running


class Training:
    """The organisation for one run of the wizard: the one that runs on this machine, else one of its own."""

    def __init__(self) -> None:
        self.listener: int | None = None
        """The port nodes shall connect to from now on, 0 for any; None for the one that was kept."""
        self._open = ExitStack()
        self.one = asyncio.Lock()
        """Held by whoever connects: it is begun once, however many ask for it."""
        self._starting = asyncio.Lock()
        self._running: Running | None = None

    async def running(self, outside: "Services") -> "Running":
        """It, started where it does not run. Raises KonnectError as `staying`."""
        async with self._starting:
            if self._running is None:
                self._running = await beside(lambda: self._begin(outside))
        return self._running

    async def connect(self, outside: "Services") -> Session:
        """A connection to it, which is started first where it does not run. Raises KonnectError as `staying`."""
        services = outside.in_training(await self.running(outside))
        token = services.tokens.find()
        session = await begin(services, token.secret, "the training organisation itself", Patience())
        await session.learn_regions()
        return session

    def _begin(self, outside: "Services") -> "Running":
        from konnect_tui.training.at_hand import staying

        return self._open.enter_context(staying(outside.training, outside.now, listener=self.listener))

    async def end(self) -> None:
        """End what was started. One that ran before goes on."""
        await asyncio.to_thread(self._open.close)


def moving(taken: "KonnectError") -> QuestionScreen:
    """Whether nodes shall connect to another port, where another program has the one that was kept."""
    told = (
        taken.message,
        "",
        "Any free one will do, and is kept. Bundles made before name the old one; each gets the new one by",
        "konnect-tui apply BUNDLE/konnect-tui.toml --replace",
        "A lesson under way has to be begun anew.",
    )
    return QuestionScreen("Take another port?", told, "take another", "leave it")
