"""The addresses of the embedded organisation are told from all others, and each has its server name."""

import pytest

from konnect_tui.konnect.address import parse
from konnect_tui.konnect.connections import endpoint
from konnect_tui.konnect.training_hosts import named, server_name, server_name_of, url


@pytest.mark.parametrize("link", ["config", "telemetry"])
def test_there_and_back(link: str) -> None:
    """What the API says leads to the server name, and that back to the control plane and the connection."""
    address = parse(url("127.0.0.1", 8791, "0123456789", link))  # type: ignore[arg-type]
    name = server_name_of(address)
    assert name == server_name("0123456789", link)  # type: ignore[arg-type]
    assert named(name) == ("0123456789", link)


def test_an_endpoint_has_its_server_name() -> None:
    """A bundle for the embedded organisation gets the right server name unless the answers give another."""
    address = parse("https://127.0.0.1:8791/cp/0123456789")
    assert endpoint(address, "", False).sni == "0123456789.cp.training.localhost"
    assert endpoint(address, "other.example", False).sni == "other.example"


@pytest.mark.parametrize(
    "written",
    [
        "https://eu.svc.konghq.com/cp/0123456789",
        "https://proxy.example/cp/0123456789",
        "https://0123456789.eu.cp.konghq.com",
        "https://127.0.0.1:8791",
        "https://127.0.0.1:8791/cp/0123456789/x",
    ],
)
def test_all_others_are_left_alone(written: str) -> None:
    """PrivateLink, proxies and Konnect itself keep their hosts as server names."""
    assert server_name_of(parse(written)) is None
    assert endpoint(parse(written), "", False).sni == parse(written).host


@pytest.mark.parametrize("name", ["", "localhost", "0123456789.cp.konghq.com", "x.0123456789.cp.training.localhost"])
def test_names_of_nobody(name: str) -> None:
    """A server name that is none of its own means no control plane."""
    assert named(name) is None
