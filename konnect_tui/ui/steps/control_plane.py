"""The page of `flow.control_plane`: in Konnect a list, offline its fields."""

from msgspec.structs import replace

from konnect_tui.draft import TOLD, Draft
from konnect_tui.flow.control_plane import LISTED_HELP
from konnect_tui.flow.step import Scene, Step
from konnect_tui.ui.steps import StepView


class ControlPlaneStep(StepView):
    """Its fields are all there is to it."""

    def on_mount(self) -> None:
        """Loading cryptography takes as long as ten key presses: not when the page that needs it opens."""
        self.konnect.warm("konnect_tui.pki.drawing.chain")


def _page(step: Step, draft: Draft, scene: Scene) -> StepView:
    if draft.control_plane.source in TOLD and scene.live:
        from konnect_tui.ui.steps.planes import PlanesStep

        return PlanesStep(replace(step, help=LISTED_HELP), draft, scene)
    return ControlPlaneStep(step, draft, scene)


VIEW = _page
