"""Who is let in: which control plane is meant, and what the judge says of what was presented."""

from collections.abc import Sequence

from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.address import Link
from konnect_tui.konnect.training_hosts import named
from konnect_tui.pki import parse
from konnect_tui.pki.judging.case import read_case
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.judging.verdict import Mode
from konnect_tui.pki.pem import certificate_der
from konnect_tui.training.held import Held
from konnect_tui.training.organisation import Organisation
from konnect_tui.training.planes import Plane


class Admission(Struct, frozen=True):
    """What was decided. `certificate` is the id of the one that let the node in; `cause` a code, empty if it is in."""

    plane: Plane | None
    certificate: str = ""
    cause: str = ""
    message: str = ""
    hint: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the node is let in."""
        return not self.cause


def meant(organisation: Organisation, server_name: str, prefix: str, link: Link) -> Plane | Admission:
    """The control plane that server name (SNI) and path mean; a refusal where there is none or they disagree."""
    asked = named(server_name)
    said = prefix or (asked[0] if asked else "")
    plane = organisation.planes.of_prefix(said) if said else None
    if plane is None:
        message = f"Neither the server name {server_name!r} nor the path means a control plane of this organisation."
        return Admission(None, cause="no-such-control-plane", message=message)
    if asked and asked != (plane.prefix, link):
        message = f"The server name {server_name!r} belongs to another connection than the address does."
        return Admission(plane, cause="server-name-differs", message=message)
    return plane


def admit(plane: Plane, held: Sequence[Held], presented: Sequence[bytes]) -> Admission:
    """What the control plane does with this list (DER, leaf first), given what it holds now."""
    if not presented:
        message = "The node presented no certificate."
        return Admission(plane, cause="no-certificate-presented", message=message)
    mode: Mode = "pki" if plane.mode == "pki" else "pinned"
    ids = {der: each.id for each in held if (der := certificate_der(each.pem.encode("ascii", "replace")))}
    pinned = mode == "pinned" and presented[0] in ids
    uploaded = (presented[0],) if pinned else tuple(ids)  # of a thousand pins the others don't matter
    try:
        verdict = judge(mode, uploaded, presented, None)
        if verdict.accepted:
            return Admission(plane, certificate=_anchor(mode, ids, presented))
    except KonnectError as fault:
        return Admission(plane, cause=fault.code, message=fault.message, hint=fault.hint)
    cause = verdict.findings[0]
    return Admission(plane, cause=cause.code, message=cause.message, hint=cause.hint)


def _anchor(mode: Mode, ids: dict[bytes, str], presented: Sequence[bytes]) -> str:
    """The id of the certificate that the decision rests on; empty where it can't be told."""
    if mode == "pinned":
        return ids[presented[0]]
    return ids.get(parse.encoded(read_case(mode, tuple(ids), presented, None).path()[-1]), "")
