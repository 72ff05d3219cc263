"""The API as one application: what is asked of every request before anything answers it, and every error's form."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from konnect_tui.konnect.hosts import GLOBAL
from konnect_tui.training.organisation import Organisation
from konnect_tui.training.rest import reading
from konnect_tui.training.rest.configuration import Configuration
from konnect_tui.training.rest.control_planes import Changed, ControlPlanes
from konnect_tui.training.rest.faults import JSON, Refusal, invalid, legacy, problem, wrong
from konnect_tui.training.rest.identity import Identity

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOOPBACK: Final = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?")
_CONFIGURATION: Final = re.compile(
    r"/[^/]*/v2/control-planes/[^/]*/(?:dp-client-certificates|nodes|expected-config-hash)(?:/.*)?"
)


def application(organisation: Organisation, changed: Changed) -> web.Application:
    """The API of that organisation. `changed` hears of every control plane whose trust has changed."""
    app = web.Application(client_max_size=reading.MOST_BYTES, middlewares=[_guard(organisation)])
    for part in (Identity(organisation), ControlPlanes(organisation, changed), Configuration(organisation, changed)):
        app.router.add_routes(part.routes())
    return app


class Connection(web.RequestHandler):
    """One connection to the API. What never gets as far as the application is answered in the same form.

    aiohttp's own words would repeat what was sent.
    """

    __slots__ = ()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, *_said: object, **_more: object
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, or was not answered for a fault. What aiohttp says of it is left out."""
        if request.writer.output_size > 0:
            raise ConnectionError("half of an answer is sent already")
        response = _in_its_form(request, status).response()
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send it. An exception in its place is aiohttp's own: the application raises none."""
        if isinstance(resp, web.HTTPException):
            resp = _in_its_form(request, resp.status).response()
        return await super().finish_response(request, resp, start_time)


def _guard(organisation: Organisation) -> Middleware:
    """A request gets through with the token, from a program on this machine, for a region that there is."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            _require_local(request)
            _require_token(request, organisation)
            _require_region(request, organisation)
            return await handler(request)
        except Refusal as refusal:
            return refusal.response()
        except web.HTTPMethodNotAllowed as fault:
            refused = _in_its_form(request, 405).response()
            refused.headers["Allow"] = fault.headers["Allow"]
            return refused
        except web.HTTPException as fault:
            return _in_its_form(request, fault.status).response()
        except sqlite3.Error as fault:
            return _stuck(request, f"this machine keeps the training organisation from its state: {fault}").response()

    return guard


def _require_local(request: web.Request) -> None:
    """A browser could be made to ask: with another name that leads here (DNS rebinding), or from another page."""
    if not _LOOPBACK.fullmatch(request.headers.get("Host", "").lower()) or "Origin" in request.headers:
        raise problem(403, "This API answers programs on its own machine only, by a loopback address.")


def _require_token(request: web.Request, organisation: Organisation) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not organisation.takes(token.strip()):
        raise legacy(401) if _CONFIGURATION.fullmatch(request.path) else problem(401, "A valid token is required")


def _require_region(request: web.Request, organisation: Organisation) -> None:
    code = request.match_info.get("region") or request.path.partition("/")[2].partition("/")[0]
    if code not in (GLOBAL, *organisation.about.regions) or ("region" in request.match_info and code == GLOBAL):
        raise _in_its_form(request, 404)


def _stuck(request: web.Request, why: str) -> Refusal:
    """A 500 that says why: whoever runs the organisation can do something about it, and nobody else can."""
    return Refusal(500, {"message": why}, JSON) if _CONFIGURATION.fullmatch(request.path) else problem(500, why)


def _in_its_form(request: web.BaseRequest, status: int) -> Refusal:
    """An error of the server itself, as the part of the API that was asked would write it."""
    if status not in (403, 404, 405, 500):
        status = 400
    if _CONFIGURATION.fullmatch(request.path):
        return legacy(status)
    if status == 400:
        return invalid("Invalid request format", wrong("body", "invalid", "request format is invalid"))
    return problem(status, "Not Found" if status == 404 else "The request can't be answered.")
