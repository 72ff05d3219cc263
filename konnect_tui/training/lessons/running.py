"""Let somebody connect, and say what the control plane recorded of it."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import gateway_log
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.hands import Hands
from konnect_tui.training.lessons.lesson import Prediction, Step, Steps, asked
from konnect_tui.training.lessons.organisation import Organisation, Practice, Shaken
from konnect_tui.training.lessons.stage import Begun, Stage

UNREACHED: Final = "key-mismatch"
"""The cause where somebody never got to the control plane: it has no certificate and key that fit together."""
BROKEN: Final = "handshake-broken"
"""The cause where it got there, and TLS ended before it asked for anything."""


class Came(Struct, frozen=True):
    """How one connection went. `shaken` is None where it did not even reach a control plane.

    `plane` is the one whose record has it; empty where none has.
    """

    name: str
    shaken: Shaken | None
    log: tuple[str, ...]
    plane: str = ""


class Runner:
    """Lets nodes and guests of a round connect."""

    def __init__(
        self, stage: Stage, begun: Begun, hands: Hands, organisation: Organisation, practice: Practice
    ) -> None:
        self._stage = stage
        self._begun = begun
        self._hands = hands
        self._organisation = organisation
        self._practice = practice

    async def run(self, steps: Steps) -> tuple[Came, ...]:
        """Everybody in these steps, one after the other."""
        return tuple([await self.come(step) for step in _single(steps)])

    async def come(self, step: Step) -> Came:
        """One of them: a step with one name in it."""
        if not isinstance(step, words.Start | words.Reconnect):
            raise TypeError("only starting and reconnecting lets somebody connect")
        name = step.who[0]
        before = self._organisation.last()
        log = await self._hands.do(step, self._organisation, self._practice)
        own, planes = self._own(name), self._begun.planes.items()
        came = [
            (each, plane)
            for plane, placed in planes
            for each in self._organisation.handshakes(placed, before)
            if each.leaf in own
        ]
        if came:
            shaken, plane = max(came, key=lambda each: each[0].number)
            return Came(name, shaken, log, plane)
        return Came(name, None, log)

    def _own(self, name: str) -> set[str]:
        """The leaves that this one may present: what it has now, and what it has had, before and after the seed."""
        begun = self._begun
        seeded = (begun.certificates[name],) if name in begun.certificates else ()
        ders = (*self._stage.presented(name)[:1], *seeded)
        return {*(sha256(der).hexdigest() for der in ders), begun.leaves.get(name, "")} - {""}


def truth(predictions: Iterable[Prediction], came: Iterable[Came], hands: Hands) -> dict[str, str]:
    """What the run showed, by the keys of the answers. Of several connections of one name the last counts."""
    last = {each.name: each for each in came}
    found: dict[str, str] = {}
    for each in predictions:
        for key in asked(each):
            found[key] = _truth(each, last.get(key.partition(".")[2]), hands)
    return found


def _truth(prediction: Prediction, came: Came | None, hands: Hands) -> str:
    shaken = came.shaken if came is not None else None
    match prediction:
        case words.Choice(right=right):
            return right
        case words.Verdict():
            return "accepted" if shaken is not None and shaken.accepted else "refused"
        case words.Cause():
            return shaken.cause if shaken is not None else _unreached(came)
        case words.Reached():
            return (came.plane if came is not None else "") or words.NOWHERE
        case words.Seen(choices=choices):
            leaf = shaken.leaf if shaken is not None else ""
            return next((name for name in choices if _digest(name, hands) == leaf), "")


def _unreached(came: Came | None) -> str:
    return BROKEN if came is not None and any(gateway_log.HANDSHAKE in line for line in came.log) else UNREACHED


def _digest(name: str, hands: Hands) -> str:
    try:
        return sha256(hands.meant(name)).hexdigest()
    except KonnectError:
        return "none"


def _single(steps: Steps) -> list[Step]:
    """The steps with one name in each."""
    single: list[Step] = []
    for step in steps:
        match step:
            case words.Start(who=who):
                single += [words.Start((name,)) for name in who]
            case words.Reconnect(who=who):
                single += [words.Reconnect((name,)) for name in who]
            case _:
                single.append(step)
    return single
