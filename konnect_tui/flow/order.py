"""The order of the steps: the only place that knows it. A step's module is loaded when the step is needed."""

from functools import cache
from importlib import import_module
from typing import Final

from konnect_tui.draft import Draft
from konnect_tui.errors import Problem
from konnect_tui.flow.step import Step, belongs

ORDER: Final = (
    ("start", "Start"),
    ("region", "Region"),
    ("control_plane", "Control plane"),
    ("authentication", "Authentication"),
    ("certificates", "Certificates"),
    ("node", "Node"),
    ("platforms", "Platforms"),
    ("review", "Review"),
    ("create", "Create"),
)
"""Key (the module's name here and in the renderers) and title."""

KEYS: Final = tuple(key for key, _ in ORDER)
REVIEW: Final = "review"


@cache
def step(key: str) -> Step:
    """The step of that key."""
    found: Step = import_module(f"konnect_tui.flow.{key}").STEP
    return found


def following(key: str, draft: Draft, way: int = 1) -> str | None:
    """The next step (`way` 1) or the one before (-1) that applies, None at either end."""
    position = KEYS.index(key) + way
    while 0 <= position < len(KEYS):
        if step(KEYS[position]).applies(draft):
            return KEYS[position]
        position += way
    return None


def fitting(draft: Draft) -> Draft:
    """The answers that apply. The wizard keeps the others, so that choosing one way and back loses nothing."""
    for key in KEYS:
        draft = step(key).fit(draft)
    return draft


def owner(problem: Problem) -> str | None:
    """The key of the step that the problem belongs to: the one with the longest fitting prefix."""
    fitting = [(len(prefix), key) for key in KEYS for prefix in step(key).prefixes if belongs(problem, prefix)]
    return max(fitting)[1] if fitting else None
