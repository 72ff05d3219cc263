"""The judge against OpenSSL's own server, over TCP."""

from pathlib import Path

import pytest
from judged_chains import CHAINS
from openssl_peer import control_plane, lets_in

from konnect_tui.pki.judge import judge


@pytest.mark.parametrize("name", CHAINS)
def test_judge_says_what_openssl_does(name: str, tmp_path: Path) -> None:
    """`accepted` is what `openssl s_server` does over loopback TCP with TLS 1.2 and 1.3."""
    chain = CHAINS[name]()
    uploaded, presented, key = (tmp_path / part for part in ("uploaded.pem", "presented.pem", "key.pem"))
    uploaded.write_bytes(b"".join(each.pem for each in chain.uploaded))
    presented.write_bytes(b"".join(each.pem for each in chain.presented))
    key.touch(0o600)
    key.write_bytes(chain.presented[0].secret.reveal())
    verdict = judge(
        "pki", [each.der for each in chain.uploaded], [each.der for each in chain.presented], chain.presented[0].secret
    )
    with control_plane(tmp_path, uploaded) as server:
        answers = [lets_in(server, presented, key, tls) for tls in ("1.2", "1.3")]
    assert verdict.accepted is all(answers)
