"""The control plane of the draft as Konnect has it by now, and judged."""

import asyncio
from typing import TYPE_CHECKING

from konnect_tui.draft import TOLD
from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.words import printable

if TYPE_CHECKING:
    from konnect_tui.ui.app import KonnectApp


async def located(app: "KonnectApp") -> tuple[Problem, ...]:
    """What is to be said of the control plane, with the app's target set; nothing where Konnect isn't connected.

    Konnect is asked even where it has told before: somebody may have changed it since, or taken it away.
    Raises KonnectError as `locate`, and `invalid-input` where it has yet to be created.
    """
    session, section = app.session, app.answers.control_plane
    if session is None or section.source not in TOLD:
        return ()
    from konnect_tui.converge.standing import remembered
    from konnect_tui.defaults import bundle_name
    from konnect_tui.live.locate import judge, locate

    kept = await asyncio.to_thread(remembered, app.services.workspace, bundle_name(app.answers))
    found = await locate(session.client, section, kept)
    if found.unborn:
        message = f"The control plane “{printable(section.name or '')}” is not there yet."
        hint = "Under Control plane it can be created."
        problem = error("control_plane.name", "not-in-konnect", message, hint)
        raise KonnectError("invalid-input", message, problems=(problem,))
    app.target = found
    return judge(found, section, live=app.services.hosts.live)
