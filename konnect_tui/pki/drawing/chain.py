"""A chain drawn: who issued whom, what Konnect is given, what the node presents, and what comes of it.

The drawing is data: lines of text that fit 76 columns, each with its role, so that a screen may style them.
No role is told by colour alone. All text is safe to print.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509
from msgspec import Struct

from konnect_tui.pki import parse
from konnect_tui.pki.bringing.supply import NOTHING, Supply
from konnect_tui.pki.drawing.artist import WIDTH, Artist, Line, Role
from konnect_tui.pki.drawing.outcome import outcome
from konnect_tui.pki.judging import breaks, clues
from konnect_tui.pki.judging.case import Case, climb, read_case
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.judging.repair import Fix
from konnect_tui.pki.judging.repair import fix as find_fix
from konnect_tui.pki.judging.verdict import Mode, Verdict
from konnect_tui.pki.making import trial
from konnect_tui.plan import Plan
from konnect_tui.secret import Secret

__all__ = ["WIDTH", "Drawing", "Example", "Line", "Role", "drawing", "drawn", "examine", "example", "lines"]


class Drawing(Struct, frozen=True):
    """The lines from the top of the chain to the verdict, the verdict itself, and what would help a refused node."""

    lines: tuple[Line, ...]
    verdict: Verdict
    fix: Fix | None = None


def examine(
    mode: Mode,
    uploaded: Sequence[bytes],
    presented: Sequence[bytes],
    key: Secret | None,
    now: datetime,
    known: Sequence[bytes] = (),
) -> Drawing:
    """Judge a node that presents this with that key, look for a fix among all that is known, and draw it.

    `known` are further certificates at hand. All are DER. Raises KonnectError as `judge` does.
    """
    verdict = judge(mode, uploaded, presented, key, now)
    fix = None if verdict.accepted else find_fix(mode, uploaded, presented, known, key, now)
    return drawing(mode, uploaded, presented, verdict, now, known, fix)


def drawing(
    mode: Mode,
    uploaded: Sequence[bytes],
    presented: Sequence[bytes],
    verdict: Verdict,
    now: datetime,
    known: Sequence[bytes] = (),
    fix: Fix | None = None,
) -> Drawing:
    """What `verdict` was judged on, drawn. `known` are certificates that are neither uploaded nor presented.

    All are DER, `presented` leaf first. Raises KonnectError `not-a-certificate`.
    """
    case = read_case(mode, uploaded, presented, None)
    others = [parse.certificate(der) for der in known]
    path = _path(case, others, fix)
    above = None if path[-1] in case.uploaded else _above_gap(case, path, verdict)
    artist = Artist(case, now)
    drawn = [*path, *([above] if above is not None else [])]
    picture = [*artist.path(path, above), *artist.beside(drawn), *outcome(case, verdict, fix)]
    return Drawing(tuple(picture), verdict, fix)


def _path(case: Case, others: Sequence[x509.Certificate], fix: Fix | None) -> Sequence[x509.Certificate]:
    """The way up from the leaf to an upload, and on; without one, the longest way there is."""
    leaf = case.leaf
    if fix is not None:
        leaf = next((each for each in case.presented if parse.encoded(each) == fix.presented[0]), leaf)
    at_hand = (*case.uploaded, *case.presented, *others)
    ways = breaks.paths(leaf, case.uploaded, at_hand)
    complete = [way for way in ways if way[-1] in case.uploaded]
    if not complete:
        return max(ways, key=len)
    way = min(complete, key=len)
    return [*way[:-1], *climb(way[-1], at_hand)]


def _above_gap(case: Case, path: Sequence[x509.Certificate], verdict: Verdict) -> x509.Certificate | None:
    """The upload below which an intermediate is missing."""
    causes = [each.code for each in verdict.findings if each.severity == "error"]
    return clues.likeliest(case, path) if causes[:1] == ["missing-intermediate"] else None


def lines(drawing: Drawing) -> Iterator[str]:
    """The drawing as plain text."""
    return (line.text for line in drawing.lines)


class Example(Struct, frozen=True):
    """Both sides, and what is neither uploaded nor presented, at a moment to judge it at. Certificates are DER."""

    mode: Mode
    uploaded: tuple[bytes, ...]
    presented: tuple[bytes, ...]
    known: tuple[bytes, ...]
    key: Secret | None
    now: datetime


def drawn(made: Example) -> Drawing:
    """The example judged and drawn."""
    return examine(made.mode, made.uploaded, made.presented, made.key, made.now, made.known)


def example(plan: Plan, supply: Supply = NOTHING, passphrase: Secret | None = None) -> Example | None:
    """What is about to be made, or was given: really there.

    What is to be made is a throwaway chain with the plan's names, dates and shape, its keys EC P-256 whatever the
    plan says, to be judged at the time the plan was made. None where there is nothing to draw: a requested
    certificate is waited for, or there is no node. Raises KonnectError `invalid-input` where the operator's CA can't
    sign.
    """
    mode: Mode = "pki" if plan.control_plane.auth_mode == "pki" else "pinned"
    now = plan.certificate.made
    if plan.certificate.source in ("import", "csr"):
        given = None if plan.certificate.pending else next(iter(supply.identities.values()), None)
        if given is None:
            return None
        return Example(mode, (supply.upload or given.chain[0],), given.chain, (), given.key, now)
    material = trial.material(plan, supply, passphrase)
    identity = next(iter(material.nodes.values())).current
    uploaded = tuple(upload.certificate for upload in material.uploads)
    known = tuple(authority.certificate for authority in material.authorities)
    return Example(mode, uploaded, identity.chain, known, identity.key, now)
