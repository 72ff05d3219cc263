"""What keeps Kong from starting, in its own words. Source: Kong/kong, `kong/conf_loader/parse.lua`."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from konnect_tui.training.practice.conf import listed, switched_on
from konnect_tui.training.practice.given import Given

LEVELS: Final = ("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg")
"""What `log_level` may be, the most talkative first."""

ADDRESS: Final = re.compile(r"(?P<host>[^:/]+)(?::(?P<port>\d{1,5}))?(?P<path>/[^\s?#]*)?")
"""`cluster_control_plane`: host, port, path."""

_PAYLOAD: Final = re.compile(r"\d{1,15}", re.ASCII)
_LEAST_PAYLOAD: Final = 4 * 1024 * 1024
_MOST_LABELS: Final = 10
_LONGEST_LABEL: Final = 63
_LABEL: Final = r"[a-z0-9]([\w\.:-]*[a-z0-9]|)$"
_LABEL_KEY: Final = f"(?!kong)(?!konnect)(?!insomnia)(?!mesh)(?!kic){_LABEL}"
_HIGHEST_PORT: Final = 65535
_CHOICES: Final = {
    "role": ("data_plane", "control_plane", "traditional"),
    "cluster_mtls": ("shared", "pki", "pki_check_cn"),
    "log_level": LEVELS,
}


class WouldNotStart(Exception):
    """Kong would end at once. `reason` is in its own words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def require_startable(given: Given, values: Mapping[str, str]) -> None:
    """Raises WouldNotStart with the first thing that Kong would complain about; it names no second one."""
    reason = next(_refusals(given, values), None)
    if reason is not None:
        raise WouldNotStart(reason)


def _refusals(given: Given, values: Mapping[str, str]) -> Iterator[str]:
    for name, choices in _CHOICES.items():
        if values[name] not in choices:
            yield f"{name} has an invalid value: '{values[name]}' ({', '.join(choices)})"
    yield from _proxy_refusals(values)
    yield from _file_refusals(given, values)
    if values["role"] != "data_plane":
        yield f'role = "{values["role"]}" connects to no control plane, so there is nothing to practise'
    if values["database"] != "off":
        yield 'only in-memory storage can be used when role = "data_plane"'
    if values["proxy_listen"] == "off":
        yield 'proxy_listen must be specified when role = "data_plane"'
    if switched_on(values["cluster_use_proxy"]) and not values.get("proxy_server"):
        yield "cluster_use_proxy is turned on but no proxy_server is configured"
    yield from _label_refusals(listed(values.get("cluster_dp_labels", "")))
    yield from _connection_refusals(values)


def _connection_refusals(values: Mapping[str, str]) -> Iterator[str]:
    if not _PAYLOAD.fullmatch(values["cluster_max_payload"]) or int(values["cluster_max_payload"]) < _LEAST_PAYLOAD:
        yield "cluster_max_payload must be 4194304 (4MB) or greater"
    for name in ("cluster_control_plane", "cluster_telemetry_endpoint"):
        found = ADDRESS.fullmatch(values[name])
        if found is None or int(found["port"] or 443) > _HIGHEST_PORT:
            yield "bad websocket uri"


def _file_refusals(given: Given, values: Mapping[str, str]) -> Iterator[str]:
    for path in listed(values.get("lua_ssl_trusted_certificate", "")):
        if path != "system" and not os.path.exists(given.here(path)):
            yield f"lua_ssl_trusted_certificate: failed loading certificate from {path}"
    certificate, key = values.get("cluster_cert"), values.get("cluster_cert_key")
    if not certificate or not key:
        yield "cluster certificate and key must be provided to use Hybrid mode"
        return
    if not os.path.exists(given.here(certificate)):
        yield f"cluster_cert: failed loading certificate from {certificate}"
    if not os.path.exists(given.here(key)):
        yield f"cluster_cert_key: failed loading key from {key}"


def _proxy_refusals(values: Mapping[str, str]) -> Iterator[str]:
    written = values.get("proxy_server")
    if not written:
        return
    try:
        parts = urlsplit(written)
        port_is_fine = parts.port != 0
    except ValueError:
        yield "proxy_server is invalid"
        return
    if not parts.scheme or "://" not in written:
        yield "proxy_server missing scheme"
    elif parts.scheme not in ("http", "https"):
        yield f'proxy_server only supports "http" and "https", got {parts.scheme}'
    elif not parts.hostname or not port_is_fine:
        yield "proxy_server missing host"
    elif parts.fragment or parts.query or ";" in parts.path:
        yield "fragments, query strings or parameters are meaningless in proxy configuration"


def _label_refusals(labels: list[str]) -> Iterator[str]:
    if len(labels) > _MOST_LABELS:
        yield f"labels validation failed: count exceeded {_MOST_LABELS} max elements"
    for label in labels:
        key, colon, value = label.partition(":")
        for what, text, pattern in (
            ("key", key if colon else "", _LABEL_KEY),
            ("value", value, _LABEL),
        ):
            if not 1 <= len(text) <= _LONGEST_LABEL:
                why = f"{text} must have between 1 and {_LONGEST_LABEL} characters"
            elif not re.match(pattern, text, re.IGNORECASE | re.ASCII):
                why = f"{text} is invalid. Must match pattern: {pattern}"
            else:
                continue
            yield f"label {what} validation failed: {why}"
            return
