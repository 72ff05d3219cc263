"""The configuration API of a control plane: its client certificates, its nodes and the hash they should have."""

from datetime import datetime
from typing import Any, Final

from aiohttp import web

from konnect_tui.errors import KonnectError
from konnect_tui.gateway.releases import RELEASES, release_of
from konnect_tui.pki import parse
from konnect_tui.pki.pem import certificate_der
from konnect_tui.training.compatibility import compatibility
from konnect_tui.training.held import MOST, Held
from konnect_tui.training.nodes import Node
from konnect_tui.training.organisation import Organisation
from konnect_tui.training.planes import Plane
from konnect_tui.training.rest import reading
from konnect_tui.training.rest.control_planes import Changed
from konnect_tui.training.rest.faults import Refusal, answer, constraint, legacy
from konnect_tui.training.times import seconds

_LONGEST_CERTIFICATE: Final = 64 * 1024
_LONGEST_TITLE: Final = 1024
_LAST_PING: Final = 12
"""Seconds since the last ping of a node that only pretends."""


class Configuration:
    """Answers what is below one control plane, in every region."""

    def __init__(self, organisation: Organisation, changed: Changed) -> None:
        self._organisation = organisation
        self._certificates = organisation.certificates
        self._nodes = organisation.nodes
        self._changed = changed

    def routes(self) -> list[web.RouteDef]:
        """Where it is reached."""
        plane = "/{region}/v2/control-planes/{plane}"
        certificate, node = f"{plane}/dp-client-certificates/{{certificate}}", f"{plane}/nodes/{{node}}"
        return [
            web.get(f"{plane}/expected-config-hash", self._expected),
            web.get(f"{plane}/dp-client-certificates", self._list),
            web.post(f"{plane}/dp-client-certificates", self._pin),
            web.get(certificate, self._read),
            web.put(certificate, self._change),
            web.delete(certificate, self._unpin),
            web.get(f"{plane}/nodes", self._list_nodes),
            web.get(f"{plane}/nodes/eol", self._ended),
            web.get(node, self._node),
            web.delete(node, self._forget),
        ]

    # --- certificates

    async def _list(self, request: web.Request) -> web.Response:
        held = self._certificates.list(self._plane(request).id)
        return answer({"items": [_certificate(each) for each in held], "page": {"total_count": len(held)}})

    async def _pin(self, request: web.Request) -> web.Response:
        plane = self._plane(request)
        pem, title = _wanted(await reading.legacy_body(request))
        if self._certificates.count(plane.id) >= MOST:
            raise constraint("cert", f"a control plane takes {MOST} certificates")
        held = self._certificates.pin(plane.id, pem, title, self._organisation.now())
        return answer({"item": _certificate(held)}, 201)

    async def _read(self, request: web.Request) -> web.Response:
        return answer({"item": _certificate(self._held(request))})

    async def _change(self, request: web.Request) -> web.Response:
        held = self._held(request)
        pem, title = _wanted(await reading.legacy_body(request))
        changed = self._certificates.change(held, pem, title, self._organisation.now())
        await self._changed(held.control_plane)
        return answer({"item": _certificate(changed)})

    async def _unpin(self, request: web.Request) -> web.Response:
        held = self._held(request)
        self._certificates.unpin(held)
        await self._changed(held.control_plane)
        return web.Response(status=204)

    # --- nodes

    async def _expected(self, request: web.Request) -> web.Response:
        plane = self._plane(request)
        at = seconds(datetime.fromisoformat(plane.created_at))
        return answer({"expected_hash": plane.config_hash, "created_at": at, "updated_at": at})

    async def _list_nodes(self, request: web.Request) -> web.Response:
        plane, (size, after) = self._plane(request), reading.cursor(request)
        found = self._nodes.page(plane.id, size, after)
        page: dict[str, Any] = {"total_count": found.total}
        if found.following:
            page["next"] = reading.written_cursor(found.following)
        return answer({"items": [self._shape(node) for node in found.nodes], "page": page})

    async def _ended(self, request: web.Request) -> web.Response:
        plane, (size, after) = self._plane(request), reading.cursor(request)
        today = self._organisation.now().date()
        newest = next(release for release in RELEASES if release.lts)
        items = []
        for node in self._nodes.of(plane.id):
            release = release_of(node.version)
            if release is not None and release.state(today) != "full":
                message = f"Version {release.version} is past its full support. Upgrade to {newest.version} LTS."
                items.append({"node_id": node.id, "node_version": node.version, "message": message})
        page: dict[str, Any] = {"total_count": len(items)}
        if len(items) > after + size:
            page["next"] = reading.written_cursor(after + size)
        return answer({"items": items[after : after + size], "page": page})

    async def _node(self, request: web.Request) -> web.Response:
        return answer({"item": self._shape(self._meant(request))})

    async def _forget(self, request: web.Request) -> web.Response:
        self._nodes.forget(self._meant(request))
        return web.Response(status=204)

    def _shape(self, node: Node) -> dict[str, Any]:
        """A node as the API tells it. One of a seed that pretends to be connected pretends to ping."""
        pretends = node.seeded and node.connected
        shown: dict[str, Any] = {
            "id": node.id,
            "version": node.version,
            "hostname": node.hostname,
            "last_ping": seconds(self._organisation.now()) - _LAST_PING if pretends else node.last_ping,
            "type": "kong-proxy",
            "created_at": node.created_at,
            "updated_at": node.updated_at,
            "config_hash": node.config_hash,
            "compatibility_status": compatibility(node.version),
            "labels": node.labels,
            "connection_state": {"is_connected": node.connected},
        }
        if node.certificate is not None:
            shown["data_plane_cert_id"] = node.certificate
        if node.errors:
            shown["errors"] = node.errors
        return shown

    # --- what is meant

    def _plane(self, request: web.Request) -> Plane:
        plane = self._organisation.planes.one(request.match_info["region"], request.match_info["plane"].lower())
        if plane is None:
            raise legacy(404)
        return plane

    def _held(self, request: web.Request) -> Held:
        held = self._certificates.one(self._plane(request).id, request.match_info["certificate"])
        if held is None:
            raise legacy(404)
        return held

    def _meant(self, request: web.Request) -> Node:
        node = self._nodes.one(self._plane(request).id, request.match_info["node"].lower())
        if node is None:
            raise legacy(404)
        return node


def _wanted(body: dict[str, Any]) -> tuple[str, str]:
    """Certificate, as it was sent, and title. Raises Refusal."""
    for field in body.keys() - {"cert", "title"}:
        raise constraint(field, "additional properties are not allowed")
    title, written = body.get("title", ""), body.get("cert")
    if not isinstance(title, str) or len(title) > _LONGEST_TITLE:
        raise constraint("title", f"must be a string of at most {_LONGEST_TITLE} characters")
    if not isinstance(written, str) or len(written) > _LONGEST_CERTIFICATE:
        raise _no_certificate()
    try:
        parse.certificate(certificate_der(written.encode("ascii", "replace")) or b"")
    except KonnectError:
        raise _no_certificate() from None
    return written, title


def _no_certificate() -> Refusal:
    return constraint("cert", "must be a valid PEM-encoded certificate")


def _certificate(held: Held) -> dict[str, Any]:
    return {
        "id": held.id,
        "created_at": held.created_at,
        "updated_at": held.updated_at,
        "cert": held.pem,
        "title": held.title,
    }
