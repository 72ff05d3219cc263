"""The way to Konnect: names, ports, TLS and proxies, each fault told apart by code and words."""

import asyncio
import base64
import socket
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from certificate_maker import DAY, NOW, SERVER, Made, make
from free_ports import free_port
from konnect_asking import ask, refused

from fake_konnect import FakeKonnect
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.wire import Limits
from programs import needs

ROOT = make("a root of the tests", ca=True)


def whose(client: Client) -> Any:
    """The question all of these ask."""
    return client.organization()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts the root of these tests and no other."""
    file = tmp_path / "roots.pem"
    file.write_bytes(ROOT.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))


def serving(folder: Path, leaf: Made) -> ssl.SSLContext:
    """What a server needs to present that certificate."""
    (folder / "leaf.crt").write_bytes(leaf.pem)
    (folder / "leaf.key").write_bytes(leaf.secret.reveal())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.crt", folder / "leaf.key")
    return context


def listens(port: int) -> bool:
    """Whether anything takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# --- names and ports


def test_a_name_that_does_not_exist() -> None:
    """A name that DNS does not know is told with the name."""
    fault = refused("https://konnect.invalid", whose)
    assert (fault.code, fault.exit_code) == ("dns-failed", 1)
    assert "konnect.invalid" in fault.message


def test_a_port_where_nothing_listens() -> None:
    """A refused connection is told as that."""
    fault = refused(f"http://127.0.0.1:{free_port()}", whose)
    assert (fault.code, fault.exit_code) == ("connection-refused", 1)


def test_a_host_that_swallows_what_it_gets() -> None:
    """A connection that never comes about ends with words about time."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(("127.0.0.1", port))
            fault = refused(f"http://127.0.0.1:{port}", whose, limits=Limits(connect=0.2))
    assert fault.code == "timed-out"
    assert "No connection" in fault.message


# --- TLS


@pytest.mark.usefixtures("trusted")
def test_a_trusted_certificate(tmp_path: Path) -> None:
    """A certificate of the system's trust store is taken, over TLS 1.2 and 1.3."""
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = serving(tmp_path, ROOT.issue("server", purposes=SERVER, sans=["localhost"]))
        context.maximum_version = version
        with FakeKonnect(tls=context) as konnect:
            assert ask(konnect, whose).name == "Acme Co."


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"issuer": make("a proxy that opens TLS", ca=True)}, "tls-untrusted"),
        ({}, "tls-untrusted"),
        ({"issuer": ROOT, "sans": ["elsewhere.example"]}, "tls-wrong-host"),
        ({"issuer": ROOT, "begins": NOW - 20 * DAY, "ends": NOW - DAY}, "tls-dates"),
        ({"issuer": ROOT, "begins": NOW + DAY, "ends": NOW + 2 * DAY}, "tls-dates"),
    ],
    ids=["another CA", "self-signed", "another host", "ended", "not begun"],
)
def test_a_certificate_that_is_not_good(form: dict[str, Any], code: str, tmp_path: Path) -> None:
    """A certificate nobody vouches for, another host's and one outside its dates are told apart; nothing is sent."""
    leaf = make("server", **({"purposes": SERVER, "sans": ["localhost"]} | form))
    with FakeKonnect(tls=serving(tmp_path, leaf)) as konnect:
        fault = refused(konnect, whose)
        assert konnect.requests == []
    assert (fault.code, fault.exit_code) == (code, 1)
    assert "localhost" in fault.message


@pytest.mark.usefixtures("trusted")
def test_an_old_tls_is_refused(tmp_path: Path) -> None:
    """TLS below 1.2 is not spoken."""
    context = serving(tmp_path, ROOT.issue("server", purposes=SERVER, sans=["localhost"]))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with shaking_hands(context) as port:
        fault = refused(f"https://localhost:{port}", whose)
    assert fault.code == "no-tls"
    assert "protocol version" in fault.message


@contextmanager
def shaking_hands(context: ssl.SSLContext) -> Iterator[int]:
    """A server that makes one TLS handshake, says why it failed as TLS has it, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            raw, _ = listening.accept()
            with raw, suppress(ssl.SSLError):
                context.wrap_socket(raw, server_side=True).close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join()


def test_a_port_that_speaks_no_tls() -> None:
    """Something that answers https in plain text is told as that."""
    with FakeKonnect() as konnect:
        fault = refused(f"https://127.0.0.1:{konnect.port}", whose)
    assert fault.code == "no-tls"
    assert "does not speak TLS" in fault.message


# --- proxies


@contextmanager
def tinyproxy(folder: Path, *lines: str) -> Iterator[int]:
    """A forward proxy others wrote."""
    port, config = free_port(), folder / "tinyproxy.conf"
    log = folder / "tinyproxy.log"
    config.write_text("\n".join((f"Port {port}", "Listen 127.0.0.1", "Timeout 60", f'LogFile "{log}"', *lines, "")))
    with subprocess.Popen([needs("tinyproxy"), "-d", "-c", config], stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 20
            while not listens(port) and time.monotonic() < until:
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()


@pytest.mark.usefixtures("trusted")
def test_through_a_proxy(tmp_path: Path) -> None:
    """HTTPS_PROXY leads to Konnect, with its password; without one the fault is the proxy's and not Konnect's."""
    context = serving(tmp_path, ROOT.issue("server", purposes=SERVER, sans=["localhost"]))
    with FakeKonnect(tls=context) as konnect, tinyproxy(tmp_path, "BasicAuth user right") as port:
        good = f"http://user:%72ight@127.0.0.1:{port}"
        none, wrong = f"http://127.0.0.1:{port}", f"http://user:wr%6fng@127.0.0.1:{port}"
        for environ in ({"HTTPS_PROXY": none}, {"https_proxy": wrong}):
            fault = refused(konnect, whose, environ=environ)
            assert (fault.code, fault.exit_code) == ("proxy-authentication", 1)
            assert "wr%6fng" not in fault.message
            assert "wrong" not in fault.message
        assert konnect.requests == []
        for environ in ({"HTTPS_PROXY": wrong, "NO_PROXY": "localhost"}, {"https_proxy": none, "no_proxy": "*"}):
            assert ask(konnect, whose, environ=environ).name == "Acme Co."
        _proxied_with(konnect, good, tmp_path)


def _proxied_with(konnect: FakeKonnect, good: str, folder: Path) -> None:
    before = (folder / "tinyproxy.log").read_text().count("CONNECT localhost")
    assert ask(konnect, whose, environ={"HTTPS_PROXY": good}).name == "Acme Co."
    assert (folder / "tinyproxy.log").read_text().count("CONNECT localhost") == before + 1


def test_a_proxy_that_says_no(tmp_path: Path) -> None:
    """A proxy that does not lead to the host is told as that, with what it answered."""
    with tinyproxy(tmp_path, "ConnectPort 443") as port:
        fault = refused("https://localhost:9", whose, environ={"HTTPS_PROXY": f"http://127.0.0.1:{port}"})
    assert (fault.code, fault.exit_code) == ("proxy-refused", 1)
    assert "403" in fault.message


@pytest.mark.parametrize("place", ["127.0.0.1:{port}", "proxy.invalid:3128", "a" * 70 + ".invalid:1"])
def test_a_proxy_that_is_not_there(place: str) -> None:
    """A proxy that can't be reached or resolved is told without its password."""
    environ = {"HTTPS_PROXY": f"http://user:hidden@{place.format(port=free_port())}"}
    fault = refused("https://konnect.invalid", whose, environ=environ)
    assert (fault.code, fault.exit_code) == ("proxy-unreachable", 1)
    assert "hidden" not in fault.message
    assert place.partition(":")[0] in fault.message


@pytest.mark.parametrize(
    "written",
    [
        "socks5://user:hidden@host:1",
        "http://",
        "http://user:hidden@host:port",
        "ht tp",
        "http://hidden:1#2@host:1",
        "http://hidden:1/2@host:1",
        "hidden:1?2@host:1",
    ],
)
def test_a_proxy_that_is_none(written: str) -> None:
    """What can't be the address of a proxy is a fault of the input, and is not repeated."""
    fault = refused("https://konnect.invalid", whose, environ={"https_proxy": written})
    assert (fault.code, fault.exit_code) == ("bad-proxy", 2)
    assert "hidden" not in f"{fault.message}{fault.hint}"


def test_loopback_needs_no_proxy() -> None:
    """http to a loopback address is never sent through a proxy."""
    with FakeKonnect() as konnect:
        environ = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://x"}
        assert ask(konnect, whose, environ=environ).name == "Acme Co."


def test_netrc_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that stand in ~/.netrc are sent nowhere."""
    (tmp_path / ".netrc").write_text("default login me password mine\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with FakeKonnect() as konnect:
        ask(konnect, lambda client: client.regions())
        ask(konnect, whose)
        sent = [each.headers.get("Authorization") for each in konnect.requests]
    assert sent == 2 * [f"Bearer {konnect.token}"]
    assert base64.b64encode(b"me:mine").decode() not in str(sent)


# --- leaving


def test_a_hanging_resolver_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C works at once while DNS does not answer."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(30) or [])
    begun = time.monotonic()

    async def stopped(client: Client) -> None:
        task = asyncio.ensure_future(client.organization())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    ask("https://konnect.invalid", stopped)
    assert time.monotonic() - begun < 15
