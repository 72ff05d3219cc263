"""The parameters of Kong Gateway: which release has which, which konnect-tui sets itself, which take a secret.

The table is `parameters.json`, made by `tests/tools/write_parameters.py`; it is read when the first parameter
is looked up, not before. Families of parameters whose names are open: Kong/kong, `kong/conf_loader/constants.lua`,
`DYNAMIC_KEY_NAMESPACES`. What a data plane node needs: Kong/developer.konghq.com,
`app/gateway/data-plane-reference.md`.
"""

import os
import re
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct

from konnect_tui.gateway.releases import number

Default = str | list[str] | None

FAMILIES: Final = (
    "nginx_main_",
    "nginx_events_",
    "nginx_http_",
    "nginx_upstream_",
    "nginx_proxy_",
    "nginx_location_",
    "nginx_status_",
    "nginx_admin_",
    "nginx_stream_",
    "nginx_supstream_",
    "nginx_sproxy_",
    "nginx_wasm_",
    "pluginserver_",
    "vault_",
)
"""What begins with one of these is passed on by Kong whatever follows, so that no list of names exists."""

OWNED: Final = {
    "role": "",
    "database": "",
    "konnect_mode": "",
    "vitals": "",
    "prefix": "",
    "node_id": "",
    "nginx_user": "",
    "nginx_main_user": "",
    "nginx_daemon": "",
    "nginx_main_daemon": "",
    "admin_listen": "",
    "admin_gui_listen": "",
    "cluster_dp_labels": "node.labels",
    "cluster_control_plane": "control_plane.endpoint",
    "cluster_server_name": "control_plane.server_name",
    "cluster_telemetry_endpoint": "control_plane.telemetry_endpoint",
    "cluster_telemetry_server_name": "control_plane.telemetry_server_name",
    "cluster_cert": "certificate.source",
    "cluster_cert_key": "certificate.source",
    "lua_ssl_trusted_certificate": "control_plane.trusted_ca",
    "proxy_listen": "node.http_port and node.https_port",
    "status_listen": "node.status_port",
    "stream_listen": "node.stream_ports",
    "port_maps": "node.http_port and node.https_port",
    "proxy_server": "network.proxy",
    "proxy_server_ssl_verify": "network.proxy_ssl_verify",
    "cluster_use_proxy": "network.proxy",
}
"""Parameters that konnect-tui sets itself, each with the key of the answers that decides it ("" for none)."""

_YOURS: Final = r"cluster_(?:max_payload|fallback_[a-z0-9_]+)"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,127}")
_SENSITIVE_NAME: Final = (
    r".*(?:password|_token|_secret|_secret_id|_secret_access_key|_auth_nonce|service_account(?:_json)?"
    r"|_auth_conf|_session_conf)"
)
_SENSITIVE_VALUE: Final = (
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"
    r"|LS0tLS1CRUdJTi(?:BQUklWQVRF|BFTkNSWVBURUQ|BSU0Eg|BFQyB)"  # the same in base64
    r"|\b[ks]pat_[A-Za-z0-9]"  # Konnect's access tokens
    r"|://[^/@\s:]*:[^/@\s]+@"  # a password inside an address
)
_REFERENCE: Final = r"\{vault://[^{}\s]+\}"


class Span(Struct, frozen=True, array_like=True):
    """The releases first to last (X.Y) in which a parameter has this default. None: no default."""

    first: str
    last: str
    default: Default


class _Table(Struct, frozen=True):
    source: str
    as_of: str
    releases: tuple[str, ...]
    parameters: dict[str, tuple[Span, ...]]


@cache
def _table() -> _Table:
    with open(os.path.join(os.path.dirname(__file__), "parameters.json"), "rb") as file:
        return msgspec.json.decode(file.read(), type=_Table)


def _release(version: str) -> tuple[int, ...]:
    """X.Y of a version as numbers; what the table does not know yet counts as its newest release."""
    return min(number(version)[:2], number(_table().releases[-1]))


def _span(name: str, version: str) -> Span | None:
    wanted = _release(version)
    spans = _table().parameters.get(name, ())
    return next((span for span in spans if number(span.first) <= wanted <= number(span.last)), None)


def family(name: str) -> str | None:
    """The open family a name belongs to, such as `nginx_http_`; None for any other name."""
    if _NAME.fullmatch(name) is None:
        return None
    return next((start for start in FAMILIES if name.startswith(start) and len(name) > len(start)), None)


def is_known(name: str) -> bool:
    """Whether any release in the table has the parameter, or its family is open."""
    return _is_listed(name) or family(name) is not None


def _is_listed(name: str) -> bool:
    """Whether the table has the parameter. Its rows with capitals, `pluginserver_XXX_…`, are forms, not names."""
    return name in _table().parameters and _NAME.fullmatch(name) is not None


def exists(name: str, version: str) -> bool:
    """Whether that version of the gateway (X.Y or X.Y.Z.P) takes the parameter.

    A name that the table has counts only in its releases, also inside an open family.
    """
    if _is_listed(name):
        return _span(name, version) is not None
    opened = family(name)
    return opened is not None and (opened != "nginx_wasm_" or exists("wasm", version))


def default(name: str, version: str) -> str | None:
    """The parameter's default in that version, lists joined with commas; None if it has none there."""
    span = _span(name, version)
    if span is None or span.default is None:
        return None
    return span.default if isinstance(span.default, str) else ", ".join(span.default)


def since(name: str) -> str | None:
    """The first release in the table that has the parameter; None if no release has."""
    spans = _table().parameters.get(name)
    return spans[0].first if spans else None


def until(name: str) -> str | None:
    """The last release in the table that has the parameter; None if no release has."""
    spans = _table().parameters.get(name)
    return spans[-1].last if spans else None


def releases() -> tuple[str, ...]:
    """The releases the table covers, oldest first."""
    return _table().releases


def nearest(name: str, version: str) -> str | None:
    """The parameter of that version which was probably meant, None if nothing comes near."""
    wanted = name.strip().lower().replace("-", "_").replace(".", "_").removeprefix("kong_")
    if _NAME.fullmatch(wanted) is None:
        return None
    if exists(wanted, version):
        return wanted
    from difflib import get_close_matches

    names = [known for known in _table().parameters if exists(known, version)]
    return next(iter(get_close_matches(wanted, names, n=1, cutoff=0.7)), None)


def owner(name: str) -> str | None:
    """The key of the answers that decides a parameter konnect-tui sets itself: "" for none; None if it is yours."""
    if name in OWNED:
        return OWNED[name]
    return "" if name.startswith("cluster_") and re.fullmatch(_YOURS, name) is None else None


def holds_secret(name: str, value: str) -> bool:
    """Whether a value would put a secret into the answers: by what the parameter takes, or by how it looks.

    A `{vault://…}` reference is none, nor is an empty value.
    """
    if not value or re.fullmatch(_REFERENCE, value):
        return False
    return re.fullmatch(_SENSITIVE_NAME, name) is not None or re.search(_SENSITIVE_VALUE, value) is not None
