"""What commands do with a Konnect account: find the control plane, create it, give it what is pending, note that."""

import os
import shlex
from argparse import Namespace
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from msgspec.structs import replace

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.applied import Rows, done
from konnect_tui.cli.asking import ASKING, KEYRING, Doing, ask, patiently
from konnect_tui.cli.talk import Talk
from konnect_tui.converge import Result, Wish
from konnect_tui.converge.propose import refuse
from konnect_tui.converge.standing import remembered, stands
from konnect_tui.defaults import bundle_name
from konnect_tui.errors import KonnectError, Problem, note
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.target import Target
from konnect_tui.konnect.tokens import Token
from konnect_tui.live import record
from konnect_tui.live.clock import off
from konnect_tui.live.create import create
from konnect_tui.live.locate import judge, locate
from konnect_tui.live.upload import Given, Uploading, due
from konnect_tui.manifest import Kept
from konnect_tui.resolve.control_plane import remembers
from konnect_tui.services import Services
from konnect_tui.words import printable

T = TypeVar("T")


class Account:
    """A token, and a way to ask with it. `json` keeps a terminal quiet."""

    def __init__(self, services: Services, token: Token, *, json: bool) -> None:
        self.services = services
        self.token = token
        self.talk = Talk(wanted=not json)
        self._skew = 0.0

    def ask(self, question: Callable[[Client], Coroutine[Any, Any, T]], what: Doing = ASKING) -> T:
        """What Konnect answers. Raises as `cli.asking.ask`."""

        async def asking(client: Client) -> T:
            found = await question(client)
            self._skew = client.skew
            return found

        return ask(self.services, self.token, asking, talk=self.talk, what=what)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What there is to say of the token, and of this machine's clock once Konnect has answered."""
        return self.token.problems + off(self._skew)


def account(services: Services, options: Namespace) -> Account:
    """The account that options and environment name. Raises KonnectError as `Tokens.find`."""
    talk = Talk(wanted=not options.json)
    with patiently(talk, services.tokens.outright or KEYRING):
        token = services.tokens.find()
    return Account(services, token, json=options.json)


def located(services: Services, options: Namespace, wish: Wish) -> tuple[Wish, Account | None]:
    """The wish with the control plane as Konnect tells it, and the account it was found with.

    None without a token, where nothing is to be uploaded and the bundle remembers all that is needed. Raises
    KonnectError as `Tokens.find`, `locate` and `refuse`.
    """
    section, kept = wish.draft.control_plane, remembered(services.workspace, bundle_name(wish.draft))
    try:
        found = account(services, options)
    except KonnectError as fault:
        if fault.code == "no-token" and options.no_upload and remembers(kept, section):
            return wish, None
        raise
    target = found.ask(lambda client: locate(client, section, kept))
    return _with(wish, target, found, kept), found


def _with(wish: Wish, target: Target, found: Account, kept: Kept | None) -> Wish:
    section = wish.draft.control_plane
    problems = wish.problems + found.problems + judge(target, section, live=found.services.hosts.live)
    refuse(problems)
    name = printable(target.control_plane.name)
    if target.unborn:
        message = f"The control plane “{name}” is not there yet, so its hosts are not known."
        problems += (note("control_plane.create", "to-be-created", message),)
    elif section.create and (kept is None or kept.manifest.konnect is None):
        message = f"The control plane “{name}” is there already; it is used as it is."
        problems += (note("control_plane.create", "exists-already", message),)
    return replace(wish, problems=problems, target=target)


def born(found: Account, wish: Wish) -> Wish:
    """The wish with its control plane created. Raises as `create`; `cancelled` where it may be there all the same."""
    target = wish.target
    if target is None:
        raise RuntimeError("there is nothing to create")
    name = printable(target.control_plane.name)
    try:
        made = found.ask(lambda client: create(client, target), "creating the control plane")
    except KeyboardInterrupt:
        message = f"Cancelled while the control plane “{name}” was being created."
        hint = "See in Konnect whether it is there; if so, the same answers use it as it is."
        raise KonnectError("cancelled", message, hint=hint) from None
    found.talk.say(f"created the control plane {name} in region {made.region} ({made.control_plane.id})")
    problems = tuple(problem for problem in wish.problems if problem.code != "to-be-created")
    judged = judge(made, wish.draft.control_plane, live=found.services.hosts.live)
    return replace(wish, problems=problems + judged, target=made)


def uploaded(found: Account, wish: Wish, result: Result) -> Answer:
    """The end of `apply`: what Konnect lacks is given to it. A failed upload leaves the bundle whole."""
    if not result.accepted or not result.uploads or wish.target is None:
        return done(result)
    standing = stands(found.services.workspace, result.plan.bundle)
    if standing is None:
        raise KonnectError("workspace-changed", f"The bundle {result.plan.bundle} was taken away meanwhile.")
    uploading = Uploading(wish.target, result.plan.bundle, due(standing))
    problems, fault = give(found, uploading, result.bundle)
    shown = done(result, rows(uploading.given), tuple(upload_lines(uploading)))
    return Answer(shown.data, shown.stdout, shown.talk, shown.problems + problems, fault)


def give(found: Account, uploading: Uploading, folder: str) -> tuple[tuple[Problem, ...], KonnectError | None]:
    """Upload, and note in the bundle what Konnect has, however that ended: what there is to say, and the fault.

    `folder` is the bundle's.
    """
    fault: KonnectError | None = None
    doing = "uploading"

    def told(_: str, done: int, total: int) -> None:
        nonlocal doing
        doing = f"uploading {done}/{total}"

    try:
        found.ask(lambda client: uploading.run(client, told), lambda: doing)
    except KonnectError as raised:
        fault = raised
    except KeyboardInterrupt:
        fault = KonnectError("cancelled", "Cancelled; what Konnect has is noted in the bundle.")
    if fault is not None:
        whole = f"The bundle {folder} is whole; `konnect-tui upload {shlex.quote(folder)}` goes on."
        fault.context = " ".join(filter(None, (whole, fault.context)))
    return record.note(found.services, os.path.basename(folder), uploading), fault


def rows(given: tuple[Given, ...]) -> Rows:
    """The `upload` of the JSON answer."""
    return [{"file": each.file, "sha256": each.sha256, "state": each.state, "id": each.id or None} for each in given]


def upload_lines(uploading: Uploading) -> list[str]:
    """What became of the upload, for people."""
    target, given = uploading.target, uploading.given
    plane = printable(target.control_plane.name)
    counts = [(sum(each.state == state for each in given), words) for state, words in _STATES]
    told = ", ".join(f"{count} {words}" for count, words in counts if count)
    return [f"control plane {plane}, {printable(target.organization.name)}: {told or 'nothing to upload yet'}"]


_STATES = (("done", "uploaded"), ("present", "there already"), ("pending", "still to be uploaded"))
