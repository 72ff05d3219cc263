"""The proposal: what `apply` would do, worked out without touching anything or making any key."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.bundle import Files
from konnect_tui.checks import check
from konnect_tui.converge.belonging import moved, refuse_another_control_plane, refuse_another_organization
from konnect_tui.converge.changes import Change
from konnect_tui.converge.outcome import changes_of, refuse_in_the_way
from konnect_tui.converge.render import describing, given
from konnect_tui.converge.standing import Standing, stands
from konnect_tui.converge.supply import lost_keys, supply_of
from konnect_tui.converge.trust import trust_file, trust_of
from konnect_tui.converge.wish import Wish
from konnect_tui.defaults import bundle_name, end_of
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, Problem, error, note
from konnect_tui.manifest import Kept
from konnect_tui.pki.bringing.supply import Progress, Supply, quiet
from konnect_tui.pki.making import issue
from konnect_tui.pki.making.issue import Holdings, Work
from konnect_tui.plan import SHARED, Plan
from konnect_tui.platforms import platform
from konnect_tui.resolve import resolve
from konnect_tui.secret import Secret
from konnect_tui.services import Services


class Proposal(Struct, frozen=True):
    """What would be done. `changes` has every path of the bundle; `files` those that need no key made first."""

    wish: Wish
    now: datetime
    plan: Plan
    problems: tuple[Problem, ...]
    standing: Standing | None
    supply: Supply
    holdings: Holdings
    work: Work
    files: Files
    changes: tuple[Change, ...]

    def passphrase(self, environ: Mapping[str, str]) -> Secret | None:
        """The passphrase of a CA's key, if one has to be opened or encrypted. Raises as `Passphrases.ca`."""
        needed = self.work.needs_passphrase or self.work.needs_signer
        return self.wish.passphrases(environ).ca() if needed else None

    @property
    def changed(self) -> bool:
        """Whether anything would be written or removed."""
        return any(change.action != "keep" for change in self.changes)

    @property
    def needs_replace(self) -> bool:
        """Whether something that stands would be lost, and nobody has agreed to that yet."""
        return not self.wish.replace and any(change.replaces for change in self.changes)


def propose(services: Services, wish: Wish, progress: Progress = quiet) -> Proposal:
    """Work out what would be done. `progress` hears of certificates that were given and are judged.

    Raises KonnectError: `invalid-input` with every problem of severity error, `other-control-plane`,
    `other-organization`, `key-missing`, `no-token` where only Konnect could tell where the control plane is, and
    whatever stands in the way on disk.
    """
    now = services.now()
    problems = wish.problems + check(wish.draft, now.date())
    refuse((*problems, *_impossible(wish)))
    standing = stands(services.workspace, bundle_name(wish.draft))
    folder = str(services.workspace.path(bundle_name(wish.draft)))
    passphrases = wish.passphrases(services.environ)
    supply, faults = supply_of(
        wish.draft, now, passphrases, progress, standing=standing, folder=folder, new_keys=wish.new_keys
    )
    refuse(problems + faults)
    plan = _planned(wish, now, standing, supply)
    problems += (*moved(plan, wish.target), *supply.notes)
    problems += tuple(problem for key in plan.platforms for problem in platform(key).check(plan))
    problems += _shortened(plan, None if wish.new_keys or standing is None else standing.kept, now)
    refuse(problems)
    holdings = standing.holdings() if standing else Holdings({}, {})
    anew = wish.new_keys or (standing is not None and _source(standing.kept.draft) != plan.certificate.source)
    if not anew:
        _refuse_lost_keys(plan, standing, holdings, replace=wish.replace)
    work = issue.work(plan, holdings, anew, supply)
    _refuse_an_end_that_is_past(plan, work, now)
    files = {**describing(plan), **trust_file(plan)}
    exact = given(plan, supply, holdings, work)
    changes = changes_of(plan, wish, standing, work, files, exact, now, folder)
    if wish.target is not None and wish.target.unborn:
        changes = _without_hosts(changes, files)
    refuse_in_the_way(folder, changes)
    shown = {path: file for path, file in exact.items() if not file.secret}
    return Proposal(wish, now, plan, problems, standing, supply, holdings, work, {**files, **shown}, changes)


def _impossible(wish: Wish) -> Iterator[Problem]:
    """A wish that the source of the certificates can't fulfil; it is never ignored in silence."""
    if wish.new_keys and wish.draft.certificate.source == "import":
        message = "--new-keys makes keys, and these are imported."
        hint = "Name other files in [certificate], and apply with --replace."
        yield error("certificate.source", "not-applicable", message, hint)


def _planned(wish: Wish, now: datetime, standing: Standing | None, supply: Supply) -> Plan:
    """The plan, which is for the control plane that the bundle was made for."""
    kept = standing.kept if standing else None
    if kept is not None and kept.manifest.konnect is not None and wish.target is not None:
        refuse_another_organization(
            kept.manifest.konnect, wish.target.organization, training=wish.draft.control_plane.training
        )
    plan = resolve(
        wish.draft,
        now,
        kept=kept,
        trust=trust_of(wish.draft),
        target=wish.target,
        supply=supply,
        fresh=wish.replace,
        new_keys=wish.new_keys,
    )
    if kept is not None:
        refuse_another_control_plane(plan, kept)
    return plan


def _without_hosts(changes: tuple[Change, ...], files: Files) -> tuple[Change, ...]:
    """The changes, without digests of files that name hosts which only a control plane that is there has."""
    from konnect_tui.konnect.target import UNKNOWN_PREFIX

    unknown = {path for path, file in files.items() if UNKNOWN_PREFIX.encode() in file.data}
    return tuple(replace(change, sha256=None) if change.path in unknown else change for change in changes)


def _source(draft: Draft) -> str:
    return draft.certificate.source or "generate"


def refuse(problems: tuple[Problem, ...]) -> None:
    """Raise `invalid-input` with all problems when one of them is an error."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        rest = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise KonnectError("invalid-input", f"{errors[0].message}{rest}", problems=problems)


def require_keys(proposal: Proposal, environ: Mapping[str, str]) -> None:
    """See that every CA key can be opened or encrypted that has to be: what the deed would stumble over.

    Raises KonnectError `passphrase-needed`, `wrong-passphrase`, `key-missing`, and `invalid-input` where the
    operator's own CA can't sign.
    """
    passphrase = proposal.passphrase(environ)
    if proposal.work.needs_signer:
        from konnect_tui.pki.making.trial import try_issuing

        try_issuing(proposal.plan, proposal.supply, passphrase)
    if proposal.work.needs_passphrase and passphrase is None:
        message = "The key of the CA is encrypted, and its passphrase was not given."
        raise KonnectError("passphrase-needed", message)
    for stem in sorted(proposal.work.opens):
        issue.opened(stem, proposal.holdings.authorities[stem], passphrase)


def _shortened(plan: Plan, kept: Kept | None, now: datetime) -> tuple[Problem, ...]:
    """The note that a default life was cut to the end of the CA that was there already."""
    wanted, given = end_of(plan.draft.certificate, now), plan.certificate.not_after
    if plan.certificate.source not in ("generate", "issue") or given >= wanted:
        return ()
    if given != plan.certificate.ca_not_after:
        return ()
    if kept is not None and kept.manifest.not_after == given:
        return ()
    message = f"Leaves end with their CA, {given:%Y-%m-%d}, instead of {wanted:%Y-%m-%d}."
    return (note("certificate.years", "life-shortened", message),)


def _refuse_an_end_that_is_past(plan: Plan, work: Work, now: datetime) -> None:
    """A certificate that is to be made must not have ended already: `checks` knows the day, not the moment.

    An end that a default once had is kept, so that a node may be added after it.
    """
    end = plan.certificate.not_after
    if not work.certificates or end > now:
        return
    message = f"Certificates would have ended on {end:%Y-%m-%d %H:%M} UTC."
    field = next((key for key in ("days", "not_after") if getattr(plan.draft.certificate, key) is not None), "years")
    raise KonnectError("invalid-input", message, problems=(error(f"certificate.{field}", "past-end", message),))


def _refuse_lost_keys(plan: Plan, standing: Standing | None, holdings: Holdings, *, replace: bool) -> None:
    """A key that was written once and is gone is never made again unasked (contract: `key-missing`)."""
    imported = plan.certificate.source == "import"
    if standing is None or plan.certificate.custody != "bundle" or (imported and replace):
        return
    wanted = (SHARED,) if plan.shared else tuple(node.name for node in plan.nodes)
    if plan.certificate.source in ("import", "csr"):
        gone = lost_keys(holdings)
    else:  # whether it belongs to its certificate is seen where that may be kept
        gone = tuple(name for name, held in holdings.identities.items() if held.key is None)
    lost = [name for name in wanted if name in gone]
    if lost:
        message = f"The private key of {', '.join(lost[:5])} is gone from the bundle, or another stands in its place."
        hint = "Put the file back, or run again with --replace: the answers name the key." if imported else ""
        raise KonnectError("key-missing", message + (" (and more)" if len(lost) > 5 else ""), hint=hint)
