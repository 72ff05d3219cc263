"""What the stand-in answers, and how it fails on purpose."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

JSON = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    """One scripted answer. `body` None lets the request be answered as it would be without a script.

    `delay` is in seconds. `act` is the fault:
    "" none; "drop" drop the connection without doing anything; "lose" do what was asked and drop it instead of
    answering; "half" send the headers and half of the body, then drop; "cut" the same, closed in an orderly way;
    "raw" send `body` as it is in place of an HTTP answer, and close; "hang" do nothing until the client gives up;
    "drip" send the body a byte at a time, `delay` seconds apart.
    """

    status: int = 200
    body: bytes | None = b""
    headers: Mapping[str, str] = {}
    delay: float = 0.0
    act: str = ""


def as_json(found: object) -> bytes:
    """The bytes of a JSON body."""
    return json.dumps(found).encode()


def found(body: object, status: int = 200) -> Answer:
    """What was asked for."""
    return Answer(status, as_json(body), JSON)


def problem(status: int, title: str, detail: str, **more: Any) -> Answer:
    """An error as the control-planes and identity APIs write it (application/problem+json)."""
    body = {"status": status, "title": title, "instance": "konnect:trace:2287285207635123011", "detail": detail, **more}
    return Answer(status, as_json(body), {"Content-Type": "application/problem+json"})


def legacy(status: int, message: str) -> Answer:
    """An error as the configuration API's documents have it."""
    return Answer(status, as_json({"message": message}), JSON)


def grpc(status: int, code: int, message: str, field: str, *messages: str) -> Answer:
    """An error as the configuration API really answers: the shape of a gRPC gateway."""
    detail = {
        "@type": "type.googleapis.com/kong.admin.model.v1.ErrorDetail",
        "type": "ERROR_TYPE_REFERENCE",
        "field": field,
        "messages": messages,
    }
    return Answer(status, as_json({"code": code, "message": message, "details": [detail]}), JSON)


def page(text: str, status: int = 200) -> Answer:
    """A web page, as a captive portal or a proxy shows one."""
    return Answer(status, f"<!DOCTYPE html><html><body>{text}</body></html>".encode(), {"Content-Type": "text/html"})


def redirect(location: str, status: int = 302) -> Answer:
    """A redirect."""
    return Answer(status, b"", {"Location": location})
