"""Where a command works: the workspace it was given, the bundle that was meant."""

import os
from argparse import Namespace

from konnect_tui.errors import KonnectError
from konnect_tui.services import Reach, Services, workspace_root

_OWN_COPY = "konnect-tui.toml"


def services_for(options: Namespace, bundle_parent: str | None = None) -> Services:
    """The outside world, with the workspace that options and environment choose."""
    return _services(workspace_root(options.workspace, os.environ, bundle_parent), options)


def _services(workspace: str, options: Namespace) -> Services:
    return Services(workspace, reach=Reach(options.api_url, options.token_file, options.profile))


def bundle_meant(options: Namespace) -> tuple[Services, str]:
    """The workspace and name of the bundle given: a folder holding `konnect-tui.toml`, else a name.

    Raises KonnectError `no-such-bundle`. What a crash left half done is finished first.
    """
    given: str = options.bundle
    if os.path.isfile(os.path.join(given, _OWN_COPY)):
        folder = os.path.abspath(given)
        services, name = _services(os.path.dirname(folder), options), os.path.basename(folder)
        services.workspace.settle()
        return services, name
    services = services_for(options)
    services.workspace.settle()
    if given not in services.workspace.bundles():
        known = ", ".join(services.workspace.bundles()) or "none"
        message = f"There is no bundle {given} in {services.root}."
        raise KonnectError("no-such-bundle", message, hint=f"Bundles there: {known}. Or give a bundle's folder.")
    return services, given


def refuse_an_account(options: Namespace) -> None:
    """Nothing that leads to the real Konnect means anything in training, and nothing is ignored in silence.

    Raises KonnectError `usage`.
    """
    for name in ("api_url", "token_file", "profile"):
        if getattr(options, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise KonnectError("usage", f"{option} is for an account; in training no account is asked.")
