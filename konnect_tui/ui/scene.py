"""What the wizard finds around it when it starts, and how it gets at what was found."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from konnect_tui.flow.paths import shown
from konnect_tui.flow.step import Saved, Scene

if TYPE_CHECKING:
    from konnect_tui.services import Services

_MOST = 5
"""Drafts and bundles offered on the first page: more would push the first choice off the screen."""


_STANDS = "See it, change it, add nodes or platforms."
_WAITS = "Waiting for certificates: give it what your PKI desk sent."


def look_around(services: "Services") -> Scene:
    """The scene, from the services. Only looks, and never fails for what it can't read."""
    environ = services.environ
    return Scene(
        now=services.now(),
        workspace=shown(services.root),
        workspaces=tuple(shown(path) for path in _workspaces(services)),
        drafts=_drafts(services),
        bundles=_bundles(services),
        passphrase_given=bool(environ.get("KONNECT_TUI_CA_PASSPHRASE")),
        token=bool(environ.get("KONNECT_TOKEN")),
        known=services.known,
        region=services.recent.region,
    )


def _workspaces(services: "Services") -> list[str]:
    """Where bundles may land: a choice only where nobody chose already."""
    usual = os.path.join(os.path.expanduser("~"), "konnect-dp")
    here = os.path.abspath("konnect-dp")
    chosen = services.environ.get("KONNECT_TUI_WORKSPACE")
    return [services.root] if chosen or services.root not in (usual, here) or usual == here else [usual, here]


def _drafts(services: "Services") -> tuple[Saved, ...]:
    try:
        found = services.drafts.list()[:_MOST]
    except OSError:
        return ()
    return tuple(
        Saved(draft.name, draft.name, f"Draft of {datetime.fromtimestamp(draft.saved, UTC):%Y-%m-%d %H:%M} UTC.")
        for draft in found
    )


def _bundles(services: "Services") -> tuple[Saved, ...]:
    if not os.path.isdir(services.root):
        return ()
    names = services.workspace.bundles()[:_MOST]
    return tuple(Saved(name, name, _WAITS if waits(services.root, name) else _STANDS) for name in names)


def waits(root: str, bundle: str) -> bool:
    """Whether certificates were requested for the bundle and some have not come: then there are requests in it.

    Only looks for the files: the first page has no time to read manifests.
    """
    nodes = os.path.join(root, bundle, "nodes")
    if not os.path.exists(os.path.join(root, bundle, "csr.sh")):
        return False
    try:
        with os.scandir(nodes) as found:
            return any(os.path.exists(os.path.join(each.path, "tls.csr")) for each in found)
    except OSError:
        return False
