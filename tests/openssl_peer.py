"""OpenSSL's own server and client as the other side: what they say is not ours."""

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from programs import needs

TIMEOUT = 20
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Server(NamedTuple):
    """A running `openssl s_server` that turns every line round."""

    port: int


@contextmanager
def control_plane(folder: Path, uploaded: Path, *, pinned: bool = False) -> Iterator[Server]:
    """A server set up as a control plane that was given the certificates in `uploaded`.

    A pinned one lets every certificate through the handshake.
    """
    openssl = needs("openssl")
    key, certificate = folder / "server.key", folder / "server.crt"
    if not key.exists():
        request = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        request += ["-subj", "/CN=server", "-days", "2", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(request, check=True, capture_output=True, timeout=TIMEOUT)
    command = [openssl, "s_server", "-accept", "127.0.0.1:0", "-rev", "-key", str(key), "-cert", str(certificate)]
    command += ["-CAfile", str(uploaded), "-no-CApath", "-no-CAstore", "-partial_chain", "-Verify", "100"]
    command += ["-cipher", "DEFAULT:@SECLEVEL=2", "-no_ticket", *([] if pinned else ["-verify_return_error"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield Server(_port(process))
        finally:
            process.kill()


def _port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.match(r"ACCEPT .*:(\d+)$", line.strip())
        if found:
            return int(found[1])
    raise AssertionError("openssl s_server did not start")


def lets_in(server: Server, presented: Path, key: Path, tls: str) -> bool:
    """Whether a node with these files gets an answer, by Python's client and the system's OpenSSL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = VERSIONS[tls]
    try:
        context.load_cert_chain(presented, key)
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT) as raw,
            context.wrap_socket(raw, server_hostname="control-plane") as connection,
        ):
            connection.sendall(b"ping\n")
            return connection.recv(16) == b"gnip\n"
    except (ssl.SSLError, ConnectionError):
        return False


def s_client_gets_in(server: Server, presented: Path, key: Path, tls: str) -> bool:
    """The same asked with `openssl s_client`, the chain sent as the file has it."""
    command = [needs("openssl"), "s_client", "-connect", f"127.0.0.1:{server.port}", "-quiet"]
    command += [
        "-cert",
        str(presented),
        "-cert_chain",
        str(presented),
        "-key",
        str(key),
        f"-tls{tls.replace('.', '_')}",
    ]
    command += ["-no-CAfile", "-no-CApath", "-no-CAstore"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write("ping\n")
            process.stdin.flush()
            return process.stdout.readline() == "gnip\n"
        except BrokenPipeError:
            return False
        finally:
            with suppress(BrokenPipeError):  # what was not taken would be sent once more
                process.stdin.close()
            process.kill()
