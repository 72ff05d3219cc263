"""What was made before and is gone on with: a saved draft, or the answers of a bundle."""

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from konnect_tui.answers import loads, read_file
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, Problem
from konnect_tui.flow.start import BUNDLE, DRAFT

if TYPE_CHECKING:
    from konnect_tui.services import Services


class Loaded(Struct, frozen=True):
    """The name of the draft or bundle, the text of a draft as it was saved, and the answers."""

    name: str
    text: str
    draft: Draft


def load(services: "Services", chosen: str, *, training_only: bool) -> Loaded:
    """What was chosen on Start. In training nothing can reach the real Konnect, whatever was saved before.

    Raises OSError, and KonnectError `not-found`, `invalid-input`, `not-applicable`.
    """
    loaded = _bundle(services, chosen) if chosen.startswith(BUNDLE) else _draft(services, chosen)
    if training_only and loaded.draft.control_plane.source == "konnect":
        message = "That is for a control plane in Konnect, and this is training: run konnect-tui without --training."
        raise KonnectError("not-applicable", message)
    return loaded


def _bundle(services: "Services", chosen: str) -> Loaded:
    name = chosen.removeprefix(BUNDLE)
    answers = read_file(os.path.join(services.root, name, "konnect-tui.toml"))
    _refuse(answers.problems)
    return Loaded(name, "", answers.draft)


def _draft(services: "Services", chosen: str) -> Loaded:
    name = chosen.removeprefix(DRAFT)
    saved = next((saved for saved in services.drafts.list() if saved.name == name), None)
    if saved is None:
        raise KonnectError("not-found", f"The draft {name} is gone.")
    answers = loads(saved.text, name=f"The draft {name}")
    _refuse(answers.problems)
    return Loaded(name, saved.text, answers.draft)


def _refuse(problems: tuple[Problem, ...]) -> None:
    wrong = tuple(problem for problem in problems if problem.severity == "error")
    if wrong:
        raise KonnectError("invalid-input", wrong[0].message, problems=wrong)
