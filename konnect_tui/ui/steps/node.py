"""The page of `flow.node`: its fields are all there is to it."""

from konnect_tui.ui.steps import StepView

VIEW = StepView
