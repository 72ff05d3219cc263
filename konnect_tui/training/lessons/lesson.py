"""What a lesson file can say: a closed vocabulary, so that a lesson from a stranger can do no harm.

Names in it are those of nodes, guests and certificates of the lesson. A certificate is meant by its name (what it was
when the lesson began) or by its path in the bundle (what lies there now).
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

SCHEMA: Final = 1
OWN: Final = "own"
"""The lesson's own control plane, where there are others."""
NOWHERE: Final = "nowhere"
"""No control plane, where it is asked which one was reached."""

_NAME: Final = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"

Name = Annotated[
    str, Meta(pattern=rf"^{_NAME}\Z", description="a name: a-z, 0-9, inner hyphens, at most 40 characters")
]
Certificate = Annotated[
    str,
    Meta(
        pattern=rf"^(?:{_NAME}|upload/{_NAME}\.crt|nodes/{_NAME}/tls\.crt)\Z",
        description="a certificate's name, upload/NAME.crt or nodes/NAME/tls.crt",
    ),
]
Code = Annotated[
    str, Meta(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", max_length=40, description="a code of docs/codes.md")
]
Days = Annotated[int, Meta(ge=1, le=3650)]
Day = Annotated[int, Meta(ge=-3650, le=3650)]
Some = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=12)]
Chain = Annotated[tuple[Certificate, ...], Meta(min_length=1, max_length=8)]
Plane = Annotated[
    str,
    Meta(
        pattern=r"^[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?\Z",
        description="a name: a-z first, a-z, 0-9, inner hyphens, at most 20 characters",
    ),
]
Choices = Annotated[tuple[Code, ...], Meta(min_length=2, max_length=6)]


# --- steps: what can be done to a scene, by its seed, by a learner, and by the script that solves it


class Start(Struct, frozen=True, forbid_unknown_fields=True, tag="start", tag_field="do"):
    """Start these, or start them again: each reads its files, as Kong does only now, and connects."""

    who: Some


class Reconnect(Struct, frozen=True, forbid_unknown_fields=True, tag="reconnect", tag_field="do"):
    """These connect anew with what they read when they were started."""

    who: Some


class Hold(Struct, frozen=True, forbid_unknown_fields=True, tag="hold", tag_field="do"):
    """Give the control plane a certificate, as `upload` does; or another one (`at`)."""

    certificate: Certificate
    at: Plane = OWN


class Release(Struct, frozen=True, forbid_unknown_fields=True, tag="release", tag_field="do"):
    """Take a certificate from the control plane, or from another one (`at`)."""

    certificate: Certificate
    at: Plane = OWN


class Install(Struct, frozen=True, forbid_unknown_fields=True, tag="install", tag_field="do"):
    """Put these certificates into a node's `tls.crt`, leaf first. Its key stays."""

    node: Name
    certificates: Chain


class Set(Struct, frozen=True, forbid_unknown_fields=True, tag="set", tag_field="do"):
    """Write one value into a node's environment, as in an editor: its line of `kong.env`, or `--env` in `run.sh`.

    It gets what `to` has there: a control plane of the scene. `cluster_mtls` is set to `pki` or `shared`.
    """

    node: Name
    parameter: Literal["cluster_control_plane", "cluster_server_name", "cluster_mtls"]
    to: Plane
    place: Literal["kong.env", "run.sh"] = "kong.env"


class Apply(Struct, frozen=True, forbid_unknown_fields=True, tag="apply", tag_field="do"):
    """Make the bundle, or set it right: `apply --replace`. Other `days` make new certificates, `new_keys` new keys."""

    days: Days | None = None
    new_keys: bool = False


Step = Start | Reconnect | Hold | Release | Install | Set | Apply
Steps = Annotated[tuple[Step, ...], Meta(max_length=32)]


# --- the scene


class Bundle(Struct, frozen=True, forbid_unknown_fields=True):
    """The learner's bundle. It is made by the product itself, `age` days ago, for `days`.

    `issued_by` names the scene's CA that issues its leaves; else they are made as the auth mode has it, in PKI under
    a root and `intermediates`. `unmade`: it is the learner who makes it.
    """

    nodes: Some
    per: Literal["node", "bundle"] = "node"
    intermediates: Annotated[int, Meta(ge=0, le=2)] = 0
    upload: Literal["root", "intermediate"] | None = None
    issued_by: Name | None = None
    days: Days = 365
    age: Annotated[int, Meta(ge=0, le=3650)] = 0
    unmade: bool = False


class Made(Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate beside those of the bundle. `begins` and `ends` are days from now.

    A leaf lasts a year and a CA ten unless `ends` says otherwise, so that a CA outlives what is made anew under it.
    Without `issuer` it signs itself. `named_like` gives it another's subject, `key_of` another's key.
    """

    name: Name
    kind: Literal["leaf", "ca"] = "leaf"
    issuer: Name | None = None
    named_like: Name | None = None
    key_of: Name | None = None
    begins: Day = -1
    ends: Day | None = None

    @property
    def end(self) -> int:
        """When it ends, in days from now."""
        if self.ends is not None:
            return self.ends
        return 3650 if self.kind == "ca" else 365


class Guest(Struct, frozen=True, forbid_unknown_fields=True):
    """Someone who connects and is no node of the bundle. It has the key of the first certificate it presents.

    With `follows` it presents whatever that node has in `tls.crt` at the time, with the key that node had at first.
    """

    name: Name
    presents: Annotated[tuple[Certificate, ...], Meta(max_length=8)] = ()
    follows: Name | None = None


class Other(Struct, frozen=True, forbid_unknown_fields=True):
    """A control plane beside the lesson's own, with the same auth mode. In another region it has the same name."""

    name: Plane
    region: Literal["eu", "us"] = "eu"


class Scene(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={"certificates": "certificate", "guests": "guest", "others": "control_plane"},
):
    """A control plane, a bundle and what else there is; then `seed` is done, and the fault is there."""

    auth_mode: Literal["pinned", "pki"]
    bundle: Bundle
    region: Literal["eu", "us"] = "eu"
    certificates: Annotated[tuple[Made, ...], Meta(max_length=12)] = ()
    guests: Annotated[tuple[Guest, ...], Meta(max_length=8)] = ()
    others: Annotated[tuple[Other, ...], Meta(max_length=3)] = ()
    seed: Steps = ()


# --- predictions


class Verdict(Struct, frozen=True, forbid_unknown_fields=True, tag="verdict", tag_field="asks"):
    """Who of these is accepted in the run? One answer for each, `accepted` or `refused`."""

    who: Some


class Cause(Struct, frozen=True, forbid_unknown_fields=True, tag="cause", tag_field="asks"):
    """Why is this one refused in the run? The answers are codes, one of them the record's."""

    who: Name
    choices: Choices


class Seen(Struct, frozen=True, forbid_unknown_fields=True, tag="seen", tag_field="asks"):
    """Which of these certificates does the control plane see when this one connects in the run?"""

    who: Name
    choices: Annotated[tuple[Certificate, ...], Meta(min_length=2, max_length=4)]


class Reached(Struct, frozen=True, forbid_unknown_fields=True, tag="reached", tag_field="asks"):
    """Which control plane's record has this one's handshake in the run? The answers are planes, or `nowhere`."""

    who: Name
    choices: Annotated[tuple[Plane, ...], Meta(min_length=2, max_length=5)]


class Choice(Struct, frozen=True, forbid_unknown_fields=True, tag="choice", tag_field="asks"):
    """A question that no handshake answers. `right` is the place of the answer that is true."""

    name: Name
    choices: Choices
    right: Code


Prediction = Verdict | Cause | Seen | Reached | Choice


# --- checks


class Accepted(Struct, frozen=True, forbid_unknown_fields=True, tag="accepted", tag_field="that"):
    """The last handshake with what these present now was accepted, by this control plane. Guests connect for it."""

    who: Some


class InSync(Struct, frozen=True, forbid_unknown_fields=True, tag="in-sync", tag_field="that"):
    """These nodes have acknowledged the hash of the control plane's configuration."""

    who: Some


class Switched(Struct, frozen=True, forbid_unknown_fields=True, tag="switched", tag_field="that"):
    """These nodes were last accepted with another certificate than at the beginning."""

    who: Some


class InDate(Struct, frozen=True, forbid_unknown_fields=True, tag="in-date", tag_field="that"):
    """The certificates of these nodes last for `days` yet."""

    who: Some
    days: Days = 30


class KeyChanged(Struct, frozen=True, forbid_unknown_fields=True, tag="key-changed", tag_field="that"):
    """These nodes have other keys than at the beginning."""

    who: Some


class Held(Struct, frozen=True, forbid_unknown_fields=True, tag="held", tag_field="that"):
    """The control plane has these certificates."""

    certificates: Chain


class NotHeld(Struct, frozen=True, forbid_unknown_fields=True, tag="not-held", tag_field="that"):
    """The control plane has none of these certificates."""

    certificates: Chain


class Refused(Struct, frozen=True, forbid_unknown_fields=True, tag="refused", tag_field="that"):
    """These guests are let connect, and refused."""

    who: Some


class KeyUnchanged(Struct, frozen=True, forbid_unknown_fields=True, tag="key-unchanged", tag_field="that"):
    """These nodes have the keys they had at the beginning."""

    who: Some


class HeldUnchanged(Struct, frozen=True, forbid_unknown_fields=True, tag="held-unchanged", tag_field="that"):
    """The control plane has exactly the certificates it had at the beginning."""


class NoneRefused(Struct, frozen=True, forbid_unknown_fields=True, tag="none-refused", tag_field="that"):
    """Since the beginning no handshake of these nodes was refused, with whatever certificate of theirs."""

    who: Some


Check = (
    Accepted
    | InSync
    | Switched
    | InDate
    | KeyChanged
    | Held
    | NotHeld
    | Refused
    | KeyUnchanged
    | HeldUnchanged
    | NoneRefused
)
NEGATIVE: Final = (NotHeld, Refused, KeyUnchanged, HeldUnchanged, NoneRefused)
"""Checks of what must not be: a repair that only makes everything green does not pass them."""


# --- the lesson


class Wrong(Struct, frozen=True, forbid_unknown_fields=True):
    """A repair that comes to mind and does not help. The text says why."""

    name: Name
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=32)]


class Round(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={"predictions": "prediction", "checks": "check"},
):
    """One go: a scene, what is predicted, the run that answers, and what has to be true at last."""

    scene: Scene
    predictions: Annotated[tuple[Prediction, ...], Meta(min_length=1, max_length=4)]
    checks: Annotated[tuple[Check, ...], Meta(min_length=2, max_length=12)]
    solution: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=32)]
    wrong: Annotated[tuple[Wrong, ...], Meta(min_length=1, max_length=4)]
    run: Steps = ()


class Lesson(Struct, frozen=True, forbid_unknown_fields=True, rename={"rounds": "round"}):
    """A lesson file. The rounds after the first are the same fault in another disguise."""

    schema: Literal[1]
    number: Annotated[int, Meta(ge=1, le=999)]
    name: Name
    minutes: Annotated[int, Meta(ge=1, le=120)]
    rounds: Annotated[tuple[Round, ...], Meta(min_length=1, max_length=4)]
    terms: Annotated[tuple[Name, ...], Meta(max_length=16)] = ()
    """Entries of the glossary that its words need."""


def asked(prediction: Prediction) -> tuple[str, ...]:
    """The keys of the answers that a prediction wants: `verdict.edge-1`, `cause.edge-1`, `choice.order`."""
    match prediction:
        case Verdict(who=who):
            return tuple(f"verdict.{each}" for each in who)
        case Cause(who=one):
            return (f"cause.{one}",)
        case Seen(who=one):
            return (f"seen.{one}",)
        case Reached(who=one):
            return (f"reached.{one}",)
        case Choice(name=name):
            return (f"choice.{name}",)


def checked(round_: Round) -> list[str]:
    """The kinds of all that is looked at when the round is checked, in order: a check of several is there for each."""
    kinds: list[str] = []
    for check in round_.checks:
        match check:
            case HeldUnchanged():
                count = 1
            case Held(certificates=named) | NotHeld(certificates=named):
                count = len(named)
            case _:
                count = len(check.who)
        kinds += [str(check.__struct_config__.tag)] * count
    return kinds


def offered(prediction: Prediction) -> tuple[str, ...]:
    """What can be answered."""
    return ("accepted", "refused") if isinstance(prediction, Verdict) else prediction.choices
