"""The two connections of a control plane: what is wrong with them, and the section of the answers as endpoints."""

from typing import Final

from konnect_tui.draft import ControlPlane
from konnect_tui.errors import Problem, error, warning
from konnect_tui.konnect.address import Address, KonnectAddress, in_konnect, is_ip, konnect, of_prefix, parse
from konnect_tui.konnect.endpoint import SYSTEM_TRUST, Endpoint
from konnect_tui.konnect.training_hosts import server_name_of

FIELD: Final = "control_plane.endpoint"
TELEMETRY_FIELD: Final = "control_plane.telemetry_endpoint"


def endpoint(address: Address, name: str, derived: bool, trust: str = SYSTEM_TRUST) -> Endpoint:
    """The address as an endpoint. `name` is the server name; empty or the host itself for the default.

    For an address of the embedded organisation the default is the name that belongs to its path.
    """
    given = "" if name == address.host else name or server_name_of(address) or ""
    return Endpoint(address.host, address.port, address.path, given, trust, derived)


def sibling_of(address: Address) -> Address | None:
    """The other connection's address, None where it cannot be worked out."""
    known = konnect(address)
    return known.sibling if known else None


def judge(config: Address | None, telemetry: Address | None) -> tuple[Problem, ...]:
    """The faults of two addresses, the second worked out already where that is possible."""
    problems: list[Problem] = []
    if config is None:
        message = "Only a telemetry address was given, and the other cannot be worked out from it."
        return (error(FIELD, "bad-endpoint", message, "Give the control plane's address too."),)
    problems += _host(FIELD, config, "config")
    if telemetry is None:
        if not any(problem.severity == "error" for problem in problems):
            message = "The telemetry address of a host outside Konnect cannot be worked out."
            problems.append(error(TELEMETRY_FIELD, "telemetry-endpoint-missing", message))
        return tuple(problems)
    if telemetry == sibling_of(config):
        return tuple(problems)
    problems += _host(TELEMETRY_FIELD, telemetry, "telemetry")
    first, second = konnect(config), konnect(telemetry)
    if first and second:
        problems += _same(first, second)
    return tuple(problems)


def _host(field: str, address: Address, link: str) -> list[Problem]:
    """What is wrong with a host in the place it was given for."""
    known = konnect(address)
    if known:
        if known.link == link:
            return []
        message = f"{address.host}{address.path} is the address for {known.link}, not for {link}."
        right = f"https://{known.sibling.host}{known.sibling.path}"
        return [error(field, "wrong-endpoint", message, f"The address for {link} is {right}.")]
    if in_konnect(address.host):
        message = f"{address.host} is a Konnect host, but not one that data plane nodes connect to."
        hint = "Nodes connect to PREFIX.REGION.cp.konghq.com, with PrivateLink to REGION.svc.konghq.com/cp/PREFIX."
        return [error(field, "wrong-endpoint", message, hint)]
    message = f"{address.host} is not a Konnect host. Nodes will connect there all the same."
    hint = (
        "An IP address can be no server name: give server_name too."
        if is_ip(address.host) and not server_name_of(address)
        else ""
    )
    return [warning(field, "not-a-konnect-host", message, hint)]


def _same(config: KonnectAddress, telemetry: KonnectAddress) -> list[Problem]:
    if config.region and telemetry.region and config.region != telemetry.region:
        message = f"The endpoint is in region {config.region}, the telemetry endpoint in region {telemetry.region}."
        return [error(TELEMETRY_FIELD, "region-mismatch", message)]
    if config.prefix != telemetry.prefix:
        message = f"The endpoint has the prefix {config.prefix}, the telemetry endpoint {telemetry.prefix}."
        return [warning(TELEMETRY_FIELD, "endpoints-differ", message)]
    return []


def endpoints(control_plane: ControlPlane, trust: str = SYSTEM_TRUST) -> tuple[Endpoint, Endpoint]:
    """The config and telemetry endpoints of a section without errors, all that was not given worked out.

    Raises ValueError where the section has errors, or where only Konnect could tell (source `konnect`).
    """
    config, telemetry, derived = _given(control_plane)
    worked_out = telemetry is None
    telemetry = telemetry or sibling_of(config)
    if telemetry is None:
        raise ValueError("the telemetry endpoint is missing")
    return (
        endpoint(config, control_plane.server_name or "", derived, trust),
        endpoint(telemetry, control_plane.telemetry_server_name or "", worked_out, trust),
    )


def _given(section: ControlPlane) -> tuple[Address, Address | None, bool]:
    telemetry = parse(section.telemetry_endpoint) if section.telemetry_endpoint else None
    if section.endpoint is not None:
        return parse(section.endpoint), telemetry, False
    if section.prefix is None or section.region is None:
        raise ValueError("neither an endpoint nor a prefix with its region is known")
    return of_prefix(section.prefix, section.region)[0], telemetry, True


def region_of(control_plane: ControlPlane) -> str | None:
    """The region of a section without errors: as said, else as its hosts say; None if neither does."""
    if control_plane.region or control_plane.endpoint is None:
        return control_plane.region
    known = konnect(parse(control_plane.endpoint))
    return known.region if known else None
