"""Where a round stands on disk, and what it was like when it began."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons.lesson import OWN, Lesson, Other, Round
from konnect_tui.training.lessons.organisation import Party, Placed

CERTIFICATE: Final = "tls.crt"
KEY: Final = "tls.key"

_PORTS: Final = 20_000
_LESSONS: Final = 60
"""So many have ports of their own, below 32768, where systems begin to give ports to connections."""


class Begun(Struct, frozen=True):
    """How a round was when its seed was done. `after` is the last handshake by then; certificates are DER by name.

    `keys` are public keys of nodes (SHA-256), `leaves` and `held` certificates (SHA-256 over DER).
    """

    after: int
    placed: Placed
    certificates: Mapping[str, bytes]
    keys: Mapping[str, str]
    leaves: Mapping[str, str]
    held: frozenset[str]
    others: Mapping[str, Placed] = {}
    """The control planes beside the lesson's own, by what the lesson calls them."""

    @property
    def planes(self) -> dict[str, Placed]:
        """All control planes of the round."""
        return {OWN: self.placed, **self.others}


def place_name(lesson: Lesson, number: int) -> str:
    """What the bundle and the control plane of that round are called."""
    return f"lesson-{lesson.number:02}" + (f"-{number + 1}" if number else "")


class Stage:
    """The places of a round: the learner's bundle, and the lesson's own folder beside the training state."""

    def __init__(self, lesson: Lesson, number: int, workspace: str, state: str) -> None:
        self.round: Round = lesson.rounds[number]
        self.name = place_name(lesson, number)
        self.bundle = f"{workspace}/{self.name}"
        self.folder = f"{state}/{self.name}"
        self.material = f"{self.folder}/material"
        self.port = _PORTS + lesson.number % _LESSONS * 200 + number % 4 * 50
        """The first port of its nodes: another one for each round, so that nodes of two lessons may run at a time."""

    def party(self, name: str) -> Party:
        """The node or guest of that name."""
        node = name in self.round.scene.bundle.nodes
        folder = f"{self.bundle}/nodes/{name}" if node else f"{self.folder}/guests/{name}"
        return Party(name, folder, f"{self.folder}/memory/{name}", self.bundle if node else "")

    def named(self, other: Other) -> str:
        """What a control plane beside the lesson's own is called: in another region like it."""
        return self.name if other.region != self.round.scene.region else f"{self.name}-{other.name}"

    def presented(self, name: str) -> tuple[bytes, ...]:
        """What the node or guest has to present now, DER; empty where its file is gone or no longer one."""
        followed = next((guest.follows for guest in self.round.scene.guests if guest.name == name), None)
        return certificates(f"{self.party(followed or name).folder}/{CERTIFICATE}")

    def key(self, node: str) -> str:
        """The SHA-256 of the public half of the key that the node has now; empty where there is none to read."""
        from konnect_tui.pki.read import read_file  # who only lists lessons reads no certificate

        try:
            keys = read_file(f"{self.party(node).folder}/{KEY}").keys
        except KonnectError:
            return ""
        public = keys[0].public if keys else None
        return sha256(public).hexdigest() if public else ""


def certificates(path: str) -> tuple[bytes, ...]:
    """The certificates in a file, DER; none where it is gone or can't be read."""
    from konnect_tui.pki.read import read_file

    try:
        return read_file(path).certificates
    except KonnectError:
        return ()
