"""What a seed's file says, and the single control planes that come of it."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final, Literal

import msgspec
from msgspec import Struct

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.kinds import HYBRID

SEEDS: Final = ("starter", "enterprise", "scale")
DEFAULT: Final = "starter"
AuthMode = Literal["pinned", "pki"]
Condition = Literal["current", "soon", "expired", "duplicate", "unused"]
_DAYS: Final[Mapping[Condition, int]] = {"current": 600, "soon": 20, "expired": -40, "duplicate": 600, "unused": 600}


class SeedCertificate(Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate of a control plane, `days` from its end (negative: it has ended).

    `same_as` is the title of the one it repeats.
    """

    title: str
    days: int
    kind: Literal["leaf", "ca"] = "leaf"
    same_as: str | None = None


class SeedNode(Struct, frozen=True, forbid_unknown_fields=True):
    """A node that is only a record. `certificate` is the title of the one it came in with."""

    hostname: str
    certificate: str | None = None
    version: str = "3.14.0.13"
    connected: bool = True
    in_sync: bool = True


class ManyNodes(Struct, frozen=True, forbid_unknown_fields=True):
    """Nodes `hostname-1`, `hostname-2`, and so on."""

    count: int
    hostname: str
    certificate: str | None = None


class SeedPlane(Struct, frozen=True, forbid_unknown_fields=True):
    """One control plane. `member_of` is the name of its group, in the same region.

    `conflict`: it is a group whose members' configurations do not go together.
    """

    region: str
    name: str
    description: str = ""
    auth_mode: AuthMode = "pinned"
    type: str = HYBRID
    cloud_gateway: bool = False
    labels: Mapping[str, str] = {}
    member_of: str | None = None
    conflict: bool = False
    certificates: tuple[SeedCertificate, ...] = ()
    nodes: tuple[SeedNode, ...] = ()
    many_nodes: ManyNodes | None = None


class Many(Struct, frozen=True, forbid_unknown_fields=True):
    """Control planes by the dozen. Every list is gone through again and again.

    `pins` is how many certificates each gets, `conditions` how these are; a group gets `members` of its region, and
    every one in `conflicts` has a conflict.
    """

    count: int
    teams: tuple[str, ...]
    stages: tuple[str, ...]
    regions: tuple[str, ...] = ()
    type: str = HYBRID
    cloud_gateway: bool = False
    auth_modes: tuple[AuthMode, ...] = ("pinned",)
    pins: tuple[int, ...] = (0,)
    conditions: tuple[Condition, ...] = ("current",)
    versions: tuple[str, ...] = ("3.14.0.13",)
    members: int = 0
    conflicts: int = 0


class Seed(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole organisation. `most` is how many control planes it may have."""

    name: str
    login_path: str
    full_name: str
    regions: tuple[str, ...]
    most: int
    control_plane: tuple[SeedPlane, ...] = ()
    many: tuple[Many, ...] = ()


def require_seed(name: str) -> None:
    """Raises KonnectError `unknown-seed` for a name that no seed has."""
    if name not in SEEDS:
        raise KonnectError("unknown-seed", f"There is no seed {name!r}.", hint=f"Seeds: {', '.join(SEEDS)}.")


def seed(name: str) -> Seed:
    """The seed of that name. Raises KonnectError `unknown-seed`."""
    require_seed(name)
    text = files("konnect_tui.training.seeds").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), type=Seed)


def planes(seed: Seed) -> Iterator[SeedPlane]:
    """All control planes of a seed; groups come after those that become their members."""
    yield from seed.control_plane
    joined: set[tuple[str, str]] = set()
    every = [plane for many in seed.many for plane in _expanded(many, many.regions or seed.regions)]
    for many in seed.many:
        if many.members:
            joined |= _join(every, many, joined)
    yield from every


def _expanded(many: Many, regions: tuple[str, ...]) -> Iterator[SeedPlane]:
    pinned = 0
    for index in range(many.count):
        team, stage = many.teams[index % len(many.teams)], many.stages[index // len(many.teams) % len(many.stages)]
        name = f"{team}-{stage}-{index + 1}"
        auth_mode = many.auth_modes[index % len(many.auth_modes)]
        count = many.pins[index % len(many.pins)]
        certificates = tuple(_certificates(many, name, auth_mode, count, pinned))
        pinned += count
        yield SeedPlane(
            region=regions[index % len(regions)],
            name=name,
            auth_mode=auth_mode,
            type=many.type,
            cloud_gateway=many.cloud_gateway,
            labels={"team": team, "stage": stage},
            conflict=bool(many.conflicts) and index % many.conflicts == many.conflicts - 1,
            certificates=certificates,
            nodes=tuple(_nodes(many, name, certificates, index)),
        )


def _certificates(many: Many, name: str, mode: AuthMode, count: int, first: int) -> Iterator[SeedCertificate]:
    title = ""
    for place in range(count):
        condition = many.conditions[(first + place) % len(many.conditions)]
        repeated = title if condition == "duplicate" and title else None
        title = f"{name} {'CA' if mode == 'pki' else 'node'} {place + 1}{' unused' if condition == 'unused' else ''}"
        yield SeedCertificate(title, _DAYS[condition], "ca" if mode == "pki" else "leaf", repeated)


def _nodes(many: Many, name: str, certificates: tuple[SeedCertificate, ...], index: int) -> Iterator[SeedNode]:
    if many.type != HYBRID and not many.members:
        return
    for place, each in enumerate(certificates):
        if each.title.endswith("unused") or each.same_as:
            continue
        yield SeedNode(
            hostname=f"{name}-{place + 1}",
            certificate=each.title,
            version=many.versions[(index + place) % len(many.versions)],
            connected=each.days > 0 and index % 7 != 0,
            in_sync=index % 5 != 0,
        )


def _join(every: list[SeedPlane], many: Many, joined: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Give each group its members: control planes of its region without nodes, as Konnect asks for."""
    taken: set[tuple[str, str]] = set()
    for group in (plane for plane in every if plane.type == many.type):
        wanted = many.members
        for place, plane in enumerate(every):
            key = (plane.region, plane.name)
            free = plane.type == HYBRID and not plane.cloud_gateway and not plane.nodes and key not in joined | taken
            if wanted and free and plane.region == group.region:
                every[place] = msgspec.structs.replace(plane, member_of=group.name)
                taken.add(key)
                wanted -= 1
    return taken
