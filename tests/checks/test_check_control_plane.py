from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from konnect_tui.checks import check
from konnect_tui.draft import ControlPlane, Draft
from konnect_tui.errors import Problem
from konnect_tui.words import deceptive

TODAY = date(2026, 11, 23)
CP = "https://0123456789.eu.cp.konghq.com"
GOOD = ControlPlane(source="manual", region="eu", name="Edge Europe", auth_mode="pinned", prefix="0123456789")
HOST = replace(GOOD, prefix=None, endpoint=CP)
LIVE = replace(GOOD, source="konnect", prefix=None)
ID = "7f9fd312-a987-4628-b4c5-bb4f4fddd5f7"


def faults(section: ControlPlane) -> list[tuple[str, str, str]]:
    """Field, severity and code of every problem."""
    return [
        (p.field.removeprefix("control_plane."), p.severity, p.code) for p in check(Draft(control_plane=section), TODAY)
    ]


def only(section: ControlPlane) -> Problem:
    """The one problem there is."""
    (problem,) = check(Draft(control_plane=section), TODAY)
    return problem


@pytest.mark.parametrize(
    "section",
    [
        GOOD,
        HOST,
        LIVE,
        replace(LIVE, id=ID.upper(), create=False),
        replace(LIVE, region="sg"),
        replace(LIVE, region="zz"),
        replace(LIVE, create=True, trusted_ca="/etc/ca.pem", server_name="proxy.example"),
        replace(HOST, region=None),
        replace(HOST, telemetry_endpoint="https://0123456789.eu.tp.konghq.com:443"),
        replace(GOOD, auth_mode="pki", create=False),
        replace(GOOD, server_name="proxy.example", telemetry_server_name="Proxy.Example", trusted_ca="/etc/ca.pem"),
        replace(HOST, region="au", endpoint="https://ap.svc.konghq.com/cp/abc"),
        replace(HOST, region=None, endpoint="us.svc.konghq.com/cp/abc"),
        replace(HOST, endpoint="https://acfe5f253f.cp.konghq.com"),
        replace(GOOD, name="[/x] \x1b[31m\n\u202e💥"),
    ],
)
def test_a_control_plane_that_can_be_reached_has_no_fault(section: ControlPlane) -> None:
    """Prefix, endpoint, PrivateLink and a name of any characters are all fine."""
    assert faults(section) == []


@pytest.mark.parametrize(
    ("section", "field", "code"),
    [
        (replace(GOOD, source=None), "source", "missing-key"),
        (replace(GOOD, source="offline"), "source", "unknown-value"),
        (replace(GOOD, name=None), "name", "missing-key"),
        (replace(GOOD, name="x"), "name", "out-of-range"),
        (replace(GOOD, name="x" * 257), "name", "out-of-range"),
        (replace(GOOD, name="a\0b"), "name", "invalid-value"),
        (replace(GOOD, name="a\ud800"), "name", "invalid-value"),
        (replace(GOOD, auth_mode=None), "auth_mode", "missing-key"),
        (replace(GOOD, auth_mode="pkl"), "auth_mode", "unknown-value"),
        (replace(GOOD, region=None), "region", "missing-key"),
        (replace(GOOD, region="EU"), "region", "unknown-value"),
        (replace(GOOD, region="europe"), "region", "unknown-value"),
        (replace(HOST, region=None, endpoint="https://acfe5f253f.cp.konghq.com"), "region", "missing-key"),
        (replace(GOOD, prefix=None), "endpoint", "missing-key"),
        (replace(GOOD, prefix="Up.Case"), "prefix", "bad-endpoint"),
        (replace(GOOD, prefix=""), "prefix", "bad-endpoint"),
        (replace(GOOD, endpoint=CP), "prefix", "conflicting-values"),
        (replace(GOOD, id="4f6a1c2e"), "id", "not-applicable"),
        (replace(GOOD, create=True), "create", "not-applicable"),
        (replace(HOST, endpoint="http://0123456789.eu.cp.konghq.com"), "endpoint", "bad-endpoint"),
        (replace(HOST, endpoint="https://me:pw@0123456789.eu.cp.konghq.com"), "endpoint", "bad-endpoint"),
        (replace(HOST, endpoint="https://0123456789.eu.tp.konghq.com"), "endpoint", "wrong-endpoint"),
        (replace(HOST, endpoint="https://eu.api.konghq.com"), "endpoint", "wrong-endpoint"),
        (replace(HOST, telemetry_endpoint="x y"), "telemetry_endpoint", "bad-endpoint"),
        (replace(HOST, telemetry_endpoint=CP), "telemetry_endpoint", "wrong-endpoint"),
        (replace(HOST, region="us"), "endpoint", "region-mismatch"),
        (replace(HOST, region="au", endpoint="https://us.svc.konghq.com/cp/abc"), "endpoint", "region-mismatch"),
        (
            replace(HOST, telemetry_endpoint="https://0123456789.us.tp.konghq.com"),
            "telemetry_endpoint",
            "region-mismatch",
        ),
        (
            replace(GOOD, telemetry_endpoint="https://0123456789.us.tp.konghq.com"),
            "telemetry_endpoint",
            "region-mismatch",
        ),
        (replace(HOST, endpoint="https://cp.example:8005"), "telemetry_endpoint", "telemetry-endpoint-missing"),
        (replace(GOOD, server_name="not a name"), "server_name", "invalid-value"),
        (replace(GOOD, telemetry_server_name=""), "telemetry_server_name", "invalid-value"),
        (replace(GOOD, trusted_ca=""), "trusted_ca", "invalid-value"),
        (replace(GOOD, source="konnect"), "prefix", "not-applicable"),
        (replace(LIVE, endpoint=CP), "endpoint", "not-applicable"),
        (replace(LIVE, region=None, endpoint=CP), "region", "missing-key"),
        (replace(LIVE, telemetry_endpoint=CP), "telemetry_endpoint", "not-applicable"),
        (replace(LIVE, region=None), "region", "missing-key"),
        (replace(LIVE, name=None), "name", "missing-key"),
        (replace(LIVE, auth_mode=None), "auth_mode", "missing-key"),
        (replace(LIVE, id="../organizations"), "id", "invalid-value"),
        (replace(LIVE, id=ID, create=True), "create", "conflicting-values"),
        (replace(GOOD, source="training"), "prefix", "not-applicable"),
        (replace(LIVE, source="training", endpoint=CP), "endpoint", "not-applicable"),
    ],
)
def test_every_fault_of_a_control_plane_is_an_error_at_its_key(section: ControlPlane, field: str, code: str) -> None:
    """The problem stands at the key that is wrong, and stops the run."""
    assert (field, "error", code) in faults(section)


@pytest.mark.parametrize(
    ("section", "field", "severity", "code"),
    [
        (replace(GOOD, region="sg"), "region", "note", "region-opt-in"),
        (replace(GOOD, region="zz"), "region", "note", "unlisted-region"),
        (replace(GOOD, region="ap"), "region", "note", "unlisted-region"),
        (
            replace(
                HOST, region=None, endpoint="https://cp.example:8005", telemetry_endpoint="https://cp.example:8006"
            ),
            "endpoint",
            "warning",
            "not-a-konnect-host",
        ),
        (
            replace(HOST, telemetry_endpoint="https://9876543210.eu.tp.konghq.com"),
            "telemetry_endpoint",
            "warning",
            "endpoints-differ",
        ),
    ],
)
def test_what_is_only_unusual_does_not_stop_the_run(
    section: ControlPlane, field: str, severity: str, code: str
) -> None:
    """Unlisted regions, other hosts and differing prefixes are told and let through."""
    found = faults(section)
    assert (field, severity, code) in found
    assert "error" not in {severity for _, severity, _ in found}


def test_the_cure_is_named() -> None:
    """A wrong case, a misspelt choice and a swapped host come with the right value."""
    assert "`eu`" in only(replace(GOOD, region="EU")).hint
    assert "`au`" in only(replace(GOOD, region="ap")).hint
    assert "`pki`" in only(replace(GOOD, auth_mode="pkl")).hint
    swapped = only(replace(HOST, endpoint="https://0123456789.eu.tp.konghq.com", telemetry_endpoint=None))
    assert "https://0123456789.eu.cp.konghq.com" in swapped.hint


@given(st.text(max_size=300), st.text(max_size=20), st.text(max_size=60))
def test_any_text_is_judged_and_none_of_it_reaches_a_terminal_raw(name: str, region: str, endpoint: str) -> None:
    """Whatever stands in the answers, the check ends, and what it says holds no control character."""
    section = replace(
        GOOD, name=name, region=region, prefix=None, endpoint=endpoint, source=region, server_name=endpoint
    )
    for problem in check(Draft(control_plane=section), TODAY):
        assert not any(deceptive(character) for character in problem.field + problem.message + problem.hint)


@pytest.mark.parametrize(
    ("telemetry", "severity", "code"),
    [
        ("https://0123456789.eu.cp.konghq.com", "error", "wrong-endpoint"),
        ("https://abc.eu.tp.konghq.com", "warning", "endpoints-differ"),
        ("https://telemetry.example", "warning", "not-a-konnect-host"),
        ("https://0123456789.eu.tp.konghq.com", None, None),
    ],
)
def test_a_telemetry_endpoint_is_held_against_the_prefix(
    telemetry: str, severity: str | None, code: str | None
) -> None:
    """Beside a prefix a telemetry endpoint is judged as beside an endpoint."""
    expected = [] if severity is None else [("telemetry_endpoint", severity, code)]
    assert faults(replace(GOOD, telemetry_endpoint=telemetry)) == expected
