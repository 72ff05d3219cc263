"""The page of `flow.control_plane`: while its address is looked up, what Certificates needs is loaded."""

from konnect_tui.ui.steps import StepView


class ControlPlaneStep(StepView):
    """Its fields are all there is to it."""

    def on_mount(self) -> None:
        """Loading cryptography takes as long as ten key presses: not when the page that needs it opens."""
        self.konnect.warm("konnect_tui.pki.drawing.chain")


VIEW = ControlPlaneStep
