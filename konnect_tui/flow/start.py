"""Where to begin: anew, with a saved draft, or with a bundle that exists."""

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Choice, Field, Scene, Step, Value, write

NEW = "new"
DRAFT = "draft:"
BUNDLE = "bundle:"
LOOK = "look"


def _fields(draft: Draft, scene: Scene) -> tuple[Field, ...]:
    choices = [
        Choice(NEW, "Set up nodes", "Offline: no account and no token. Certificates and configuration are made here.")
    ]
    choices += [Choice(DRAFT + saved.reference, f"Go on with {saved.title}", saved.detail) for saved in scene.drafts]
    choices += [Choice(BUNDLE + saved.reference, f"Open {saved.title}", saved.detail) for saved in scene.bundles]
    choices.append(
        Choice(LOOK, "Look at a chain", "Which certificate goes where, and would it be accepted? Yours or a sample.")
    )
    begin = Field(
        key="start",
        label="Begin",
        kind="choice",
        main=True,
        choices=tuple(choices),
        default=NEW,
        put=_begin,
        help=(
            "Enter begins. Nothing is written before the last page, and leaving keeps what you chose. A draft is "
            "what was chosen before the wizard was left. Opening a bundle loads the answers it was made from."
        ),
    )
    return (begin, _workspace(scene)) if len(scene.workspaces) > 1 else (begin,)


def _begin(draft: Draft, value: Value) -> Draft:
    """Anew means offline, as long as nothing else is said. What is gone on with brings its own answers."""
    if value != NEW or draft.control_plane.source:
        return draft
    return write(draft, "control_plane.source", "manual")


def _workspace(scene: Scene) -> Field:
    return Field(
        key="workspace",
        label="Bundles land in",
        kind="choice",
        choices=tuple(Choice(path, path) for path in scene.workspaces),
        default=scene.workspace,
        get=lambda draft: scene.workspace,
        help=(
            "The workspace is a folder of bundles that only you can read, since keys are in them. --workspace "
            "names another."
        ),
    )


STEP = Step(
    key="start",
    title="Start",
    why="From nothing to Kong Gateway nodes that run on Konnect.",
    help=(
        "Nine short pages. Everything has a default but the region and the control plane.",
        "Nothing is written before the last page, where you first see every file. Leaving keeps what you chose.",
    ),
    fields=_fields,
)
