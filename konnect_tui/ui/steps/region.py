"""The page of `flow.region`: its fields; in Konnect, with the regions that Konnect names as soon as it has."""

from collections.abc import Iterable

from textual import work
from textual.widget import Widget

from konnect_tui.ui.steps import StepView


class RegionStep(StepView):
    """Asks for the regions beside the page. The built-in table is there meanwhile, and where Konnect does not say."""

    def extras(self) -> Iterable[Widget]:
        """Nothing; the regions are asked for from the first frame on."""
        session = self.konnect.session
        if session is not None and not session.regions_known:
            self._ask()
        return ()

    @work(exclusive=True, group="regions")
    async def _ask(self) -> None:
        session = self.konnect.session
        if session is not None:
            await session.learn_regions()
            self.look_again()


VIEW = RegionStep
