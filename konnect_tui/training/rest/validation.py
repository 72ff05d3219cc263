"""What a control plane may be made of: the rules of Konnect's document, and the words it refuses with."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from konnect_tui.training.rest.faults import Refusal, invalid, wrong

Wrong = dict[str, Any]
Rule = Callable[[str, Any], Iterator[Wrong]]
"""Takes the field's name and its value; gives what is wrong with it."""

CLUSTER_TYPES: Final = tuple(
    f"CLUSTER_TYPE_{name}"
    for name in (
        "CONTROL_PLANE",
        "K8S_INGRESS_CONTROLLER",
        "CONTROL_PLANE_GROUP",
        "SERVERLESS",
        "KAFKA_NATIVE_EVENT_PROXY",
        "SERVERLESS_V1",
    )
)
AUTH_TYPES: Final = ("pinned_client_certs", "pki_client_certs")
_LABEL: Final = re.compile(r"[a-z0-9A-Z]([a-z0-9A-Z._-]*[a-z0-9A-Z])?")
_RESERVED: Final = ("kong", "konnect", "mesh", "kic", "_")
_LONGEST_LABEL: Final = 63
_MOST_URLS: Final = 5
_HIGHEST_PORT: Final = 2**63 - 1


def checked(body: Mapping[str, Any], *, creating: bool) -> Mapping[str, Any]:
    """The body of a request that makes or changes a control plane. Raises Refusal with all that is wrong."""
    rules = _CREATE if creating else _UPDATE
    unknown = [
        wrong(field, "unknown_property", f"property {field} should not exist", source="body")
        for field in body
        if field not in rules
    ]
    if unknown:
        raise _refused("Request contains unknown property", unknown)
    if creating and "name" not in body:
        raise _refused("Request cannot be empty", [wrong("name", "required", "cannot be blank", source="body")])
    found = [each for field, value in body.items() for each in rules[field](field, value)]
    if found:
        raise _refused("Invalid request parameters", found)
    return body


def _refused(detail: str, found: list[Wrong]) -> Refusal:
    distinct = {(each["field"], each["rule"]): each for each in found}
    return invalid(detail, *distinct.values())


def _text(least: int, most: int) -> Rule:
    def rule(field: str, value: Any) -> Iterator[Wrong]:
        if not isinstance(value, str):
            yield wrong(field, "is_string", "must be a string", source="body")
        elif len(value) < least:
            reason = f"must have at least {least} characters"
            yield wrong(field, "min_length", reason, minimum=least, source="body")
        elif len(value) > most:
            reason = f"must not have more than {most} characters"
            yield wrong(field, "max_length", reason, maximum=most, source="body")

    return rule


def _one_of(choices: tuple[str, ...]) -> Rule:
    def rule(field: str, value: Any) -> Iterator[Wrong]:
        if value not in choices:
            yield wrong(field, "enum", f"must be one of {', '.join(choices)}", choices=choices, source="body")

    return rule


def _boolean(field: str, value: Any) -> Iterator[Wrong]:
    if not isinstance(value, bool):
        yield wrong(field, "is_boolean", "must be a boolean", source="body")


def _labels(field: str, value: Any) -> Iterator[Wrong]:
    if not isinstance(value, dict):
        yield wrong(field, "is_object", "must be an object", source="body")
        return
    for key, label in value.items():
        name = f"{field}.{key}"
        if not 1 <= len(key) <= _LONGEST_LABEL or key.startswith(_RESERVED):
            yield wrong(name, "is_label", f"a key must not begin with {', '.join(_RESERVED)}", source="body")
        elif not isinstance(label, str):
            yield wrong(name, "is_string", "must be a string", source="body")
        elif len(label) > _LONGEST_LABEL or not _LABEL.fullmatch(label):
            yield wrong(name, "is_label", "must begin and end with a letter or digit", source="body")


def _port(field: str, value: Any) -> Iterator[Wrong]:
    if isinstance(value, bool) or not isinstance(value, int) or value > _HIGHEST_PORT:
        yield wrong(field, "is_integer", "must be an integer", source="body")
    elif value < 1:
        yield wrong(field, "min", "must be at least 1", minimum=1, source="body")


def _urls(field: str, value: Any) -> Iterator[Wrong]:
    if not isinstance(value, list):
        yield wrong(field, "is_array", "must be an array", source="body")
        return
    if len(value) > _MOST_URLS:
        reason = f"must not have more than {_MOST_URLS} items"
        yield wrong(field, "max_items", reason, maximum=_MOST_URLS, source="body")
    for place, each in enumerate(value[:_MOST_URLS]):
        name = f"{field}[{place}]"
        if not isinstance(each, dict):
            yield wrong(name, "is_object", "must be an object", source="body")
            continue
        for key in each.keys() - _URL.keys():
            yield wrong(f"{name}.{key}", "unknown_property", f"property {key} should not exist", source="body")
        for key, rule in _URL.items():
            if key not in each:
                yield wrong(f"{name}.{key}", "required", "is a required field", source="body")
            else:
                yield from rule(f"{name}.{key}", each[key])


_URL: Final[Mapping[str, Rule]] = {"host": _text(1, 120), "port": _port, "protocol": _text(1, 32)}
_UPDATE: Final[Mapping[str, Rule]] = {
    "name": _text(2, 256),
    "description": _text(0, 2048),
    "auth_type": _one_of(AUTH_TYPES),
    "proxy_urls": _urls,
    "labels": _labels,
}
_CREATE: Final[Mapping[str, Rule]] = {
    **_UPDATE,
    "cluster_type": _one_of(CLUSTER_TYPES),
    "cloud_gateway": _boolean,
}
