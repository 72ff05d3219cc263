"""The judge against OpenSSL's own server, over TCP."""

from pathlib import Path

import pytest
from judged_chains import CHAINS
from openssl_peer import control_plane, lets_in

from konnect_tui.pki.judging.judge import judge


@pytest.mark.parametrize("name", CHAINS)
def test_judge_says_what_openssl_does(name: str, tmp_path: Path) -> None:
    """`accepted` is what `openssl s_server` does over loopback TCP with TLS 1.2 and 1.3.

    The judge's OpenSSL is the one that came with cryptography (4.0 at the time of writing), the server and its client
    are the system's (3.0 on Debian 12). They differ in one thing only: a node before 4.0 does not send a certificate
    that is signed with SHA-1, needed or not. The judge does as those do, since Kong's images carry 3.4.
    """
    chain = CHAINS[name]()
    uploaded, presented, key = (tmp_path / part for part in ("uploaded.pem", "presented.pem", "key.pem"))
    uploaded.write_bytes(b"".join(each.pem for each in chain.uploaded))
    presented.write_bytes(b"".join(each.pem for each in chain.presented))
    key.touch(0o600)
    key.write_bytes(chain.secret.reveal())
    given, shown = [each.der for each in chain.uploaded], [each.der for each in chain.presented]
    verdict = judge(chain.mode, given, shown, chain.secret)
    with control_plane(tmp_path, uploaded, pinned=chain.mode == "pinned") as server:
        answers = [lets_in(server, presented, key, tls) for tls in ("1.2", "1.3")]
    assert verdict.accepted is (all(answers) and (chain.mode == "pki" or shown[0] in given))
