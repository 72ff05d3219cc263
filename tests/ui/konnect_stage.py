"""A control plane in a stand-in for Konnect, and the wizard connected to it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from certificate_maker import DAY, Made, make
from konnect_asking import QuickClock
from ui_hand import Hand

from fake_konnect import FakeKonnect
from konnect_tui.draft import ControlPlane as Section
from konnect_tui.draft import Draft
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.konnect.models import Config, ControlPlane, Organization
from konnect_tui.konnect.target import Target
from konnect_tui.secret import Secret
from konnect_tui.ui.app import KonnectApp
from konnect_tui.ui.session import Patience, Session

Play = Callable[..., KonnectApp]

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
"""The wizard's clock."""
HOSTILE = ["[/x]", "[@click=app.quit]x", "\x1b[31m\x1b[2J", "\u202egnp.exe", "two\nlines", "合成" * 9, "x" * 60]


def cert(name: str, days: float = 400, **form: Any) -> Made:
    """A certificate that ends so many days after today."""
    return make(name, begins=TODAY - 40 * DAY, ends=TODAY + timedelta(days=days), **form)


class Stage:
    """A control plane, and how the wizard knows it."""

    def __init__(self, konnect: FakeKonnect, play: Play, name: str = "orders-prod", **config: Any) -> None:
        self.konnect = konnect
        self.run = play
        self.plane = konnect.add_control_plane("eu", name, **config)
        self.path = f"/eu/v2/control-planes/{self.plane['id']}"
        self.certificates = f"{self.path}/dp-client-certificates"

    def give(self, made: Made | str, title: str = "") -> str:
        """A certificate that the control plane has; its id."""
        pem = made if isinstance(made, str) else made.pem.decode()
        return str(self.konnect.add_certificate(self.plane, pem, title)["id"])

    def node(self, name: str, certificate: str | None, *, connected: bool = True, **more: Any) -> None:
        """A node that came in with it."""
        state = {"is_connected": connected}
        self.konnect.add_node(self.plane, name, data_plane_cert_id=certificate, connection_state=state, **more)

    @property
    def held(self) -> list[dict[str, Any]]:
        """The entries that the control plane has now."""
        return self.konnect.certificates.get(self.plane["id"], [])

    @property
    def titles(self) -> list[str]:
        """What they are called."""
        return [each["title"] for each in self.held]

    @property
    def target(self) -> Target:
        """The control plane as the wizard knows it."""
        config = Config(auth_type=self.plane["config"]["auth_type"])
        plane = ControlPlane(self.plane["id"], self.plane["name"], config)
        return Target("eu", Organization("o", self.konnect.organization["name"]), plane)

    @property
    def draft(self) -> Draft:
        """Answers for this control plane, all else by default."""
        plane = self.plane
        mode = "pki" if plane["config"]["auth_type"].startswith("pki") else "pinned"
        return Draft(Section(source="konnect", region="eu", id=plane["id"], name=plane["name"], auth_mode=mode))

    def client(self) -> Client:
        """A client that waits for nothing."""
        return Client(hosts(self.konnect.url), Secret(self.konnect.token.encode()), environ={}, clock=QuickClock())

    async def session(self, client: Client) -> Session:
        """A connection with this client."""
        organization = await client.organization()
        return Session(client, organization, origin="KONNECT_TOKEN", elsewhere="", patience=Patience())

    async def connect(self, hand: Hand, client: Client) -> None:
        """Let the wizard go on with this connection."""
        await hand.app.connect(await self.session(client))
