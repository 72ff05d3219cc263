"""What the stand-in answers, and how it fails on purpose."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """One scripted answer. `body` None lets the request be answered as it would be without a script.

    `delay` is in seconds. `act` is the fault: "" none, "lose" do what was asked and drop the connection instead of
    answering, "drop" drop it without doing anything.
    """

    status: int = 200
    body: bytes | None = b""
    headers: Mapping[str, str] = {}
    delay: float = 0.0
    act: str = ""


def as_json(found: object) -> bytes:
    """The bytes of a JSON body."""
    return json.dumps(found).encode()


def problem(status: int, title: str, detail: str, **more: Any) -> Answer:
    """An error as the control-planes and identity APIs write it (application/problem+json)."""
    body = {"status": status, "title": title, "instance": "konnect:trace:2287285207635123011", "detail": detail, **more}
    return Answer(status, as_json(body), {"Content-Type": "application/problem+json"})


def legacy(status: int, message: str) -> Answer:
    """An error as the configuration API's documents have it."""
    return Answer(status, as_json({"message": message}), {"Content-Type": "application/json"})
