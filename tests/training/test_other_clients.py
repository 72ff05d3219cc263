"""Programs others wrote connect with a node's files, by their own TLS."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from certificate_maker import NOW, make
from embedded import EmbeddedPlane as Plane
from hybrid_node import Files

from konnect_tui.konnect.training_hosts import server_name
from programs import needs

TIMEOUT = 20
QUERY = "node_id=8d1f4c4e-1a59-4a8d-9a6e-9a8c39a8f0d1&node_hostname=edge-1&node_version=3.14.0.13"

ROOT = make("root", ca=True)
BETWEEN = ROOT.issue("intermediate", ca=True)
LEAF = BETWEEN.issue("edge-1")
CASES = {
    "pinned": ("pinned", LEAF, [LEAF], 101),
    "pinned, another": ("pinned", ROOT, [LEAF, BETWEEN], 401),
    "pki, root": ("pki", ROOT, [LEAF, BETWEEN], 101),
    "pki, intermediate": ("pki", BETWEEN, [LEAF], 101),
    "pki, intermediate missing": ("pki", ROOT, [LEAF], 401),
}


def _openssl(plane: Plane, files: Files, tls: str) -> Sequence[str]:
    name = server_name(plane.prefix, "config")
    command = [needs("openssl"), "s_client", "-connect", plane.address.removeprefix("https://"), "-servername", name]
    command += ["-cert", str(files.certificate), "-cert_chain", str(files.certificate), "-key", str(files.key)]
    command += ["-CAfile", plane.ca, "-no-CApath", "-no-CAstore", "-verify_hostname", name, "-verify_return_error"]
    return [*command, "-quiet", f"-tls{tls.replace('.', '_')}"]


def _gnutls(plane: Plane, files: Files, tls: str) -> Sequence[str]:
    name, (host, _, port) = server_name(plane.prefix, "config"), plane.address.removeprefix("https://").partition(":")
    command = [needs("gnutls-cli"), "--sni-hostname", name, "--verify-hostname", name, "--x509cafile", plane.ca]
    command += ["--x509certfile", str(files.certificate), "--x509keyfile", str(files.key), "--logfile"]
    return [*command, "/dev/null", "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{tls}", "-p", port, host]


def _status(command: Sequence[str], plane: Plane) -> int:
    """The status of the answer to a node's request, sent through that program."""
    lines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    request = "\r\n".join(
        [f"GET /cp/{plane.prefix}/v1/outlet?{QUERY} HTTP/1.1", f"Host: {plane.address[8:]}", *lines, "", ""]
    )
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request.encode())
            process.stdin.flush()
            for line in process.stdout:
                if line.startswith(b"HTTP/1.1 "):
                    return int(line.split()[1])
            raise AssertionError("the control plane did not answer")
        finally:
            process.stdin.close()
            process.kill()


@pytest.mark.parametrize("program", [_openssl, _gnutls], ids=["openssl", "gnutls"])
@pytest.mark.parametrize("tls", ["1.2", "1.3"])
@pytest.mark.parametrize(("mode", "uploaded", "chain", "status"), CASES.values(), ids=CASES)
def test_the_same_answer_to_every_tls(  # type: ignore[no-untyped-def]
    make_plane: Callable[[str], Plane], tmp_path: Path, program, tls: str, mode: str, uploaded, chain, status: int
) -> None:
    """OpenSSL's and GnuTLS's clients trust the control plane's certificate, and are let in or refused as a node is."""
    plane = make_plane(mode)
    plane.give(uploaded)
    assert _status(program(plane, Files(tmp_path, chain), tls), plane) == status
    assert [entry.tls for entry in plane.record()] == [tls]


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_a_node_that_does_not_trust_the_control_plane(
    make_plane: Callable[[str], Plane], tmp_path: Path, tls: str
) -> None:
    """That a node refuses the control plane's certificate is on record as that, not as a fault of the node's own."""
    plane = make_plane("pinned")
    other = tmp_path / "other.crt"
    other.write_bytes(ROOT.pem)
    command = [str(other) if word == plane.ca else word for word in _openssl(plane, Files(tmp_path, [LEAF]), tls)]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)
    entry = plane.record()[-1]
    assert (entry.verdict, entry.cause) == ("broken", "control-plane-not-trusted")


@pytest.mark.parametrize(("uploaded", "cause"), [(ROOT, ""), (LEAF.issue("nobody"), "wrong-upload")])
def test_a_handshake_alone_is_on_record(make_plane: Callable[[str], Plane], tmp_path: Path, uploaded, cause) -> None:  # type: ignore[no-untyped-def]
    """Who only shakes hands and leaves is on record, with what would have become of it."""
    plane = make_plane("pki")
    plane.give(uploaded)
    command = [word for word in _openssl(plane, Files(tmp_path, [LEAF, BETWEEN]), "1.3") if word != "-quiet"]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)
    entry = plane.record()[-1]
    assert (entry.verdict, entry.cause, entry.chain[0]) == ("unused", cause, LEAF.der)
    assert entry.at >= NOW.timestamp()
