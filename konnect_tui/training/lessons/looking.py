"""Take a look at a round: let its guests connect, and gather all that its checks may look at."""

from hashlib import sha256

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import checks
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.checks import Look
from konnect_tui.training.lessons.hands import Hands
from konnect_tui.training.lessons.running import Runner
from konnect_tui.training.lessons.stage import Begun, Stage
from konnect_tui.training.lessons.world import World


async def looked(stage: Stage, begun: Begun, hands: Hands, runner: Runner, world: World) -> Look:
    """What there is to see now."""
    scene, organisation = stage.round.scene, world.organisation
    came = [await runner.come(words.Start((guest,))) for guest in checks.tried(stage.round)]
    nodes, guests = scene.bundle.nodes, tuple(guest.name for guest in scene.guests)
    return Look(
        begun=begun,
        now=world.now(),
        presented={name: stage.presented(name) for name in (*nodes, *guests)},
        keys={node: stage.key(node) for node in nodes},
        held=frozenset(sha256(der).hexdigest() for der in organisation.held(begun.placed)),
        shaken=organisation.handshakes(begun.placed, begun.after),
        elsewhere=tuple(
            each for other in begun.others.values() for each in organisation.handshakes(other, begun.after)
        ),
        acknowledged=organisation.acknowledged(begun.placed),
        tried={each.name: each.shaken for each in came},
        meant={name: _digest(hands, name) for name in checks.named(stage.round)},
    )


def _digest(hands: Hands, name: str) -> str:
    try:
        return sha256(hands.meant(name)).hexdigest()
    except KonnectError:
        return ""
