"""The rules of `[control_plane]`: which one it is, and where its two connections go.

Name: 2–256 characters (Kong/developer.konghq.com, `api-specs/konnect/control-planes/v2/openapi.yaml`).
"""

from collections.abc import Iterator
from typing import Final

from konnect_tui.checks.rules import choice, misplaced, missing, path, plain_text, quoted
from konnect_tui.draft import TOLD, ControlPlane, Draft
from konnect_tui.errors import Problem, error, note
from konnect_tui.konnect import regions
from konnect_tui.konnect.address import Address, is_host, is_prefix, konnect, of_prefix, parse
from konnect_tui.konnect.connections import FIELD, TELEMETRY_FIELD, judge, sibling_of
from konnect_tui.konnect.ids import EXAMPLE, is_id

SOURCES: Final = ("konnect", "manual", "training")
AUTH_MODES: Final = ("pinned", "pki")


def check_control_plane(draft: Draft) -> Iterator[Problem]:
    """Every fault of the section."""
    section = draft.control_plane
    if section.source is None:
        yield missing(
            "control_plane.source", "it says where the control plane is known from.", f"One of {', '.join(SOURCES)}."
        )
    yield from choice("control_plane.source", section.source, SOURCES)
    yield from _identity(section)
    if section.source in (None, "manual"):
        yield from _manual(section)
    elif section.source in TOLD:
        yield from _konnect(section)
    yield from _region(section)
    yield from _trust(section)


def _identity(section: ControlPlane) -> Iterator[Problem]:
    if section.name is None:
        yield missing("control_plane.name", "bundle, certificates and runbook are named after it.")
    yield from plain_text("control_plane.name", section.name, 256, least=2)
    if section.auth_mode is None:
        hint = "pinned: Konnect is given each node's certificate. pki: Konnect is given the CA."
        yield missing("control_plane.auth_mode", "it decides what Konnect is given.", hint)
    yield from choice("control_plane.auth_mode", section.auth_mode, AUTH_MODES)


def _manual(section: ControlPlane) -> Iterator[Problem]:
    if section.id is not None:
        yield misplaced("control_plane.id", "with source manual no account is asked")
    if section.create:
        yield misplaced("control_plane.create", "with source manual nothing is made in Konnect")
    if section.prefix is not None and section.endpoint is not None:
        message = "`prefix` and `endpoint` both say where the control plane is."
        yield error("control_plane.prefix", "conflicting-values", message, "Keep exactly one of them.")
    elif section.prefix is None and section.endpoint is None:
        hint = "Give the endpoint Konnect shows, or the prefix alone with the region."
        yield missing("control_plane.endpoint", "nodes have to know where to connect.", hint)
    if section.prefix is not None and not is_prefix(section.prefix):
        message = (
            f"{quoted(section.prefix)} is not a prefix: one label of lower-case letters, digits and inner hyphens."
        )
        hint = "It is the first part of the host, before the first dot. A whole host goes into `endpoint`."
        yield error("control_plane.prefix", "bad-endpoint", message, hint)
    yield from _addresses(section)


def _konnect(section: ControlPlane) -> Iterator[Problem]:
    for key in ("prefix", "endpoint", "telemetry_endpoint"):
        if getattr(section, key) is not None:
            why = f"with source {section.source} the API says where the control plane is"
            hint = 'Leave it out. For another way there, such as PrivateLink, describe it with `source = "manual"`.'
            yield misplaced(f"control_plane.{key}", why, hint)
    if section.id is None:
        return
    if not is_id(section.id):
        message = f"{quoted(section.id)} is not a control plane's id, which looks like {EXAMPLE}."
        yield error("control_plane.id", "invalid-value", message, "Konnect shows it on the control plane's page.")
    if section.create:
        message = "`id` names a control plane that exists, and `create` asks for one to be made."
        yield error("control_plane.create", "conflicting-values", message)


def _addresses(section: ControlPlane) -> Iterator[Problem]:
    read: dict[str, Address] = {}
    for field, written in ((FIELD, section.endpoint), (TELEMETRY_FIELD, section.telemetry_endpoint)):
        if written is None:
            continue
        try:
            read[field] = parse(written)
        except ValueError as wrong:
            yield error(field, "bad-endpoint", str(wrong), "Give https://host[:port][/path].")
    config, telemetry = read.get(FIELD) or _of_prefix(section), read.get(TELEMETRY_FIELD)
    if config and (telemetry or section.telemetry_endpoint is None):
        yield from judge(config, telemetry or sibling_of(config))
    for field, address in read.items():
        known = konnect(address)
        if (
            known
            and known.region
            and section.region
            and regions.is_code(section.region)
            and known.region != section.region
        ):
            message = (
                f"{address.host} belongs to region {known.region}, but `control_plane.region` is {section.region}."
            )
            hint = "A control plane exists in one region only, so one of the two is wrong."
            yield error(field, "region-mismatch", message, hint)


def _of_prefix(section: ControlPlane) -> Address | None:
    """The address that a prefix stands for, so that a telemetry endpoint beside it is held against it."""
    prefix, region = section.prefix, section.region
    if section.endpoint is not None or prefix is None or region is None:
        return None
    return of_prefix(prefix, region)[0] if is_prefix(prefix) and regions.is_code(region) else None


def _region(section: ControlPlane) -> Iterator[Problem]:
    field, code = "control_plane.region", section.region
    if code is None:
        if not _says_where(section):
            yield missing(field, "hosts and allowlist depend on it.", f"One of {_codes()}.")
        return
    if not regions.is_code(code):
        near = regions.nearest(code)
        hint = f"Did you mean `{near}`?" if near else f"One of {_codes()}."
        yield error(field, "unknown-value", f"{quoted(code)} is not a region: it has two lower-case letters.", hint)
        return
    if section.source in TOLD:
        return  # the API itself says whether there is such a region and whether it may be used
    region = regions.region(code)
    if region is None:
        near = regions.nearest(code)
        hint = (
            f"Did you mean `{near}`? That is the region behind this PrivateLink name."
            if near
            else f"Known: {_codes()}."
        )
        yield note(field, "unlisted-region", f"This release does not know a region {code}. It is taken as it is.", hint)
    elif region.opt_in:
        yield note(
            field, "region-opt-in", f"{region.name} has to be switched on for the organization by an admin first."
        )


def _says_where(section: ControlPlane) -> bool:
    """Whether the endpoint makes a region unnecessary: it names one, or is no Konnect host."""
    if section.endpoint is None or section.source in TOLD:
        return False
    try:
        known = konnect(parse(section.endpoint))
    except ValueError:
        return True  # its own problem; a second one would only distract
    return known is None or known.region is not None


def _codes() -> str:
    return ", ".join(region.code for region in regions.REGIONS)


def _trust(section: ControlPlane) -> Iterator[Problem]:
    names = {
        "control_plane.server_name": section.server_name,
        "control_plane.telemetry_server_name": section.telemetry_server_name,
    }
    for field, name in names.items():
        if name is not None and not is_host(name.lower()):
            yield error(
                field, "invalid-value", f"{quoted(name)} is not a host name, so it cannot be a server name (SNI)."
            )
    yield from path("control_plane.trusted_ca", section.trusted_ca)
