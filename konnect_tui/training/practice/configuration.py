"""The configuration that a control plane sends, as a node takes or refuses it.

Sources: Kong/kong, `kong/clustering/{data_plane,config_helper}.lua`, `kong/db/schema/others/declarative_config.lua`.
"""

import json
import zlib
from collections.abc import Mapping
from hashlib import md5
from typing import Any, Final

from msgspec import Struct

from konnect_tui.training.practice.broken import Broken
from konnect_tui.training.practice.prefix import Cached, is_hash

NO_HASH: Final = "0" * 32
"""What a node reports that has no configuration."""

_FORMATS: Final = ("1.1", "2.1", "3.0")
_MOST_INFLATED: Final = 64 * 1024 * 1024
_GZIP: Final = 31
"""zlib's word for a gzip header (RFC 1952)."""


class Refused(Exception):
    """The configuration can't be used. `report` is what a node in `konnect_mode` tells its control plane."""

    def __init__(self, words: str, report: Mapping[str, Any]) -> None:
        super().__init__(words)
        self.words = words
        self.report = report


class Reconfigure(Struct, frozen=True):
    """A message that brings a configuration. `table` is anything yet."""

    config_hash: str
    table: Any


def understood(data: bytes) -> Reconfigure | None:
    """What a binary message brings; None for one of another type. Raises Broken where it can't be read."""
    inflating = zlib.decompressobj(_GZIP)
    try:
        text = inflating.decompress(data, _MOST_INFLATED)
    except zlib.error:
        raise Broken("INFLATE: data error") from None
    if not inflating.eof:
        raise Broken("INFLATE: stream error")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise Broken("Expected value but found invalid token at character 1") from None
    if not isinstance(message, dict) or message.get("type") != "reconfigure":
        return None
    table = message.get("config_table")
    if table is None:
        raise Broken("assertion failed!")
    told = message.get("config_hash")
    return Reconfigure(told if is_hash(told) else hash_of(table), table)


def hash_of(table: Any) -> str:
    """The hash that a node works out where it is told none."""
    return md5(json.dumps(table, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def usable(offered: Reconfigure) -> Cached:
    """The configuration, if a gateway could load it. Raises Refused.

    Its form is judged: what each entity holds only a gateway's own schemas can tell.
    """
    problem = _problem(offered.table)
    if problem:
        report = {
            "name": "declarative configuration parse failure",
            "source": "kong.db.declarative.parse_table",
            "message": problem,
            "config_hash": offered.config_hash,
            "fields": {},
            "flattened_errors": [],
            "code": 14,
        }
        raise Refused(f"bad config received from control plane {problem}", report)
    return Cached(offered.config_hash, offered.table)


def _problem(table: Any) -> str:
    if not isinstance(table, dict):
        return "expected a declarative configuration table"
    if table.get("_format_version") not in _FORMATS:
        return "in '_format_version': expected one of: 1.1, 2.1, 3.0"
    for name, entities in table.items():
        if name.startswith("_"):
            continue
        if not isinstance(entities, list):
            return f"in '{name}': expected an array"
        for number, entity in enumerate(entities, start=1):
            if not isinstance(entity, dict):
                return f"in '{name}': in entry {number} of '{name}': expected a record"
    return ""
