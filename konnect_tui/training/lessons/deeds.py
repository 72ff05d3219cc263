"""What a learner can do in the repair: as steps of the lesson, in words, and as what the product has for it."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.lesson import OWN, Round, Scene, Step
from konnect_tui.training.lessons.stepping import typed

_ORDER: Final = (words.Apply, words.Install, words.Set, words.Hold, words.Release, words.Start, words.Reconnect)


class Deed(Struct, frozen=True):
    """One step that can be taken. `said` is what it does; `otherwise` how the product, without the lesson, does it."""

    step: Step
    said: str
    otherwise: str


def deeds(round_: Round, bundle: str) -> tuple[Deed, ...]:
    """What is offered in this round; `bundle` is the folder of its bundle, quoted for a shell.

    Those that solve it, those that the lesson calls wrong, and the everyday ones, in an order that tells nothing.
    """
    steps: dict[str, Step] = {typed(each): each for each in _steps(round_)}
    order = sorted(steps, key=lambda name: (_ORDER.index(type(steps[name])), name))
    return tuple(Deed(steps[name], _said(steps[name]), _otherwise(steps[name], round_, bundle)) for name in order)


def _steps(round_: Round) -> Iterator[Step]:
    yield words.Apply()
    yield from (words.Hold(path) for path in _uploads(round_.scene))
    yield from (words.Start((node,)) for node in round_.scene.bundle.nodes)
    yield from round_.solution
    for wrong in round_.wrong:
        yield from wrong.steps


def _uploads(scene: Scene) -> Iterator[str]:
    """What lies in `upload/` of every bundle that is made so."""
    if scene.auth_mode == "pinned":
        names = scene.bundle.nodes if scene.bundle.per == "node" else ("shared",)
        yield from (f"upload/{name}.crt" for name in names)
    elif scene.bundle.issued_by is None:
        yield f"upload/{scene.bundle.upload or 'root'}.crt"


def _said(step: Step) -> str:
    match step:
        case words.Start(who=who):
            return f"Start {_and(who)}: files are read now"
        case words.Reconnect(who=who):
            return f"Let {_and(who)} connect anew, with what was read at the start"
        case words.Hold(certificate=one, at=plane):
            return f"Give {_plane(plane)} {one}"
        case words.Release(certificate=one, at=plane):
            return f"Take {one} from {_plane(plane)}"
        case words.Set(node=node, parameter="cluster_mtls", to=value, place=place):
            return f"Set cluster_mtls in {place} of {node} to {value}"
        case words.Set(node=node, parameter=parameter, to=plane, place=place):
            return f"Set {parameter} in {place} of {node} to {_plane(plane)}'s"
        case words.Install(node=node, certificates=many):
            return f"Put {', '.join(many)} into tls.crt of {node}"
        case words.Apply(days=days, new_keys=new):
            lasting = f", with certificates for {days} days" if days is not None else ""
            return f"Make the bundle, or set it right{lasting}{', with new keys' if new else ''}"


def _otherwise(step: Step, round_: Round, bundle: str) -> str:
    match step:
        case words.Start(who=who) if set(who) <= set(round_.scene.bundle.nodes):
            only = "".join(f" --node {name}" for name in who)
            return f"konnect-tui training node {bundle}{only if set(who) != set(round_.scene.bundle.nodes) else ''}"
        case words.Hold(certificate=one, at=plane) if plane == OWN and one.startswith("upload/"):
            return f"konnect-tui upload {bundle}"
        case words.Hold() | words.Release():
            return "in the wizard, F4 on Control plane, then F2 to add a certificate or F8 to remove one"
        case words.Install(node=node):
            return f"in an editor: {bundle}/nodes/{node}/tls.crt, leaf first"
        case words.Set(node=node, place=place):
            return f"in an editor: {bundle}/docker/{node}/{place}"
        case words.Apply() if round_.scene.bundle.unmade:
            return "in the wizard, from Control plane to Create"
        case words.Apply(days=days, new_keys=new):
            edit = "change `days` in konnect-tui.toml, then " if days is not None else ""
            return f"{edit}konnect-tui apply {bundle}/konnect-tui.toml --replace{' --new-keys' if new else ''}"
    return ""


def _plane(name: str) -> str:
    return "the control plane" if name == OWN else name


def _and(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
