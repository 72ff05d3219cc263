"""The global API: whose token it is, and which regions there are."""

from typing import Final

from aiohttp import web

from konnect_tui.konnect.regions import region
from konnect_tui.training.organisation import Organisation
from konnect_tui.training.rest.faults import answer

_RETENTION_DAYS: Final = 90


class Identity:
    """Answers `/v3` of the global host."""

    def __init__(self, organisation: Organisation) -> None:
        self._about = organisation.about

    def routes(self) -> list[web.RouteDef]:
        """Where it is reached."""
        return [
            web.get("/global/v3/organizations/me", self._organisation),
            web.get("/global/v3/users/me", self._user),
            web.get("/global/v3/available-regions", self._regions),
        ]

    async def _organisation(self, _request: web.Request) -> web.Response:
        about = self._about
        return answer(
            {
                "id": about.id,
                "name": about.name,
                "owner_id": about.owner,
                "login_path": about.login_path,
                "created_at": about.created_at,
                "updated_at": about.created_at,
                "state": "active",
                "retention_period_days": _RETENTION_DAYS,
            }
        )

    async def _user(self, _request: web.Request) -> web.Response:
        about = self._about
        return answer(
            {
                "id": about.owner,
                "email": about.email,
                "full_name": about.full_name,
                "preferred_name": about.full_name.split()[0],
                "active": True,
                "inferred_region": about.regions[0],
                "created_at": about.created_at,
                "updated_at": about.created_at,
            }
        )

    async def _regions(self, _request: web.Request) -> web.Response:
        opt_in = [code for code in self._about.regions if (known := region(code)) and known.opt_in]
        stable = [code for code in self._about.regions if code not in opt_in]
        return answer({"regions": {"stable": stable, "stable_opt_in": opt_in, "beta": []}})
