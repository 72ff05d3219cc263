"""The proposal: what `apply` would do, worked out without touching anything or making any key."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui import manifest
from konnect_tui.bundle import PUBLIC_MODE, Files
from konnect_tui.checks import check
from konnect_tui.converge.changes import Change, Wanted, compare
from konnect_tui.converge.passphrase import Passphrases
from konnect_tui.converge.render import describing, given, holding, whole_bundle
from konnect_tui.converge.standing import Standing, stands
from konnect_tui.converge.supply import supply_of
from konnect_tui.converge.trust import trust_file, trust_of
from konnect_tui.defaults import bundle_name, end_of
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, Problem, error, note
from konnect_tui.manifest import Kept
from konnect_tui.pki import issue
from konnect_tui.pki.issue import Holdings, Work
from konnect_tui.pki.material import Secret
from konnect_tui.pki.supply import Supply
from konnect_tui.plan import SHARED, Plan
from konnect_tui.platforms import platform
from konnect_tui.resolve import reduced, resolve, same_control_plane
from konnect_tui.services import Services


class Wish(Struct, frozen=True):
    """What is asked for. `problems` are those that the answers file itself had.

    `ca_passphrase` and `passphrase` are what was typed: for a CA's key, and for imported keys.
    """

    draft: Draft
    replace: bool = False
    new_keys: bool = False
    problems: tuple[Problem, ...] = ()
    ca_passphrase: Secret | None = None
    passphrase: Secret | None = None

    def passphrases(self, environ: Mapping[str, str]) -> Passphrases:
        """Every passphrase that may be needed, as typed, else from where the answers or the environment say."""
        return Passphrases(self.draft, environ, ca=self.ca_passphrase, key=self.passphrase)


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


def propose(services: Services, wish: Wish) -> Proposal:
    """Work out what would be done.

    Raises KonnectError: `invalid-input` with every problem of severity error, `other-control-plane`,
    `key-missing`, and whatever stands in the way on disk.
    """
    now = services.now()
    problems = wish.problems + check(wish.draft, now.date())
    refuse(problems)
    trust = trust_of(wish.draft)
    standing = stands(services.workspace, bundle_name(wish.draft))
    kept = standing.kept if standing else None
    folder = str(services.workspace.path(bundle_name(wish.draft)))
    supply, faults = supply_of(
        wish.draft,
        now,
        wish.passphrases(services.environ),
        standing=standing,
        folder=folder,
        new_keys=wish.new_keys,
    )
    refuse(problems + faults)
    plan = resolve(wish.draft, now, kept=kept, trust=trust, supply=supply, fresh=wish.replace, new_keys=wish.new_keys)
    if standing and not same_control_plane(plan, standing.kept):
        message = f"The bundle {plan.bundle} was made for {standing.kept.manifest.control_plane.address}."
        context = f"These answers are for {plan.control_plane.config.address}."
        raise KonnectError("other-control-plane", message, context=context)
    problems += supply.notes + tuple(problem for key in plan.platforms for problem in platform(key).check(plan))
    problems += _shortened(plan, None if wish.new_keys else kept, now)
    refuse(problems)
    holdings = standing.holdings() if standing else Holdings({}, {})
    anew = wish.new_keys or (kept is not None and _source(kept.draft) != plan.certificate.source)
    if not anew:
        _refuse_lost_keys(plan, standing, holdings)
    work = issue.work(plan, holdings, anew, supply)
    _refuse_an_end_that_is_past(plan, work, now)
    files = {**describing(plan), **trust_file(plan)}
    exact = given(plan, supply, holdings, work)
    changes = _changes(plan, wish, standing, work, files, exact, now, folder)
    files.update((path, file) for path, file in exact.items() if not file.secret)
    _refuse_in_the_way(folder, changes)
    return Proposal(wish, now, plan, problems, standing, supply, holdings, work, files, changes)


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
        from konnect_tui.pki.trial import try_issuing

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


def _refuse_lost_keys(plan: Plan, standing: Standing | None, holdings: Holdings) -> None:
    """A key that was written once and is gone is never made again unasked (contract: `key-missing`)."""
    if standing is None or plan.certificate.custody != "bundle" or plan.certificate.source == "import":
        return
    wanted = (SHARED,) if plan.shared else tuple(node.name for node in plan.nodes)
    lost = [name for name in wanted if (held := holdings.identities.get(name)) is not None and held.key is None]
    if lost:
        message = f"The private key of {', '.join(lost[:5])} is not in the bundle any more."
        raise KonnectError("key-missing", message + (" (and more)" if len(lost) > 5 else ""))


def _changes(
    plan: Plan,
    wish: Wish,
    standing: Standing | None,
    work: Work,
    files: Files,
    exact: Files,
    now: datetime,
    folder: str,
) -> tuple[Change, ...]:
    recorded = standing.kept.manifest.recorded if standing else {}
    before = _before(plan, standing, now)
    reshaped = before is not None and _shape(before) != _shape(plan)
    undated = _undated(plan, before) if before is not None and wish.new_keys else plan
    remade = {path for path, file in describing(undated).items() if files[path] != file} if undated != plan else set()
    wanted = {path: Wanted(f"{file.mode:04o}", file.digest) for path, file in files.items()}
    free: set[str] = set()
    if before is not None and not wish.replace and reduced(undated, before) == before:
        free = {path for path in wanted if whole_bundle(plan, path)} if _more(plan, before) else set()
        free |= set(_answered(plan, before))
        wanted = {
            path: Wanted(recorded[path].mode, recorded[path].sha256)
            if path in recorded and path not in free | remade
            else want
            for path, want in wanted.items()
        }
    for path, mode, anew in holding(plan, work, reshaped):
        as_recorded = None if anew or path not in recorded else recorded[path].sha256
        wanted[path] = Wanted(f"{mode:04o}", as_recorded)
        if anew and wish.new_keys:
            remade.add(path)
    wanted |= {path: Wanted(f"{file.mode:04o}", file.digest) for path, file in exact.items()}
    on_disk = standing.on_disk() if standing else {}
    changes = compare(wanted, on_disk, recorded, free=frozenset(free), remade=frozenset(remade))
    return tuple(sorted((*changes, _own_copy(plan, standing, folder, changes)), key=lambda change: change.path))


def _undated(plan: Plan, before: Plan) -> Plan:
    """The plan with the ends that the bundle has: new keys bring new ones, and with them other words in files."""
    had = before.certificate
    return replace(plan, certificate=replace(plan.certificate, not_after=had.not_after, ca_not_after=had.ca_not_after))


def _before(plan: Plan, standing: Standing | None, now: datetime) -> Plan | None:
    """The plan the bundle was made from, as far as it can be told today: None where its answers no longer hold."""
    if standing is None or not _holds(standing.kept.draft, plan, now):
        return None
    recorded = standing.kept.manifest.recorded.get(manifest.TRUST)
    trust = trust_file(plan).get(manifest.TRUST)
    same_trust = (recorded.sha256 if recorded else None) == (trust.digest if trust else None)
    return resolve(
        standing.kept.draft,
        now,
        kept=standing.kept,
        trust=plan.control_plane.config.trust if same_trust else "another",
    )


def _holds(draft: Draft, plan: Plan, now: datetime) -> bool:
    """Whether recorded answers make a plan still. Someone may have edited them, or a release may refuse more."""
    if draft == plan.draft:
        return True
    return not any(each.severity == "error" and each.code != "past-end" for each in check(draft, now.date()))


def _shape(plan: Plan) -> tuple[object, ...]:
    certificate = plan.certificate
    return (
        plan.control_plane.auth_mode,
        certificate.source,
        certificate.upload,
        plan.draft.certificate.upload,
        certificate.intermediates,
        certificate.per,
    )


def _more(plan: Plan, before: Plan) -> bool:
    """Whether there are nodes, platforms or requested certificates that were not there before."""
    arrived = any(_answered(plan, before))
    return arrived or len(plan.nodes) > len(before.nodes) or len(plan.platforms) > len(before.platforms)


def _answered(plan: Plan, before: Plan) -> Iterator[str]:
    """The files that change because certificates that were waited for have come, and none is waited for anew."""
    waited, waits = set(before.certificate.pending), set(plan.certificate.pending)
    if not waits < waited:
        return
    for node in plan.nodes:
        identity = plan.identity(node.name)
        if identity in waited - waits:
            yield f"nodes/{node.name}/tls.csr"
        elif identity not in waits:
            yield f"nodes/{node.name}/tls.crt"  # cut to what it needs, now that the upload is known


def _own_copy(plan: Plan, standing: Standing | None, folder: str, changes: tuple[Change, ...]) -> Change:
    """What becomes of `konnect-tui.toml`: it changes with the answers and with any other file."""
    mode = f"{PUBLIC_MODE:04o}"
    if standing is None:
        return Change(manifest.NAME, "create", mode, None, "new")
    kept, asked = standing.kept, manifest.own_answers(plan, folder)
    if kept.standing not in (kept.draft, asked):
        return Change(manifest.NAME, "change", mode, None, "edited")
    if kept.standing != asked or kept.draft != asked or any(change.action != "keep" for change in changes):
        return Change(manifest.NAME, "change", mode, None, "agreed")
    return Change(manifest.NAME, "keep", mode, None, "same")


def _refuse_in_the_way(folder: str, changes: tuple[Change, ...]) -> None:
    for change in changes:
        if change.reason == "in-the-way":
            raise KonnectError("file-in-the-way", f"{folder}/{change.path} is there, and konnect-tui did not write it.")
