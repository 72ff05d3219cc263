"""The trust point of a control plane whose certificate no public CA signed."""

from konnect_tui.bundle import Files, text
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, error
from konnect_tui.konnect.endpoint import SYSTEM_TRUST
from konnect_tui.manifest import TRUST
from konnect_tui.plan import Plan

_FIELD = "control_plane.trusted_ca"


def trust_of(draft: Draft) -> str:
    """`system`, or the clean PEM text of `control_plane.trusted_ca`.

    Raises `invalid-input` naming the file where it can't be read or holds no certificate.
    """
    path = draft.control_plane.trusted_ca
    if path is None or path == SYSTEM_TRUST:
        return SYSTEM_TRUST
    from konnect_tui.pki.pem import certificate_pem  # only where there is a file to read
    from konnect_tui.pki.read import read_file

    try:
        certificates = read_file(path).certificates
    except KonnectError as fault:
        problem = error(_FIELD, fault.code, fault.message, fault.hint)
        raise KonnectError("invalid-input", fault.message, problems=(problem,)) from None
    if not certificates:
        message = f"{path} holds no certificate."
        raise KonnectError("invalid-input", message, problems=(error(_FIELD, "not-a-certificate", message),))
    return b"".join(certificate_pem(certificate) for certificate in certificates).decode()


def trust_file(plan: Plan) -> Files:
    """`trust/control-plane-ca.crt`, where the control plane is not to be trusted through the system's CAs."""
    trust = plan.control_plane.config.trust
    return {} if trust == SYSTEM_TRUST else {TRUST: text(trust)}
