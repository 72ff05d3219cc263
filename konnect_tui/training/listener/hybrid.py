"""Kong's hybrid-mode protocol, version 1: what a control plane says to a node, and what it takes from one."""

import gzip
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

MOST_BYTES: Final = 16 * 1024 * 1024
"""The largest message either side takes: `cluster_max_payload` by default."""

SILENCE: Final = 45.0
"""Seconds after which a node that says nothing is gone: it pings every 30."""

FIRST_WORD: Final = 5.0
"""Seconds in which a node has to introduce itself."""

HASH: Final = re.compile(rb"[\x21-\x7e]{32}")
_EMPTY: Final[Mapping[str, Any]] = {"_format_version": "3.0", "_transform": False}
_PARTS: Final = ("config", "routes", "services", "plugins", "upstreams", "targets")
_MOST_LABELS: Final = 64
_LONGEST: Final = 1024


class Plugin(Struct, frozen=True):
    """A plugin that a node has."""

    name: str
    version: str | None = None


class BasicInfo(Struct, frozen=True, tag_field="type", tag="basic_info"):
    """A node's first message."""

    plugins: list[Plugin]
    labels: dict[str, str] = {}


class Report(Struct, frozen=True, tag_field="type", tag="error"):
    """Why a node could not use its configuration (`konnect_mode` only)."""

    error: dict[str, Any]


_INTRODUCTION: Final = msgspec.json.Decoder(BasicInfo)
_REPORT: Final = msgspec.json.Decoder(Report)


def introduction(data: bytes) -> BasicInfo | None:
    """A node's first message; None where it is something else."""
    try:
        info = _INTRODUCTION.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return info if len(info.labels) <= _MOST_LABELS else None


def report(data: bytes) -> dict[str, Any] | None:
    """What a node reports about its configuration, in the form of the API; None where it is something else."""
    try:
        error = _REPORT.decode(data).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    shown = {key: str(error.get(key, ""))[:_LONGEST] for key in ("name", "config_hash", "source", "message")}
    code = error.get("code")
    return shown | ({"code": code} if isinstance(code, int | str) else {})


def reconfigure(config_hash: str, at: float) -> bytes:
    """The message that gives a node its configuration: an empty one, under that hash."""
    message = {
        "type": "reconfigure",
        "timestamp": at,
        "config_table": _EMPTY,
        "config_hash": config_hash,
        "hashes": {part: config_hash if part == "config" else "0" * 32 for part in _PARTS},
    }
    return gzip.compress(msgspec.json.encode(message), compresslevel=1)
