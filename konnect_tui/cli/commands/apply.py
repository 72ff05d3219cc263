"""`konnect-tui apply FILE`: make or converge the bundle an answers file describes, asking nothing."""

import os
from argparse import Namespace
from collections.abc import Callable

from msgspec.structs import replace

from konnect_tui import answers
from konnect_tui.answers import Answers
from konnect_tui.checks import check
from konnect_tui.cli.answer import Answer
from konnect_tui.cli.applied import done, proposed, with_diff
from konnect_tui.cli.progress import Progress
from konnect_tui.cli.reaching import reached
from konnect_tui.cli.setting import services_for
from konnect_tui.converge import Result, Wish, carry_out, propose
from konnect_tui.converge.carry import refuse_to_lose
from konnect_tui.converge.propose import refuse, require_keys
from konnect_tui.defaults import bundle_name
from konnect_tui.draft import TOLD, Draft
from konnect_tui.errors import KonnectError
from konnect_tui.manifest import NAME
from konnect_tui.services import Services


def run(options: Namespace) -> Answer:
    """Converge, or with `--dry-run` say what would be done; either way with the same exit status."""
    found = answers.read_file(options.file)
    services = services_for(options, _parent_of_own_copy(options.file, found))
    draft = _with_signed(found.draft, options.signed or [])
    if draft.control_plane.source in TOLD:
        refuse(found.problems + check(draft, services.now().date()))  # before anything is asked, or started to be asked
    with reached(services, draft) as there:
        wish = Wish(there.draft, options.replace, options.new_keys, found.problems)
        if draft.control_plane.source in TOLD:
            return there.told(_live(there.services, options, wish))
        return _foreseen(services, wish) if options.dry_run else _made(services, wish, done, json=options.json)


def _live(services: Services, options: Namespace, wish: Wish) -> Answer:
    """The same for a control plane of an account: it is found first, or created, and given `upload/` at the end."""
    from konnect_tui.cli.account import born, located, uploaded  # brings the client of Konnect

    wish, account = located(services, options, wish)
    if options.dry_run:
        return _foreseen(services, wish)
    if account is None:
        return _made(services, wish, done, json=options.json)
    created = ""
    if wish.target is not None and wish.target.unborn:
        _refuse_before_creating(services, wish)
        wish = born(account, wish)
        created = "The control plane was created in Konnect, and stays there."
    try:
        refuse(wish.problems)
        finish = done if options.no_upload else (lambda result: uploaded(account, wish, result))
        return _made(services, wish, finish, json=options.json)
    except KonnectError as fault:
        fault.context = " ".join(filter(None, (created, fault.context)))
        raise
    except KeyboardInterrupt:
        raise KonnectError("cancelled", "Cancelled; nothing is half written.", context=created) from None


def _refuse_before_creating(services: Services, wish: Wish) -> None:
    """All that would end the run after the control plane was created, as far as it can be told before.

    The workspace is taken for a moment, and not while Konnect is asked: nothing on disk waits for the network.
    """
    services.workspace.prepare()
    with services.workspace.locked():
        proposal = propose(services, wish)
        refuse_to_lose(proposal)
        require_keys(proposal, services.environ)


def _made(services: Services, wish: Wish, finish: Callable[[Result], Answer], *, json: bool) -> Answer:
    try:
        with Progress(wanted=not json) as progress:
            result = carry_out(services, wish, progress=progress)
    except KonnectError as fault:
        if fault.code != "needs-replace":
            raise
        return _refused(services, wish)
    return finish(result)


def _with_signed(draft: Draft, paths: list[str]) -> Draft:
    """The draft with further signed certificates. That they belong to another source is a fault that `check` tells."""
    if not paths:
        return draft
    given = (*(draft.certificate.signed or ()), *(os.path.abspath(path) for path in paths))
    return replace(draft, certificate=replace(draft.certificate, signed=tuple(dict.fromkeys(given))))


def _parent_of_own_copy(path: str, found: Answers) -> str | None:
    """The workspace of the bundle whose own copy this is, if it is one: it lies in the folder of its name."""
    folder = os.path.dirname(os.path.abspath(path))
    if found.manifest is None or found.problems or os.path.basename(path) != NAME:
        return None
    return os.path.dirname(folder) if bundle_name(found.draft) == os.path.basename(folder) else None


def _foreseen(services: Services, wish: Wish) -> Answer:
    refuse(wish.problems + check(wish.draft, services.now().date()))
    services.workspace.prepare(dry_run=True)
    proposal = propose(services, wish)
    try:
        refuse_to_lose(proposal)
        require_keys(proposal, services.environ)
    except KonnectError as fault:
        fault.data.update(proposed(services, proposal))
        return with_diff(proposal, fault)
    return with_diff(proposal, None, proposed(services, proposal))


def _refused(services: Services, wish: Wish) -> Answer:
    proposal = propose(services, wish)
    try:
        refuse_to_lose(proposal)
    except KonnectError as fault:
        fault.data.update(proposed(services, proposal, dry_run=False))
        shown = with_diff(proposal, fault)
        return Answer(shown.data, talk=(*shown.stdout.splitlines(),), problems=shown.problems, error=fault)
    raise KonnectError("workspace-changed", f"The bundle {proposal.plan.bundle} was changed by someone else meanwhile.")
