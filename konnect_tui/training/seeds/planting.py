"""Fill an empty store from a seed. The certificates are real ones, made on the spot; their keys are thrown away."""

import uuid
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Final

import msgspec

from konnect_tui.konnect.models import AUTH_TYPES
from konnect_tui.pki.making import make
from konnect_tui.pki.pem import certificate_pem
from konnect_tui.training.held import Certificates, Held
from konnect_tui.training.nodes import NO_HASH, Node, Nodes
from konnect_tui.training.organisation import ABOUT, TOKEN, About
from konnect_tui.training.planes import Plane, Planes, identified
from konnect_tui.training.seeds.recipe import Seed, SeedCertificate, SeedNode, SeedPlane, planes, seed
from konnect_tui.training.store import Store
from konnect_tui.training.times import seconds, stamp

_NAMESPACE: Final = uuid.UUID("6f1a2c58-5d0b-4a3f-9d5e-0f6b7a8c9d10")
_CONFLICT: Final = {"description": "Two members have a consumer of the same name.", "resource": "consumers"}
_AGE: Final = timedelta(days=400)
"""How long ago the organisation, and all it begins with, was made."""


def plant(store: Store, name: str, now: datetime) -> None:
    """Make the organisation of that seed. Raises KonnectError `unknown-seed`."""
    recipe = seed(name)
    with store.together():
        store.keep(ABOUT, msgspec.json.encode(_about(name, recipe, now)).decode())
        store.keep(TOKEN, f"kpat_training_{token_urlsafe(24)}")
        _Planter(store, name, now).plant(recipe)


def _about(name: str, recipe: Seed, now: datetime) -> About:
    return About(
        seed=name,
        id=str(uuid.uuid4()),  # begun anew it is another organisation: bundles of the one before are of no use in it
        name=recipe.name,
        login_path=recipe.login_path,
        owner=_id(name, "owner"),
        email=f"{recipe.full_name.lower().replace(' ', '.')}@{recipe.login_path}.example",
        full_name=recipe.full_name,
        created_at=stamp(now - _AGE),
        regions=recipe.regions,
        most=recipe.most,
    )


def _id(*path: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(path)))


class _Planter:
    def __init__(self, store: Store, name: str, now: datetime) -> None:
        self._store = store
        self._name = name
        self._now = now
        self._then = now - _AGE

    def plant(self, recipe: Seed) -> None:
        wanted = list(planes(recipe))
        groups = {(each.region, each.name): self._plane_id(each.region, each.name) for each in wanted}
        made = [self._plane(each, groups) for each in wanted]
        ranked = sorted(made, key=lambda plane: plane.member_of is not None)  # groups before their members
        Planes(self._store).add(ranked)
        held: list[Held] = []
        nodes: list[Node] = []
        for each, plane in zip(wanted, made, strict=True):
            own = self._held(each, plane)
            held += own.values()
            nodes += (self._node(node, plane, own) for node in _all_nodes(each))
        Certificates(self._store).add(held)
        Nodes(self._store).add(nodes)

    def _plane_id(self, region: str, name: str) -> str:
        return _id(self._name, region, name)

    def _plane(self, wanted: SeedPlane, groups: dict[tuple[str, str], str]) -> Plane:
        return identified(
            wanted.region,
            wanted.name,
            groups[wanted.region, wanted.name],
            self._then,
            description=wanted.description,
            labels=wanted.labels,
            cluster_type=wanted.type,
            auth_type=AUTH_TYPES[wanted.auth_mode],
            cloud_gateway=wanted.cloud_gateway,
            member_of=groups[wanted.region, wanted.member_of] if wanted.member_of else None,
            conflicts=(_CONFLICT,) if wanted.conflict else (),
        )

    def _held(self, wanted: SeedPlane, plane: Plane) -> dict[str, Held]:
        """The certificates of a control plane, by title."""
        held: dict[str, Held] = {}
        at = seconds(self._then)
        for each in wanted.certificates:
            pem = held[each.same_as].pem if each.same_as else self._pem(each, wanted.name)
            held[each.title] = Held(_id(plane.id, each.title), plane.id, pem, each.title, at, at)
        return held

    def _pem(self, wanted: SeedCertificate, name: str) -> str:
        key, subject = make.new_key("ec-p256"), make.name(f"konnect-{name}"[:64])
        ends = self._now.replace(microsecond=0) + timedelta(days=wanted.days)
        dates = make.Dates(min(self._then.replace(microsecond=0), ends - timedelta(days=365)), ends)
        if wanted.kind == "ca":
            itself = make.Issuer(subject, key.public_key(), ends, key)
            return certificate_pem(make.ca_certificate(subject, key.public_key(), dates, 1, itself)).decode()
        return certificate_pem(make.LeafForm(dates).self_signed(subject, key)).decode()

    def _node(self, wanted: SeedNode, plane: Plane, held: dict[str, Held]) -> Node:
        at, ago = seconds(self._then), timedelta(seconds=10) if wanted.connected else timedelta(days=3)
        return Node(
            control_plane=plane.id,
            id=_id(plane.id, "node", wanted.hostname),
            hostname=wanted.hostname,
            version=wanted.version,
            last_ping=seconds(self._now - ago),
            created_at=at,
            updated_at=at,
            config_hash=plane.config_hash if wanted.in_sync else NO_HASH,
            certificate=held[wanted.certificate].id if wanted.certificate else None,
            connected=wanted.connected,
            seeded=True,
        )


def _all_nodes(wanted: SeedPlane) -> list[SeedNode]:
    many = wanted.many_nodes
    count = many.count if many else 0
    more = (SeedNode(f"{many.hostname}-{number + 1}", many.certificate) for number in range(count)) if many else ()
    return [*wanted.nodes, *more]
