"""Which gateway versions the control plane serves, and what it says of those it does not.

Words and codes: Kong/koko, `internal/gen/grpc/kong/admin/model/v1/node.pb.go`; the oldest version it lets in:
`internal/server/kong/ws/server.go`.
"""

import re
from typing import Any, Final

from konnect_tui.gateway.releases import RELEASES, number

OLDEST: Final = (2, 5, 0)
_VERSION: Final = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[-+][A-Za-z0-9.+-]{1,64})?")


def understood(version: str) -> tuple[int, ...] | None:
    """The version a node says it has as numbers; None where it is none."""
    found = _VERSION.fullmatch(version)
    return tuple(int(part) for part in found.groups() if part is not None) if found else None


def let_in(version: str) -> bool:
    """Whether a node of that version may connect at all."""
    found = understood(version)
    return found is not None and found[:3] >= OLDEST


def compatibility(version: str) -> dict[str, Any]:
    """A node's `compatibility_status`."""
    found, newest = understood(version), number(RELEASES[0].version)
    if found is None:
        return {"state": "COMPATIBILITY_STATE_UNKNOWN"}
    if found[:2] <= newest:
        return {"state": "COMPATIBILITY_STATE_FULLY_COMPATIBLE"}
    issue = {
        "code": "P101",
        "severity": "error",
        "description": f"The node is newer than the control plane, which serves versions up to {RELEASES[0].version}.",
        "resolution": f"Use a version of Kong Gateway up to {RELEASES[0].version}.",
    }
    return {"state": "COMPATIBILITY_STATE_INCOMPATIBLE", "issues": [issue]}
