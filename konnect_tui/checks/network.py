"""The rules of `[network]`: the forward proxy, which a later release brings."""

from collections.abc import Iterator

from konnect_tui.checks.rules import not_yet
from konnect_tui.draft import Draft
from konnect_tui.errors import Problem


def check_network(draft: Draft) -> Iterator[Problem]:
    """Every key that was given: none of them does anything yet, and none is ignored in silence."""
    for key in draft.network.__struct_fields__:
        if getattr(draft.network, key) is not None:
            yield not_yet(f"network.{key}", "A forward proxy")
