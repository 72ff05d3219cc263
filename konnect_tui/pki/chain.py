"""A chain drawn: who issued whom, what Konnect is given, what the node presents, and what comes of it.

The drawing is data: lines of text that fit 76 columns, each with its role, so that a screen may style them.
No role is told by colour alone. All text is safe to print.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from cryptography import x509
from msgspec import Struct

from konnect_tui.pki import parse, trial
from konnect_tui.pki.case import climb
from konnect_tui.pki.describe import validity
from konnect_tui.pki.judge import judge
from konnect_tui.pki.material import Secret
from konnect_tui.pki.supply import NOTHING, Supply
from konnect_tui.pki.verdict import Finding, Mode, Verdict
from konnect_tui.plan import Plan
from konnect_tui.words import cells, clip, wrap

WIDTH = 76
_TAIL = 15
Role = Literal["certificate", "upload", "present", "absent", "accepted", "refused", "cure"]


class Line(Struct, frozen=True):
    """One line. `certificate` is the SHA-256 of the one it speaks of; None where it speaks of none."""

    role: Role
    text: str
    certificate: str | None = None


class Drawing(Struct, frozen=True):
    """The lines from the top of the chain to the verdict, and the verdict itself."""

    lines: tuple[Line, ...]
    verdict: Verdict


def drawing(
    mode: Mode,
    uploaded: Sequence[bytes],
    presented: Sequence[bytes],
    verdict: Verdict,
    now: datetime,
    known: Sequence[bytes] = (),
) -> Drawing:
    """What `verdict` was judged on, drawn. `known` are certificates that are neither uploaded nor presented.

    All are DER, `presented` leaf first. Raises KonnectError `not-a-certificate`.
    """
    given = [parse.certificate(der) for der in uploaded]
    shown = [parse.certificate(der) for der in presented]
    others = [parse.certificate(der) for der in known]
    path = climb(shown[0], (*given, *shown[1:], *others))[::-1]
    artist = _Artist(given, shown, now)
    lines = [*artist.path(path), *artist.beside(path), *_sentence(mode, verdict, given, shown)]
    return Drawing(tuple(lines), verdict)


def lines(drawing: Drawing) -> Iterator[str]:
    """The drawing as plain text."""
    return (line.text for line in drawing.lines)


def specimen(plan: Plan, supply: Supply = NOTHING, passphrase: Secret | None = None) -> Drawing | None:
    """What is about to be made, or was given: really there, and judged.

    What is to be made is a throwaway chain with the plan's names, dates and shape, its keys EC P-256 whatever the
    plan says, judged at the time the plan was made. None where there is nothing to draw: a requested certificate is
    waited for, or there is no node. Raises KonnectError `invalid-input` where the operator's CA can't sign.
    """
    mode: Mode = "pki" if plan.control_plane.auth_mode == "pki" else "pinned"
    now = plan.certificate.made
    if plan.certificate.source in ("import", "csr"):
        given = None if plan.certificate.pending else next(iter(supply.identities.values()), None)
        if given is None:
            return None
        uploaded = [supply.upload or given.chain[0]]
        verdict = judge(mode, uploaded, given.chain, given.key, now)
        return drawing(mode, uploaded, given.chain, verdict, now)
    material = trial.material(plan, supply, passphrase)
    identity = next(iter(material.nodes.values())).current
    uploaded = [upload.certificate for upload in material.uploads]
    verdict = judge(mode, uploaded, identity.chain, identity.key, now)
    known = [authority.certificate for authority in material.authorities]
    return drawing(mode, uploaded, identity.chain, verdict, now, known)


class _Artist:
    """Draws certificates, knowing which were uploaded and which are presented."""

    def __init__(
        self, uploaded: Iterable[x509.Certificate], presented: Sequence[x509.Certificate], now: datetime
    ) -> None:
        self._uploaded = {parse.fingerprint(each): each for each in uploaded}
        self._presented = {parse.fingerprint(each): each for each in presented}
        self._now = now

    def path(self, path: Sequence[x509.Certificate]) -> Iterator[Line]:
        """The chain, topmost first."""
        depth = 0
        if not parse.self_signed(path[0]):
            issuer = parse.called(path[0], "issuer")
            yield Line("absent", clip(f"? {issuer} is not here", WIDTH))
            depth = 1
        for at, certificate in enumerate(path, start=depth):
            indent = "   " * (at - 1)
            branch = f"{indent}└─ issued " if at else ""
            leaf = certificate is path[-1]
            yield from self._certificate(certificate, branch, "   " * at + ("   " if leaf else "│  "), leaf=leaf)

    def beside(self, path: Sequence[x509.Certificate]) -> Iterator[Line]:
        """What was given and does not belong to the chain."""
        drawn = {parse.fingerprint(each) for each in path}
        for mark, each in self._uploaded.items():
            if mark not in drawn:
                yield self._headline(each, "", leaf=not parse.is_ca(each))
                yield Line("upload", "   ▲ Konnect is given this; it issued nothing that is presented", mark)
        for mark, each in self._presented.items():
            if mark not in drawn and mark not in self._uploaded:
                yield self._headline(each, "", leaf=False)
                yield Line("present", "   ▶ the node presents this; nothing needs it", mark)

    def _certificate(self, certificate: x509.Certificate, branch: str, margin: str, *, leaf: bool) -> Iterator[Line]:
        mark = parse.fingerprint(certificate)
        yield self._headline(certificate, branch, leaf=leaf)
        if mark in self._uploaded:
            yield Line("upload", f"{margin}▲ Konnect is given this", mark)
        if mark in self._presented:
            yield Line("present", f"{margin}▶ the node presents this", mark)

    def _headline(self, certificate: x509.Certificate, branch: str, *, leaf: bool) -> Line:
        begins, ends = validity(certificate)
        end = f"ended {ends:%Y-%m-%d}" if ends < self._now else f"ends {ends:%Y-%m-%d}"
        if begins > self._now:
            end = f"begins {begins:%Y-%m-%d}"
        kind = "leaf" if leaf else "root" if parse.self_signed(certificate) else "intermediate"
        right = f"{kind}, {end}"
        room = WIDTH - cells(branch) - len(right) - 2
        name = _shortened(parse.called(certificate)[1:-1], room)
        gap = " " * (WIDTH - cells(branch) - cells(name) - len(right))
        return Line("certificate", f"{branch}{name}{gap}{right}", parse.fingerprint(certificate))


def _shortened(name: str, room: int) -> str:
    """The name in that many columns; its end, which tells CAs of one control plane apart, stays."""
    if cells(name) <= room or room < 2 * _TAIL:
        return clip(name, room)
    tail = name[-_TAIL:]
    return clip(name, room - cells(tail)) + tail if cells(tail) == _TAIL else clip(name, room)


def _sentence(
    mode: Mode, verdict: Verdict, uploaded: Sequence[x509.Certificate], presented: Sequence[x509.Certificate]
) -> Iterator[Line]:
    if not verdict.accepted:
        cause = next((each for each in verdict.findings if each.severity == "error"), None)
        yield from _refusal(cause)
        return
    if mode == "pinned":
        text = "✓ Accepted: the node presents the very certificate that Konnect is given."
    else:
        behind = len(presented) - 1
        list_ = "its leaf" if not behind else f"its leaf and {behind} intermediate{'s' if behind > 1 else ''}"
        names = " and ".join(parse.called(each) for each in uploaded)
        text = f"✓ Accepted: Konnect is given {names}; the node presents {list_}."
    if not verdict.key_proven:
        text += " Its key was not shown."
    yield from (Line("accepted", line) for line in wrap(text, WIDTH))


def _refusal(cause: Finding | None) -> Iterator[Line]:
    if cause is None:
        yield Line("refused", "✗ Refused.")
        return
    yield from (Line("refused", line, cause.certificate) for line in wrap(f"✗ Refused: {cause.message}", WIDTH))
    yield from (Line("cure", line, cause.certificate) for line in wrap(f"→ {cause.hint}", WIDTH))
