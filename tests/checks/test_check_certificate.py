from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from konnect_tui.checks import check
from konnect_tui.draft import Certificate, ControlPlane, Draft, Node

TODAY = date(2026, 11, 23)
PINNED = Draft(control_plane=ControlPlane(source="manual", region="eu", name="Edge", auth_mode="pinned", prefix="abc"))
PKI = replace(PINNED, control_plane=replace(PINNED.control_plane, auth_mode="pki"))


def faults(draft: Draft, section: Certificate, today: date = TODAY) -> list[tuple[str, str, str]]:
    """Field, severity and code of every problem."""
    problems = check(replace(draft, certificate=section), today)
    return [(p.field.removeprefix("certificate."), p.severity, p.code) for p in problems]


@pytest.mark.parametrize(
    "section",
    [
        Certificate(),
        Certificate(source="generate", per="bundle", key="rsa-4096", custody="bundle"),
        Certificate(years=1),
        Certificate(years=10),
        Certificate(days=31),
        Certificate(not_after=date(2027, 3, 31)),
        Certificate(not_after=datetime(2027, 3, 31, 12, tzinfo=timezone(timedelta(hours=2)))),
        Certificate(
            common_name="edge.example", organization="Ümläut & Söhne", organizational_unit="x" * 64, country="DE"
        ),
        Certificate(
            sans=(
                "edge.example",
                "*.edge.example",
                "10.0.0.1",
                "fe80::1",
                "DNS:a.example",
                "ip:::1",
                "URI:spiffe://x/y",
                "email:a@b.example",
            )
        ),
        Certificate(intermediates=0),
        Certificate(source="issue", ca_certificate="/ca.crt", ca_key_file="/ca.key", chain="/root.crt", years=2),
        Certificate(source="import", certificate="/edge.p12", passphrase_file="/pass"),
        Certificate(source="csr", common_name="edge", sans=("edge.example",), signed=("/signed",)),
    ],
)
def test_what_a_certificate_can_say_has_no_fault(section: Certificate) -> None:
    """Every documented choice is taken, in either mode."""
    assert faults(PINNED, section) == []
    assert faults(PKI, section) == []


@pytest.mark.parametrize(
    "section",
    [
        Certificate(intermediates=2, upload="intermediate", ca_key="encrypted", ca_passphrase_file="/run/pass"),
        Certificate(upload="root", ca_key="discard"),
    ],
)
def test_a_chain_made_here_has_no_fault(section: Certificate) -> None:
    """PKI takes intermediates, a choice of what is uploaded, and what becomes of the CA's key."""
    assert faults(PKI, section) == []


@pytest.mark.parametrize(
    ("section", "field", "code"),
    [
        (Certificate(source="make"), "source", "unknown-value"),
        (Certificate(source="issue"), "ca_certificate", "missing-key"),
        (Certificate(source="issue", ca_certificate="/ca.crt", ca_key="plain"), "ca_key", "not-applicable"),
        (Certificate(source="issue", ca_certificate="/ca.crt", signed=("/a",)), "signed", "not-applicable"),
        (Certificate(source="import"), "certificate", "missing-key"),
        (Certificate(source="import", certificate="/a", years=1), "years", "not-applicable"),
        (Certificate(source="import", certificate=" "), "certificate", "invalid-value"),
        (Certificate(source="csr", certificate="/a"), "certificate", "not-applicable"),
        (Certificate(source="csr", intermediates=1), "intermediates", "not-applicable"),
        (Certificate(source="csr", signed=("/a", "")), "signed[1]", "invalid-value"),
        (Certificate(per="host"), "per", "unknown-value"),
        (Certificate(key="ed25519"), "key", "unknown-value"),
        (Certificate(custody="external"), "custody", "not-available-yet"),
        (Certificate(custody="vault"), "custody", "unknown-value"),
        (Certificate(years=1, days=10), "days", "conflicting-values"),
        (Certificate(days=1, not_after=date(2027, 1, 1)), "not_after", "conflicting-values"),
        (Certificate(years=0), "years", "out-of-range"),
        (Certificate(years=-1), "years", "out-of-range"),
        (Certificate(years=8000), "years", "out-of-range"),
        (Certificate(years=10**30), "years", "out-of-range"),
        (Certificate(days=0), "days", "out-of-range"),
        (Certificate(days=10**9), "days", "out-of-range"),
        (Certificate(not_after=date(2026, 11, 22)), "not_after", "past-end"),
        (Certificate(not_after=datetime(2026, 11, 22, 23, 59, tzinfo=UTC)), "not_after", "past-end"),
        (Certificate(not_after=datetime(2027, 1, 1)), "not_after", "invalid-value"),  # noqa: DTZ001 -- that is the fault
        (
            Certificate(not_after=datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-9)))),
            "not_after",
            "out-of-range",
        ),
        (Certificate(common_name=""), "common_name", "out-of-range"),
        (Certificate(common_name="a\0"), "common_name", "invalid-value"),
        (Certificate(organization="x" * 65), "organization", "out-of-range"),
        (Certificate(organizational_unit=""), "organizational_unit", "out-of-range"),
        (Certificate(country="de"), "country", "invalid-value"),
        (Certificate(country="DEU"), "country", "invalid-value"),
        (Certificate(sans=("a b",)), "sans[0]", "invalid-value"),
        (Certificate(sans=("a.example", "A.example")), "sans[1]", "duplicate"),
        (Certificate(sans=("999.1.1.1",)), "sans[0]", "invalid-value"),
        (Certificate(sans=("DNS:",)), "sans[0]", "invalid-value"),
        (Certificate(sans=("email:a",)), "sans[0]", "invalid-value"),
        (Certificate(sans=("ü.example",)), "sans[0]", "invalid-value"),
        (Certificate(sans=(":" * 100_000,)), "sans[0]", "invalid-value"),
        (Certificate(sans=tuple(f"n{number}" for number in range(101))), "sans", "out-of-range"),
        (Certificate(ca_certificate="ca.crt"), "ca_certificate", "not-applicable"),
        (Certificate(ca_key_file="ca.key"), "ca_key_file", "not-applicable"),
        (Certificate(chain="chain.pem"), "chain", "not-applicable"),
        (Certificate(certificate="tls.crt"), "certificate", "not-applicable"),
        (Certificate(private_key="tls.key"), "private_key", "not-applicable"),
        (Certificate(passphrase_file="p"), "passphrase_file", "not-applicable"),
        (Certificate(signed=("a.crt",)), "signed", "not-applicable"),
        (Certificate(intermediates=3), "intermediates", "out-of-range"),
        (Certificate(upload="leaf"), "upload", "unknown-value"),
        (Certificate(ca_key="vault"), "ca_key", "unknown-value"),
    ],
)
def test_every_fault_of_a_certificate_is_an_error_at_its_key(section: Certificate, field: str, code: str) -> None:
    """What cannot be made, or belongs to another source, is refused where it was written."""
    assert (field, "error", code) in faults(PKI, section)


@pytest.mark.parametrize(
    ("section", "field"),
    [
        (Certificate(intermediates=1), "intermediates"),
        (Certificate(upload="root"), "upload"),
        (Certificate(ca_key="plain"), "ca_key"),
        (Certificate(ca_passphrase_file="p"), "ca_passphrase_file"),
    ],
)
def test_pinned_mode_has_no_chain(section: Certificate, field: str) -> None:
    """What only a CA has is an error in pinned mode, never ignored."""
    assert faults(PINNED, section) == [(field, "error", "not-applicable")]


def test_only_an_intermediate_that_exists_can_be_uploaded() -> None:
    """Uploading the intermediate needs one to be made."""
    assert faults(PKI, Certificate(upload="intermediate")) == [("upload", "error", "conflicting-values")]


def test_a_passphrase_needs_a_key_to_encrypt() -> None:
    """A passphrase for a CA key that is discarded or stored plain is an error."""
    assert ("ca_passphrase_file", "error", "not-applicable") in faults(
        PKI, Certificate(ca_key="discard", ca_passphrase_file="p")
    )


@pytest.mark.parametrize(
    ("section", "code"),
    [
        (Certificate(days=29), "brief-life"),
        (Certificate(not_after=TODAY), "brief-life"),
        (Certificate(years=11), "long-life"),
        (Certificate(days=3654), "long-life"),
        (Certificate(ca_key="plain"), "unprotected-ca-key"),
    ],
)
def test_what_is_only_unwise_is_a_warning(section: Certificate, code: str) -> None:
    """Lives under 30 days or over 10 years, and an unencrypted CA key, are told and let through."""
    assert [(severity, found) for _, severity, found in faults(PKI, section)] == [("warning", code)]


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(9990, 1, 1), date(9999, 12, 31)])
def test_any_day_can_be_today(today: date) -> None:
    """Leap days and the end of the calendar break nothing."""
    assert faults(PINNED, Certificate(years=1), today) is not None
    assert faults(PINNED, Certificate(days=1), today) is not None


def test_a_shortened_common_name_is_told() -> None:
    """Names over 64 bytes are cut with a hash: whoever cares is told, by default names too."""
    told = [("common_name", "note", "name-shortened")]
    assert faults(PINNED, Certificate(common_name="é" * 33)) == told
    long = replace(PINNED, control_plane=replace(PINNED.control_plane, name="x" * 57))
    assert faults(long, Certificate()) == told
    nodes = replace(PKI, node=Node(names=("n" * 60,)))
    assert faults(nodes, Certificate()) == told
    assert faults(nodes, Certificate(per="bundle")) == []
