"""What a firewall has to let through for this control plane: a table, the same as JSON, and a ticket's text.

Sources: Kong/developer.konghq.com, `app/konnect-platform/network.md` (hosts, port 443, the list of addresses)
and `app/gateway/aws-private-link.md`. A node needs its two hosts and nothing else; the API hosts are for people
and tools, and are marked optional.
"""

from typing import Final

import msgspec
from msgspec import Struct, to_builtins

from konnect_tui.bundle import Files, text
from konnect_tui.gateway.escape import csv_cell, markdown, markdown_code
from konnect_tui.konnect.address import in_konnect
from konnect_tui.konnect.endpoint import Endpoint
from konnect_tui.plan import Plan

ADDRESS_FEED: Final = "https://ip-addresses.origin.konghq.com/ip-addresses.json"
"""Konnect's own list of addresses; by region under `ingressIPs` (network.md). Its full form isn't documented."""
NODES: Final = "data plane nodes"
PEOPLE: Final = "people and automation"
_LISTED: Final = 20


_WHY: Final = """\
Please allow these connections from every host in the list below. They are only ever opened from our side;
nothing has to be let in.
"""
_TERMS: Final = """\
- **No TLS interception.** Node and control plane prove to each other who they are with certificates. A proxy
  that opens the connection breaks it, and the node gets no configuration. Exempt these hosts.
- The connections stay open and carry WebSocket traffic, with a ping every 30 seconds: no idle timeout under
  a minute, please.
- Rules by host name (or TLS server name) are better than rules by address.
"""


class Row(Struct, frozen=True):
    """One rule. The fields are the columns of the CSV and the keys of the JSON.

    `tls` says what the connection carries; `derived` that the host was worked out, not given.
    """

    required: bool
    source: str
    destination: str
    port: int
    protocol: str
    direction: str
    server_name: str
    tls: str
    derived: bool
    purpose: str


def rows(plan: Plan) -> tuple[Row, ...]:
    """The rules, required ones first. Two connections to one host and port are one rule."""
    return _required(plan) + _optional(plan)


def _required(plan: Plan) -> tuple[Row, ...]:
    config, telemetry = plan.control_plane.config, plan.control_plane.telemetry
    if (config.host, config.port) == (telemetry.host, telemetry.port):
        return (_node_row(config, "configuration, and telemetry for analytics and node status"),)
    return (_node_row(config, "configuration"), _node_row(telemetry, "telemetry for analytics and usage"))


def _node_row(endpoint: Endpoint, purpose: str) -> Row:
    return Row(
        required=True,
        source=NODES,
        destination=endpoint.host,
        port=endpoint.port,
        protocol="TCP",
        direction="outbound",
        server_name=endpoint.sni,
        tls="mutual TLS end to end: never intercept",
        derived=endpoint.derived,
        purpose=purpose,
    )


def _optional(plan: Plan) -> tuple[Row, ...]:
    region = plan.control_plane.region
    if not region or not in_konnect(plan.control_plane.config.host):
        return ()
    hosts = (
        (f"{region}.api.konghq.com", "Konnect API of the region, for tools"),
        ("global.api.konghq.com", "Konnect API for sign-in and organisation, for tools"),
        ("cloud.konghq.com", "Konnect in the browser"),
    )
    return tuple(
        Row(False, PEOPLE, host, 443, "TCP", "outbound", host, "TLS", False, purpose) for host, purpose in hosts
    )


def render(plan: Plan) -> Files:
    """`network/allowlist.csv`, `network/allowlist.json` and `network/request.md`."""
    table = rows(plan)
    return {
        "network/allowlist.csv": text(_csv(table)),
        "network/allowlist.json": text(_json(plan, table)),
        "network/request.md": text(_request(plan, table)),
    }


def _csv(table: tuple[Row, ...]) -> str:
    columns = Row.__struct_fields__
    lines = [",".join(columns)]
    lines.extend(",".join(csv_cell(_cell(getattr(row, column))) for column in columns) for row in table)
    return "".join(f"{line}\n" for line in lines)


def _cell(value: bool | int | str) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _json(plan: Plan, table: tuple[Row, ...]) -> str:
    """ASCII only, so that no name can do anything to the terminal that shows it."""
    document = {
        "schema": 1,
        "control_plane": plan.control_plane.name,
        "region": plan.control_plane.region,
        "rules": [to_builtins(row) for row in table],
        "nodes": [node.hostname for node in plan.nodes],
        "address_feed": ADDRESS_FEED if _public_konnect(plan) else None,
    }
    written = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    return ("".join(map(_ascii, written)) if not written.isascii() else written) + "\n"


def _ascii(character: str) -> str:
    """A character of a JSON text, escaped where it is not ASCII (RFC 8259 section 7)."""
    if character.isascii():
        return character
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _request(plan: Plan, table: tuple[Row, ...]) -> str:
    name = markdown(plan.control_plane.name)
    required = [row for row in table if row.required]
    optional = [row for row in table if not row.required]
    parts = [
        f"# Outbound access for Kong Gateway data plane nodes\n\nControl plane: {name}\n",
        _WHY,
        _markdown_table(required),
        _TERMS,
        *_notes(plan, table),
        f"## From\n\n{_sources(plan)}",
    ]
    if optional:
        parts.append(
            "## Optional\n\nNodes do not need these. They serve people and tools that manage Konnect.\n\n"
            + _markdown_table(optional)
        )
    parts.append(
        "Downloads of images, packages and charts are not part of this request.\n"
        "The same rules for machines: `allowlist.csv`, `allowlist.json`.\n"
    )
    return "\n".join(parts)


def _markdown_table(table: list[Row]) -> str:
    lines = ["| Destination | Port | Protocol | Direction | For |", "|---|---|---|---|---|"]
    for row in table:
        host = markdown_code(row.destination) + (" (*derived*)" if row.derived else "")
        lines.append(f"| {host} | {row.port} | {row.protocol} | {row.direction} | {row.purpose} |")
    return "".join(f"{line}\n" for line in lines)


def _notes(plan: Plan, table: tuple[Row, ...]) -> list[str]:
    notes = []
    if any(row.derived for row in table):
        notes.append(
            "- *derived*: worked out from the control plane's prefix, not read from Konnect. Compare it with what\n"
            "  Konnect shows for this control plane before the rule is made.\n"
        )
    if _public_konnect(plan):
        notes.append(
            f"- If addresses are needed all the same: <{ADDRESS_FEED}>,\n"
            "  under `ingressIPs` for the region. They change; the list has to be read again from time to time.\n"
        )
    if _private(plan.control_plane.config):
        notes.append(
            "- The host is a private name (AWS PrivateLink): it must resolve to the VPC endpoint, whose security\n"
            "  group has to let port 443 in from these hosts.\n"
        )
    return notes


def _private(endpoint: Endpoint) -> bool:
    return endpoint.host.endswith(".svc.konghq.com")


def _public_konnect(plan: Plan) -> bool:
    return in_konnect(plan.control_plane.config.host) and not _private(plan.control_plane.config)


def _sources(plan: Plan) -> str:
    if not plan.nodes:
        return "No nodes are named yet.\n"
    lines = [f"- {markdown_code(node.hostname)}\n" for node in plan.nodes[:_LISTED]]
    more = len(plan.nodes) - _LISTED
    return "".join(lines) + (f"- and {more} more: see `nodes` in `allowlist.json`\n" if more > 0 else "")
