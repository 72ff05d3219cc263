"""`konnect-tui regions`: the regions and their hosts."""

from argparse import Namespace

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.columns import columns
from konnect_tui.konnect.regions import AS_OF, REGIONS


def run(_: Namespace) -> Answer:
    """The table of regions; what the product doesn't list is accepted all the same."""
    rows = [
        {"code": region.code, "name": region.name, "opt_in": region.opt_in, "api": region.api} for region in REGIONS
    ]
    table = [(region.code, region.name, "opt-in" if region.opt_in else "", region.api) for region in REGIONS]
    talk = (f"as of {AS_OF}; other codes of two letters are accepted",)
    return Answer({"regions": rows}, stdout=columns(table), talk=talk)
