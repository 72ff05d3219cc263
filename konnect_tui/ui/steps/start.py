"""The page of `flow.start`."""

from konnect_tui.ui.steps import StepView


class StartStep(StepView):
    """Begin anew, go on with a draft, or open a bundle."""


VIEW = StartStep
