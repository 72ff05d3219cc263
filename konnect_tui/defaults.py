"""What holds where the answers say nothing, and the names and ends that follow from what they do say.

Small on purpose: the wizard's first page needs it.
"""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

from konnect_tui.draft import Certificate, Draft
from konnect_tui.konnect.connections import region_of
from konnect_tui.nodes import expand

DEFAULT_YEARS: Final = 10
DEFAULT_NODES: Final = ("node-1",)
DEFAULT_PLATFORMS: Final = ("docker",)
DEFAULT_IMAGE: Final = "kong/kong-gateway"
BASE_PORTS: Final = (8000, 8443, 8100)


def bundle_name(draft: Draft) -> str:
    """The bundle's folder name: as written, else the slug of control plane and region."""
    if draft.output.bundle:
        return draft.output.bundle
    region = region_of(draft.control_plane)
    parts = [slug(draft.control_plane.name or "")[:72].rstrip("-"), region or ""]
    return "-".join(part for part in parts if part)


def slug(name: str) -> str:
    """A name as lower-case ASCII letters, digits and single hyphens; never empty."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "data-plane"


def node_names(draft: Draft) -> tuple[str, ...]:
    """Every node's name, patterns expanded."""
    return DEFAULT_NODES if draft.node.names is None else expand(draft.node.names)


def end_of(certificate: Certificate, now: datetime) -> datetime:
    """When a certificate made now would end: calendar years or days from now, or the date that was written.

    A written date means the whole of that day, UTC.
    """
    written = certificate.not_after
    if isinstance(written, datetime):
        return (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    if written is not None:
        return datetime.combine(written, time(23, 59, 59), UTC)
    now = now.replace(microsecond=0)
    if certificate.days is not None:
        return now + timedelta(days=certificate.days)
    return _years_later(now, certificate.years or DEFAULT_YEARS)


def _years_later(now: datetime, years: int) -> datetime:
    try:
        return now.replace(year=now.year + years)
    except ValueError:  # 29 February
        return now.replace(year=now.year + years, day=28)
