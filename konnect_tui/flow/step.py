"""What a step and a field are. Nothing here knows a screen, a disk or a clock.

A step's fields are a function of what has been chosen so far and of the scene the wizard runs in, so that a
choice can bring or take away fields. A field reads its value from the Draft and puts a new one into it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.errors import Problem

if TYPE_CHECKING:
    from konnect_tui.konnect.regions import Region

Kind = Literal["choice", "toggle", "multi", "text", "integer", "list", "lines", "paste", "secret", "path", "paths"]
"""`list` is one line of items, `lines` one item a line, `paste` takes whatever was copied somewhere.

`path` is one file, `paths` any number of files and folders; `Field.wants` says what has to be in them.
"""

Wants = Literal["", "certificate", "key", "ca"]
"""What a file has to hold to serve: a certificate, a private key, a CA's certificate; empty where anything goes."""

_INDEX = re.compile(r"\[\d+\]")

Value = str | bool | tuple[str, ...] | None


class Unclear(ValueError):
    """What was typed can't become an answer. The message says why, to a person."""


class Choice(Struct, frozen=True):
    """One thing to choose. `refused` says why it can't be, and then it can't."""

    value: str
    label: str
    explanation: str = ""
    refused: str = ""


class Fact(Struct, frozen=True):
    """Something that was worked out. `mark` says how, as `derived`."""

    label: str
    value: str
    mark: str = ""


class Saved(Struct, frozen=True):
    """A draft or a bundle that can be gone on with. `reference` is what its keeper finds it by."""

    reference: str
    title: str
    detail: str = ""


class Live(Struct, frozen=True):
    """The organisation in Konnect that is reached, and what it has told so far.

    `origin` says where the token came from. `faults` says of a region, by code, why it could not be listed. `mode` is
    the auth mode of the control plane that was taken, as Konnect has it; empty while none was. `training`: it is the
    embedded organisation.
    """

    organization: str
    origin: str = ""
    regions: "tuple[Region, ...]" = ()
    faults: Mapping[str, str] = {}
    mode: str = ""
    training: bool = False


class Scene(Struct, frozen=True):
    """What the wizard finds around it. Paths are as they are shown to the operator.

    `token`: one is in the environment; `known`: somebody has logged in here. `region` is the one that was used last.
    `live` is None without a connection. `training`: nothing but training is offered.
    """

    now: datetime
    workspace: str
    workspaces: tuple[str, ...] = ()
    drafts: tuple[Saved, ...] = ()
    bundles: tuple[Saved, ...] = ()
    passphrase_given: bool = False
    token: bool = False
    known: bool = False
    training: bool = False
    region: str = ""
    live: Live | None = None

    @property
    def untouched(self) -> bool:
        """Whether nothing here tells that the product was ever used: no token, no login, no draft, no bundle."""
        return not (self.token or self.known or self.region or self.drafts or self.bundles)


def _nothing(draft: Draft) -> Value:
    return None


def _unchanged(draft: Draft, value: Value) -> Draft:
    return draft


class Field(Struct, frozen=True, kw_only=True):
    """One question. `key` is its dotted path in the answers file, so problems find it; where it differs, `about` does.

    `default` is what holds while nothing is said. `note` and `facts` are what follows from the value, shown with it.
    `remarks` are what an answer as such deserves to be told, beside what is wrong with the Draft.
    `main`: the page is about this question. `rare`: most people need not see it. `required`: it has no default.
    `put` raises `Unclear`.
    """

    key: str
    label: str
    kind: Kind
    help: str
    get: Callable[[Draft], Value] = _nothing
    put: Callable[[Draft, Value], Draft] = _unchanged
    choices: tuple[Choice, ...] = ()
    default: str = ""
    note: str = ""
    facts: tuple[Fact, ...] = ()
    about: tuple[str, ...] = ()
    remarks: Callable[[Draft, Value], tuple[Problem, ...]] = lambda draft, value: ()
    wants: Wants = ""
    main: bool = False
    rare: bool = False
    required: bool = False

    def owns(self, problem: Problem) -> bool:
        """Whether the problem is about this question."""
        return any(belongs(problem, path) for path in self.about or (self.key,))

    def chosen(self, draft: Draft) -> str:
        """The value a choice stands at: what was said, else the default."""
        value = self.get(draft)
        return value if isinstance(value, str) and value else self.default


Fields = Callable[[Draft, Scene], tuple[Field, ...]]


class Step(Struct, frozen=True, kw_only=True):
    """One page of the flow. `why` is one sentence; `help` is paragraphs. `prefixes` are the problems it owns.

    `fit` leaves out what was said here but does not apply after other answers, and would be a fault.
    """

    key: str
    title: str
    why: str
    help: tuple[str, ...]
    fields: Fields
    prefixes: tuple[str, ...] = ()
    applies: Callable[[Draft], bool] = lambda draft: True
    fit: Callable[[Draft], Draft] = lambda draft: draft
    says: Callable[[Draft], str] = lambda draft: ""


def read(draft: Draft, key: str) -> object:
    """What the Draft says at a dotted path such as `certificate.key`."""
    section, _, name = key.partition(".")
    found: object = getattr(getattr(draft, section), name)
    return found


def write(draft: Draft, key: str, value: object) -> Draft:
    """The Draft with another value at a dotted path. Empty text and an empty tuple mean that nothing is said."""
    section, _, name = key.partition(".")
    said = None if value in ("", ()) else value
    return replace(draft, **{section: replace(getattr(draft, section), **{name: said})})


def choice(
    key: str,
    label: str,
    choices: tuple[Choice, ...],
    *,
    help: str,  # noqa: A002 - the field's own word
    default: str = "",
    main: bool = False,
) -> Field:
    """A question with one answer out of several, kept as text at `key`."""
    asked = text(key, label, help=help, default=default)
    return replace(asked, kind="choice", choices=choices, main=main)


def text(
    key: str,
    label: str,
    *,
    help: str,  # noqa: A002 - the field's own word
    default: str = "",
    required: bool = False,
    rare: bool = False,
) -> Field:
    """A question answered in one line, kept as text at `key`. Blanks around it don't count."""

    def get(draft: Draft) -> Value:
        found = read(draft, key)
        return found if isinstance(found, str) else None

    def put(draft: Draft, value: Value) -> Draft:
        return write(draft, key, value.strip() if isinstance(value, str) else None)

    return Field(
        key=key, label=label, kind="text", get=get, put=put, default=default, help=help, required=required, rare=rare
    )


def number(key: str, label: str, *, default: str, help: str, most: int = 65535) -> Field:  # noqa: A002 - the field's own word
    """A question answered with a whole number, kept at `key`."""

    def get(draft: Draft) -> Value:
        found = read(draft, key)
        return "" if found is None else str(found)

    def put(draft: Draft, value: Value) -> Draft:
        return write(draft, key, whole(str(value or ""), most))

    return Field(key=key, label=label, kind="integer", get=get, put=put, default=default, help=help)


def whole(written: str, most: int) -> int | None:
    """The number in the text, or None where there is none. Raises `Unclear`."""
    digits = written.strip()
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9 or int(digits) > most:
        raise Unclear(f"A whole number up to {most} is meant.")
    return int(digits)


def items(written: Value) -> tuple[str, ...]:
    """The items of one line, parted by blanks or commas."""
    return tuple(written.replace((","), (" ")).split()) if isinstance(written, str) else tuple(written or ())  # type: ignore[arg-type]


def belongs(problem: Problem, key: str) -> bool:
    """Whether the problem is about this path or something below it. `[]` in the path stands for any item."""
    field = _INDEX.sub("[]", problem.field) if "[]" in key else problem.field
    return field == key or field.startswith((f"{key}.", f"{key}["))
