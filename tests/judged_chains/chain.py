"""A chain to be judged, and a few that many of the others start from."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from certificate_forge import forge
from certificate_maker import Made

from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.secret import Secret


class Chain(NamedTuple):
    """What is uploaded and presented. `cause` is the planted fault, None for a chain that is accepted.

    `key` is the node's private key where it is not the first presented certificate's own.
    """

    uploaded: Sequence[Made]
    presented: Sequence[Made]
    cause: str | None = None
    mode: Mode = "pki"
    key: Made | None = None

    @property
    def secret(self) -> Secret:
        """The node's key."""
        return (self.key or self.presented[0]).secret


Chains = dict[str, Callable[[], Chain]]


class Three(NamedTuple):
    """Root, intermediate and leaf."""

    root: Made
    middle: Made
    leaf: Made


def three(
    root: dict[str, Any] | None = None, middle: dict[str, Any] | None = None, leaf: dict[str, Any] | None = None
) -> Three:
    """A usual chain, each link with its own peculiarities."""
    top = forge("Acme Root", ca=True, **(root or {}))
    between = forge("Acme Issuing", top, **{"ca": True, **(middle or {})})
    return Three(top, between, forge("edge-1", between, **(leaf or {})))


def chained(
    cause: str | None = None,
    *,
    root: dict[str, Any] | None = None,
    middle: dict[str, Any] | None = None,
    leaf: dict[str, Any] | None = None,
) -> Chain:
    """The usual chain, its root uploaded, its leaf and intermediate presented."""
    top, between, end = three(root, middle, leaf)
    return Chain([top], [end, between], cause)


def stranger(name: str = "Other Root") -> Made:
    """A root that has nothing to do with the rest."""
    return forge(name, ca=True)
