"""The control plane a bundle is for, as Konnect told it, with the region and organisation it was found in."""

from typing import Final

from msgspec import Struct

from konnect_tui.konnect.models import ControlPlane, Organization

UNBORN: Final = ""
"""The id of a control plane that is to be created and is not there yet (dry run, checks before creating)."""


class Target(Struct, frozen=True):
    """Found, or to be created: then its id is empty and its hosts are not known yet."""

    region: str
    organization: Organization
    control_plane: ControlPlane

    @property
    def unborn(self) -> bool:
        """Whether it has yet to be created."""
        return self.control_plane.id == UNBORN
