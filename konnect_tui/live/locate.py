"""Find the control plane of the answers in Konnect, and say what stands against nodes joining it."""

import asyncio
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from konnect_tui.converge.belonging import refuse_another_organization
from konnect_tui.draft import ControlPlane as Section
from konnect_tui.errors import KonnectError, Problem, error, warning
from konnect_tui.konnect import connections, kinds
from konnect_tui.konnect.address import in_konnect, konnect
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.models import Config, ControlPlane, Organization
from konnect_tui.konnect.target import UNBORN, Target, addresses
from konnect_tui.live.missing import missing, refuse_no_region
from konnect_tui.live.organization import inactive
from konnect_tui.manifest import Kept
from konnect_tui.words import printable

AT_ONCE: Final = 4
"""Other regions asked at the same time: as many as there are connections, so that none waits for one."""
ELSEWHERE: Final = 20.0
"""Seconds that another region has for its answer: one that is down must not hold up what the rest say."""
_ODD: Final = ("wrong-endpoint", "endpoints-differ")
"""What may be wrong with a pair of hosts, beyond what is said of each alone."""
_EXPLAINED: Final = {
    "pinned": "Konnect is given each node's own certificate",
    "pki": "Konnect is given the CA",
}


async def locate(client: Client, section: Section, kept: Kept | None = None) -> Target:
    """The control plane that the answers mean: by id, else by exact name, in their region and no other.

    `kept` is the bundle that is there already: it knows the id, and whose it is. With `create` a name that is free
    gives an unborn target. Raises KonnectError `other-organization`; `invalid-input` with where it is instead, or
    what was perhaps meant; and what the client raises.
    """
    organization = await client.organization()
    known = kept.manifest.konnect if kept else None
    if known is not None:
        refuse_another_organization(known, organization, training=section.training)
    same_name = kept is not None and kept.draft.control_plane.name == section.name
    identity = section.id.lower() if section.id else known.id if known and same_name else None
    region = section.region or ""
    await refuse_no_region(client, region)
    plane = await _look(client, region, section, identity)
    if plane is not None:
        return await informed(client, Target(region, organization, plane))
    elsewhere, silent = await places(client, section, identity)
    if section.create and identity is None:
        names = tuple(elsewhere)
        return Target(region, organization, _to_be_created(section), elsewhere=names)
    raise await missing(client, section, known.id if known and identity == known.id else None, elsewhere, silent)


async def informed(client: Client, target: Target) -> Target:
    """The target with what only further questions tell: whether a group has it as a member, how a group fares."""
    plane = target.control_plane
    if kinds.why_not(plane.config):
        return target
    try:
        if plane.config.cluster_type == kinds.GROUP:
            return replace(target, group=await client.group_status(target.region, plane.id))
        return replace(target, member=await client.is_member(target.region, plane.id))
    except KonnectError as fault:
        if fault.code not in ("not-permitted", "not-in-konnect"):
            raise
    return target  # a token may read a control plane and not its group: Konnect itself says no later, if it has to


async def against(client: Client, kept: Kept) -> tuple[Problem, ...]:
    """What has become of a bundle's control plane since, so that its nodes can't join, as warnings.

    Nothing where Konnect does not tell, or where the bundle does not know its control plane. Never raises.
    """
    known = kept.manifest.konnect
    if known is None:
        return ()
    try:
        async with asyncio.timeout(ELSEWHERE):
            plane = await client.control_plane(known.region, known.id)
            if plane is None:
                return ()
            target = await informed(client, Target(known.region, Organization(known.organization), plane))
    except (KonnectError, TimeoutError):
        return ()
    found = judge(target, kept.draft.control_plane, live=client.hosts.live)
    return tuple(replace(problem, severity="warning") for problem in found if problem.severity == "error")


def judge(target: Target, section: Section, *, live: bool = True) -> tuple[Problem, ...]:
    """What is to be said of the control plane before nodes are made for it; errors where none can join.

    `live` says that Konnect itself was asked, and not another address of the API.
    """
    return tuple(_judged(target, section, live))


def _judged(target: Target, section: Section, live: bool) -> Iterator[Problem]:
    plane = target.control_plane
    yield from inactive(target.organization)
    field = "control_plane.id" if section.id else "control_plane.name"
    if target.unborn:
        for region in target.elsewhere:
            message = f"A control plane of this name is in region {region}; another will be created in {target.region}."
            yield warning("control_plane.create", "name-elsewhere", message)
        return
    name = printable(plane.name)
    why = kinds.why_not(plane.config)
    if why:
        yield error(field, "not-self-managed", f"{name} ({kinds.kind(plane.config)}) can't take this node. {why}")
    if target.member:
        yield error(field, "group-member", f"{name} can't take this node. {kinds.MEMBER}")
    if target.group is not None and target.group.state == "CONFLICT":
        message = f"The control planes of the group {name} contradict each other: its nodes get no configuration."
        yield warning(field, "group-conflict", message)
    if section.name is not None and section.name != plane.name:
        message = f"The control plane {plane.id} is called “{name}” in Konnect."
        yield warning("control_plane.name", "other-name", message)
    yield from _mode(plane, section)
    yield from _hosts(target, live)


def _mode(plane: ControlPlane, section: Section) -> Iterator[Problem]:
    is_, wanted, field = plane.auth_mode, section.auth_mode, "control_plane.auth_mode"
    if wanted is None or is_ == wanted:
        return
    if is_ not in _EXPLAINED:
        message = f"{printable(plane.name)} has an auth mode that this release does not know: {printable(is_)}."
        yield error(field, "auth-mode-differs", message, "Use another control plane, or a newer konnect-tui.")
        return
    message = f"{printable(plane.name)} has the auth mode {is_}: {_EXPLAINED[is_]}. The answers say {wanted}."
    hint = f'Write `auth_mode = "{is_}"`, or change the control plane in Konnect, which every node of it will feel.'
    yield error(field, "auth-mode-differs", message, hint)


def _hosts(target: Target, live: bool) -> Iterator[Problem]:
    """Hosts are taken as Konnect names them; what would be odd is told. That there are none, `resolve` says."""
    try:
        named = addresses(target.control_plane.config)
    except KonnectError:
        return
    for address in filter(None, named):
        told = konnect(address)
        if told is not None and told.region not in (None, target.region):
            message = f"Konnect names the host {address.host}, which belongs to region {told.region}."
            yield error("control_plane.region", "region-mismatch", message)
        elif live and not in_konnect(address.host):
            message = f"Konnect names the host {address.host}, which is not one of its own."
            yield warning("control_plane.region", "not-a-konnect-host", message)
    if not kinds.why_not(target.control_plane.config):
        for problem in connections.judge(*named):
            if problem.code in _ODD:
                yield replace(problem, severity="warning", message=f"Konnect names odd hosts. {problem.message}")


def _to_be_created(section: Section) -> ControlPlane:
    from konnect_tui.konnect.models import AUTH_TYPES

    config = Config(cluster_type=kinds.HYBRID, auth_type=AUTH_TYPES[section.auth_mode or ""])
    return ControlPlane(id=UNBORN, name=section.name or "", config=config)


async def _look(client: Client, region: str, section: Section, identity: str | None) -> ControlPlane | None:
    if identity is not None:
        return await client.control_plane(region, identity)
    return await client.named(region, section.name or "")


async def places(client: Client, section: Section, identity: str | None) -> tuple[dict[str, ControlPlane], list[str]]:
    """Where it is in all other regions than that of the answers, and which of them did not answer.

    That is no fault: the organisation may not use them all.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    silent: list[str] = []

    async def ask(code: str) -> ControlPlane | None:
        async with gate:
            try:
                async with asyncio.timeout(ELSEWHERE):
                    return await _look(client, code, section, identity)
            except (KonnectError, TimeoutError):
                silent.append(code)
                return None

    codes = [each.code for each in await client.regions() if each.code != section.region]
    answers = await asyncio.gather(*map(ask, codes))
    return {code: plane for code, plane in zip(codes, answers, strict=True) if plane is not None}, sorted(silent)
