"""What was uploaded, noted in the bundle; and what a bundle knows of its control plane, for finding it again."""

from konnect_tui import manifest
from konnect_tui.converge.belonging import memory
from konnect_tui.defaults import bundle_name
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, Problem, warning
from konnect_tui.live.record import record
from konnect_tui.live.upload import Uploading
from konnect_tui.manifest import Kept
from konnect_tui.services import Services


def kept(services: Services, draft: Draft) -> Kept | None:
    """What the bundle of that name remembers, if one stands. Raises KonnectError `manifest-damaged`."""
    name = bundle_name(draft)
    if services.workspace.look(name) != "bundle":
        return None
    return manifest.read(f"{services.workspace.path(name)}/{manifest.NAME}")


def noted(services: Services, uploading: Uploading, bundle: str) -> tuple[Problem, ...]:
    """Note in the bundle what Konnect has by now; what there is to say about that. Never raises KonnectError."""
    problems = [
        warning("", "given-again", f"{given.file} was no longer in Konnect, and was uploaded again.")
        for given in uploading.given
        if given.again
    ]
    konnect = memory(uploading.target, None)
    ids = {given.sha256: given.id for given in uploading.given if given.state != "pending"}
    if konnect is not None and ids:
        try:
            record(services, bundle, konnect, ids)
        except KonnectError as fault:
            problems.append(
                warning("", "not-recorded", f"The upload could not be noted in the bundle. {fault.message}")
            )
    return tuple(problems)
