"""How long certificates live, as people write it: `10 years`, `90 days`, `2031-12-31`."""

import re
from datetime import date, datetime
from typing import Final

from msgspec.structs import replace

from konnect_tui.defaults import end_of
from konnect_tui.draft import Certificate, Draft
from konnect_tui.flow.step import Scene, Unclear, Value

_SPAN: Final = re.compile(r"(\d{1,6})\s*(y|years?|d|days?)", re.IGNORECASE)
_MEANT: Final = "Write 10 years, 90 days, or the last day as 2031-12-31."


def written(draft: Draft) -> Value:
    """The lifetime as it would be typed; empty while nothing is said."""
    said = draft.certificate
    if said.years is not None:
        return f"{said.years} year{'s' * (said.years != 1)}"
    if said.days is not None:
        return f"{said.days} day{'s' * (said.days != 1)}"
    return said.not_after.isoformat() if said.not_after is not None else ""


def put(draft: Draft, value: Value) -> Draft:
    """The Draft with another lifetime. Raises `Unclear`."""
    return replace(draft, certificate=_said(draft.certificate, str(value or "").strip()))


def _said(section: Certificate, typed: str) -> Certificate:
    section = replace(section, years=None, days=None, not_after=None)
    if not typed:
        return section
    if span := _SPAN.fullmatch(typed):
        unit = "years" if span[2].lower().startswith("y") else "days"
        return replace(section, **{unit: int(span[1])})
    try:
        return replace(section, not_after=date.fromisoformat(typed))
    except ValueError:
        pass
    try:
        return replace(section, not_after=datetime.fromisoformat(typed))
    except ValueError:
        raise Unclear(_MEANT) from None


def end(draft: Draft, scene: Scene) -> str:
    """When certificates made now would end, in words."""
    try:
        moment = end_of(draft.certificate, scene.now)
    except (ValueError, OverflowError):
        return ""
    days = (moment - scene.now).days
    return f"ends {moment:%Y-%m-%d %H:%M} UTC, {days:,} days from now"
