"""The rules for a node's labels: what the gateway, Konnect's API and its operator all take.

Sources: Kong/kong `kong/conf_loader/parse.lua` (`cluster_dp_labels`), Kong/developer.konghq.com
`app/konnect-platform/konnect-labels.md`, Kong/kong-operator (`konnect_extension_types.go`: at most 5).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from konnect_tui.checks.rules import key_of, quoted
from konnect_tui.errors import Problem, error

MOST_LABELS: Final = 4
"""Konnect takes 5 for a node, and `node` is always one of them."""
RESERVED_KEY: Final = "node"
RESERVED_STARTS: Final = ("kong", "konnect", "insomnia", "mesh", "kic", "kuma", "k8s", "_")

_TEXT: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"


def check_labels(field: str, labels: Mapping[str, str], shared: Mapping[str, str] | None = None) -> Iterator[Problem]:
    """Every fault of these labels of a node. `shared` are those that it has besides, checked elsewhere."""
    for key, value in labels.items():
        if key.lower() == RESERVED_KEY:
            place = f"{field}.{key_of(key)}"
            yield error(place, "reserved-label", "The label `node` always holds the node's own name.")
            yield from _value(place, value)
        else:
            yield from check_label(f"{field}.{key_of(key)}", key, value)
    total = len(labels.keys() | (shared or {}).keys())
    if labels and total > MOST_LABELS:
        yield error(
            field, "too-many-labels", f"A node would have {total} labels besides `node`; Konnect takes {MOST_LABELS}."
        )


def check_label(place: str, key: str, value: str) -> Iterator[Problem]:
    """Every fault of one label of anything in Konnect."""
    lower = key.lower()
    if lower.startswith(RESERVED_STARTS):
        start = next(start for start in RESERVED_STARTS if lower.startswith(start))
        yield error(place, "reserved-label", f"Konnect keeps label keys that begin with {start} for itself.")
    elif re.fullmatch(_TEXT, key) is None:
        yield error(place, "bad-label", f"{quoted(key)} cannot be a label's key.")
    yield from _value(place, value)


def _value(place: str, value: str) -> Iterator[Problem]:
    if re.fullmatch(_TEXT, value) is None:
        yield error(place, "bad-label", f"{quoted(value)} cannot be a label's value.")
