import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from konnect_tui.konnect.understand import Understanding, endpoints, region_of, understand

CP, TP = "0123456789.us.cp0.konghq.com", "0123456789.us.tp0.konghq.com"
NEW_CP, NEW_TP = "0123456789.us.cp.konghq.com", "0123456789.us.tp.konghq.com"
PEM = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\nshortlast\n-----END PRIVATE KEY-----"

DOCKER = f"""docker run -d \\
  -e "KONG_ROLE=data_plane" \\
  -e "KONG_CLUSTER_MTLS=pki" \\
  -e "KONG_CLUSTER_CONTROL_PLANE={CP}:443" \\
  -e "KONG_CLUSTER_SERVER_NAME={CP}" \\
  -e "KONG_CLUSTER_TELEMETRY_ENDPOINT={TP}:443" \\
  -e "KONG_CLUSTER_TELEMETRY_SERVER_NAME={TP}" \\
  -e "KONG_CLUSTER_CERT_KEY={PEM}" \\
  kong/kong-gateway:3.14"""
KONG_CONF = f"cluster_control_plane = {CP}:443\ncluster_telemetry_endpoint = {TP}:443\n"
YAML = f"env:\n  cluster_control_plane: {CP}:443\n  cluster_telemetry_endpoint: '{TP}:443'\n"
MANIFEST = f"""- name: KONG_CLUSTER_CONTROL_PLANE
  value: "{CP}:443"
- name: KONG_CLUSTER_TELEMETRY_ENDPOINT
  value: {TP}:443
"""
JSON = f'{{"config": {{"control_plane_endpoint": "https:\\/\\/{CP}", "telemetry_endpoint": "https:\\/\\/{TP}"}}}}'
POWERSHELL = f"$env:KONG_CLUSTER_CONTROL_PLANE = '{CP}:443'\n$env:KONG_CLUSTER_TELEMETRY_ENDPOINT = '{TP}:443'"
WORDS = f"Control plane endpoint: https://{CP}\nTelemetry endpoint: https://{TP}\n"


def hosts(found: Understanding) -> tuple[str | None, str | None]:
    """The addresses of both connections."""
    config, telemetry = found.endpoint, found.telemetry_endpoint
    return config.address if config else None, telemetry.address if telemetry else None


def codes(found: Understanding) -> list[str]:
    """The codes of all problems."""
    return [problem.code for problem in found.problems]


@pytest.mark.parametrize(
    "text",
    [
        DOCKER,
        KONG_CONF,
        YAML,
        MANIFEST,
        JSON,
        POWERSHELL,
        WORDS,
        f"{CP}\n{TP}",
        f"{TP} {CP}",
        f"https://{CP}/, https://{TP}/",
    ],
)
def test_both_endpoints_are_found_however_they_were_copied(text: str) -> None:
    """Commands, configuration files, manifests, JSON and plain lines all give both endpoints as given, not derived."""
    found = understand(text)
    assert hosts(found) == (f"{CP}:443", f"{TP}:443")
    assert found.endpoint is not None
    assert found.telemetry_endpoint is not None
    assert (found.region, found.prefix) == ("us", "0123456789")
    assert (found.endpoint.derived, found.telemetry_endpoint.derived) == (False, False)
    assert found.complete


@pytest.mark.parametrize(
    ("text", "config", "telemetry", "derived"),
    [
        (CP, f"{CP}:443", f"{TP}:443", (False, True)),
        (f"https://{CP.upper()}:443/", f"{CP}:443", f"{TP}:443", (False, True)),
        (TP, f"{CP}:443", f"{TP}:443", (True, False)),
        (f"cluster_control_plane={TP}:443", f"{CP}:443", f"{TP}:443", (True, False)),
        ("us.svc.konghq.com/cp/abc", "us.svc.konghq.com:443/cp/abc", "us.svc.konghq.com:443/tp/abc", (False, True)),
        ("ap.svc.konghq.com:443/tp/abc", "ap.svc.konghq.com:443/cp/abc", "ap.svc.konghq.com:443/tp/abc", (True, False)),
    ],
)
def test_one_endpoint_is_enough(text: str, config: str, telemetry: str, derived: tuple[bool, bool]) -> None:
    """From either endpoint the other is worked out, and marked as derived."""
    found = understand(text)
    assert hosts(found) == (config, telemetry)
    assert found.endpoint is not None
    assert found.telemetry_endpoint is not None
    assert (found.endpoint.derived, found.telemetry_endpoint.derived) == derived


def test_a_prefix_waits_for_its_region() -> None:
    """A prefix alone is kept and asks for the region; with one, both hosts are derived."""
    waiting = understand("ABCDEF0123")
    assert (waiting.prefix, hosts(waiting), codes(waiting)) == ("abcdef0123", (None, None), ["region-needed"])
    complete = understand("ABCDEF0123", "eu")
    assert hosts(complete) == ("abcdef0123.eu.cp.konghq.com:443", "abcdef0123.eu.tp.konghq.com:443")
    assert complete.endpoint is not None
    assert complete.endpoint.derived
    assert hosts(understand("my-cp", "EU")) == (None, None)


def test_server_names_of_their_own_are_kept() -> None:
    """A server name that differs from the host is kept, one that equals it is left to the default."""
    found = understand(
        f"cluster_control_plane={CP}:443\ncluster_server_name=proxy.example\ncluster_telemetry_server_name={TP}"
    )
    assert found.endpoint is not None
    assert found.telemetry_endpoint is not None
    assert found.endpoint.sni == "proxy.example"
    assert found.telemetry_endpoint.server_name == ""


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("", "bad-endpoint", "Nothing"),
        ("   ", "bad-endpoint", "Nothing"),
        ("x" * 100_000, "bad-endpoint", "far more"),
        ("http://a.us.cp.konghq.com", "bad-endpoint", "TLS"),
        (f"https://me:pw@{CP}", "bad-endpoint", "user name"),
        ("4f6a1c2e-0000-4000-8000-0123456789ab", "bad-endpoint", "id"),
        ("Hello", "bad-endpoint", "neither"),
        ("hello there", "bad-endpoint", "No address"),
        ("us.api.konghq.com", "wrong-endpoint", "not one that"),
        (f"{CP} other.us.cp0.konghq.com", "bad-endpoint", "several"),
        ("a.example b.example c.example", "bad-endpoint", "more than two"),
        (f"{CP} 0123456789.eu.tp0.konghq.com", "region-mismatch", "region eu"),
        (f"{CP} 9876543210.us.tp0.konghq.com", "endpoints-differ", "9876543210"),
        ("cp.example:8005", "not-a-konnect-host", "cp.example"),
        ("10.0.0.1", "not-a-konnect-host", "10.0.0.1"),
    ],
)
def test_what_cannot_be_right_is_said(text: str, code: str, word: str) -> None:
    """Every paste that is wrong or doubtful has a problem with the reason in words."""
    problems = understand(text).problems
    assert code in {problem.code for problem in problems}
    assert word in " ".join(problem.message for problem in problems)


def test_a_host_outside_konnect_needs_both_endpoints() -> None:
    """Nothing is worked out for other hosts: one alone is incomplete, two are taken in their order with a warning."""
    assert codes(understand("cp.example:8005")) == ["not-a-konnect-host", "telemetry-endpoint-missing"]
    both = understand("cp.example:8005\ntp.example:8006")
    assert hosts(both) == ("cp.example:8005", "tp.example:8006")
    assert both.complete


@pytest.mark.parametrize(
    "secret",
    [
        PEM,
        PEM.replace("\n", "\\n"),
        PEM.split("-----END", maxsplit=1)[0],
        "kpat_AbC123",
        "spat_x9",
        "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0t",
    ],
)
def test_a_secret_in_the_paste_is_said_and_not_kept(secret: str) -> None:
    """Keys and tokens are told, never repeated, and what else stands in the text is still understood."""
    found = understand(f"{CP}\n{secret}")
    shown = repr(found)
    assert "secret-in-paste" in codes(found)
    assert hosts(found)[0] == f"{CP}:443"
    for part in ("MIGH", "shortlast", "AbC123", "x9", "LS0t"):
        assert part not in shown


@given(st.text(max_size=200), st.text("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ+/=", min_size=20, max_size=60))
@example("https://", "a" * 20)
def test_no_paste_breaks_it_or_brings_a_secret_back(text: str, body: str) -> None:
    """Whatever surrounds a private key or token, understanding neither fails nor shows any of it."""
    pasted = f"{text}\n-----BEGIN EC PRIVATE KEY-----\n{body}\n-----END EC PRIVATE KEY-----\nkpat_{body}\n{text}"
    assert body not in repr(understand(pasted))


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@given(LABEL, st.sampled_from(["us", "eu", "au", "zz"]), st.sampled_from(["", "0"]), st.booleans(), st.booleans())
def test_what_was_understood_comes_back_from_the_answers(
    prefix: str, region: str, generation: str, telemetry: bool, private: bool
) -> None:
    """The section made of a paste leads to the same two endpoints, and to the same region."""
    link = "tp" if telemetry else "cp"
    host = f"{region}.svc.konghq.com/{link}/{prefix}" if private else f"{prefix}.{region}.{link}{generation}.konghq.com"
    found = understand(host)
    section = found.section()
    config, other = endpoints(section)
    assert (config.address, other.address) == hosts(found)
    assert region_of(section) == found.region
    assert hosts(understand(f"{config.url}\n{other.url}")) == hosts(found)


def test_endpoints_need_enough_to_work_with() -> None:
    """A section that says too little is refused, not guessed at."""
    with pytest.raises(ValueError, match="prefix"):
        endpoints(understand("my-cp").section())
