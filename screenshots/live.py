"""The pictures with an account: a stand-in for Konnect answers, so that nothing is asked of any network.

Certificates are made from fixed keys with a signature that knows no chance: the same fingerprints every time.
"""

import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from textual.events import Paste
from textual.pilot import Pilot

from konnect_tui.draft import ControlPlane, Draft, Node
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.secret import Secret
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp
from konnect_tui.ui.session import Patience, Session
from screenshots.waiting import BEFORE_A_PICTURE, quiet, seen, until

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fake_konnect import FakeKonnect, problem

Shoot = Callable[[KonnectApp, str], None]
_NAME = "orders-prod"


async def walk(services: Services, now: datetime, size: tuple[int, int], shoot: Shoot) -> None:
    """Certificates of a control plane, adding and removing one; then Create with its upload and the nodes."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", _NAME)
        _furnish(konnect, plane, now)
        told = ControlPlane(source="konnect", region="eu", id=plane["id"], name=_NAME, auth_mode="pinned")
        start = Draft(told, node=Node(names=("edge-1", "edge-2")))
        client = Client(hosts(konnect.url), Secret(konnect.token.encode()), environ={})
        app = KonnectApp(services, start)
        async with client, app.run_test(size=size) as pilot:
            await quiet(app, pilot)
            organization = await client.organization()
            # The header is to look as with Konnect itself: the stand-in's port is another every time.
            session = Session(client, organization, origin="KONNECT_TOKEN", elsewhere="", patience=Patience())
            await app.connect(session)

            async def press(*keys: str) -> None:
                await pilot.press(*keys)
                await quiet(app, pilot, BEFORE_A_PICTURE)

            await _inventory(app, shoot, press, now)
            await _create(app, konnect, plane, shoot, press, pilot)
            app.session = None  # its client is closed here


async def _inventory(app: KonnectApp, shoot: Shoot, press: Callable[..., Awaitable[None]], now: datetime) -> None:
    await app.show_step("control_plane")
    await press()
    await press("f4")
    await press("down")
    shoot(app, "inventory")
    await press("f8")
    app.focused.post_message(Paste("orders-prod edge-1"))
    await press()
    shoot(app, "inventory-remove")
    await press("escape", "f3")
    app.screen.post_message(Paste(_pem("edge-9.acme.example", 9, now, 25).decode() + _key(9)))
    await press()
    await press("enter")
    shoot(app, "inventory-add")
    await press("escape", "escape")


async def _create(
    app: KonnectApp,
    konnect: FakeKonnect,
    plane: dict[str, object],
    shoot: Shoot,
    press: Callable[..., Awaitable[None]],
    pilot: Pilot[int],
) -> None:
    path = f"/eu/v2/control-planes/{plane['id']}/dp-client-certificates"
    konnect.script("POST", path, problem(403, "Permission denied", "The role-set of this token is insufficient"))
    await app.show_step("review")
    await press()
    shoot(app, "review-live")
    await press("enter")
    shoot(app, "create-upload-failed")
    await press("enter")
    given = {each["title"].split(" ")[1]: each["id"] for each in konnect.certificates[str(plane["id"])][-2:]}
    konnect.add_node(plane, "edge-1", data_plane_cert_id=given["edge-1"], version="3.14.0.13")
    konnect.add_node(plane, "edge-2", data_plane_cert_id=given["edge-2"], version="3.14.0.13", config_hash="0" * 32)
    await until(pilot, lambda: "1 of 2 connected and in sync" in seen(app))
    await press()
    shoot(app, "create-watch")


def _furnish(konnect: FakeKonnect, plane: dict[str, object], now: datetime) -> None:
    """What a control plane has after two years."""
    given = {
        title: konnect.add_certificate(plane, _pem(name, number, now, days).decode(), title)["id"]
        for number, (title, name, days) in enumerate(
            (
                ("somebody's first try", "kongdp", -41),
                ("orders-prod edge-1 until 2026-12-05", "konnect-orders-prod", 12),
                ("orders-prod edge-2 until 2036-03-01", "konnect-orders-prod", 3386),
                ("lab", "lab-7.acme.example", 210),
                ("lab again", "lab-7.acme.example", 210),
                ("old laptop", "laptop.acme.example", 400),
            ),
            start=1,
        )
    }
    konnect.certificates[str(plane["id"])][4]["cert"] = konnect.certificates[str(plane["id"])][3]["cert"]
    for host, title, connected in (
        ("edge-1.fra.acme.example", "orders-prod edge-1 until 2026-12-05", True),
        ("edge-1.ber.acme.example", "orders-prod edge-1 until 2026-12-05", False),
        ("edge-2.fra.acme.example", "orders-prod edge-2 until 2036-03-01", True),
        ("lab-7", "lab", True),
    ):
        state = {"is_connected": connected}
        konnect.add_node(plane, host, data_plane_cert_id=given[title], connection_state=state)


def _private(number: int) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def _key(number: int) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return _private(number).private_bytes(*form).decode()


def _pem(name: str, number: int, now: datetime, days: int) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key = _private(number)
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), number)
        .not_valid_before(now - timedelta(days=200))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return builder.sign(key, None).public_bytes(serialization.Encoding.PEM)
