"""Through a forward proxy, as Kong goes: CONNECT, then mutual TLS end to end."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from certificate_maker import SERVER, make
from free_ports import free_ports
from msgspec.structs import replace
from practised import QUICK, bundle, running, until
from scripted_plane import ScriptedPlane

from programs import needs

LEAF = make("edge-1")
ONCE = replace(QUICK, soonest=60, latest=60)


@contextmanager
def tinyproxy(folder: Path, *lines: str) -> Iterator[int]:
    """A forward proxy others wrote."""
    [port] = free_ports(1)
    config, log = folder / "tinyproxy.conf", folder / "tinyproxy.log"
    config.write_text("\n".join((f"Port {port}", "Listen 127.0.0.1", "Timeout 60", f'LogFile "{log}"', *lines, "")))
    with subprocess.Popen([needs("tinyproxy"), "-d", "-c", config], stdout=subprocess.DEVNULL) as process:
        try:
            until_then = time.monotonic() + 20
            while not (log.exists() and "Accepting connections" in log.read_text()) and time.monotonic() < until_then:
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()


def reached(folder: Path, proxy: str, *, good: bool) -> str:
    """The error of a node that has to go through that proxy; empty where it connects."""

    async def trying() -> str:
        async with ScriptedPlane(folder / "plane") as plane:
            made = bundle(folder, plane.endpoint, {"edge-1": [LEAF]})
            told = made.given(cluster_use_proxy="on", proxy_server=proxy)
            async with running(told, ONCE) as node:
                await until(node, lambda reached: reached.connected and reached.telemetry if good else reached.error)
                assert not any("secret" in line for line in node.log.lines)
                assert good == bool(plane.sessions)
                return node.reached.error

    return asyncio.run(trying())


def test_with_credentials(tmp_path: Path) -> None:
    """The password of the address opens a proxy others wrote; both connections of the node go through it."""
    with tinyproxy(tmp_path, "BasicAuth user secret1") as port:
        assert reached(tmp_path, f"http://user:%73ecret1@127.0.0.1:{port}", good=True) == ""
    assert (tmp_path / "tinyproxy.log").read_text().count("CONNECT 127.0.0.1") == 2


@pytest.mark.parametrize(("user", "status"), [("", 407), ("user@", 407), ("user:wrong-secret@", 401)])
def test_without_the_right_ones(tmp_path: Path, user: str, status: int) -> None:
    """Without the right credentials the proxy's status is told as Kong tells it (tinyproxy calls wrong ones 401).

    A name without a password is not sent at all, as in Kong.
    """
    with tinyproxy(tmp_path, "BasicAuth user secret") as port:
        words = reached(tmp_path, f"http://{user}127.0.0.1:{port}", good=False)
    assert words == f"error establishing a connection to the proxy server, got status {status}"


def test_a_proxy_that_says_no(tmp_path: Path) -> None:
    """A proxy whose rules forbid the port is told with its status."""
    with tinyproxy(tmp_path, "ConnectPort 443") as port:
        words = reached(tmp_path, f"http://127.0.0.1:{port}", good=False)
    assert words == "error establishing a connection to the proxy server, got status 403"


def test_no_proxy_there(tmp_path: Path) -> None:
    """A proxy that is not there is a refused connection; without a port Kong takes 443."""
    [port] = free_ports(1)
    assert reached(tmp_path, f"http://127.0.0.1:{port}", good=False) == "failed to connect: connection refused"
    assert reached(tmp_path / "again", "http://127.0.0.1", good=False) == "failed to connect: connection refused"


class TlsProxy:
    """A proxy that is spoken to in TLS, for one tunnel after another."""

    def __init__(self, folder: Path, port: int) -> None:
        self.ca = make("proxy CA", ca=True)
        server = self.ca.issue("localhost", purposes=SERVER, sans=["localhost"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "proxy.crt").write_bytes(server.pem)
        (folder / "proxy.key").write_bytes(server.secret.reveal())
        self.folder = folder
        self.port = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One tunnel."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host, _, port = head.split()[1].rpartition(":")
        there, here = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.0 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, here), _pump(there, writer))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    except (OSError, asyncio.CancelledError):
        pass
    target.transport.abort()


@pytest.mark.parametrize("verified", ["on", "off"])
def test_a_proxy_behind_tls(tmp_path: Path, verified: str) -> None:
    """An https proxy is spoken to in TLS, verified unless that is switched off; mutual TLS runs inside."""
    import ssl

    async def trying() -> None:
        proxy = TlsProxy(tmp_path / "proxy", 0)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(proxy.folder / "proxy.crt", proxy.folder / "proxy.key")
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        async with ScriptedPlane(tmp_path / "plane") as plane:
            made = bundle(tmp_path, plane.endpoint, {"edge-1": [LEAF]})
            told = made.given(
                cluster_use_proxy="on", proxy_server=f"https://localhost:{port}", proxy_server_ssl_verify=verified
            )
            async with running(told, ONCE) as node:
                if verified == "on":
                    await until(node, lambda reached: reached.error)
                    assert node.reached.error == "ssl handshake failed: 20: unable to get local issuer certificate"
                    assert plane.sessions == []
                else:
                    await until(node, lambda reached: reached.connected)
                    assert plane.sessions[0].header("Host") == f"127.0.0.1:{plane.port}"
        server.close()

    asyncio.run(trying())
