"""What Konnect means when it says no: any of its four shapes of an error → one KonnectError.

The shapes: problem+json (control planes, identity); `{"message"}` and the gRPC gateway's `{"code", "message",
"details"}` (certificates, nodes); anything else, such as HTML from what stands in between.
Source: Kong/developer.konghq.com, `api-specs/konnect/control-planes/v2` and `control-planes-config/v2`;
Kong/kong-operator, `controller/konnect/ops/ops_errors.go` (what is really sent, and that a conflict may be a 400).
"""

from typing import Any, Final

import msgspec
from msgspec import Struct

from konnect_tui.errors import KonnectError, Problem
from konnect_tui.konnect.patience import Outcome
from konnect_tui.words import clip, printable

ALREADY_EXISTS: Final = 6
"""gRPC's status code, https://grpc.io/docs/guides/status-codes/."""
_SHOWN: Final = 400
_FIELDS_SHOWN: Final = 20


class Unsure(KonnectError):
    """The error of a request that may have been carried out all the same: its answer was lost or says nothing."""

    def __init__(self, error: KonnectError, outcome: Outcome) -> None:
        super().__init__(error.code, error.message, context=error.context, hint=error.hint)
        self.outcome = outcome


class Said(Struct, frozen=True):
    """What stood in the body of an error: words, Konnect's trace id, and the fields with what is wrong with each."""

    words: str = ""
    trace: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    grpc: int = 0
    understood: bool = False


def refusal(status: int, body: bytes, doing: str, wanted: float | None = None, token: str = "") -> KonnectError:
    """The error for an answer of 400 or more. `doing` completes "could not": `list the control planes of eu`.

    `wanted` is how many seconds Konnect asks to wait. `token` is the one that was sent: it is not repeated, even where
    the answer does that.
    """
    said = read(body, token)
    code = _code(status, said)
    trace = f"Konnect's trace id: {said.trace}" if said.trace else ""
    problems = tuple(
        Problem(field, "error", "refused-by-konnect", f"Konnect refuses {field}: {reason}.")
        for field, reason in said.fields[:_FIELDS_SHOWN]
    )
    later = f" It asks to wait {wanted:.0f} seconds." if wanted else ""
    return KonnectError(
        code,
        _message(code, status, said, doing) + later,
        context=trace,
        problems=problems if code == "invalid-input" else (),
    )


def revoked(doing: str) -> KonnectError:
    """The error for a token that was taken a moment ago and is not any more."""
    message = (
        f"Konnect took the token before and refuses it now: it was revoked or has ended meanwhile. Could not {doing}."
    )
    return KonnectError("token-refused", message)


def read(body: bytes, token: str = "") -> Said:
    """What an error's body says, whichever shape it has, without the token."""
    try:
        found = _without(token, msgspec.json.decode(body))
    except (msgspec.DecodeError, RecursionError):
        return Said()
    if not isinstance(found, dict):
        return Said()
    code = found.get("code")
    return Said(
        words=_text(found.get("detail")) or _text(found.get("message")) or _text(found.get("title")),
        trace=_text(found.get("instance")),
        fields=tuple(_parameters(found.get("invalid_parameters"))) + tuple(_details(found.get("details"))),
        grpc=code if isinstance(code, int) else 0,
        understood=any(key in found for key in ("detail", "message", "title", "status", "code")),
    )


def _without(token: str, found: Any) -> Any:
    """The same without the token: JSON has several ways to write one text, so it is looked for in what was read."""
    if isinstance(found, str):
        return found.replace(token, "[token]") if token else found
    if isinstance(found, dict):
        return {key: _without(token, value) for key, value in found.items()}
    if isinstance(found, list):
        return [_without(token, value) for value in found]
    return found


def _parameters(found: Any) -> list[tuple[str, str]]:
    """`invalid_parameters` of problem+json."""
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [(_text(each.get("field")) or "the request", _reason(each)) for each in rows]


def _reason(parameter: dict[str, Any]) -> str:
    limits = [
        f"{word} {_text(str(parameter[key]))}"
        for key, word in (("minimum", "at least"), ("maximum", "at most"))
        if isinstance(parameter.get(key), int | float)
    ]
    choices = parameter.get("choices")
    if isinstance(choices, list) and choices:
        limits.append("one of " + ", ".join(_text(str(choice)) for choice in choices[:_FIELDS_SHOWN]))
    reason = _text(parameter.get("reason")) or _text(parameter.get("rule")) or "it is not valid"
    return f"{reason} ({'; '.join(limits)})" if limits else reason


def _details(found: Any) -> list[tuple[str, str]]:
    """`details` of the gRPC gateway."""
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        (_text(each.get("field")) or "the request", "; ".join(_text(word) for word in each["messages"]))
        for each in rows
        if isinstance(each.get("messages"), list) and each["messages"]
    ]


def _text(found: Any) -> str:
    """Text from outside, safe to show and not longer than anybody reads."""
    return clip(printable(found.strip().rstrip(".")), _SHOWN) if isinstance(found, str) else ""


_CODES: Final = {
    401: "token-refused",
    403: "not-permitted",
    404: "not-in-konnect",
    407: "proxy-authentication",
    409: "name-taken",
    429: "too-many-requests",
}


def _code(status: int, said: Said) -> str:
    if status >= 500 and status != 511:
        return "konnect-fault"
    if status != 429 and not said.understood:
        return "not-konnect"
    if status == 400:
        return _bad_request(said)
    return _CODES.get(status, "refused-by-konnect")


def _bad_request(said: Said) -> str:
    """Conflicts over certificates and limits come as 400, too; only their words tell."""
    whole = " ".join((said.words, *(word for field in said.fields for word in field))).lower()
    if said.grpc == ALREADY_EXISTS or "unique" in whole or "already exists" in whole:
        return "already-there"
    if "usage limit" in whole:
        return "usage-limit"
    return "invalid-input" if said.fields else "refused-by-konnect"


def _message(code: str, status: int, said: Said, doing: str) -> str:
    words = said.words
    reasons = "; ".join(f"{field}: {reason}" for field, reason in said.fields[:_FIELDS_SHOWN])
    if reasons:
        words = f"{words} ({reasons})" if words else reasons
    because = f": {words}" if words else ""
    match code:
        case "token-refused":
            return f"Konnect does not take the token{because}. Could not {doing}."
        case "not-permitted":
            return f"The token is not allowed to {doing}{because}."
        case "not-konnect":
            return f"A web page with status {status} came in place of Konnect's answer. Could not {doing}."
        case "konnect-fault" | "too-many-requests":
            return f"Konnect answered with {status} and could not {doing}{because}."
        case "already-there":
            return f"Konnect has that already and did not {doing}{because}."
        case _:
            return f"Konnect refused to {doing}{because}."
