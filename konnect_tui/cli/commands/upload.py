"""`konnect-tui upload BUNDLE`: give Konnect what is pending."""

from argparse import Namespace

from konnect_tui.cli.answer import Answer
from konnect_tui.errors import KonnectError


def run(_: Namespace) -> Answer:
    """Known, and not there yet."""
    raise KonnectError("not-available-yet", "konnect-tui upload is known, but this release does not have it yet.")
