"""`konnect-tui upload BUNDLE`: give Konnect what is pending."""

from argparse import Namespace

from konnect_tui.cli.account import account, give, rows, upload_lines
from konnect_tui.cli.answer import Answer
from konnect_tui.cli.reaching import reached
from konnect_tui.cli.setting import bundle_meant
from konnect_tui.converge.propose import refuse
from konnect_tui.converge.standing import Standing, stands
from konnect_tui.errors import KonnectError
from konnect_tui.live.aim import aim
from konnect_tui.live.locate import judge
from konnect_tui.live.upload import Due, Uploading, due
from konnect_tui.services import Services
from konnect_tui.words import printable


def run(options: Namespace) -> Answer:
    """Find the control plane, give it what it lacks of `upload/`, and note the ids in the bundle."""
    services, bundle = bundle_meant(options)
    standing = stands(services.workspace, bundle)
    if standing is None:
        raise KonnectError("no-such-bundle", f"There is no bundle {bundle} in {services.root}.")
    pending = due(standing)
    if not pending:
        waiting = ", ".join(standing.missing[:5])
        line = f"nothing to upload yet: waiting for the certificates of {waiting}" if waiting else "nothing to upload"
        return Answer({"upload": []}, talk=(printable(line),))
    with reached(services, standing.kept.draft) as there:
        return _given(there.services, bundle, standing, pending, options)


def _given(services: Services, bundle: str, standing: Standing, pending: tuple[Due, ...], options: Namespace) -> Answer:
    found = account(services, options)
    target = found.ask(lambda client: aim(client, standing.kept, options.control_plane))
    problems = found.problems + judge(target, standing.kept.draft.control_plane, live=services.hosts.live)
    refuse(problems)
    uploading = Uploading(target, bundle, pending)
    told, fault = give(found, uploading, str(services.workspace.path(bundle)))
    lines = "".join(printable(f"{each.state:8}{each.file}  {each.id}").rstrip() + "\n" for each in uploading.given)
    return Answer({"upload": rows(uploading.given)}, lines, tuple(upload_lines(uploading)), problems + told, fault)
