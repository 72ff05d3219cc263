"""Draft → Problems: every fault of what was chosen, the same for wizard, plain prompts and `apply`.

Pure: no disk, no network, no clock. What only a file, a certificate or the target host can tell is looked at
where those are read. One module per section of the answers.
"""

from datetime import date

from konnect_tui.checks.certificate import check_certificate
from konnect_tui.checks.control_plane import check_control_plane
from konnect_tui.checks.gateway import check_gateway
from konnect_tui.checks.network import check_network
from konnect_tui.checks.node import check_node
from konnect_tui.checks.output import check_output
from konnect_tui.draft import Draft
from konnect_tui.errors import Problem

__all__ = ["check"]


def check(draft: Draft, today: date) -> tuple[Problem, ...]:
    """All faults of a draft, in the order of the answers file's sections.

    Without a problem of severity error, `resolve` makes a Plan of it. `field` is the dotted key at fault;
    what is missing altogether is a fault too, so that a fresh draft has some.
    """
    return (
        *check_control_plane(draft),
        *check_certificate(draft, today),
        *check_gateway(draft, today),
        *check_node(draft, today),
        *check_network(draft),
        *check_output(draft),
    )
