"""What is to be said of the organisation that a token belongs to."""

from konnect_tui.errors import Problem, warning
from konnect_tui.konnect.models import Organization
from konnect_tui.words import printable


def inactive(organization: Organization) -> tuple[Problem, ...]:
    """The warning for an organisation that is not `active` (identity/v3: inactive, deleting, deleted); else nothing."""
    if organization.state in ("", "active"):
        return ()
    name = printable(organization.name or organization.id)
    message = f"The organisation {name} is {printable(organization.state)}: its nodes may lose their control planes."
    return (warning("", "organization-not-active", message),)
