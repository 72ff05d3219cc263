import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.konnect.address import Address, is_ip, konnect, of_prefix, parse


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a.us.cp.konghq.com", Address("a.us.cp.konghq.com")),
        ("https://a.us.cp.konghq.com", Address("a.us.cp.konghq.com")),
        ("HTTPS://A.US.CP.KONGHQ.COM:443/", Address("a.us.cp.konghq.com")),
        ("  a.us.cp.konghq.com.  ", Address("a.us.cp.konghq.com")),
        ("us.svc.konghq.com/cp/abc", Address("us.svc.konghq.com", 443, "/cp/abc")),
        ("https://us.svc.konghq.com:443/cp/abc/", Address("us.svc.konghq.com", 443, "/cp/abc")),
        ("localhost:8005", Address("localhost", 8005)),
        ("10.1.2.3:65535", Address("10.1.2.3", 65535)),
    ],
)
def test_every_usual_way_to_write_an_address_is_read(text: str, address: Address) -> None:
    """Scheme, port, path, case, spaces and a slash or dot at the end may be there or not."""
    assert parse(text) == address


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("http://a.us.cp.konghq.com", "TLS"),
        ("wss://a.us.cp.konghq.com", "https://"),
        ("https://me:secret@a.example", "user name"),
        ("a.example:0", "1 to 65535"),
        ("a.example:65536", "1 to 65535"),
        ("a.example:x", "1 to 65535"),
        ("a.example:", "1 to 65535"),
        ("a.example:٤٤٣", "1 to 65535"),
        ("https://[::1]:443", "IPv6"),
        ("fe80::1", "IPv6"),
        ("müller.example", "ASCII"),
        ("a.example?x=1", "query"),
        ("a.example/#x", "query"),
        ("a..example", "host name"),
        ("-a.example", "host name"),
        ("a_b.example", "host name"),
        ("a" * 64 + ".example", "host name"),
        (".".join(["a" * 50] * 6), "host name"),
        ("a.example//x", "slashes"),
        ("a.example/../x", "path"),
        ("a.example/%2e", "path"),
        ("https://", "no host"),
        ("", "no host"),
        ("a" * 3000, "too long"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, word: str) -> None:
    """The sentence says what is wrong, and never repeats the text, which may hold a password."""
    with pytest.raises(ValueError, match=word) as wrong:
        parse(text)
    assert "secret" not in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "link", "prefix", "region", "sibling"),
    [
        ("0123456789.us.cp0.konghq.com", "config", "0123456789", "us", "0123456789.us.tp0.konghq.com:443"),
        ("0123456789.eu.tp.konghq.com:8443", "telemetry", "0123456789", "eu", "0123456789.eu.cp.konghq.com:8443"),
        ("acfe5f253f.cp.konghq.com", "config", "acfe5f253f", None, "acfe5f253f.tp.konghq.com:443"),
        ("ap.svc.konghq.com/cp/abc", "config", "abc", "au", "ap.svc.konghq.com:443/tp/abc"),
        ("us.svc.konghq.com/tp/ABC", "telemetry", "abc", "us", "us.svc.konghq.com:443/cp/abc"),
    ],
)
def test_a_konnect_host_says_which_connection_and_control_plane_it_is(
    text: str, link: str, prefix: str, region: str | None, sibling: str
) -> None:
    """Old and new names, hosts without a region and PrivateLink all lead to the other connection's address."""
    known = konnect(parse(text))
    assert known is not None
    other = known.sibling
    assert (known.link, known.prefix, known.region) == (link, prefix, region)
    assert f"{other.host}:{other.port}{other.path}" == sibling


@pytest.mark.parametrize(
    "text",
    [
        "us.api.konghq.com",
        "cloud.konghq.com/us/x",
        "a.usa.cp.konghq.com",
        "a.us.cp1.konghq.com",
        "a.us.cp.konghq.com.example",
        "a.us.cp.konghq.com/path",
        "us.svc.konghq.com",
        "global.svc.konghq.com/cp/abc",
        "xkonghq.com",
    ],
)
def test_a_host_that_nodes_do_not_connect_to_is_not_taken_for_one(text: str) -> None:
    """API hosts, look-alikes and a path where none belongs are no Konnect endpoints."""
    assert konnect(parse(text)) is None


def test_a_prefix_gives_the_names_used_since_august_2025() -> None:
    """A prefix is turned into the `cp` and `tp` hosts of its region, each the other's sibling."""
    config, telemetry = of_prefix("0123456789", "eu")
    assert config.host == "0123456789.eu.cp.konghq.com"
    known = konnect(config)
    assert known is not None
    assert known.sibling == telemetry


def test_an_ip_address_is_told_from_a_host_name() -> None:
    """Only dotted numbers count as an IP address."""
    assert is_ip("10.0.0.1")
    assert not is_ip("10.0.0.example")


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_a_reason(text: str) -> None:
    """Reading never fails in any other way, and what was read is read the same again."""
    try:
        address = parse(text)
    except ValueError:
        return
    assert parse(f"https://{address.host}:{address.port}{address.path}") == address
