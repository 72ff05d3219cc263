"""Steps as they are typed: `start=edge-1,edge-2`, `hold=upload/edge-1.crt`, `install=edge-1:edge-1,root`, `apply`.

`hold=edge-1@twin` is at another control plane, `set=edge-1:cluster_mtls:pki:run.sh` in another place than `kong.env`.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.lesson import OWN, Step
from konnect_tui.words import printable

FORMS: Final = (
    "start=NAME[,NAME]  reconnect=NAME[,NAME]  hold=CERTIFICATE[@CONTROL-PLANE]  release=CERTIFICATE[@CONTROL-PLANE]"
    "  install=NODE:CERTIFICATE[,CERTIFICATE]  set=NODE:PARAMETER:CONTROL-PLANE[:run.sh]"
    "  apply  apply=days:365  apply=new-keys"
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
        case words.Hold(certificate=one, at=plane) | words.Release(certificate=one, at=plane):
            return f"{done.__struct_config__.tag}={one}" + (f"@{plane}" if plane != OWN else "")
        case words.Set(node=node, parameter=parameter, to=plane, place=place):
            return f"set={node}:{parameter}:{plane}" + (f":{place}" if place != "kong.env" else "")
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
            certificate, _, plane = rest.partition("@")
            return {"certificate": certificate, **({"at": plane} if plane else {})}
        case "install":
            node, _, certificates = rest.partition(":")
            return {"node": node, "certificates": certificates.split(",")}
        case "set":
            return dict(zip(("node", "parameter", "to", "place"), rest.split(":", 3), strict=False))
    fields: dict[str, Any] = {}
    for word in rest.split(",") if rest else []:
        key, _, value = word.partition(":")
        if word == "new-keys":
            fields["new_keys"] = True
        else:
            fields[key] = int(value)
    return fields
