"""Set a round up: its control plane, its bundle made by the product itself, its strangers; then the seed is done."""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from konnect_tui.bundle import PUBLIC_MODE, SECRET_MODE
from konnect_tui.converge import Wish, carry_out
from konnect_tui.errors import KonnectError
from konnect_tui.pki.pem import certificate_pem
from konnect_tui.pki.read import key_of, read_file
from konnect_tui.secret import Secret
from konnect_tui.services import Services
from konnect_tui.training.lessons.hands import Hands
from konnect_tui.training.lessons.lesson import OWN, Lesson, Scene
from konnect_tui.training.lessons.making import answers, at, empty_folder, quiet, write
from konnect_tui.training.lessons.minting import Minted, mint
from konnect_tui.training.lessons.organisation import Organisation, Placed, Practice
from konnect_tui.training.lessons.stage import CERTIFICATE, KEY, Begun, Stage

_AUTHORITIES: Final = ("root", "intermediate-1", "intermediate-2")


async def stage(
    lesson: Lesson, number: int, services: Services, state: str, organisation: Organisation, practice: Practice
) -> Begun:
    """Set up the round of that number, from nothing. An earlier bundle of it goes to `.backup/`.

    Raises KonnectError as `apply` does, and what the organisation says.
    """
    place = Stage(lesson, number, services.root, state)
    scene = place.round.scene
    clear(place, services)
    placed = await organisation.create(scene.region, place.name, scene.auth_mode)
    minted: dict[str, Minted] = {}
    now = services.now()  # one for all: else a leaf might end a second after the CA that issues it
    if scene.bundle.issued_by is not None:  # the CA that issues has to be there first
        _mint(scene, minted, now, place)
    _make_bundle(place, placed, services, now)
    minted |= _of_bundle(place)
    _mint(scene, minted, now, place)
    _guests(place, minted)
    others = {
        each.name: await organisation.create(each.region, place.named(each), scene.auth_mode) for each in scene.others
    }
    certificates = {name: each.certificate for name, each in minted.items()}
    hands = Hands(place, {OWN: placed, **others}, certificates, services)
    for step in scene.seed:
        await hands.do(step, organisation, practice)
    nodes = scene.bundle.nodes
    return Begun(
        after=organisation.last(),
        placed=placed,
        certificates=certificates,
        keys={node: place.key(node) for node in nodes},
        leaves={node: _digest(chain[0]) for node in nodes if (chain := place.presented(node))},
        held=frozenset(map(_digest, organisation.held(placed))),
        others=others,
    )


def clear(place: Stage, services: Services) -> None:
    """Put an earlier bundle of this round aside, and remove what the lesson itself kept.

    Raises KonnectError `file-in-the-way` where something of that name stands there that no lesson has made.
    """
    services.workspace.prepare()
    with services.workspace.locked():
        if services.workspace.look(place.name) != "nothing":
            if not os.path.isdir(place.folder):
                message = f"{place.bundle} is there, and no lesson has made it."
                raise KonnectError("file-in-the-way", message, hint="Move it away, or choose another --workspace.")
            services.workspace.set_aside(place.name)
    for folder in (place.folder, place.material, f"{place.folder}/guests", f"{place.folder}/memory"):
        empty_folder(folder)


def _make_bundle(place: Stage, placed: Placed, services: Services, now: datetime) -> None:
    bundle = place.round.scene.bundle
    wish = Wish(answers(place, placed), target=placed.target)
    if bundle.unmade:
        return
    then = now - timedelta(days=bundle.age)
    carry_out(at(services, then), wish, progress=quiet)


def _of_bundle(place: Stage) -> dict[str, Minted]:
    """The certificates that the bundle has just been made with, by name: leaves by their node's."""
    found = {}
    for node in place.round.scene.bundle.nodes:
        folder = f"{place.bundle}/nodes/{node}"
        if os.path.exists(folder):
            chain = read_file(f"{folder}/{CERTIFICATE}").certificates
            found[node] = Minted(chain[0], key_of(f"{folder}/{KEY}"))
    for name in _AUTHORITIES:
        path = f"{place.bundle}/ca/{name}"
        if os.path.exists(f"{path}.crt"):
            found[name] = Minted(read_file(f"{path}.crt").certificates[0], key_of(f"{path}.key"))
    return found


def _mint(scene: Scene, minted: dict[str, Minted], now: datetime, place: Stage) -> None:
    """Make what can be made by now; what depends on the bundle comes after it."""
    for wanted in scene.certificates:
        needed = {wanted.issuer, wanted.named_like, wanted.key_of} - {None}
        if wanted.name not in minted and needed <= minted.keys():
            minted[wanted.name] = mint(wanted, minted, now)
            _write(place.material, wanted.name, (minted[wanted.name].certificate,), minted[wanted.name].key)
    authorities = [
        minted[each.name].certificate for each in scene.certificates if each.kind == "ca" and each.name in minted
    ]
    if scene.bundle.issued_by is not None:
        write(f"{place.material}/chain.crt", b"".join(map(certificate_pem, authorities)), PUBLIC_MODE)


def _guests(place: Stage, minted: Mapping[str, Minted]) -> None:
    for guest in place.round.scene.guests:
        folder = place.party(guest.name).folder
        empty_folder(folder)
        own = minted[guest.follows or guest.presents[0]]
        chain = tuple(minted[name].certificate for name in guest.presents) or (own.certificate,)
        _write(folder, "tls", chain, own.key)


def _write(folder: str, stem: str, chain: tuple[bytes, ...], key: Secret | None) -> None:
    write(f"{folder}/{stem}.crt", b"".join(map(certificate_pem, chain)), PUBLIC_MODE)
    if key is not None:
        write(f"{folder}/{stem}.key", key.reveal(), SECRET_MODE)


def _digest(der: bytes) -> str:
    return sha256(der).hexdigest()
