"""What the API does with each request it knows. What is not in the table does not exist."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from fake_konnect.answers import Answer, found, grpc, legacy, problem
from fake_konnect.state import Json, State


class Request(NamedTuple):
    """What was asked: the path begins with the region."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str] = MappingProxyType({})


class Call(NamedTuple):
    """A request that is in the table: the region and what its path names."""

    seen: Request
    region: str
    plane: str = ""
    item: str = ""


class Unknown(Exception):
    """A request that Konnect does not have, or that is not written as it wants."""


def answer(state: State, region: str, rest: str, seen: Request) -> Answer:
    """What Konnect answers. Raises Unknown."""
    for route in ROUTES:
        match = route.pattern.fullmatch(rest)
        if match and route.method == seen.method and route.everywhere == (region == "global"):
            route.hold(seen)
            return route.run(state, Call(seen, region, **match.groupdict()))
    raise Unknown("Konnect has no such request")


class Route(NamedTuple):
    """One row: which request, which query keys and fields of the body it may have, what is done."""

    method: str
    pattern: re.Pattern[str]
    run: Callable[[State, Call], Answer]
    query: frozenset[str] = frozenset()
    fields: frozenset[str] | None = None
    everywhere: bool = False

    def hold(self, seen: Request) -> None:
        """Raise Unknown for a query key, a body or a Content-Type that the request does not have."""
        if not set(seen.query) <= self.query:
            raise Unknown(f"the query has {sorted(set(seen.query) - self.query)}")
        kind = seen.headers.get("Content-Type", "")
        if self.fields is None:
            if seen.body is not None or kind:
                raise Unknown("a body where none belongs")
            return
        if kind.partition(";")[0] != "application/json" or not isinstance(seen.body, dict):
            raise Unknown(f"a body of {kind or 'no type'}: {seen.body!r}")
        if not set(seen.body) <= self.fields:
            raise Unknown(f"the body has {sorted(set(seen.body) - self.fields)}")


def _plane(state: State, call: Call) -> Json | None:
    return next((each for each in state.control_planes.get(call.region, []) if each["id"] == call.plane), None)


def _list(state: State, call: Call) -> Answer:
    planes, query = state.control_planes.get(call.region, []), call.seen.query
    for key, value in query.items():
        if key.startswith("filter"):
            name, how = key.removeprefix("filter[").removesuffix("]").split("][")
            planes = [each for each in planes if _FILTERS[how](each[name], value)]
    size, number = int(query.get("page[size]", "10")), int(query.get("page[number]", "1"))
    if size < 1 or number < 1:
        raise Unknown("a page that there can't be")
    size = min(size, state.page_limit)
    shown = planes[size * (number - 1) : size * number]
    return found({"meta": {"page": {"number": number, "size": size, "total": len(planes)}}, "data": shown})


_FILTERS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "contains": lambda value, wanted: wanted in value,
    "oeq": lambda value, wanted: value in wanted.split(","),
}
_LISTING = frozenset(
    ("page[size]", "page[number]", "filter[name][eq]", "filter[name][contains]", "filter[id][eq]", "filter[id][oeq]")
)


def _create(state: State, call: Call) -> Answer:
    body = call.seen.body
    name = body.get("name", "")
    if not 2 <= len(name) <= 256:
        wrong = [{"field": "name", "reason": "must have 2 to 256 characters", "rule": "min_length"}]
        return problem(400, "Bad Request", "Invalid request format", invalid_parameters=wrong)
    if any(each["name"] == name for each in state.control_planes.get(call.region, [])):
        return problem(409, "Conflict", "Control Plane with provided name already exists.")
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return found(state.add_control_plane(call.region, **body, created_at=now, updated_at=now), 201)


def _one(state: State, call: Call) -> Answer:
    plane = _plane(state, call)
    return found(plane) if plane else problem(404, "Not Found", "The requested control plane was not found.")


def _member(state: State, call: Call) -> Answer:
    if _plane(state, call) is None:
        return problem(404, "Not Found", "Not Found")
    return found({"is_member": call.plane in state.members})


def _group(state: State, call: Call) -> Answer:
    if _plane(state, call) is None:
        return problem(404, "Not Found", "Not Found")
    return found({"item": state.groups.get(call.plane, {"state": "OK", "conflicts": []})})


def _hash(state: State, call: Call) -> Answer:
    if _plane(state, call) is None:
        return legacy(404, "Not Found")
    return found({"expected_hash": state.hashes.get(call.plane, ""), "created_at": 1, "updated_at": 2})


def _certificates(state: State, call: Call) -> Answer:
    if _plane(state, call) is None:
        return legacy(404, "Not Found")
    items = state.certificates.get(call.plane, [])
    return found({"items": items, "page": {"total_count": len(items)}})


def _pin(state: State, call: Call) -> Answer:
    plane, body = _plane(state, call), call.seen.body
    if plane is None:
        return legacy(404, "Not Found")
    if "BEGIN CERTIFICATE" not in body.get("cert", "") or "PRIVATE" in body["cert"]:
        raise Unknown(f"a certificate written as {body}")
    if any(_bare(each["cert"]) == _bare(body["cert"]) for each in state.certificates.get(call.plane, [])):
        return grpc(400, 3, "data constraint error", "cert", "(type: unique) constraint failed")
    return found({"item": state.add_certificate(plane, body["cert"], body.get("title", ""))}, 201)


def _bare(pem: str) -> str:
    return "".join(pem.split())


def _unpin(state: State, call: Call) -> Answer:
    held = state.certificates.get(call.plane, [])
    kept = [each for each in held if each["id"] != call.item]
    if _plane(state, call) is None or len(kept) == len(held):
        return legacy(404, "Not Found")
    state.certificates[call.plane] = kept
    return Answer(204, b"")


def _nodes(state: State, call: Call) -> Answer:
    if _plane(state, call) is None:
        return legacy(404, "Not Found")
    nodes, after = state.nodes.get(call.plane, []), int(call.seen.query.get("page[after]", "0"))
    size = min(int(call.seen.query.get("page[size]", "10")), state.page_limit)
    following = str(after + size) if after + size < len(nodes) else ""
    page = {"total_count": len(nodes), state.cursor: following}
    return found({"items": nodes[after : after + size], "page": page})


_AT = r"v2/control-planes/(?P<plane>[^/]+)"
_BODY = frozenset(("name", "description", "cluster_type", "auth_type", "cloud_gateway", "proxy_urls", "labels"))
ROUTES = (
    Route("GET", re.compile("v3/organizations/me"), lambda state, call: found(state.organization), everywhere=True),
    Route(
        "GET",
        re.compile("v3/available-regions"),
        lambda state, call: found({"regions": state.regions}),
        everywhere=True,
    ),
    Route("GET", re.compile("v2/control-planes"), _list, _LISTING),
    Route("POST", re.compile("v2/control-planes"), _create, fields=_BODY),
    Route("GET", re.compile(_AT), _one),
    Route("GET", re.compile(f"{_AT}/group-member-status"), _member),
    Route("GET", re.compile(f"{_AT}/group-status"), _group),
    Route("GET", re.compile(f"{_AT}/expected-config-hash"), _hash),
    Route("GET", re.compile(f"{_AT}/dp-client-certificates"), _certificates),
    Route("POST", re.compile(f"{_AT}/dp-client-certificates"), _pin, fields=frozenset(("cert", "title"))),
    Route("DELETE", re.compile(f"{_AT}/dp-client-certificates/(?P<item>[^/]+)"), _unpin),
    Route("GET", re.compile(f"{_AT}/nodes"), _nodes, frozenset(("page[size]", "page[after]"))),
)
