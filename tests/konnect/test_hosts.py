"""Where a token may be sent, and where never."""

from urllib.parse import urlsplit

import pytest
import yarl
from hypothesis import example, given
from hypothesis import strategies as st

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.hosts import Hosts, hosts

HOSTILE = [
    "api.konghq.com",
    "https://",
    "https:///v2",
    "https:api.konghq.com",
    "ftp://api.konghq.com",
    "javascript://api.konghq.com",
    "file:///etc/passwd",
    "https://user@api.konghq.com",
    "https://user:kpat_secret@api.konghq.com",
    "https://api.konghq.com@evil.example",
    "https://api.konghq.com%40evil.example",
    "https://api.konghq.com\\@evil.example",
    "https://api.konghq.com\\.evil.example",
    "https://evil.example\\.api.konghq.com",
    "https://evil.example#.api.konghq.com",
    "https://evil.example?.api.konghq.com",
    "https://evil.example%2f.api.konghq.com",
    "https://evil.example%00.api.konghq.com",
    "https://api.konghq.com/%2e%2e/x",
    "https://api.konghq.com/../x",
    "https://api.konghq.com/./x",
    "https://api.konghq.com//evil.example",
    "https://api.konghq.com/a b",
    "https://api.konghq.com\r\nHost: evil.example",
    "https://api\t.konghq.com",
    "https://api.konghq.com\u202e",
    "https://\u0430pi.konghq.com",
    "https://api\u3002konghq.com",
    "https://api.\u212aonghq.com",
    "https://api.konghq.com:\uff14\uff14\uff13",
    "https://api.konghq.com:0",
    "https://api.konghq.com:65536",
    "https://api.konghq.com:443:80",
    "https://api.konghq.com:8a",
    "https://api.konghq.com:",
    "https://api..konghq.com",
    "https://.api.konghq.com",
    "https://-api.konghq.com",
    "https://api.konghq.com..",
    "https://{other}.api.konghq.com",
    "https://{region.api.konghq.com",
    "https://api.konghq.com:{region}",
    "https://[::1",
    "https://::1",
    "https://[fe80::1%25eth0]",
    "https://[::{region}]",
    "https://[evil.example]",
    "https://300.1.1.1",
    "https://1.2.3",
    "https://0x7f.1",
    "http://api.konghq.com",
    "http://{region}.api.konghq.com",
    "http://localhost:8080",
    "http://127.0.0.1.evil.example",
    "http://127.evil.example",
    "http://127.0.0.256",
    "http://127.1",
    "http://2130706433",
    "http://0177.0.0.1",
    "http://127.0.0.{region}",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://[::]",
    "http://[::2]",
    "http://[::ffff:127.0.0.1]",
    "http://[fd00::1]",
]


@pytest.mark.parametrize("written", HOSTILE)
def test_a_hostile_address_is_refused(written: str) -> None:
    """What is no plain https address, or sends a token unencrypted beyond this machine, is refused unrepeated."""
    with pytest.raises(KonnectError) as refused:
        hosts(written)
    assert (refused.value.code, refused.value.exit_code) == ("bad-api-url", 2)
    assert "kpat_secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "base", "domain"),
    [
        (None, "https://eu.api.konghq.com", "api.konghq.com"),
        ("", "https://eu.api.konghq.com", "api.konghq.com"),
        ("https://{region}.api.konghq.com/", "https://eu.api.konghq.com", "api.konghq.com"),
        (" HTTPS://{region}.API.KongHQ.com:443 ", "https://eu.api.konghq.com", "api.konghq.com"),
        ("https://{region}.api.konghq.com.", "https://eu.api.konghq.com", "api.konghq.com"),
        ("https://{region}.api.konghq.tech", "https://eu.api.konghq.tech", "{region}.api.konghq.tech"),
        ("https://api.konghq.tech", "https://api.konghq.tech", "api.konghq.tech"),
        ("https://{region}.api.konghq.com/x", "https://eu.api.konghq.com/x", "api.konghq.com"),
        ("https://region.api.konghq.com", "https://region.api.konghq.com", "region.api.konghq.com"),
        ("https://konnect-{region}.corp.example:8443/x/", "https://konnect-eu.corp.example:8443/x", None),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("https://192.0.2.7", "https://192.0.2.7", "192.0.2.7"),
        ("https://[2001:DB8::1]:9443", "https://[2001:db8::1]:9443", "[2001:db8::1]:9443"),
        ("http://127.0.0.1:80", "http://127.0.0.1", "127.0.0.1"),
        ("http://127.0.0.1:8080/{region}", "http://127.0.0.1:8080/eu", "127.0.0.1:8080"),
        ("http://127.8.9.10:1", "http://127.8.9.10:1", "127.8.9.10:1"),
        ("http://[::1]:8080/api", "http://[::1]:8080/api", "[::1]:8080"),
        ("https://ap.svc.konghq.com/api", "https://ap.svc.konghq.com/api", "ap.svc.konghq.com"),
    ],
)
def test_an_address_has_one_form(written: str | None, base: str, domain: str | None) -> None:
    """However an address is written, hosts and the domain that a token belongs to come out the same."""
    found = hosts(written)
    assert found.base("eu") == base
    assert found.domain == (domain or "konnect-{region}.corp.example:8443")
    assert found.live == (base == "https://eu.api.konghq.com")
    assert hosts(found.template) == found


@pytest.mark.parametrize("written", ["https://api.konghq.com", "HTTPS://api.KongHQ.com.:443/x"])
def test_konnects_domain_is_no_host(written: str) -> None:
    """A token saved for Konnect never goes to the bare host of their domain: it is refused, with the cure."""
    with pytest.raises(KonnectError) as refused:
        hosts(written)
    assert refused.value.code == "bad-api-url"
    assert "https://{region}.api.konghq.com" in refused.value.message


@pytest.mark.parametrize("name", ["api.konghq.tech", "konnect.example:8443"])
def test_a_host_is_another_domain_than_its_regions(name: str) -> None:
    """A token saved for the regions below a name is not one for the host of that name, nor the other way round."""
    assert hosts(f"https://{{region}}.{name}").domain != hosts(f"https://{name}").domain


@given(st.text(max_size=40) | st.text("https:/[]@.{region}127.0evil\\?#%:", max_size=40))
@example("https://127.0.0.1:1/{region}")
@example("https://a")
def test_the_one_that_connects_agrees(written: str) -> None:
    """Whatever is accepted, the library that connects reads the same scheme, host and port that were checked."""
    try:
        found = hosts(written)
    except KonnectError:
        return
    for region in ("global", "us"):
        base = found.base(region)
        checked, connects = urlsplit(base), yarl.URL(base + "/v2/x")
        assert (connects.scheme, connects.host) == (checked.scheme, checked.hostname)
        assert connects.explicit_port == checked.port
        assert connects.user is None
        assert connects.path == f"{checked.path}/v2/x"


@given(st.text(max_size=12))
@example("EU")
@example("eu\n")
@example("e.")
@example("eu@evil.example/")
@example("ｅｕ")
def test_no_host_is_built_from_what_is_no_region(code: str) -> None:
    """A region's code is two lower-case letters of ASCII, or `global`: a host is built from nothing else."""
    fine = code == "global" or (len(code) == 2 and set(code) <= set("abcdefghijklmnopqrstuvwxyz"))
    if fine:
        assert Hosts().base(code) == f"https://{code}.api.konghq.com"
        return
    with pytest.raises(ValueError, match="region"):
        Hosts().base(code)
