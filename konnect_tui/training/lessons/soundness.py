"""Whether what a lesson says hangs together: every name is somebody's, every round can fail."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from konnect_tui.codes import REGISTER
from konnect_tui.errors import Problem, error
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.lesson import NEGATIVE, Check, Lesson, Prediction, Round, Scene, Step
from konnect_tui.training.lessons.texts import question_of

_ROOT: Final = "root"
_MTLS: Final = ("pki", "shared")
_CONNECTING: Final = (words.Start, words.Reconnect)


class Known:
    """The names of a scene."""

    def __init__(self, scene: Scene) -> None:
        bundle = scene.bundle
        pki = scene.auth_mode == "pki" and bundle.issued_by is None
        self.nodes = bundle.nodes
        self.guests = tuple(guest.name for guest in scene.guests)
        self.planes = (words.OWN, *(other.name for other in scene.others))
        self.made = tuple(made.name for made in scene.certificates)
        self.authorities = (_ROOT, *(f"intermediate-{at + 1}" for at in range(bundle.intermediates))) if pki else ()

        self.of_bundle = () if bundle.unmade else (*bundle.nodes, *self.authorities)
        self.certificates = (*self.of_bundle, *self.made)
        uploads = {"root", "intermediate", "ca"} if scene.auth_mode == "pki" else {*bundle.nodes, "shared"}
        self.paths = {f"upload/{name}.crt" for name in uploads} | {f"nodes/{name}/tls.crt" for name in bundle.nodes}


def unsound(lesson: Lesson) -> Iterator[Problem]:
    """Everything that does not fit together."""
    for number, round_ in enumerate(lesson.rounds):
        field, known = f"round[{number}]", Known(round_.scene)
        yield from _scene(round_.scene, known, f"{field}.scene")
        yield from _steps(round_.scene.seed, known, f"{field}.scene.seed")
        yield from _steps(round_.run, known, f"{field}.run", connecting=True)
        yield from _steps(round_.solution, known, f"{field}.solution")
        for place, each in enumerate(round_.wrong):
            yield from _steps(each.steps, known, f"{field}.wrong[{place}].steps")
        yield from _twice((each.name for each in round_.wrong), f"{field}.wrong")
        yield from _predictions(round_, known, f"{field}.prediction")
        yield from _checks(round_.checks, known, f"{field}.check")


def foreign(step: Step, scene: Scene) -> tuple[Problem, ...]:
    """What a step names that the scene does not have."""
    return tuple(_steps((step,), Known(scene), "step"))


def _scene(scene: Scene, known: Known, field: str) -> Iterator[Problem]:
    bundle = scene.bundle
    yield from _twice((*known.nodes, *known.guests, *known.planes, words.NOWHERE), field)
    yield from _twice((*known.nodes, *known.made, _ROOT, "intermediate-1", "intermediate-2"), field)
    if scene.auth_mode == "pinned" and (bundle.intermediates or bundle.upload):
        yield _fault(f"{field}.bundle", "A pinned control plane knows no CA: no intermediates, no upload.")
    if bundle.issued_by is not None:
        yield from _named((bundle.issued_by,), _authorities(scene), f"{field}.bundle.issued_by", "CA of this scene")
    if bundle.age and bundle.unmade:
        yield _fault(f"{field}.bundle.age", "A bundle that is not made yet has no age.")
    away = [other.region for other in scene.others if other.region != scene.region]
    if len(away) > len(set(away)):
        yield _fault(f"{field}.control_plane", "Two of them would have one name in one region.")
    yield from _made(scene, known, field)
    yield from _guests(scene, known, field)


def _made(scene: Scene, known: Known, field: str) -> Iterator[Problem]:
    before: tuple[str, ...] = known.of_bundle
    for number, made in enumerate(scene.certificates):
        place = f"{field}.certificate[{number}]"
        for key in ("issuer", "named_like", "key_of"):
            if (name := getattr(made, key)) is not None:
                yield from _named((name,), before, f"{place}.{key}", "certificate made before this one")
        if made.begins >= made.end:
            yield _fault(f"{place}.ends", "It would end before it begins.")
        before = (*before, made.name)


def _guests(scene: Scene, known: Known, field: str) -> Iterator[Problem]:
    for number, guest in enumerate(scene.guests):
        place = f"{field}.guest[{number}]"
        if bool(guest.presents) == (guest.follows is not None):
            yield _fault(place, "A guest either presents certificates or follows a node.")
        yield from _named(guest.presents, known.certificates, f"{place}.presents", "certificate")
        if guest.follows is not None and scene.bundle.unmade:
            yield _fault(f"{place}.follows", "The bundle is not made yet: the node has nothing to follow.")
        elif guest.follows is not None:
            yield from _named((guest.follows,), known.nodes, f"{place}.follows", "node")


def _authorities(scene: Scene) -> tuple[str, ...]:
    return tuple(made.name for made in scene.certificates if made.kind == "ca")


def _steps(steps: Iterable[Step], known: Known, field: str, *, connecting: bool = False) -> Iterator[Problem]:
    for number, step in enumerate(steps):
        place = f"{field}[{number}]"
        if connecting and not isinstance(step, _CONNECTING):
            yield _fault(f"{place}.do", "A run only lets somebody connect: start or reconnect.")
        match step:
            case words.Start(who=who) | words.Reconnect(who=who):
                yield from _named(who, (*known.nodes, *known.guests), f"{place}.who", "node or guest")
            case words.Hold(certificate=one, at=plane) | words.Release(certificate=one, at=plane):
                yield from _certificates((one,), known, f"{place}.certificate")
                yield from _named((plane,), known.planes, f"{place}.at", "control plane of this scene")
            case words.Set(node=node, parameter=parameter, to=to):
                yield from _named((node,), known.nodes, f"{place}.node", "node")
                values = _MTLS if parameter == "cluster_mtls" else known.planes
                yield from _named((to,), values, f"{place}.to", f"value of {parameter} here")
            case words.Install(node=node, certificates=many):
                yield from _named((node,), known.nodes, f"{place}.node", "node")
                yield from _certificates(many, known, f"{place}.certificates")


def _predictions(round_: Round, known: Known, field: str) -> Iterator[Problem]:
    yield from _twice((question_of(each) for each in round_.predictions), field)
    connecting = {name for step in round_.run if isinstance(step, _CONNECTING) for name in step.who}
    for number, each in enumerate(round_.predictions):
        yield from _prediction(each, known, connecting, f"{field}[{number}]")


def _prediction(each: Prediction, known: Known, connecting: set[str], field: str) -> Iterator[Problem]:
    match each:
        case words.Verdict(who=who):
            yield from _named(who, connecting, f"{field}.who", "node or guest that connects in the run")
        case words.Cause(who=one, choices=choices):
            yield from _named((one,), connecting, f"{field}.who", "node or guest that connects in the run")
            yield from _named(choices, REGISTER, f"{field}.choices", "code of docs/codes.md")
        case words.Seen(who=one, choices=certificates):
            yield from _named((one,), connecting, f"{field}.who", "node or guest that connects in the run")
            yield from _certificates(certificates, known, f"{field}.choices")
        case words.Reached(who=one, choices=planes):
            yield from _named((one,), connecting, f"{field}.who", "node or guest that connects in the run")
            yield from _named(planes, (*known.planes, words.NOWHERE), f"{field}.choices", "control plane of this scene")
        case words.Choice(choices=choices, right=right):
            yield from _named((right,), choices, f"{field}.right", "choice")


def _checks(checks: Iterable[Check], known: Known, field: str) -> Iterator[Problem]:
    checks = tuple(checks)
    if not any(isinstance(each, NEGATIVE) for each in checks):
        said = "One check says what must not be: refused, not-held, key-unchanged, held-unchanged or none-refused."
        yield error(field, "lesson-unsound", "Nothing here would notice a repair that opens the door too wide.", said)
    if all(isinstance(each, NEGATIVE) for each in checks):
        yield _fault(field, "Doing nothing would pass: a check says what has to be true at last.")
    for number, each in enumerate(checks):
        place = f"{field}[{number}]"
        match each:
            case words.Accepted(who=who):
                yield from _named(who, (*known.nodes, *known.guests), f"{place}.who", "node or guest")
            case words.Refused(who=who):
                yield from _named(who, known.guests, f"{place}.who", "guest")
            case words.Held(certificates=many) | words.NotHeld(certificates=many):
                yield from _certificates(many, known, f"{place}.certificates")
            case words.HeldUnchanged():
                pass
            case _:
                yield from _named(each.who, known.nodes, f"{place}.who", "node")


def _certificates(meant: Iterable[str], known: Known, field: str) -> Iterator[Problem]:
    yield from _named(meant, (*known.certificates, *sorted(known.paths)), field, "certificate of this scene")


def _named(meant: Iterable[str], known: Iterable[str], field: str, what: str) -> Iterator[Problem]:
    known = tuple(known)
    for name in meant:
        if name not in known:
            listed = f"Known here: {', '.join(known)}." if 0 < len(known) <= 16 else ""
            yield error(field, "lesson-unsound", f"`{name}` is no {what}.", listed)


def _twice(names: Iterable[str], field: str) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield _fault(field, f"The name `{name}` is used {count} times.")


def _fault(field: str, message: str) -> Problem:
    return error(field, "lesson-unsound", message)
