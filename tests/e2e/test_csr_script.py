"""`csr.sh`, run with the real openssl: the request it makes on another host asks for what ours would have asked."""

import stat
import subprocess
from pathlib import Path

import pytest
import samples
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from msgspec.structs import replace

from konnect_tui import pki_desk
from konnect_tui.pki.bringing import requests
from konnect_tui.pki.making import make
from konnect_tui.pki.making.wishes import Wishes
from konnect_tui.plan import Plan
from programs import needs


def _script(folder: Path, plan: Plan) -> Path:
    path = folder / "csr.sh"
    path.write_bytes(pki_desk.render(plan)["csr.sh"].data)
    return path


def _run(shell: str, script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    needs("openssl")
    words = [needs(shell), *(["sh"] if shell == "busybox" else []), str(script), *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=script.parent)


@pytest.mark.parametrize("shell", ["dash", "busybox"])
def test_it_asks_for_the_same_as_a_request_made_here(tmp_path: Path, shell: str) -> None:
    """Subject, alternative names, purposes: equal to our own request's, hostile characters included."""
    plan = samples.requested()
    done = _run(shell, _script(tmp_path, plan), "pay-1")
    assert done.returncode == 0, done.stderr
    made = x509.load_pem_x509_csr((tmp_path / "tls.csr").read_bytes())
    wanted = Wishes(plan).leaf("pay-1")
    ours = x509.load_pem_x509_csr(requests.request(wanted.subject, make.new_key("ec-p256"), wanted.sans))
    assert made.subject.rfc4514_string() == ours.subject.rfc4514_string()
    assert {(each.oid, each.critical, each.value) for each in made.extensions} == {
        (each.oid, each.critical, each.value) for each in ours.extensions
    }
    assert stat.S_IMODE((tmp_path / "tls.key").stat().st_mode) == 0o600
    assert isinstance(made.public_key(), ec.EllipticCurvePublicKey)


def test_it_makes_the_kind_of_key_that_was_chosen(tmp_path: Path) -> None:
    """RSA of the size in the answers, in the folder that was named."""
    plan = samples.requested()
    plan = replace(plan, certificate=replace(plan.certificate, key="rsa-2048"))
    folder = tmp_path / "a b"
    folder.mkdir()
    done = _run("dash", _script(tmp_path, plan), "pay-2", str(folder))
    assert done.returncode == 0, done.stderr
    key = x509.load_pem_x509_csr((folder / "tls.csr").read_bytes()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048


def test_it_writes_over_nothing(tmp_path: Path) -> None:
    """A key that is there already stays, and another node's name is refused."""
    script = _script(tmp_path, samples.requested())
    (tmp_path / "tls.key").write_text("mine")
    assert _run("dash", script, "pay-1").returncode == 1
    assert (tmp_path / "tls.key").read_text() == "mine"
    assert _run("dash", script, "nobody").returncode == 1
    assert not (tmp_path / "tls.csr").exists()


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    """The script is clean."""
    script = _script(tmp_path, samples.requested())
    done = subprocess.run(
        [needs("shellcheck"), "-S", "info", "-s", "sh", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
