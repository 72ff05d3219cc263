"""Draws certificates as lines of text: one above the other where one issued the other, the rest beside."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from cryptography import x509
from msgspec import Struct

from konnect_tui.pki import parse
from konnect_tui.pki.describe import validity
from konnect_tui.pki.judging.case import Case
from konnect_tui.words import cells, clip

WIDTH = 76
Role = Literal["certificate", "upload", "present", "absent", "accepted", "refused", "cure"]
_TAIL = 15
_STEP = "   "
_DEEPEST_INDENT = 8
_MOST_BESIDE = 3


class Line(Struct, frozen=True):
    """One line. `certificate` is the SHA-256 of the one it speaks of; None where it speaks of none."""

    role: Role
    text: str
    certificate: str | None = None


class Artist:
    """Draws what `case` is about, at the time `now`. A path is leaf first; it is drawn from its top."""

    def __init__(self, case: Case, now: datetime) -> None:
        self._case = case
        self._uploaded = dict.fromkeys(case.uploaded)
        self._presented = dict.fromkeys(case.presented)
        self._now = now

    def path(self, path: Sequence[x509.Certificate], above: x509.Certificate | None) -> Iterator[Line]:
        """The path. Where it ends below nothing, its issuer stands there as a gap, below `above`: wanted or not."""
        depth = 0
        if above is not None:
            yield from self._certificate(above, 0, path, "┊")
            depth = 1
        if not parse.self_signed(path[-1]):
            wanted = self._case.mode == "pki" and path[-1] not in self._uploaded
            issuer, right = parse.called(path[-1], "issuer"), "not here" if wanted else "not needed"
            branch = _indent(depth - 1) + "└┄ " if depth else ""
            room = WIDTH - cells(branch) - len(right) - 4
            role: Role = "absent" if wanted else "certificate"
            yield Line(role, _justified(f"{branch}? {_shortened(_bare(issuer), room)}", right))
            depth += 1
        for each in reversed(path):
            yield from self._certificate(each, depth, path, " " if each is path[0] else "│")
            depth += 1

    def beside(self, drawn: Sequence[x509.Certificate]) -> Iterator[Line]:
        """What was given and does not belong to what is drawn, the first few of each side."""
        given = [each for each in self._uploaded if each not in drawn]
        shown = [each for each in self._presented if each not in drawn and each not in self._uploaded]
        for role, mark, sort, others in (
            ("upload", "▲ Konnect is given this", "that Konnect is given", given),
            ("present", "▶ the node presents this", "that the node presents", shown),
        ):
            for each in others[:_MOST_BESIDE]:
                yield self._headline(each, "")
                text = f"{_STEP}{mark}{self._why_beside(each, drawn)}"
                yield Line(role, clip(text, WIDTH), parse.fingerprint(each))  # type: ignore[arg-type]  # a Role
            if len(others) > _MOST_BESIDE:
                yield Line(role, f"… and {len(others) - _MOST_BESIDE} more {sort}")  # type: ignore[arg-type]

    def _why_beside(self, certificate: x509.Certificate, drawn: Sequence[x509.Certificate]) -> str:
        name, key = parse.canonical_name(certificate, "subject"), parse.public_bytes(certificate)
        namesakes = [each for each in drawn if parse.canonical_name(each, "subject") == name]
        if any(parse.public_bytes(each) == key for each in namesakes):
            return f" too: the same, issued by {parse.called(certificate, 'issuer')}"
        if namesakes:
            return " too: another of the same name"
        if certificate not in self._uploaded:
            return "; nothing needs it"
        return "; the node presents another" if self._case.mode == "pinned" else "; it issued nothing presented"

    def _certificate(
        self, certificate: x509.Certificate, depth: int, path: Sequence[x509.Certificate], rail: str
    ) -> Iterator[Line]:
        yield self._headline(certificate, f"{_indent(depth - 1)}└─ issued " if depth else "")
        mark = parse.fingerprint(certificate)
        margin = f"{_indent(depth)}{rail}  "
        if certificate in self._uploaded:
            yield Line("upload", f"{margin}▲ Konnect is given this", mark)
        if certificate in self._presented:
            yield Line("present", f"{margin}▶ the node presents this{self._place(certificate, path[0])}", mark)
        lacking = self._lacking(certificate, path)
        if lacking:
            yield Line("absent", f"{margin}✗ {lacking}", mark)

    def _place(self, certificate: x509.Certificate, leaf: x509.Certificate) -> str:
        place = self._case.presented.index(certificate)
        return f" in place {place + 1}; it has to come first" if certificate is leaf and place else ""

    def _lacking(self, certificate: x509.Certificate, path: Sequence[x509.Certificate]) -> str:
        """What would have to be done with this certificate for the path to hold."""
        if certificate in self._uploaded or certificate not in path:
            return ""
        if self._case.mode == "pinned":
            return "Konnect is not given this" if certificate is path[0] else ""
        below = path[: next((at for at, each in enumerate(path) if each in self._uploaded), len(path))]
        if certificate not in below or certificate in self._presented:
            return ""
        return "Konnect is not given this" if parse.self_signed(certificate) else "the node does not present this"

    def _headline(self, certificate: x509.Certificate, branch: str) -> Line:
        begins, ends = validity(certificate)
        end = f"ended {ends:%Y-%m-%d}" if ends < self._now else f"ends {ends:%Y-%m-%d}"
        if begins > self._now:
            end = f"begins {begins:%Y-%m-%d}"
        right = f"{self._kind(certificate)}, {end}"
        name = _shortened(_bare(parse.called(certificate)), WIDTH - cells(branch) - len(right) - 2)
        return Line("certificate", _justified(branch + name, right), parse.fingerprint(certificate))

    def _kind(self, certificate: x509.Certificate) -> str:
        issuer = self._issued_another(certificate)
        if not issuer and (certificate == self._case.leaf or not parse.is_ca(certificate)):
            return "leaf"
        return "root" if parse.self_signed(certificate) else "intermediate"

    def _issued_another(self, certificate: x509.Certificate) -> bool:
        """Whether it issued another of the list, whatever it says it may do."""
        return any(
            parse.names_issuer(each, certificate) and parse.signed_by(each, certificate)
            for each in self._presented
            if each != certificate and not parse.self_signed(each)
        )


def _bare(name: str) -> str:
    return name.removeprefix("“").removesuffix("”")


def _indent(depth: int) -> str:
    return _STEP * min(depth, _DEEPEST_INDENT)


def _justified(left: str, right: str) -> str:
    return left + " " * (WIDTH - cells(left) - len(right)) + right


def _shortened(name: str, room: int) -> str:
    """The name in that many columns; its end, which tells CAs of one control plane apart, stays."""
    if cells(name) <= room or room < 2 * _TAIL:
        return clip(name, room)
    tail = name[-_TAIL:]
    return clip(name, room - cells(tail)) + tail if cells(tail) == _TAIL else clip(name, room)
