"""The page of `flow.platforms`: its fields are all there is to it."""

from konnect_tui.ui.steps import StepView

VIEW = StepView
