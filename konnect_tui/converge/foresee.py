"""What the certificates will be, while answers are still being given: both sides to draw, and what there is to say.

Reads the operator's files, and what of the bundle is there already where requests wait in it. Writes nothing.
"""

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.converge.standing import Standing, stands
from konnect_tui.converge.supply import supply_of
from konnect_tui.converge.wish import Wish
from konnect_tui.defaults import bundle_name
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.pki.bringing.supply import Supply
from konnect_tui.pki.drawing import chain
from konnect_tui.resolve import resolve
from konnect_tui.secret import Secret
from konnect_tui.services import Services


class Foreseen(Struct, frozen=True):
    """`example` is None where there is nothing to draw. `pending` are the nodes whose certificate is waited for;
    `requested`: their requests are in the bundle already. `cure` is the draft with the other upload, where the
    control plane refuses with this one and accepts with that.
    """

    example: chain.Example | None = None
    problems: tuple[Problem, ...] = ()
    pending: tuple[str, ...] = ()
    requested: bool = False
    cure: Draft | None = None


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
        other = _with_other_upload(wish.draft)
        cures = other is not None and not supply_of(other, now, passphrases, standing=standing, folder=folder)[1]
        return Foreseen(problems=(*faults, *supply.notes), cure=other if cures else None)
    kept = standing.kept if standing else None
    plan = resolve(wish.draft, now, kept=kept, target=wish.target, supply=supply)
    example = chain.example(plan, supply, passphrases.ca() if supply.signer else None)
    if example is not None and standing is not None:
        example = replace(example, key=_own_key(standing, supply))
    return Foreseen(example, supply.notes, plan.missing, requested=standing is not None)


def _own_key(standing: Standing, supply: Supply) -> Secret | None:
    """The key that a request was made with lies in the bundle: it proves the certificate that came for it."""
    held = standing.holdings().identities.get(next(iter(supply.identities), ""))
    return held.key if held is not None else None


def _with_other_upload(draft: Draft) -> Draft | None:
    """The issuing CA instead of the topmost, or the other way round. None where Konnect is given no CA."""
    if draft.control_plane.auth_mode != "pki" or draft.certificate.source not in ("import", "issue", "csr"):
        return None
    other = "root" if draft.certificate.upload == "intermediate" else "intermediate"
    return replace(draft, certificate=replace(draft.certificate, upload=other))


def _standing(services: Services, wish: Wish) -> Standing | None:
    """The bundle that is there. Only where requests wait does the drawing depend on it."""
    if wish.draft.certificate.source != "csr":
        return None
    return stands(services.workspace, bundle_name(wish.draft))
