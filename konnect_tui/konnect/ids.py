"""The ids of things in Konnect: UUIDs (Kong/developer.konghq.com, `api-specs/konnect/control-planes/v2`)."""

import re
from typing import Final

EXAMPLE: Final = "7f9fd312-a987-4628-b4c5-bb4f4fddd5f7"
_UUID: Final = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


def is_id(text: str) -> bool:
    """Whether this has the form of an id, in any case."""
    return re.fullmatch(_UUID, text) is not None
