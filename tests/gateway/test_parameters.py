import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.gateway import parameters
from konnect_tui.gateway.releases import RELEASES

TOOL = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "tools" / "write_parameters.py")))


def test_the_table_is_what_its_writer_writes() -> None:
    """Taken apart into one description per release and written again, the table is the same to the byte."""
    text = TOOL.TABLE.read_text()
    stored = json.loads(text)
    versions = stored["releases"]
    releases: dict[str, dict[str, object]] = {version: {} for version in versions}
    for name, spans in stored["parameters"].items():
        for first, last, default in spans:
            for version in versions[versions.index(first) : versions.index(last) + 1]:
                releases[version][name] = default
    assert TOOL.table(releases) == text


def test_the_writer_ends_a_span_where_a_parameter_or_its_default_ends() -> None:
    """A gap or another default begins a new span, in the order of releases, not of letters."""
    releases = {"3.10": {"a": "2", "b": None}, "3.4": {"a": "1", "b": None}, "3.9": {"a": "1"}}
    assert json.loads(TOOL.table(releases))["parameters"] == {
        "a": [["3.4", "3.9", "1"], ["3.10", "3.10", "2"]],
        "b": [["3.4", "3.4", None], ["3.10", "3.10", None]],
    }


def test_the_table_covers_every_release() -> None:
    """Every release a bundle can be made for has its parameters."""
    assert parameters.releases() == tuple(release.version for release in reversed(RELEASES))


@pytest.mark.parametrize(
    ("name", "version", "there"),
    [
        ("log_level", "3.4", True),
        ("log_level", "3.14.0.13", True),
        ("log_level", "4.0.0.0", True),
        ("vitals", "3.4.3.29", True),
        ("vitals", "3.5", False),
        ("incremental_sync", "3.9", False),
        ("incremental_sync", "3.10.0.17", True),
        ("tls_certificate_verify", "3.12", False),
        ("vault_fs_prefix", "3.14", False),
        ("vault_fs_prefix", "3.15", True),
        ("nginx_http_proxy_buffers", "3.4", True),
        ("nginx_proxy_real_ip_header", "3.15", True),
        ("nginx_supstream_zone", "3.15", True),
        ("vault_mine_token", "3.15", True),
        ("pluginserver_go_socket", "3.15", True),
        ("nginx_wasm_shm_kv_x", "3.10", True),
        ("nginx_wasm_shm_kv_x", "3.11", False),
        ("nginx_http_", "3.15", False),
        ("nginx_other_x", "3.15", False),
        ("pluginserver_XXX_socket", "3.15", False),
        ("NGINX_HTTP_X", "3.15", False),
        ("nginx_http_x y", "3.15", False),
        ("lgo_level", "3.15", False),
        ("", "3.15", False),
    ],
)
def test_a_parameter_exists_in_its_releases(name: str, version: str, there: bool) -> None:
    """The table decides, releases beyond it count as its newest, and the open nginx and vault families are taken."""
    assert parameters.exists(name, version) is there


@pytest.mark.parametrize(
    ("name", "version", "default"),
    [
        ("status_listen", "3.5", "off"),
        ("status_listen", "3.6", "127.0.0.1:8007 reuseport backlog=16384"),
        ("proxy_server_ssl_verify", "3.11", "off"),
        ("proxy_server_ssl_verify", "3.12", "on"),
        ("untrusted_lua", "3.13", "sandbox"),
        ("untrusted_lua", "3.14", "strict"),
        ("analytics_buffer_size_limit", "3.15", "10000"),
        ("headers", "3.15", "server_tokens, latency_tokens, X-Kong-Request-Id"),
        ("pg_password", "3.15", None),
        ("vitals", "3.15", None),
    ],
)
def test_defaults_are_those_of_the_release(name: str, version: str, default: str | None) -> None:
    """A default that changed between releases is the one of the release asked for."""
    assert parameters.default(name, version) == default


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("KONG_LOG_LEVEL", "log_level"),
        ("log-level", "log_level"),
        ("log_levl", "log_level"),
        ("nginx_worker_proceses", "nginx_worker_processes"),
        ("qqqqqq", None),
        ("", None),
        ("a" * 1000, None),
    ],
)
def test_a_misspelt_parameter_names_the_one_meant(name: str, near: str | None) -> None:
    """Environment names, hyphens and slips of the pen lead to the parameter; nonsense leads nowhere."""
    assert parameters.nearest(name, "3.14") == near


def test_only_parameters_of_the_version_are_suggested() -> None:
    """Nobody is sent to a parameter that the chosen release does not have."""
    assert parameters.nearest("incremental_snyc", "3.15") == "incremental_sync"
    assert parameters.nearest("incremental_snyc", "3.9") is None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("role", ""),
        ("cluster_mtls", ""),
        ("cluster_ca_cert", ""),
        ("cluster_anything_new", ""),
        ("cluster_dp_labels", "node.labels"),
        ("status_listen", "node.status_port"),
        ("proxy_server", "network.proxy"),
        ("cluster_max_payload", None),
        ("cluster_fallback_config_import", None),
        ("log_level", None),
    ],
)
def test_what_konnect_tui_sets_itself_is_known_with_its_key(name: str, key: str | None) -> None:
    """All of cluster_* but payload size and fallback belongs to the product, as do role, ports and prefix."""
    assert parameters.owner(name) == key


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("pg_password", "hunter2", True),
        ("pg_password", "{vault://env/pg-password}", False),
        ("pg_password", "", False),
        ("vault_hcv_token", "s.abc", True),
        ("vault_hcv_approle_secret_id", "x", True),
        ("vault_hcv_approle_secret_id_file", "/run/secrets/id", False),
        ("ssl_cert_key", "/etc/kong/tls.key", False),
        ("ssl_cert_key", "-----BEGIN EC PRIVATE KEY-----\nx", True),
        ("ssl_cert_key", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0t", True),
        ("vault_hcv_host", "https://me:pw@vault.example", True),
        ("nginx_http_x", "kpat_abc", True),
        ("portal_token_exp", "21600", False),
        ("log_level", "info", False),
    ],
)
def test_a_secret_is_told_by_its_parameter_or_its_looks(name: str, value: str, secret: bool) -> None:
    """What a parameter takes and what a value looks like both count; a vault reference is no secret."""
    assert parameters.holds_secret(name, value) is secret


@given(st.text(max_size=60))
def test_any_name_has_an_answer(name: str) -> None:
    """No name breaks a look-up."""
    assert parameters.exists(name, "3.14") in (True, False)
    assert parameters.nearest(name, "3.14") != ""
    assert parameters.since(name) is None or parameters.until(name)
