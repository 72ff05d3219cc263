"""What the wizard finds around it when it starts."""

import os
from typing import TYPE_CHECKING

from konnect_tui.flow.step import Saved, Scene

if TYPE_CHECKING:
    from konnect_tui.services import Services


def look_around(services: "Services") -> Scene:
    """The scene, from the services. Only looks, and never fails for what it can't read."""
    return Scene(now=services.now(), workspace=shown(services.root), workspaces=(), drafts=(), bundles=())


def shown(path: str) -> str:
    """A path as people write it: from the home folder where it is in there."""
    home = os.path.expanduser("~")
    return f"~{path[len(home) :]}" if path.startswith(f"{home}{os.sep}") else path
