"""Creating a control plane in Konnect: what is asked, and what is wrong with the answers. None of it is in a Draft.

Source of the rules: Kong/developer.konghq.com, `api-specs/konnect/control-planes/v2/openapi.yaml` (name, description),
`app/konnect-platform/konnect-labels.md` (labels: at most 5).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.errors import Problem, error
from konnect_tui.flow.authentication import CHOICES, PINNED
from konnect_tui.flow.step import Field, Value
from konnect_tui.konnect.models import PINNED as PINNED_TYPE
from konnect_tui.konnect.models import PKI as PKI_TYPE
from konnect_tui.konnect.models import NewControlPlane

NAME: Final = "new.name"
DESCRIPTION: Final = "new.description"
LABELS: Final = "new.labels"
MODE: Final = "new.auth_mode"
MOST_LABELS: Final = 5


class Wanted(Struct, frozen=True):
    """The answers so far. `labels` is as typed: `key=value`, parted by blanks or commas."""

    name: str = ""
    description: str = ""
    labels: str = ""
    mode: str = PINNED

    def answer(self, key: str, value: Value) -> "Wanted":
        """The same with one more answer."""
        said = str(value or "").strip()
        field = {NAME: "name", DESCRIPTION: "description", LABELS: "labels", MODE: "mode"}.get(key)
        return replace(self, **{field: said}) if field else self

    @property
    def pairs(self) -> Mapping[str, str]:
        """The labels by key; one without a value has an empty one."""
        parts = (part.partition("=") for part in self.labels.replace(",", " ").split())
        return {key: value for key, _, value in parts}

    def request(self) -> NewControlPlane:
        """What Konnect is asked for."""
        if self.mode == PINNED:
            return NewControlPlane(self.name, PINNED_TYPE, self.description, self.pairs)
        return NewControlPlane(self.name, PKI_TYPE, self.description, self.pairs)


def fields(wanted: Wanted) -> tuple[Field, ...]:
    """All questions."""
    return (
        _line(
            NAME,
            "Name",
            wanted.name,
            "2 to 256 characters, and free in this organisation. It can be changed in Konnect later.",
        ),
        _line(DESCRIPTION, "Description", wanted.description, "What it is for; at most 2048 characters, or nothing."),
        _line(
            LABELS,
            "Labels",
            wanted.labels,
            "key=value, several parted by blanks, such as team=payments env=prod. At most 5. Keys that begin with "
            "kong, konnect, mesh, kic, kuma, insomnia, k8s or _ are Konnect's own.",
        ),
        Field(
            key=MODE,
            label="Authentication",
            kind="choice",
            choices=CHOICES,
            get=lambda draft: wanted.mode,
            default=PINNED,
            help="How it knows its nodes. If Konnect switches it later, every node needs another certificate.",
        ),
    )


def _line(key: str, label: str, value: str, told: str) -> Field:
    def get(draft: Draft) -> Value:
        return value

    return Field(key=key, label=label, kind="text", required=key == NAME, get=get, help=told)


def faults(wanted: Wanted) -> Iterator[Problem]:
    """What Konnect would refuse."""
    from konnect_tui.checks.labels import check_label
    from konnect_tui.checks.rules import plain_text

    yield from plain_text(NAME, wanted.name, 256, least=2)
    yield from plain_text(DESCRIPTION, wanted.description, 2048, least=0)
    for key, value in wanted.pairs.items():
        yield from check_label(LABELS, key, value)
    if len(wanted.pairs) > MOST_LABELS:
        message = f"These are {len(wanted.pairs)} labels; Konnect takes {MOST_LABELS}."
        yield error(LABELS, "too-many-labels", message, "Leave some out.")
