"""The page of `flow.control_plane`: its fields are all there is to it."""

from konnect_tui.ui.steps import StepView

VIEW = StepView
