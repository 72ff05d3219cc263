"""What giving a control plane a certificate would mean: judged before anything is sent."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from konnect_tui.konnect.models import ClientCertificate
from konnect_tui.live.inventory import Entry, Inventory, stock
from konnect_tui.live.remarks import Remark
from konnect_tui.pki import parse
from konnect_tui.pki.bringing.issuing import unfit
from konnect_tui.pki.describe import Described, describe
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.pem import certificate_pem
from konnect_tui.words import clip

_LONGEST: Final = 80
_TOLD: Final = frozenset(("unused-certificate", "same-key"))
"""What is true of any certificate before it is used."""


class Offer(Struct, frozen=True):
    """A certificate that could be given. `means` says who gets in by it; `there` is the entry that has it already.

    `remarks` are what speaks against it, the worst first; one of severity error means that nobody would get in.
    """

    der: bytes
    name: str
    held: Described
    means: str
    remarks: tuple[Remark, ...]
    there: Entry | None

    @property
    def pem(self) -> str:
        """What is sent: this certificate, and nothing that stood beside it."""
        return certificate_pem(self.der).decode()

    @property
    def title(self) -> str:
        """What it is called in Konnect: its name and its end."""
        return f"{clip(self.name.strip('“”'), _LONGEST)} until {self.held.not_after:%Y-%m-%d}"

    @property
    def hopeless(self) -> bool:
        """Whether nobody would get in by it."""
        return any(each.severity == "error" for each in self.remarks)


def offers(certificates: Sequence[bytes], inventory: Inventory, now: datetime) -> tuple[Offer, ...]:
    """Each certificate once, those that suit the control plane's auth mode first. They are DER; `now` is aware.

    Raises KonnectError `not-a-certificate`.
    """
    made = [_offer(der, inventory, now) for der in dict.fromkeys(certificates)]
    return tuple(sorted(made, key=lambda each: each.held.is_ca != (inventory.mode == "pki")))


def _offer(der: bytes, inventory: Inventory, now: datetime) -> Offer:
    held, name = describe(der, now), parse.called(parse.certificate(der))
    alone = stock([ClientCertificate("", certificate_pem(der).decode())], (), inventory.mode, now).entries[0]
    found = list(_judged(der, inventory.mode, held, now))
    known = _TOLD | {each.code for each in found}
    found += [each for each in alone.remarks if each.code not in known]
    order = ("error", "warning", "note")
    return Offer(
        der,
        name,
        held,
        _means(name, held, inventory.mode),
        tuple(sorted(found, key=lambda each: order.index(each.severity))),
        inventory.holding(held.sha256),
    )


def _judged(der: bytes, mode: str, held: Described, now: datetime) -> Iterator[Remark]:
    """What the checks say that judge certificates anywhere else in the product."""
    if mode == "pinned" and not held.is_ca:
        for finding in judge("pinned", (der,), (der,), None, now).findings:
            yield Remark(finding.severity, finding.code, finding.code, finding.message, finding.hint)
    elif mode == "pki" and held.is_ca:
        for problem in unfit(der, now):
            if problem.code != "not-yet-valid":  # then nodes wait for it; they are not shut out
                yield Remark(problem.severity, problem.code, problem.code, problem.message, problem.hint)


def _means(name: str, held: Described, mode: str) -> str:
    if mode == "pki" and held.is_ca:
        return f"Every node gets in whose certificate {name} issued, itself or through a CA below it."
    if mode in ("pinned", "pki"):
        return "The node gets in that presents exactly this certificate and has its key; nobody else does."
    return f"This release does not know the auth mode {mode}, so it can't say who gets in by it."
