"""Control planes: listed, created, read, changed and deleted; and how they stand to groups."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from aiohttp import web
from multidict import MultiMapping

from konnect_tui.konnect.training_hosts import url
from konnect_tui.training.organisation import Organisation
from konnect_tui.training.planes import Condition, NameTaken, Plane
from konnect_tui.training.rest import reading
from konnect_tui.training.rest.faults import answer, invalid, problem, wrong
from konnect_tui.training.rest.validation import checked

Changed = Callable[[str], Awaitable[None]]
"""Hears the id of a control plane whose trust has changed: nodes that may no longer be there have to go."""

_ID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_FILTER: Final = re.compile(r"filter\[([^\]]*)\](?:\[([^\]]*)\])?")
_CONDITIONS: Final[Mapping[str, str]] = {
    "id.eq": "id = ?",
    "name.eq": "name = ?",
    "name.neq": "name <> ?",
    "name.contains": "instr(lower(name), lower(?)) > 0",
    "cluster_type.eq": "cluster_type = ?",
    "cluster_type.neq": "cluster_type <> ?",
}
_ANY_OF: Final[Mapping[str, str]] = {
    "id.oeq": "id IN (SELECT value FROM json_each(?))",
    "cluster_type.oeq": "cluster_type IN (SELECT value FROM json_each(?))",
}
_MOST_LABELS: Final = 50
"""Asked for at once; SQLite takes no expression deeper than a thousand."""

_SORTS: Final[Mapping[str, bool]] = {"created_at": False, "created_at asc": False, "created_at desc": True}


class ControlPlanes:
    """Answers `/v2/control-planes` of every region."""

    def __init__(self, organisation: Organisation, changed: Changed) -> None:
        self._organisation = organisation
        self._planes = organisation.planes
        self._changed = changed

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        one = "/{region}/v2/control-planes/{plane}"
        return [
            web.get("/{region}/v2/control-planes", self._list),
            web.post("/{region}/v2/control-planes", self._create),
            web.get(one, self._read),
            web.patch(one, self._change),
            web.delete(one, self._delete),
            web.get(f"{one}/group-member-status", self._member),
            web.get(f"{one}/group-status", self._group),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        size, number = reading.page(request)
        sort = request.query.get("sort") or "created_at"
        if sort not in _SORTS:
            raise invalid("Invalid request parameters", wrong("sort", "invalid", "sorts by created_at only"))
        found = self._planes.list(
            request.match_info["region"],
            [*_filters(request.query), *_labels(request.query.get("labels", ""))],
            descending=_SORTS[sort],
            size=size,
            number=number,
        )
        meta = {"page": {"number": number, "size": size, "total": found.total}}
        return answer({"meta": meta, "data": [self._shape(plane) for plane in found.planes]})

    async def _create(self, request: web.Request) -> web.Response:
        wanted = dict(checked(await reading.body(request), creating=True))
        if self._planes.total >= self._organisation.about.most:
            detail = "Cannot create an additional control plane because usage limits have been reached."
            raise invalid(detail, {"field": "object", "reason": "usage limits reached"})
        try:
            plane = self._planes.create(request.match_info["region"], now=self._organisation.now(), **wanted)
        except NameTaken:
            raise problem(409, "Control Plane with provided name already exists.") from None
        return answer(self._shape(plane), 201)

    async def _read(self, request: web.Request) -> web.Response:
        return answer(self._shape(self._meant(request)))

    async def _change(self, request: web.Request) -> web.Response:
        plane = self._meant(request)
        changes = checked(await reading.body(request), creating=False)
        try:
            changed = self._planes.change(plane, self._organisation.now(), **changes)
        except NameTaken:  # the document has no 409 here
            raise invalid("Invalid request parameters", wrong("name", "invalid", "already exists")) from None
        if changed.auth_type != plane.auth_type:
            await self._changed(plane.id)
        return answer(self._shape(changed))

    async def _delete(self, request: web.Request) -> web.Response:
        plane = self._meant(request)
        self._planes.delete(plane)
        await self._changed(plane.id)
        return web.Response(status=204)

    async def _member(self, request: web.Request) -> web.Response:
        return answer({"is_member": self._meant(request).member_of is not None})

    async def _group(self, request: web.Request) -> web.Response:
        plane = self._meant(request)
        if not plane.group:
            raise problem(404, "The requested control plane is not a group.")
        state = "CONFLICT" if plane.conflicts else "OK"
        kept = {"id": plane.id, "created_at": plane.created_at, "updated_at": plane.updated_at}
        return answer({"item": {**kept, "conflicts": plane.conflicts, "state": state}})

    def _meant(self, request: web.Request) -> Plane:
        written = request.match_info["plane"]
        if not _ID.fullmatch(written):
            raise invalid("Request contains invalid ID format", wrong("id", "is_uuid", "invalid ID format"))
        plane = self._planes.one(request.match_info["region"], written.lower())
        if plane is None:
            raise problem(404, "The requested control plane was not found.")
        return plane

    def _shape(self, plane: Plane) -> dict[str, Any]:
        host, port = self._organisation.host, self._organisation.port
        return {
            "id": plane.id,
            "name": plane.name,
            "description": plane.description,
            "labels": plane.labels,
            "config": {
                "control_plane_endpoint": url(host, port, plane.prefix, "config"),
                "telemetry_endpoint": url(host, port, plane.prefix, "telemetry"),
                "cluster_type": plane.cluster_type,
                "auth_type": plane.auth_type,
                "cloud_gateway": plane.cloud_gateway,
                "proxy_urls": plane.proxy_urls,
            },
            "created_at": plane.created_at,
            "updated_at": plane.updated_at,
        }


def _filters(query: MultiMapping[str]) -> Iterator[Condition]:
    """The conditions of `filter[field][operator]`; what Konnect does not know is refused."""
    for name, value in query.items():
        found = _FILTER.fullmatch(name)
        if not found:
            if name.startswith("filter"):
                raise invalid("Invalid request parameters", wrong(name, "invalid", "is not a filter", source="query"))
            continue
        key = f"{found[1]}.{found[2]}" if found[2] is not None else found[1]
        if key in _CONDITIONS:
            yield _CONDITIONS[key], (value,)
        elif key in _ANY_OF:
            wanted = value.split(",")
            yield _ANY_OF[key], (msgspec.json.encode(wanted).decode(),)
        elif key == "cloud_gateway":
            if value not in ("true", "false"):
                raise invalid("Invalid request parameters", wrong(name, "is_boolean", "must be a boolean"))
            yield "cloud_gateway = ?", (value == "true",)
        else:
            reason = f"property {found[1]} should not exist" if found[2] is None else "cannot be filtered so"
            raise invalid("Request contains unknown property", wrong(name, "unknown_property", reason, source="query"))


def _labels(written: str) -> Iterator[Condition]:
    """The conditions of `labels=key:value,key`."""
    wanted = [each for each in written.split(",") if each]
    if len(wanted) > _MOST_LABELS:
        reason = f"must not have more than {_MOST_LABELS} items"
        raise invalid(
            "Invalid request parameters", wrong("labels", "max_items", reason, maximum=_MOST_LABELS, source="query")
        )
    for each in wanted:
        key, colon, value = each.partition(":")
        if colon:
            yield "EXISTS (SELECT 1 FROM json_each(labels) AS l WHERE l.key = ? AND l.value = ?)", (key, value)
        else:
            yield "EXISTS (SELECT 1 FROM json_each(labels) AS l WHERE l.key = ?)", (key,)
