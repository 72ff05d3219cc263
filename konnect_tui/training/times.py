"""Times as Konnect's API writes them."""

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as control planes have it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(at: datetime) -> int:
    """Unix seconds, as certificates and nodes have it."""
    return int(at.timestamp())
