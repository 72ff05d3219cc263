"""What the certificates will be, while answers are still being given: both sides to draw, and what there is to say.

Reads the operator's files, and what of the bundle is there already where requests wait in it. Writes nothing.
"""

from msgspec import Struct

from konnect_tui.converge.standing import Standing, stands
from konnect_tui.converge.supply import supply_of
from konnect_tui.converge.wish import Wish
from konnect_tui.defaults import bundle_name
from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.pki import chain
from konnect_tui.resolve import resolve
from konnect_tui.services import Services


class Foreseen(Struct, frozen=True):
    """`example` is None where there is nothing to draw. `pending` are the nodes whose certificate is waited for;
    `requested`: their requests are in the bundle already.
    """

    example: chain.Example | None = None
    problems: tuple[Problem, ...] = ()
    pending: tuple[str, ...] = ()
    requested: bool = False


def foresee(services: Services, wish: Wish) -> Foreseen:
    """For a draft in which `checks` found no error. What can't be done becomes problems; nothing is raised for it."""
    try:
        return _foreseen(services, wish)
    except KonnectError as fault:
        return Foreseen(
            problems=fault.problems or (error("certificate.source", fault.code, fault.message, fault.hint),)
        )


def _foreseen(services: Services, wish: Wish) -> Foreseen:
    passphrases, now = wish.passphrases(services.environ), services.now()
    standing = _standing(services, wish)
    folder = str(services.workspace.path(bundle_name(wish.draft)))
    supply, faults = supply_of(wish.draft, now, passphrases, standing=standing, folder=folder)
    if faults:
        return Foreseen(problems=(*faults, *supply.notes))
    plan = resolve(wish.draft, now, kept=standing.kept if standing else None, supply=supply)
    example = chain.example(plan, supply, passphrases.ca() if supply.signer else None)
    return Foreseen(example, supply.notes, plan.missing, requested=standing is not None)


def _standing(services: Services, wish: Wish) -> Standing | None:
    """The bundle that is there. Only where requests wait does the drawing depend on it."""
    if wish.draft.certificate.source != "csr":
        return None
    return stands(services.workspace, bundle_name(wish.draft))
