"""The control plane a bundle is for, as Konnect told it, with the region and organisation it was found in."""

from typing import Final

from msgspec import Struct

from konnect_tui.draft import ControlPlane as Section
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.address import Address, of_prefix, parse
from konnect_tui.konnect.connections import endpoint, sibling_of
from konnect_tui.konnect.endpoint import SYSTEM_TRUST, Endpoint
from konnect_tui.konnect.models import Config, ControlPlane, GroupStatus, Organization

UNBORN: Final = ""
"""The id of a control plane that is to be created and is not there yet (dry run, checks before creating)."""
UNKNOWN_PREFIX: Final = "not-known-before-it-is-created"
"""Stands in hosts for the prefix that Konnect will give."""


class Target(Struct, frozen=True):
    """Found, or to be created: then its id is empty and its hosts are not known yet.

    `member` says that it belongs to a group, which then takes the nodes in its place; `group` is how the group
    fares, where it is one itself. `elsewhere` are other regions with a control plane of the name of an unborn one.
    """

    region: str
    organization: Organization
    control_plane: ControlPlane
    member: bool = False
    group: GroupStatus | None = None
    elsewhere: tuple[str, ...] = ()

    @property
    def unborn(self) -> bool:
        """Whether it has yet to be created."""
        return self.control_plane.id == UNBORN


def endpoints(target: Target, section: Section, trust: str = SYSTEM_TRUST) -> tuple[Endpoint, Endpoint]:
    """The config and telemetry endpoints that Konnect named, with the server names and trust of the answers.

    Hosts are never built where Konnect can be asked: only of an unborn control plane they are made up, and marked
    derived. Raises KonnectError `konnect-answer` where Konnect names none that a node could use.
    """
    if target.unborn:
        config, telemetry = of_prefix(UNKNOWN_PREFIX, target.region)
        return endpoint(config, "", True, trust), endpoint(telemetry, "", True, trust)
    config, named = addresses(target.control_plane.config)
    telemetry = named or _worked_out(config)
    return (
        endpoint(config, section.server_name or "", False, trust),
        endpoint(telemetry, section.telemetry_server_name or "", named is None, trust),
    )


def addresses(config: Config) -> tuple[Address, Address | None]:
    """Both addresses as Konnect named them, the second None where it is missing. Raises as `endpoints`."""
    try:
        telemetry = parse(config.telemetry_endpoint) if config.telemetry_endpoint else None
        return parse(config.control_plane_endpoint), telemetry
    except ValueError as wrong:
        raise _unusable(str(wrong)) from None


def _worked_out(config: Address) -> Address:
    other = sibling_of(config)
    if other is None:
        raise _unusable("The telemetry endpoint is missing, and can't be worked out.")
    return other


def _unusable(why: str) -> KonnectError:
    message = f"Konnect names no usable endpoint for the control plane. {why}"
    return KonnectError("konnect-answer", message, hint="Of a control plane that is brand new, try again in a minute.")
