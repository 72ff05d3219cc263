"""Make or converge the bundle that a draft describes: first a proposal that touches nothing, then the deed.

`apply` and the wizard both go through here; neither can do anything the other can't.
"""

from konnect_tui.converge.carry import Result, carry_out
from konnect_tui.converge.propose import Proposal, propose
from konnect_tui.converge.wish import Wish

__all__ = ["Proposal", "Result", "Wish", "carry_out", "propose"]
