"""Which proxy, how long to wait, what an error says: the parts of the client that need no network."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.konnect.patience import PATIENCE, TRIES, Outcome, seconds, wait
from konnect_tui.konnect.pem import fingerprints
from konnect_tui.konnect.proxies import proxy_for
from konnect_tui.konnect.refusals import read, refusal
from konnect_tui.secret import Secret

NOW = datetime(2026, 8, 21, 12, 0, tzinfo=UTC)
API = "https://eu.api.konghq.com/v2/control-planes"


@given(st.integers(0, 999), st.text(), st.integers(1, 10), st.floats(0, 1), st.booleans())
def test_waiting_always_ends(status: int, retry_after: str, tried: int, chance: float, fresh: bool) -> None:
    """However a request fails, there are at most four tries and an end to waiting."""
    found = wait(Outcome(status, "", retry_after), tried=tried, spent=0, now=NOW, chance=chance, fresh=fresh)
    assert found is None or (tried < TRIES and 0 <= found.seconds <= PATIENCE)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0", 0),
        (" 12 ", 12),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), 0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1e9", None),
        ("²", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(written: str, expected: float | None) -> None:
    """Both forms of RFC 9110 are understood; anything else is as good as nothing."""
    assert seconds(written, NOW) == expected


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128"),
        ({"https_proxy": "proxy:3128", "HTTPS_PROXY": "http://other:1"}, "http://proxy:3128"),
        ({"https_proxy": "https://proxy"}, "https://proxy:443"),
        ({"https_proxy": "http://[::1]:8080/"}, "http://[::1]:8080"),
        ({"http_proxy": "http://proxy:3128", "ALL_PROXY": "http://proxy:3128"}, None),
        ({"https_proxy": "http://p:1", "no_proxy": "*"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "other, .konghq.com"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "KONGHQ.com"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "*.konghq.com"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "eu.api.konghq.com:443"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "eu.api.konghq.com:8443 ghq.com"}, "http://p:1"),
        ({"https_proxy": "http://p:1", "NO_PROXY": "10.0.0.0/8,,"}, "http://p:1"),
    ],
)
def test_which_proxy_leads_out(environ: dict[str, str], url: str | None) -> None:
    """HTTPS_PROXY and NO_PROXY mean what they mean to curl, in either case."""
    found = proxy_for(API, environ)
    assert (found.url if found else None) == url


@pytest.mark.parametrize(
    ("no_proxy", "direct"), [("10.0.0.0/8", True), ("10.1.2.3", True), ("10.1.2.3:8443", True), ("10.2.0.0/16", False)]
)
def test_addresses_without_a_proxy(no_proxy: str, direct: bool) -> None:
    """NO_PROXY may name addresses and blocks of them."""
    environ = {"https_proxy": "http://p:1", "no_proxy": no_proxy}
    assert (proxy_for("https://10.1.2.3:8443/v2", environ) is None) == direct


def test_a_proxys_password_is_decoded_and_hidden() -> None:
    """User and password are percent-decoded, and no representation shows them."""
    found = proxy_for(API, {"https_proxy": "http://j%40ne:p%3Ass@proxy:3128"})
    assert found is not None
    assert found.credentials == Secret(b"Basic akBuZTpwOnNz")
    assert "akBuZTpwOnNz" not in repr(found)
    assert found.url == "http://proxy:3128"


@given(st.integers(400, 599), st.binary() | st.sampled_from((b"{}", b"[]", b"null", b'{"detail": 7, "details": [1]}')))
def test_any_refusal_is_an_error_of_ours(status: int, body: bytes) -> None:
    """Whatever stands in the body of an error, it becomes words that can be shown."""
    fault = refusal(status, body, "list the control planes")
    assert fault.message.isprintable()
    assert fault.exit_code in (1, 2, 4)


@pytest.mark.parametrize(
    ("body", "words", "trace"),
    [
        (
            b'{"status":409,"title":"Conflict","instance":"konnect:trace:1","detail":"Taken."}',
            "Taken",
            "konnect:trace:1",
        ),
        (b'{"message":"Unauthorized"}', "Unauthorized", ""),
        (
            b'{"code":7,"message":"operation not permitted on KIC cluster","details":[]}',
            "operation not permitted on KIC",
            "",
        ),
        (b"<html>", "", ""),
    ],
)
def test_four_shapes_of_an_error(body: bytes, words: str, trace: str) -> None:
    """problem+json, a bare message, the gateway's shape and anything else give their words and the trace id."""
    said = read(body)
    assert said.words.startswith(words)
    assert said.trace == trace


def test_fingerprints_do_not_depend_on_line_ends() -> None:
    """The same certificate has the same fingerprint however its lines are broken and whatever stands around it."""
    lines = ["subject=CN=x", "-----BEGIN CERTIFICATE-----", "AAEC", "AwQ=", "-----END CERTIFICATE-----", ""]
    unix, windows = "\n".join(lines), "\r\n".join(lines[1:])
    assert fingerprints(unix) == fingerprints(windows) != ()
    assert fingerprints("no certificate") == fingerprints(unix.replace("AAEC", "!!!!")) == ()


def test_every_certificate_of_an_entry_has_its_fingerprint() -> None:
    """Of several certificates in one text each counts, and one that is cut off hides no other."""
    one, two = (f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n" for body in ("AAEC", "AwQ="))
    assert fingerprints(one + "between\n" + two) == (*fingerprints(one), *fingerprints(two))
    assert fingerprints("-----BEGIN CERTIFICATE-----\nAAAA\n" + two) == fingerprints(two)


def test_whatever_an_entry_holds_has_no_fingerprint_at_once() -> None:
    """Konnect keeps any text: what has letters outside ASCII or beginnings without an end is none, at no cost."""
    begun = time.perf_counter()
    for text in (
        "-----BEGIN CERTIFICATE-----\n" * 20_000,
        "-----BEGIN CERTIFICATE-----\né\n-----END CERTIFICATE-----\n",
    ):
        assert fingerprints(text) == ()
    assert time.perf_counter() - begun < 1
