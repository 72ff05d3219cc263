"""What keeps a gateway from starting keeps a practice node from starting, in Kong's own words."""

import asyncio
from pathlib import Path

import pytest
from certificate_maker import Made, make, small_rsa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from practised import Bundle, bundle, running, until

from konnect_tui.konnect.endpoint import Endpoint

LEAF = make("edge-1")
NOWHERE = Endpoint(host="127.0.0.1", port=9, trust=LEAF.pem.decode())


@pytest.fixture
def made(tmp_path: Path) -> Bundle:
    """A bundle of one node, for a control plane that nobody runs."""
    return bundle(tmp_path, NOWHERE, {"edge-1": [LEAF]})


def refusal(made: Bundle, **values: str) -> str:
    """Why the node does not start."""

    async def starting() -> str:
        async with running(made.given(**values)) as node:
            await until(node, lambda reached: reached.refused or reached.serving)
            assert not node.reached.refused or node.log.lines[-1] == f"Error: {node.reached.refused}"
            assert node.reached.code in ("", "node-would-not-start")
            return node.reached.refused

    return asyncio.run(starting())


def test_what_apply_writes_starts(made: Bundle) -> None:
    """Nothing is wrong with a bundle as it was written."""
    assert refusal(made) == ""


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("cluster certificate and key must be provided to use Hybrid mode", {"cluster_cert": ""}),
        ("cluster certificate and key must be provided to use Hybrid mode", {"cluster_cert_key": " "}),
        ("cluster_cert: failed loading certificate from /nowhere.crt", {"cluster_cert": "/nowhere.crt"}),
        ("cluster_cert_key: failed loading key from /nowhere.key", {"cluster_cert_key": "/nowhere.key"}),
        (
            "lua_ssl_trusted_certificate: failed loading certificate from /no.crt",
            {"lua_ssl_trusted_certificate": "system,/no.crt"},
        ),
        ("role has an invalid value: 'dataplane' (data_plane, control_plane, traditional)", {"role": "dataplane"}),
        ('only in-memory storage can be used when role = "data_plane"', {"database": "postgres"}),
        ('proxy_listen must be specified when role = "data_plane"', {"proxy_listen": "off"}),
        ("cluster_use_proxy is turned on but no proxy_server is configured", {"cluster_use_proxy": "on"}),
        ('proxy_server only supports "http" and "https", got socks5', {"proxy_server": "socks5://h:1"}),
        ("proxy_server missing scheme", {"proxy_server": "proxy:3128"}),
        ("proxy_server missing host", {"proxy_server": "http://:3128"}),
        (
            "fragments, query strings or parameters are meaningless in proxy configuration",
            {"proxy_server": "http://h:1/?a=b"},
        ),
        ("label key validation failed: kong-x is invalid.", {"cluster_dp_labels": "kong-x:1"}),
        ("label key validation failed:  must have between 1 and 63 characters", {"cluster_dp_labels": "novalue"}),
        ("label value validation failed: a b is invalid.", {"cluster_dp_labels": "node:edge-1,x:a b"}),
        (
            "labels validation failed: count exceeded 10 max elements",
            {"cluster_dp_labels": ",".join(f"a{n}:b" for n in range(11))},
        ),
        ("cluster_max_payload must be 4194304 (4MB) or greater", {"cluster_max_payload": "1024"}),
        ("cluster_max_payload must be 4194304 (4MB) or greater", {"cluster_max_payload": "\u00b2"}),
        ("cluster_max_payload must be 4194304 (4MB) or greater", {"cluster_max_payload": "9" * 5000}),
        ("log_level has an invalid value: 'loud' (debug, info, notice,", {"log_level": "loud"}),
        ("proxy_listen must be of form: [off] | <ip>:<port>", {"proxy_listen": "8000"}),
        ("proxy_listen must be of form: [off] | <ip>:<port>", {"proxy_listen": "127.0.0.1:70000"}),
        ("bad websocket uri", {"cluster_control_plane": "https://cp.example:443"}),
    ],
)
def test_settings(made: Bundle, words: str, values: dict[str, str]) -> None:
    """Each fault is told in Kong's words, and the node does not start."""
    assert refusal(made, **values).startswith(words)


@pytest.mark.parametrize(
    "values",
    [
        {"cluster_control_plane": "0123456789.eu.cp.konghq.com:443"},
        {"cluster_server_name": "eu.svc.konghq.com"},
        {"cluster_telemetry_endpoint": "0123456789.EU.tp0.KongHQ.com.:443"},
        {"cluster_control_plane": "x.us.cp.konghq.tech:443"},
        {"cluster_control_plane": "x.us.cp.\uff4bonghq.com:443"},  # a resolver reads all these as the plain letters
        {"cluster_control_plane": "x.us.cp0\u3002konghq\uff0ecom:443"},
        {"cluster_telemetry_endpoint": "x.us.tp.kong\u00adhq.com:443"},
    ],
)
def test_never_to_konnect_itself(made: Bundle, values: dict[str, str]) -> None:
    """A node that would pretend to Konnect to be a gateway does not start at all."""

    async def starting() -> None:
        async with running(made.given(**values)) as node:
            await until(node, lambda reached: reached.refused)
            assert node.reached.code == "not-for-practice"
            assert node.reached.attempts == 0
            assert "is Konnect itself" in node.log.lines[-1]

    asyncio.run(starting())


def pem(key: rsa.RSAPrivateKey, password: bytes) -> bytes:
    """The key, encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password),
    )


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("tls.crt", b"", "failed parsing the cluster certificate PEM data: "),
        ("tls.crt", b"no certificate", "failed parsing the cluster certificate PEM data: "),
        ("tls.crt", LEAF.pem + LEAF.pem[:300], "failed parsing the cluster certificate PEM data: "),
        ("tls.key", b"no key", "failed parsing the cluster certificate private key PEM data: "),
        ("tls.key", LEAF.pem, "failed parsing the cluster certificate private key PEM data: "),
        ("tls.key", pem(small_rsa(2048), b"secret"), "failed parsing the cluster certificate private key PEM data: "),
    ],
    ids=["empty", "prose", "cut", "no key", "a certificate", "encrypted"],
)
def test_files(made: Bundle, file: str, content: bytes, words: str) -> None:
    """A file that Kong can't use is named as Kong does. An encrypted key never asks for its passphrase."""
    (made.folder / "nodes" / "edge-1" / file).write_bytes(content)
    assert refusal(made).startswith(words)


def test_a_key_that_cannot_be_read(made: Bundle) -> None:
    """What can't be read is named, with the system's reason."""
    key = made.folder / "nodes" / "edge-1" / "tls.key"
    key.unlink()
    key.mkdir()
    assert refusal(made) == f"failed reading the cluster certificate private key file: {key}: Is a directory"


def test_trust_that_is_no_certificate(made: Bundle) -> None:
    """A trust file that holds no certificate keeps the node from starting."""
    (made.folder / "trust" / "control-plane-ca.crt").write_text("nothing\n")
    values = {"lua_ssl_trusted_certificate": "/konnect/trust/control-plane-ca.crt"}
    assert refusal(made, **values).startswith("lua_ssl_trusted_certificate: failed loading certificate from ")


@pytest.mark.parametrize("other", [make("other"), make("other", key=small_rsa(2048))], ids=["same type", "other type"])
def test_a_key_that_does_not_fit_starts(made: Bundle, other: Made) -> None:
    """Kong does not look whether key and certificate belong together: that shows when it connects."""
    made.give("edge-1", [LEAF], other)
    assert refusal(made) == ""


def test_prose_around_the_certificate(made: Bundle) -> None:
    """What stands before a block, in any language, disturbs a gateway as little as this."""
    (made.folder / "nodes" / "edge-1" / "tls.crt").write_bytes("Schlüssel für edge-1\r\n".encode() + LEAF.pem)
    assert refusal(made) == ""
