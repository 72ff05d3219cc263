"""The pictures of the README, made from the real app: `python screenshots/make.py` writes them, beside this file.

Everything that could vary is fixed: clock, workspace, size, font. The SVGs ask nothing of any network. A test
compares them with a fresh run, so they can't grow stale. PNGs are made where `rsvg-convert` is installed.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from textual.events import Paste
from textual.pilot import Pilot

from konnect_tui.gateway.releases import Release, State
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.konnect.transport import Waiting, unheard
from konnect_tui.pki.making import make
from konnect_tui.pki.pem import certificate_pem
from konnect_tui.secret import Secret
from konnect_tui.services import Services
from konnect_tui.ui.app import KonnectApp
from screenshots.waiting import BEFORE_A_PICTURE, quiet

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests"))  # the stand-in for Konnect lives there
from fake_konnect import FakeKonnect  # noqa: E402
from fake_konnect.server import TOKEN  # noqa: E402

SIZES = ((80, 24), (120, 40))
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_CELL = 12.2
"""The width of a column in Textual's SVG."""

# What is pressed after each picture; text after `paste:` goes in at once, after `text-of:` that of a file at home.
WHOLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("start", ("enter", "down", "down")),
    ("region", ("enter", "paste:7f3c0a9b21.eu.cp0.konghq.com", "tab", "paste:orders-prod")),
    ("control-plane", ("enter", "down")),
    ("authentication", ("enter", "down", "down", "down", "down", "right", "down", "down", "down")),
    ("certificates", ("paste:correct horse", "down", "paste:correct horse", "enter", "down", "paste:edge-{01..03}")),
    ("node", ("enter", "down", "down", "down", "space")),
    ("platforms", ("enter",)),
    ("review", ("enter",)),
    ("create", ()),
)
# Certificates by their other sources, and what stands over the wizard. Nothing is taken where no name is given.
BROUGHT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("down", "enter")),
    ("chain-accepted", ("up", "space")),
    ("chain-refused", ("escape", "up", "enter", "down", "down", "enter")),
    ("", ("paste:7f3c0a9b21.eu.cp0.konghq.com", "tab", "paste:orders-prod", "enter", "down", "enter")),
    ("", ("right", "space")),
    ("sources", ("escape", "down", "paste:~/certs/issuing.pem", "down", "paste:~/certs/issuing.key")),
    ("issue", ("up", "up", "right", "down", "enter", "paste:~/certs", "down", "down")),
    ("browser", ("escape", "paste:~/certs/everything.pem")),
    ("import", ("f3", "text-of:certs/everything.pem")),
    ("paste", ("escape", "up", "right")),
    ("csr", ("f9", "enter")),
    ("requests", ()),
)
# In Konnect: a token typed, a region with control planes of all kinds, one created.
LIVE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("up", "enter", f"paste:{TOKEN}", "down")),
    ("start-konnect", ("enter",)),
    ("", ("down", "down")),
    ("region-konnect", ("enter",)),
    ("", ("down", "down")),
    ("control-planes", ("f2", "paste:orders-edge", "tab", "paste:Edge sites", "tab", "paste:team=orders env=prod")),
    ("create-here", ("escape", "p", "a", "y")),
    ("control-planes-sifted", ()),
)


class _AtStandIn(Services):
    """Konnect as it is for everybody, answered by the stand-in: its address, another at each run, is on no picture."""

    stand_in: FakeKonnect

    def konnect(self, token: Secret, waiting: Waiting | None = None) -> Client:
        """A client of the stand-in."""
        return Client(hosts(self.stand_in.url), token, environ={}, waiting=waiting or unheard)


def pictures(size: tuple[int, int], home: Path) -> Iterator[tuple[str, str]]:
    """Name and SVG of every page at this size. `home` is an empty folder to work in; it has to be $HOME."""
    yield from asyncio.run(training_pictures(size, home)).items()
    shutil.rmtree(home / "konnect-dp")
    (home / "config" / "profiles").mkdir(parents=True)  # from here on it is nobody's first time
    _lay_out(home / "certs")
    for walk in (WHOLE, BROUGHT):
        services = Services(**_places(home))
        yield from asyncio.run(_walk(walk, size, services)).items()
        shutil.rmtree(home / "konnect-dp")
    yield from asyncio.run(_live(size, home)).items()
    shutil.rmtree(home / "konnect-dp")
    with FakeKonnect() as konnect:
        _populate(konnect)
        live = _AtStandIn(**_places(home))
        live.stand_in = konnect
        yield from asyncio.run(_walk(LIVE, size, live)).items()


def _places(home: Path) -> dict[str, Any]:
    state = {"state": str(home / "drafts"), "config": str(home / "config")}
    return {"workspace": str(home / "konnect-dp"), "environ": {}, "now": lambda: NOW, **state}


def _populate(konnect: FakeKonnect) -> None:
    """What an organisation has: control planes of all kinds and ages, some with nodes."""
    for number, (name, more, nodes) in enumerate(
        (
            ("payments-prod", {"labels": {"team": "payments", "env": "prod"}, "description": "Card and bank"}, 12),
            ("payments-staging", {"labels": {"team": "payments", "env": "staging"}}, 2),
            ("orders-prod", {"auth_type": "pki_client_certs", "labels": {"team": "orders", "env": "prod"}}, 5),
            ("shared-platform", {"cluster_type": "CLUSTER_TYPE_CONTROL_PLANE_GROUP"}, 8),
            ("try-it-out", {"cluster_type": "CLUSTER_TYPE_SERVERLESS"}, 0),
            ("cloud-eu", {"cloud_gateway": True}, 0),
            ("k8s-ingress", {"cluster_type": "CLUSTER_TYPE_K8S_INGRESS_CONTROLLER"}, 0),
            *((f"branch-{count:03}", {"labels": {"team": "stores"}}, 1) for count in range(1, 38)),
        )
    ):
        created = (NOW - timedelta(days=3 + number * number)).isoformat()
        plane = konnect.add_control_plane("eu", name, created_at=created, **more)
        for node in range(nodes):
            konnect.add_node(plane, f"edge-{node}", connection_state={"is_connected": node != 1})


def _lay_out(folder: Path) -> None:
    """What an operator has in a folder."""
    dates = make.Dates(NOW - timedelta(days=90), NOW + timedelta(days=800))
    keys = [make.new_key("ec-p256") for _ in range(3)]
    names = [make.name(each) for each in ("Acme Root CA", "Acme Issuing CA 2", "edge-1.acme.example")]
    root, issuing = (make.Issuer(names[at], keys[at].public_key(), dates.not_after, keys[at]) for at in range(2))
    pems = [
        certificate_pem(make.ca_certificate(names[0], keys[0].public_key(), dates, 1, root)),
        certificate_pem(make.ca_certificate(names[1], keys[1].public_key(), dates, 0, root)),
        certificate_pem(make.LeafForm(dates).issued(names[2], keys[2].public_key(), issuing)),
    ]
    folder.mkdir()
    (folder / "archive").mkdir()
    for name, data in (
        ("edge-1.key", make.key_pem(keys[2])),
        ("edge-1.pem", pems[2]),
        ("everything.pem", pems[0] + pems[2] + make.key_pem(keys[2]) + pems[1]),
        ("issuing.key", make.key_pem(keys[1])),
        ("issuing.pem", pems[1] + pems[0]),
        ("notes.txt", b"renew in March\n"),
    ):
        (folder / name).write_bytes(data)


async def _walk(
    walk: Sequence[tuple[str, tuple[str, ...]]], size: tuple[int, int], services: Services
) -> dict[str, str]:
    made = {}
    app = KonnectApp(services)
    async with app.run_test(size=size) as pilot:
        await quiet(app, pilot)
        for name, keys in walk:
            if name:
                await quiet(app, pilot, BEFORE_A_PICTURE)
                made[f"{name}-{size[0]}x{size[1]}"] = still(app.export_screenshot(title="konnect-tui"))
            for key in keys:
                await _press(app, pilot, key)
                await quiet(app, pilot)
    return made


async def _live(size: tuple[int, int], home: Path) -> dict[str, str]:
    from screenshots import live  # a stand-in for Konnect, and what that needs

    made: dict[str, str] = {}
    services = Services(**_places(home))

    def shoot(app: KonnectApp, name: str) -> None:
        made[f"{name}-{size[0]}x{size[1]}"] = still(app.export_screenshot(title="konnect-tui"))

    await live.walk(services, NOW, size, shoot)
    return made


async def training_pictures(size: tuple[int, int], home: Path) -> dict[str, str]:
    """Those made in training, by name. Their handshakes and pings are real and want the real time."""
    from screenshots import training

    made: dict[str, str] = {}
    places = {name: place for name, place in _places(home).items() if name != "now"}
    services = Services(**places, data=str(home / "data"))

    def shoot(app: KonnectApp, name: str) -> None:
        made[f"{name}-{size[0]}x{size[1]}"] = still(app.export_screenshot(title="konnect-tui"))

    with patch.object(Release, "state", _state_then):
        await training.walk(services, size, shoot)
        await training.learn(services, size, shoot)
    return made


_STATE = Release.state


def _state_then(release: Release, _today: date) -> State:
    """What support a release had on the day of the pictures: which one a bundle gets follows from that."""
    return _STATE(release, NOW.date())


async def _press(app: KonnectApp, pilot: Pilot[int], key: str) -> None:
    kind, colon, text = key.partition(":")
    if not colon:
        await pilot.press(key)
        return
    if kind == "text-of":
        text = _read(text)
    (app.focused or app.screen).post_message(Paste(text))


def _read(path: str) -> str:
    return (Path.home() / path).read_text()


def still(svg: str) -> str:
    """The SVG with stable names, no font from a network, and blanks that every renderer keeps."""
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(
        r'(<text [^>]*x=")([\d.]+)("[^>]*textLength=")([\d.]+)("[^>]*>)((?:&#160;)+)([^<]*</text>)', _indented, svg
    )
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _indented(found: re.Match[str]) -> str:
    """Text that begins with blanks, moved to where it begins: librsvg drops the blanks."""
    cells = found[6].count("&#160;")
    x, length = float(found[2]) + cells * _CELL, float(found[4]) - cells * _CELL
    return f"{found[1]}{x:.1f}{found[3]}{length:.1f}{found[5]}{found[7]}"


def main() -> int:
    """Write all pictures."""
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            os.environ["HOME"] = folder  # so that paths are shown as ~/…, the same everywhere
            for name, svg in pictures(size, home):
                path = HERE / f"{name}.svg"
                path.write_text(svg)
                if converter := shutil.which("rsvg-convert"):
                    picture = str(path.with_suffix(".png"))
                    subprocess.run([converter, "-w", "1200", str(path), "-o", picture], check=True)
                print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
