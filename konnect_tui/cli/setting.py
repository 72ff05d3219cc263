"""Where a command works: the workspace it was given, the bundle that was meant, the passphrase that was told."""

import os
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING

from konnect_tui.errors import KonnectError, error
from konnect_tui.services import Services, workspace_root

if TYPE_CHECKING:
    from konnect_tui.draft import Draft
    from konnect_tui.pki.material import Secret

_OWN_COPY = "konnect-tui.toml"
_LONGEST_PASSPHRASE = 4096
_FIELD = "certificate.ca_passphrase_file"


def services_for(options: Namespace, bundle_parent: str | None = None) -> Services:
    """The outside world, with the workspace that options and environment choose."""
    return Services(workspace_root(options.workspace, os.environ, bundle_parent))


def bundle_meant(options: Namespace) -> tuple[Services, str]:
    """The workspace and name of the bundle given: a folder holding `konnect-tui.toml`, else a name.

    Raises KonnectError `no-such-bundle`. What a crash left half done is finished first.
    """
    given: str = options.bundle
    if os.path.isfile(os.path.join(given, _OWN_COPY)):
        folder = os.path.abspath(given)
        services, name = Services(os.path.dirname(folder)), os.path.basename(folder)
        services.workspace.settle()
        return services, name
    services = services_for(options)
    services.workspace.settle()
    if given not in services.workspace.bundles():
        known = ", ".join(services.workspace.bundles()) or "none"
        message = f"There is no bundle {given} in {services.root}."
        raise KonnectError("no-such-bundle", message, hint=f"Bundles there: {known}. Or give a bundle's folder.")
    return services, given


def ca_passphrase(draft: "Draft", environ: Mapping[str, str]) -> "Secret | None":
    """The passphrase of the CA's key: from `ca_passphrase_file`, else the environment, else None.

    One newline at the end of the file doesn't count. Raises `invalid-input` where the file can't be used.
    """
    from konnect_tui.pki.material import Secret

    path = draft.certificate.ca_passphrase_file
    if path is None:
        told = environ.get("KONNECT_TUI_CA_PASSPHRASE")
        return Secret(os.fsencode(told)) if told else None
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            content = file.read(_LONGEST_PASSPHRASE + 1) or b""  # None: a pipe that nobody has written to yet
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "its name can't be a path"
        raise _unusable("not-readable", f"{path} can't be read: {reason}.") from None
    line = content.removesuffix(b"\n").removesuffix(b"\r")
    if not line or len(content) > _LONGEST_PASSPHRASE or b"\n" in line:
        raise _unusable("invalid-value", f"{path} holds no passphrase: it is one line of at most 4096 bytes.")
    return Secret(line)


def _unusable(code: str, message: str) -> KonnectError:
    return KonnectError("invalid-input", message, problems=(error(_FIELD, code, message),))
