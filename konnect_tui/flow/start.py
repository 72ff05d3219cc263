"""Where to begin: in Konnect, offline, in training, with a saved draft, or with a bundle that exists."""

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.draft import ControlPlane, Draft
from konnect_tui.flow import connecting
from konnect_tui.flow.connecting import Connecting
from konnect_tui.flow.step import Choice, Field, Scene, Step, Value, write

KONNECT = "konnect"
NEW = "new"
TRAINING = "training"
DRAFT = "draft:"
BUNDLE = "bundle:"
LOOK = "look"
LESSON = "lesson"
LESSONS = "lessons"

_SOURCES = {KONNECT: "konnect", NEW: "manual", TRAINING: "training"}


class Beginning(Struct, frozen=True):
    """What was answered on the page, none of which goes into the draft: how to begin, and how into Konnect."""

    begin: str = ""
    connecting: Connecting = Connecting()
    lesson: str = ""
    """The next lesson, by number and title, once that is known."""

    def chosen(self, scene: Scene) -> str:
        """What was chosen, else Konnect where a token is at hand, else offline: the first page asks for no token.

        Who is here for the first time is led into training.
        """
        if self.begin:
            return self.begin
        if scene.live:
            return TRAINING if scene.live.training else KONNECT
        if scene.training or scene.untouched:
            return TRAINING
        return KONNECT if scene.token or scene.region else NEW

    def connects(self, scene: Scene) -> bool:
        """Whether Konnect is asked before the page is left."""
        return self.chosen(scene) == KONNECT or self.connecting.resuming


def fields(beginning: Beginning, draft: Draft, scene: Scene) -> tuple[Field, ...]:
    """What is asked, as far as the page has been answered."""
    asked = [_begin(beginning, scene)]
    if beginning.connects(scene):
        asked += connecting.fields(beginning.connecting, scene)
    if len(scene.workspaces) > 1:
        asked.append(_workspace(scene))
    return tuple(asked)


_IN_KONNECT = Choice(
    KONNECT, "Set up nodes in Konnect", "Choose the control plane, give it the certificate, see them join."
)
_OFFLINE = Choice(NEW, "Set up nodes offline", "No account and no token. Certificates and configuration are made here.")
_TRAIN = Choice(
    TRAINING, "Set up nodes in training", "A Konnect of your own on this machine: no account, nothing can break."
)
_TRAIN_FIRST = Choice(
    TRAINING,
    "Set up a first node in training",
    "A Konnect of your own on this machine: no account, nothing can break.",
)

_LEARN = "Ten minutes: foresee what happens, see it happen, repair it."
_LESSONS = Choice(LESSONS, "All lessons", "One fault at a time. What you solved is kept.")


def _begin(beginning: Beginning, scene: Scene) -> Field:
    newcomer = scene.training or scene.untouched
    lesson = Choice(LESSON, beginning.lesson or "The next lesson", _LEARN)
    choices = [_TRAIN_FIRST, lesson, _LESSONS] if newcomer else []
    choices += [] if scene.training else [_IN_KONNECT, _OFFLINE]
    choices += [Choice(DRAFT + saved.reference, f"Go on with {saved.title}", saved.detail) for saved in scene.drafts]
    choices += [Choice(BUNDLE + saved.reference, f"Open {saved.title}", saved.detail) for saved in scene.bundles]
    choices.append(
        Choice(LOOK, "Look at a chain", "Which certificate goes where, and would it be accepted? Yours or a sample.")
    )
    choices += [] if newcomer else [_TRAIN, _LESSONS]
    return Field(
        key="start",
        label="Begin",
        kind="choice",
        main=True,
        choices=tuple(choices),
        default=beginning.chosen(scene),
        put=_put,
        help=(
            "Enter begins. Nothing is written before the last page, and leaving keeps what you chose. A draft is "
            "what was chosen before the wizard was left. Opening a bundle loads the answers it was made from."
        ),
    )


def _put(draft: Draft, value: Value) -> Draft:
    """Where nothing is said yet, the choice says where the control plane is known from."""
    if value not in _SOURCES or draft.control_plane.source:
        return draft
    return write(draft, "control_plane.source", _SOURCES[str(value)])


def begun(draft: Draft, value: str) -> Draft:
    """The draft with its control plane known from where was chosen. What else it says stays."""
    plane, wanted = draft.control_plane, _SOURCES.get(value, "")
    if not wanted or plane.source == wanted:
        return draft
    if plane.source is None:
        return write(draft, "control_plane.source", wanted)
    kept = ControlPlane(source=wanted, region=plane.region, name=plane.name if wanted == "manual" else None)
    return replace(draft, control_plane=kept)


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
        (
            "With Konnect you choose the control plane from a list, and it is given the certificates. That takes an "
            "access token: from KONNECT_TOKEN, from the system's keyring, or typed here. In Konnect it is made under "
            "your name › Personal access tokens, or for a machine under Organization › System accounts."
        ),
        "Offline you paste the control plane's address, and upload the certificates yourself.",
        (
            "Training is a small organisation of its own on this machine, that answers as Konnect does, with a control "
            "plane that shakes hands. Practice nodes take the part of Kong. Nothing of it reaches the real Konnect, "
            "and your token is not read."
        ),
        (
            "Lessons break something on purpose: you say what will happen, handshakes answer, you repair it. The key l "
            "opens the next one."
        ),
    ),
    fields=lambda draft, scene: fields(Beginning(), draft, scene),
)
