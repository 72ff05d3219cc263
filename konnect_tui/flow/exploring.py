"""Where an exploration begins, what comes of it, and what a Draft can take over. Loads cryptography."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.draft import Certificate, ControlPlane, Draft
from konnect_tui.flow.authentication import PKI, mode
from konnect_tui.flow.exploration import Exploration
from konnect_tui.flow.sources import GENERATE, source
from konnect_tui.flow.step import write
from konnect_tui.pki import parse
from konnect_tui.pki.bringing.gather import gather
from konnect_tui.pki.drawing import chain
from konnect_tui.pki.drawing.chain import Drawing, Example
from konnect_tui.pki.judging.case import climb
from konnect_tui.pki.judging.handshake import private_key
from konnect_tui.pki.judging.repair import Fix
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.resolve import resolve
from konnect_tui.secret import Secret


class Look(Struct, frozen=True):
    """What comes of an exploration. `fix` is what would make it accepted, if anything at hand does."""

    drawing: Drawing
    fix: Fix | None


def of_example(example: Example) -> Exploration:
    """What a wizard's page is about to make or use."""
    pool = ordered((*example.presented, *example.known, *example.uploaded), example.key)
    return Exploration(pool, example.mode, example.uploaded, example.presented, example.key)


def of_draft(draft: Draft) -> Exploration:
    """Whatever can be read of the files that the draft names, set up as one would."""
    said = draft.certificate
    own = [path for each in draft.node.each or () for path in (each.certificate, each.private_key)]
    named = (said.certificate, said.private_key, said.ca_certificate, said.chain, *(said.signed or ()), *own)
    found, _ = gather([path for path in named if path])
    return begin(found.certificates, found.key, mode(draft))


def begin(certificates: Iterable[bytes], key: Secret | None, way: Mode) -> Exploration:
    """As one would set it up: Konnect has the leaf or the topmost CA, the node presents what is below that."""
    pool = ordered(certificates, key)
    if not pool:
        return Exploration(mode=way, key=key)
    path = _path(pool)
    if way == "pinned":
        return Exploration(pool, way, (path[0],), (path[0],), key)
    return Exploration(pool, way, (path[-1],), tuple(path[:-1]) or (path[0],), key)


def sample(now: datetime) -> Exploration:
    """A root, an intermediate and a node's certificate, made here: cert3, cert2, cert1 of Konnect's documentation."""
    draft = Draft(
        ControlPlane(source="manual", region="eu", name="sample", auth_mode=PKI, prefix="sample"),
        Certificate(intermediates=1, ca_key="discard"),
    )
    made = chain.example(resolve(draft, now))
    return of_example(made) if made else Exploration()


def add(exploration: Exploration, certificates: Iterable[bytes], key: Secret | None) -> Exploration:
    """With further certificates at hand; what each side has stays."""
    if not exploration.pool:
        return begin(certificates, key, exploration.mode)
    pool = ordered((*exploration.pool, *certificates), exploration.key or key)
    return replace(exploration, pool=pool, key=exploration.key or key)


def ordered(certificates: Iterable[bytes], key: Secret | None = None) -> tuple[bytes, ...]:
    """Each once: the node's own, then who issued it and so on, then all that do not belong to that."""
    left = list(dict.fromkeys(certificates))
    if not left:
        return ()
    path = _path((_own(left, key), *left))
    return (*path, *(der for der in left if der not in path))


def _own(certificates: Sequence[bytes], key: Secret | None) -> bytes:
    """The node's own certificate: by its key, else the first that issued no other, one of a CA last."""
    read = [parse.certificate(der) for der in certificates]
    if key is not None:
        own = parse.public_half(private_key(key))
        if fitting := [parse.encoded(each) for each in read if own and parse.public_bytes(each) == own]:
            return fitting[0]
    issuers = {parse.encoded(above) for each in read for above in climb(each, read)[1:2]}
    ends = [each for each in read if parse.encoded(each) not in issuers]
    return parse.encoded(min(ends or read, key=parse.is_ca))


def _path(pool: Sequence[bytes]) -> list[bytes]:
    first, *others = (parse.certificate(der) for der in pool)
    return [parse.encoded(each) for each in climb(first, others)]


def look(exploration: Exploration, now: datetime) -> Look:
    """Judge and draw it. Raises KonnectError as `judge` does."""
    one = exploration
    drawing = chain.examine(one.mode, one.uploaded, one.presented, one.key, now, one.pool)
    return Look(drawing, drawing.fix)


def beyond(exploration: Exploration) -> str:
    """Why a Draft can't say which certificate Konnect is given; empty where it can."""
    if exploration.mode != PKI:
        own = exploration.pool[:1]
        return "" if exploration.uploaded == own else "Pinned, the wizard gives Konnect the node's own certificate: 1."
    above = _path(exploration.pool)[1:] if exploration.pool else []
    if not above or exploration.uploaded in ((above[0],), (above[-1],)):
        return ""
    return "The wizard gives Konnect one certificate: the topmost CA's, or the CA's that issued the node's own."


def take_over(draft: Draft, exploration: Exploration) -> Draft:
    """The Draft with what was explored, as far as it can say it: the mode, and which CA Konnect is given.

    What a node presents follows from that and is no choice of the Draft's.
    """
    draft = write(draft, "control_plane.auth_mode", exploration.mode)
    if exploration.mode != PKI or len(exploration.uploaded) != 1:
        return draft
    above = _path(exploration.pool)[1:]
    if source(draft) == GENERATE:
        draft = write(draft, "certificate.intermediates", max(len(above) - 1, 0) or None)
    at = above.index(exploration.uploaded[0]) if exploration.uploaded[0] in above else len(above) - 1
    issuing = at == 0 and len(above) > 1
    return write(draft, "certificate.upload", "intermediate" if issuing else "root")
