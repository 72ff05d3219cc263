"""Whose a bundle is: the organisation and control plane it was made for are never exchanged for others."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from konnect_tui.draft import TOLD
from konnect_tui.errors import KonnectError, Problem, note, warning
from konnect_tui.manifest import Kept, KeptKonnect, KeptUpload
from konnect_tui.plan import Plan
from konnect_tui.resolve.control_plane import same_control_plane

if TYPE_CHECKING:
    from konnect_tui.konnect.models import Organization
    from konnect_tui.konnect.target import Target

_NAMED: Final = 5


def refuse_another_organization(known: KeptKonnect, organization: "Organization", *, training: bool = False) -> None:
    """Raise `other-organization` where the token belongs to another organisation than the bundle.

    `training`: it is the embedded one that was asked.
    """
    if known.organization == organization.id:
        return
    if training:
        raise _another_training_organization(known, organization)
    message = f"The bundle belongs to the organisation {_named(known.organization_name, known.organization)}."
    context = f"The token is one of {_named(organization.name, organization.id)}."
    raise KonnectError("other-organization", message, context=context)


def _another_training_organization(known: KeptKonnect, organization: "Organization") -> KonnectError:
    """Each seed makes its organisation anew, with ids of its own: a bundle of the one before is of no use in it."""
    message = (
        f"The bundle was made in another training organisation, {_named(known.organization_name, known.organization)}."
    )
    context = (
        f"The one on this machine now is {_named(organization.name, organization.id)}: it was begun anew (--fresh)."
    )
    hint = "Make the bundle anew: remove it or give output.bundle another name, then apply."
    return KonnectError("other-organization", message, context=context, hint=hint)


def _named(name: str, identity: str) -> str:
    return f"{name} ({identity})" if name else identity


def refuse_another_control_plane(plan: Plan, kept: Kept) -> None:
    """Raise `other-control-plane` where the bundle was made for another control plane than the plan is for."""
    if same_control_plane(plan, kept):
        return
    known, now = kept.manifest.konnect, plan.control_plane.id
    by_id = known is not None and now is not None
    before = f"the control plane {known.id}" if known is not None and by_id else kept.manifest.control_plane.address
    message = f"The bundle {plan.bundle} was made for {before}."
    context = f"These answers are for {now if by_id else plan.control_plane.config.address}."
    raise KonnectError("other-control-plane", message, context=context)


def moved(plan: Plan, target: "Target | None") -> Iterator[Problem]:
    """The warning that Konnect names other endpoints today than those that the bundle keeps."""
    if target is None or target.unborn or plan.control_plane.source not in TOLD:
        return
    from konnect_tui.konnect.target import endpoints

    kept = (plan.control_plane.config, plan.control_plane.telemetry)
    today = endpoints(target, plan.draft.control_plane)
    differing = [new.address for old, new in zip(kept, today, strict=True) if old.address != new.address]
    if differing:
        message = f"Konnect now names {' and '.join(differing)}; the bundle keeps the endpoints it was made with."
        yield warning("control_plane.region", "endpoints-moved", message)


def left_behind(kept: Kept | None, uploads: Iterable[KeptUpload]) -> Iterator[Problem]:
    """The note of certificates that Konnect was given for this bundle, and that it no longer uses."""
    used = {upload.sha256 for upload in uploads}
    left = [upload for upload in (kept.manifest.uploads if kept else ()) if upload.id and upload.sha256 not in used]
    if left:
        some = ", ".join(f"{upload.file} ({upload.id})" for upload in left[:_NAMED])
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        message = f"What Konnect was given before stays there until someone deletes it: {some}{more}."
        yield note("", "stays-in-konnect", message)


def memory(target: "Target | None", kept: Kept | None) -> KeptKonnect | None:
    """What the manifest remembers of Konnect."""
    if target is None:
        return kept.manifest.konnect if kept else None
    organization = target.organization
    return KeptKonnect(target.control_plane.id, target.region, organization.id, organization.name)
