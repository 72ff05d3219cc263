from datetime import date

import pytest

from konnect_tui.checks import check
from konnect_tui.draft import ControlPlane, Draft, Gateway, Network

TODAY = date(2026, 11, 23)
PLANE = ControlPlane(source="manual", region="eu", name="Edge", auth_mode="pinned", prefix="abc")


def faults(gateway: Gateway, today: date = TODAY) -> list[tuple[str, str, str]]:
    """Field, severity and code of every problem."""
    problems = check(Draft(control_plane=PLANE, gateway=gateway), today)
    return [(p.field, p.severity, p.code) for p in problems]


@pytest.mark.parametrize(
    "gateway",
    [
        Gateway(),
        Gateway(version="3.14"),
        Gateway(version="3.14.0.2", image="kong/kong-gateway"),
        Gateway(version="3.14", image="kong/kong-gateway:3.14"),
        Gateway(version="3.14", image="kong/kong-gateway:3.14.0.13-ubuntu"),
        Gateway(version="3.14", image="registry.example:5000/mirror/kong-gateway:3.14.0.13@sha256:" + "0" * 64),
        Gateway(image="kong/kong-gateway@sha256:" + "a" * 64),
        Gateway(image="mirror.example/kong_gw/kong--gw:my-build"),
    ],
)
def test_a_supported_release_from_any_registry_has_no_fault(gateway: Gateway) -> None:
    """Short and full versions, tags, flavours, digests and mirrors are taken."""
    assert faults(gateway) == []


@pytest.mark.parametrize("version", ["3.99", "3.3", "3.3.1.1", "latest", "3.14.0", ""])
def test_an_unknown_version_is_an_error(version: str) -> None:
    """A release nobody knows, or no version at all, stops the run."""
    assert faults(Gateway(version=version)) == [("gateway.version", "error", "unknown-version")]


@pytest.mark.parametrize(
    ("version", "severity", "code"),
    [
        ("3.14.0.99", "note", "newer-version"),
        ("3.16.0.0", "note", "newer-version"),
        ("3.12", "warning", "sunset-version"),
        ("3.4.3.29", "warning", "sunset-version"),
        ("3.8", "warning", "ended-version"),
    ],
)
def test_support_is_told_and_does_not_stop_the_run(version: str, severity: str, code: str) -> None:
    """Newer versions are noted; past full support and past all support are warnings."""
    assert faults(Gateway(version=version)) == [("gateway.version", severity, code)]


def test_support_depends_on_the_day() -> None:
    """What is fine today is a warning when its support has ended."""
    assert faults(Gateway(version="3.15"), date(2027, 7, 3)) == [("gateway.version", "warning", "sunset-version")]
    assert faults(Gateway(), date(2099, 1, 1)) == []


@pytest.mark.parametrize(
    "image",
    [
        "",
        "Kong/Gateway",
        "kong/kong-gateway:",
        "kong gateway",
        "kong/kong-gateway@sha256:12",
        "-x",
        "a" * 600,
        "x\ny",
        "kong/;rm",
    ],
)
def test_what_is_no_image_is_an_error(image: str) -> None:
    """An image is a reference as Docker reads it, so that it can go into commands."""
    assert faults(Gateway(image=image)) == [("gateway.image", "error", "invalid-value")]


@pytest.mark.parametrize(
    "gateway",
    [
        Gateway(version="3.14", image="kong/kong-gateway:3.10"),
        Gateway(version="3.14.0.2", image="kong/kong-gateway:3.14.0.13-debian"),
        Gateway(image="kong:3.14"),
        Gateway(image="docker.io/library/kong"),
    ],
)
def test_an_image_that_does_not_fit_is_a_warning(gateway: Gateway) -> None:
    """A tag of another version, and the open source image, which has no Konnect mode, are told."""
    assert ("gateway.image", "warning", "image-mismatch") in faults(gateway)


@pytest.mark.parametrize(
    ("network", "field"),
    [
        (Network(proxy="http://proxy.example:3128"), "network.proxy"),
        (Network(proxy_user="me"), "network.proxy_user"),
        (Network(proxy_password_file="p"), "network.proxy_password_file"),
        (Network(proxy_ssl_verify=False), "network.proxy_ssl_verify"),
    ],
)
def test_a_proxy_is_never_ignored_in_silence(network: Network, field: str) -> None:
    """Every key of the forward proxy says that this release does not have it yet."""
    problems = check(Draft(control_plane=PLANE, network=network), TODAY)
    assert [(p.field, p.severity, p.code) for p in problems] == [(field, "error", "not-available-yet")]
