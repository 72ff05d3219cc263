"""How Konnect's API says no: problem details in two of its parts, a bare message in the third."""

from collections.abc import Mapping, Sequence
from secrets import randbelow
from typing import Any, Final

import msgspec
from aiohttp import web

PROBLEM: Final = "application/problem+json"
JSON: Final = "application/json"
_TITLES: Final = {
    400: "Bad Request",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    500: "Internal Server Error",
}
_PLAIN: Final = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
_DETAIL_TYPE: Final = "type.googleapis.com/kong.admin.model.v1.ErrorDetail"


class Refusal(Exception):
    """The request is answered with this instead."""

    def __init__(self, status: int, body: Mapping[str, Any], kind: str = PROBLEM) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.kind = kind

    def response(self) -> web.Response:
        """The answer."""
        return web.Response(status=self.status, body=msgspec.json.encode(self.body), content_type=self.kind)


def answer(body: object, status: int = 200) -> web.Response:
    """What was asked for."""
    return web.Response(status=status, body=msgspec.json.encode(body), content_type=JSON)


def problem(status: int, detail: str, **more: Any) -> Refusal:
    """An error of the control planes and identity APIs (RFC 9457); `instance` is a trace id, as Konnect's is."""
    instance = f"konnect:trace:{randbelow(9 * 10**18) + 10**18}"
    body = {"status": status, "title": _TITLES[status], "instance": instance, "detail": detail, **more}
    return Refusal(status, body)


def invalid(detail: str, *wrong: Mapping[str, Any]) -> Refusal:
    """A 400 that names each parameter that is wrong."""
    return problem(400, detail, invalid_parameters=list(wrong))


def wrong(field: str, rule: str, reason: str, **more: Any) -> dict[str, Any]:
    """One parameter that is wrong: `rule` is one of Konnect's words, `more` what goes with that rule."""
    return {"field": field, "rule": rule, "reason": reason, **more}


def legacy(status: int) -> Refusal:
    """An error of the configuration API as its document has it."""
    return Refusal(status, {"message": _PLAIN.get(status, _TITLES.get(status, "Error"))}, JSON)


def constraint(field: str, *messages: str) -> Refusal:
    """A 400 of the configuration API about one field, in the form that it really has (gRPC's code 3)."""
    detail: dict[str, str | Sequence[str]] = {
        "@type": _DETAIL_TYPE,
        "type": "ERROR_TYPE_FIELD",
        "field": field,
        "messages": messages,
    }
    return Refusal(400, {"code": 3, "message": "data constraint error", "details": [detail]}, JSON)
