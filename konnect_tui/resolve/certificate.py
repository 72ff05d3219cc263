"""What the certificates will say: where they come from, when they end, what they are called."""

from collections.abc import Mapping
from datetime import datetime

from konnect_tui.defaults import end_of
from konnect_tui.draft import Certificate, Draft
from konnect_tui.errors import KonnectError, error
from konnect_tui.manifest import Kept
from konnect_tui.pki.bringing.supply import Supply
from konnect_tui.pki.names import common_name
from konnect_tui.plan import CLOCK_SKEW, SHARED, PlannedCertificate, PlannedControlPlane


def certificate(
    draft: Draft,
    control_plane: PlannedControlPlane,
    names: tuple[str, ...],
    now: datetime,
    kept: Kept | None,
    supply: Supply | None,
) -> PlannedCertificate:
    """The certificates of a bundle. `kept` is what it remembers, where that still holds; `supply` what was given.

    Raises KonnectError `invalid-input` for `outlives-issuer`.
    """
    said = draft.certificate
    source, per = said.source or "generate", said.per or "node"
    identities = names if per == "node" else (SHARED,) if names else ()
    not_after, ca_not_after = _ends(said, control_plane.auth_mode, now, kept, supply)
    subject = (("O", said.organization), ("OU", said.organizational_unit), ("C", said.country))
    made_here = control_plane.auth_mode == "pki" and source == "generate"
    return PlannedCertificate(
        source=source,
        per=per,
        key=said.key or "ec-p256",
        not_before=now.replace(microsecond=0) - CLOCK_SKEW,
        not_after=not_after,
        ca_not_after=ca_not_after,
        common_names=_common_names(said, control_plane, identities),
        subject=tuple((key, value) for key, value in subject if value),
        sans=said.sans or (),
        intermediates=(said.intermediates or 0) if made_here else 0,
        upload=_upload(said, made_here, control_plane.auth_mode),
        ca_key=said.ca_key or "encrypted",
        custody=said.custody or "bundle",
        pending=_pending(source, identities, kept, supply),
    )


def _upload(said: Certificate, made_here: bool, auth_mode: str) -> str:
    if made_here:
        return said.upload or "root"
    return "ca" if auth_mode == "pki" else "leaf"


def _pending(source: str, identities: tuple[str, ...], kept: Kept | None, supply: Supply | None) -> tuple[str, ...]:
    """The identities whose certificate was requested and has not come."""
    if source != "csr":
        return ()
    if supply is None:
        return tuple(name for name in identities if kept is None or name in kept.manifest.pending)
    return tuple(name for name in identities if name not in supply.identities)


def _ends(
    said: Certificate, auth_mode: str, now: datetime, kept: Kept | None, supply: Supply | None
) -> tuple[datetime, datetime]:
    """When leaves end, and when their CA does.

    What others made ends when it ends. A CA made here lives ten years, or as long as its first leaves where that is
    longer: short-lived leaves would else need a new CA, and so a new upload, with every renewal. Nothing outlives
    its issuer.
    """
    if kept is not None and (kept.draft.certificate.source or "generate") != (said.source or "generate"):
        kept = None
    same_life = kept is not None and _life(kept.draft.certificate) == _life(said)
    not_after = kept.manifest.not_after if kept and same_life else end_of(said, now)
    if said.source in ("import", "csr"):
        given = supply.not_after if supply is not None else None
        return given or not_after, given or not_after
    if supply is not None and supply.signer is not None:
        ca_not_after = supply.signer.not_after
    elif kept and _issued(kept.draft.certificate, kept.draft.control_plane.auth_mode):
        ca_not_after = kept.manifest.ca_not_after
    else:
        ca_not_after = max(not_after, end_of(Certificate(), now))
    if _issued(said, auth_mode) and not_after > ca_not_after:
        _refuse_to_outlive(said, not_after, ca_not_after)
        not_after = ca_not_after
    return not_after, ca_not_after


def _issued(said: Certificate, auth_mode: str | None) -> bool:
    """Whether a CA signs the leaves, which then end no later than it does."""
    return auth_mode == "pki" or said.source == "issue"


def _refuse_to_outlive(said: Certificate, not_after: datetime, ca_not_after: datetime) -> None:
    """A default is cut to the end of the CA; what was written is not."""
    if not any(_life(said)):
        return
    field = next(key for key in ("years", "days", "not_after") if getattr(said, key) is not None)
    message = f"The leaves would end {not_after:%Y-%m-%d}, after the CA that issues them ({ca_not_after:%Y-%m-%d})."
    raise KonnectError("invalid-input", message, problems=(error(f"certificate.{field}", "outlives-issuer", message),))


def _life(certificate: Certificate) -> tuple[object, ...]:
    return certificate.years, certificate.days, certificate.not_after


def _common_names(
    said: Certificate, control_plane: PlannedControlPlane, identities: tuple[str, ...]
) -> Mapping[str, str]:
    if said.source == "import":
        return {}
    if said.common_name:
        return dict.fromkeys(identities, common_name(said.common_name))
    if control_plane.auth_mode == "pinned" and said.source != "csr":
        return dict.fromkeys(identities, common_name(f"konnect-{control_plane.name}"))
    return {identity: common_name(f"{identity}.{control_plane.name}") for identity in identities}
