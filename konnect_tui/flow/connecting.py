"""How the wizard gets into Konnect: with a token that was found, or one that is typed. None of it is in a Draft."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.draft import Draft
from konnect_tui.flow.step import Choice, Fact, Field, Saved, Scene, Value

SOURCE: Final = "connect.token"
TOKEN: Final = "connect.typed"  # noqa: S105 - a field's key
KEEP: Final = "connect.keep"
PROFILE: Final = "connect.profile"

ENVIRONMENT: Final = "environment"
SAVED: Final = "profile:"
TYPED: Final = "typed"
CONNECTED: Final = "connected"
WITHOUT: Final = "without"

_NO: Final = "no"
_YES: Final = "yes"
_WHERE: Final = (
    "Konnect makes tokens under your name › Personal access tokens, or for a machine under Organization › System "
    "accounts. It is shown there once."
)


class Connecting(Struct, frozen=True):
    """What is known and was answered about the token.

    `offered` are the tokens that were found; None while they are looked for. `api` is the address that the token goes
    to where that is not Konnect itself. `resuming`: what is to be gone on with belongs to a control plane in Konnect,
    and can be looked at without a connection. `note` is what is being done, or was found out.
    """

    source: str = ""
    offered: tuple[Saved, ...] | None = None
    keep: bool = False
    profile: str = ""
    api: str = ""
    resuming: bool = False
    note: str = ""

    def answer(self, key: str, value: Value) -> "Connecting":
        """The same with one more answer; unchanged for a key that is none of these."""
        said = str(value or "").strip()
        if key == SOURCE:
            return replace(self, source=said)
        if key == KEEP:
            return replace(self, keep=said == _YES)
        return replace(self, profile=said) if key == PROFILE else self

    def taken(self, scene: Scene) -> str:
        """Which token: what was answered, else the connection that stands, else the first that was found."""
        values = [choice.value for choice in self.choices(scene)]
        return self.source if self.source in values else values[0]

    def choices(self, scene: Scene) -> tuple[Choice, ...]:
        """All ways in; where there is but one, it is to type a token."""
        return tuple(self._choices(scene))

    def _choices(self, scene: Scene) -> Iterator[Choice]:
        if scene.live and not scene.live.training:
            yield Choice(CONNECTED, f"as now: {scene.live.organization}", f"The token is from {scene.live.origin}.")
        if self.offered is None and scene.token:
            yield Choice(ENVIRONMENT, "KONNECT_TOKEN", "The token in this variable of the environment.")
        for found in self.offered or ():
            yield Choice(found.reference, found.title, found.detail)
        yield Choice(TYPED, "one that is typed here", _WHERE)
        if self.resuming:
            yield Choice(
                WITHOUT, "none: look without a connection", "All that is known on this machine; nothing is asked."
            )


def fields(state: Connecting, scene: Scene) -> Iterator[Field]:
    """What is asked before Konnect is."""
    choices = state.choices(scene)
    if len(choices) > 1:
        yield _asked(SOURCE, "Access token", choices, state.taken(scene), _help(state), state)
    if state.taken(scene) == TYPED:
        yield replace(
            Field(key=TOKEN, label="Access token", kind="secret", required=True, help=_help(state)),
            label="Token" if len(choices) > 1 else "Access token",
            note="" if len(choices) > 1 else state.note,
            facts=() if len(choices) > 1 else _facts(state),
        )
        keep = (
            Choice(_NO, "no, for this run only"),
            Choice(_YES, "in the system's keyring", "Once Konnect has taken it; found there next time."),
        )
        told = "The keyring belongs to your login at this machine. konnect-tui logout forgets the token again."
        yield _asked(KEEP, "Keep it", keep, _YES if state.keep else _NO, told)
        if state.keep:
            yield Field(
                key=PROFILE,
                label="Profile",
                kind="text",
                default="default",
                get=lambda draft: state.profile,
                help="The name it is kept under, such as prod. Several organisations take several names.",
            )


def _asked(
    key: str,
    label: str,
    choices: tuple[Choice, ...],
    chosen: str,
    told: str,
    state: Connecting | None = None,
) -> Field:
    def get(draft: Draft) -> Value:
        return chosen

    note, facts = (state.note, _facts(state)) if state else ("", ())
    return Field(
        key=key, label=label, kind="choice", choices=choices, get=get, help=told, default=chosen, note=note, facts=facts
    )


def _facts(state: Connecting) -> tuple[Fact, ...]:
    """A token never goes to another Konnect unseen."""
    return (Fact("It is sent to", state.api, "not Konnect itself"),) if state.api else ()


def _help(state: Connecting) -> str:
    return f"{_WHERE} It goes to Konnect alone, and into no draft, bundle or log."
