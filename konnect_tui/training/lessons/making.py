"""The lesson's own bundle: what it is made from, and files written whole."""

import os
import shutil
from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from konnect_tui import draft
from konnect_tui.bundle import FOLDER_MODE, File
from konnect_tui.errors import KonnectError
from konnect_tui.services import Services
from konnect_tui.training.lessons.organisation import Placed
from konnect_tui.training.lessons.stage import Stage
from konnect_tui.workspace import tree
from konnect_tui.workspace.disk import Disk


def at(services: Services, then: datetime) -> Services:
    """The same workspace at another time, with nothing of the environment."""
    return Services(services.root, environ={}, now=lambda: then)


def answers(place: Stage, placed: Placed) -> draft.Draft:
    """What the lesson's bundle is made from; every default that matters is written out."""
    scene = place.round.scene
    bundle = scene.bundle
    made = draft.Certificate(source="generate", per=bundle.per, days=bundle.days, upload=bundle.upload)
    if bundle.issued_by is not None:
        path = f"{place.material}/{bundle.issued_by}"
        chain = f"{place.material}/chain.crt"
        made = replace(made, source="issue", ca_certificate=f"{path}.crt", ca_key_file=f"{path}.key", chain=chain)
    elif scene.auth_mode == "pki":
        made = replace(made, ca_key="plain", intermediates=bundle.intermediates)
    return draft.Draft(
        control_plane=placed.section,
        certificate=made,
        node=draft.Node(
            names=bundle.nodes, http_port=place.port, https_port=place.port + 16, status_port=place.port + 32
        ),
        output=draft.Output(bundle=place.name, platforms=("docker",)),
        platform={"docker": {"network": "host"}},  # the control plane listens on the host's loopback
    )


def write(path: str, content: bytes, mode: int) -> None:
    """Write a file whole, with its mode from its first byte; one of that name is replaced. Raises `disk-failed`."""
    try:
        tree.put(Disk(), path, File(content, mode))
    except OSError as fault:
        raise KonnectError("disk-failed", f"{path} can't be written: {fault.strerror}.") from None


def empty_folder(path: str) -> None:
    """A folder of the lesson's own with nothing in it, in place of what was there. Raises `disk-failed`."""
    try:
        with suppress(FileNotFoundError):
            shutil.rmtree(path)
        os.makedirs(path, mode=FOLDER_MODE)
    except OSError as fault:
        raise KonnectError("disk-failed", f"{path} can't be made anew: {fault.strerror or 'it is a link'}.") from None


def quiet(_what: str, _done: int, _of: int) -> None:
    """Hear of progress and say nothing."""
