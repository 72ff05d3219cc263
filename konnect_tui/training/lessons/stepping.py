"""Steps as they are typed: `start=edge-1,edge-2`, `hold=upload/edge-1.crt`, `install=edge-1:edge-1,root`, `apply`."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.lesson import Step
from konnect_tui.words import printable

FORMS: Final = (
    "start=NAME[,NAME]  reconnect=NAME[,NAME]  hold=CERTIFICATE  release=CERTIFICATE"
    "  install=NODE:CERTIFICATE[,CERTIFICATE]  apply  apply=days:365  apply=new-keys"
)


def step(written: str) -> Step:
    """The step that was typed. Raises KonnectError `usage`."""
    verb, _, rest = written.partition("=")
    try:
        found: Step = msgspec.convert({"do": verb, **_fields(verb, rest)}, type=Step)
    except (msgspec.ValidationError, ValueError):
        message = f"{printable(written)!r} is no step."
        raise KonnectError("usage", message, hint=f"Steps: {FORMS}") from None
    return found


def typed(done: Step) -> str:
    """The step as it is typed."""
    match done:
        case words.Start(who=who) | words.Reconnect(who=who):
            return f"{done.__struct_config__.tag}={','.join(who)}"
        case words.Hold(certificate=one) | words.Release(certificate=one):
            return f"{done.__struct_config__.tag}={one}"
        case words.Install(node=node, certificates=many):
            return f"install={node}:{','.join(many)}"
    said = [f"days:{done.days}"] if done.days is not None else []
    said += ["new-keys"] if done.new_keys else []
    return f"apply={','.join(said)}" if said else "apply"


def _fields(verb: str, rest: str) -> Mapping[str, Any]:
    match verb:
        case "start" | "reconnect":
            return {"who": rest.split(",")}
        case "hold" | "release":
            return {"certificate": rest}
        case "install":
            node, _, certificates = rest.partition(":")
            return {"node": node, "certificates": certificates.split(",")}
    fields: dict[str, Any] = {}
    for word in rest.split(",") if rest else []:
        key, _, value = word.partition(":")
        if word == "new-keys":
            fields["new_keys"] = True
        else:
            fields[key] = int(value)
    return fields
