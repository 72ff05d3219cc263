"""A node always gets the complete set of parameters, and each exists in the version it runs."""

import pytest
import samples
from msgspec.structs import replace

from konnect_tui.gateway import parameters
from konnect_tui.gateway.releases import RELEASES
from konnect_tui.gateway.settings import (
    CONTAINER,
    CONTAINER_LOGS,
    EVERYWHERE,
    Places,
    container_ports,
    settings,
)

HOST_PLACES = Places(
    certificate="/etc/kong/konnect/tls.crt",
    key="/etc/kong/konnect/tls.key",
    trust="/etc/kong/konnect/control-plane-ca.crt",
    prefix="/usr/local/kong",
)
PINNED = samples.pinned()
PKI = samples.pki()


def of(plan, index=0, places=HOST_PLACES, **given):
    """The settings of one node of the plan, on its own ports unless others are given."""
    node = plan.nodes[index]
    return settings(plan, node, places, **{"ports": node.ports, **given})


def test_the_set_is_complete():
    """Everything the data plane reference asks for is written, also where a default exists."""
    assert of(PINNED) == {
        "role": "data_plane",
        "database": "off",
        "konnect_mode": "on",
        "cluster_mtls": "pki",
        "cluster_control_plane": f"{samples.HOST}:443",
        "cluster_server_name": samples.HOST,
        "cluster_telemetry_endpoint": f"{samples.TELEMETRY_HOST}:443",
        "cluster_telemetry_server_name": samples.TELEMETRY_HOST,
        "cluster_cert": "/etc/kong/konnect/tls.crt",
        "cluster_cert_key": "/etc/kong/konnect/tls.key",
        "lua_ssl_trusted_certificate": "system",
        "cluster_dp_labels": "node:edge-1",
        "router_flavor": "expressions",
        "prefix": "/usr/local/kong",
        "admin_listen": "off",
        "proxy_listen": "0.0.0.0:8000 reuseport backlog=16384, 0.0.0.0:8443 http2 ssl reuseport backlog=16384",
        "status_listen": "127.0.0.1:8100",
    }


@pytest.mark.parametrize("release", [release.latest for release in RELEASES])
@pytest.mark.parametrize("plan", [PINNED, PKI], ids=["pinned", "pki"])
def test_every_parameter_exists_in_the_version(plan, release):
    """No release is given a parameter it does not know; vitals only where it exists."""
    found = of(replace(plan, version=release), extra=CONTAINER_LOGS, published=(80, 443, 1))
    assert [name for name in found if not parameters.exists(name, release)] == []
    assert ("vitals" in found) == parameters.exists("vitals", release)


def test_what_it_sets_nobody_else_can_set():
    """What the product decides is refused in the answers, so that no second value can meet it."""
    mine = [name for name in of(PKI, published=(1, 2, 3)) if name not in dict(PKI.parameters)]
    yours = {"router_flavor"}
    assert [name for name in mine if parameters.owner(name) is None and name not in yours] == []


def test_a_trust_file_is_the_only_trust():
    """With a CA of its own the control plane is trusted by that alone, not by the system's CAs too."""
    assert of(PKI)["lua_ssl_trusted_certificate"] == "/etc/kong/konnect/control-plane-ca.crt"
    assert of(PKI, places=CONTAINER)["lua_ssl_trusted_certificate"] == "/konnect/trust/control-plane-ca.crt"


def test_endpoints_keep_port_and_path():
    """A PrivateLink address keeps its path; the port is always written."""
    found = of(PKI)
    assert found["cluster_control_plane"] == "eu.svc.konghq.com:443/cp/0123456789"
    assert found["cluster_telemetry_endpoint"] == "eu.svc.konghq.com:443/tp/0123456789"
    assert found["cluster_server_name"] == found["cluster_telemetry_server_name"] == "eu.svc.konghq.com"


def test_the_operators_parameters_win():
    """What the operator wrote comes last and as it was written, also against a choice of ours."""
    plan = replace(PKI, parameters=(("router_flavor", "traditional_compatible"), ("proxy_access_log", "off")))
    found = of(plan, extra=CONTAINER_LOGS)
    assert (found["router_flavor"], found["proxy_access_log"]) == ("traditional_compatible", "off")
    assert of(PKI)["nginx_http_log_format"] == dict(PKI.parameters)["nginx_http_log_format"]


def test_stream_ports_are_listened_on():
    """Stream ports get a stream_listen of their own; without them there is none."""
    assert of(PKI)["stream_listen"] == "0.0.0.0:9000 reuseport backlog=16384"
    assert "stream_listen" not in of(PINNED)


def test_kong_learns_the_ports_that_clients_use():
    """Where a forwarder changes a port, Kong is told, so that X-Forwarded-Port is right; else nothing is said."""
    assert of(PKI, ports=(8000, 8443, 8100, 9000), published=(80, 8443, 8101, 9001))["port_maps"] == "80:8000"
    assert "port_maps" not in of(PKI, published=PKI.nodes[0].ports)


def test_an_ipv6_address_is_bracketed():
    """An IPv6 address is written as Kong reads it."""
    found = of(PINNED, address="::1", status_address="::1")
    assert found["proxy_listen"].startswith("[::1]:8000 ")
    assert found["status_listen"] == "[::1]:8100"


def test_a_stream_port_keeps_its_number_in_a_container():
    """Routes name stream ports, so these stay as they are and Kong's own ports make way."""
    node = samples.node("edge-1", stream=(8000, 8444))
    assert container_ports(node) == (8001, 8443, 8100, 8000, 8444)
    assert container_ports(PINNED.nodes[1]) == (8000, 8443, 8100)


def test_the_listening_address_is_everywhere_unless_said():
    """A gateway is there to be reached; its status is not."""
    assert of(PINNED, address=EVERYWHERE) == of(PINNED)
