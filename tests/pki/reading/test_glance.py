"""What files hold, for lists of files."""

import os
import time
from pathlib import Path

import pytest
from certificate_maker import NOW, make
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from konnect_tui.pki.bringing.gather import gather
from konnect_tui.pki.reading.glance import Glance, glance, lacks, partners

ROOT = make("Corp Root", ca=True)
LEAF = ROOT.issue("edge-1")
LOCKED = LEAF.key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
)
STORE = pkcs12.serialize_key_and_certificates(
    b"store", LEAF.key, LEAF.certificate, None, serialization.BestAvailableEncryption(b"secret")
)
SSH = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbg==\n-----END OPENSSH PRIVATE KEY-----\n"
FILES = {
    "leaf.pem": (LEAF.pem, f"certificate “edge-1”, ends {LEAF.certificate.not_valid_after_utc:%Y-%m-%d}"),
    "root.pem": (ROOT.pem, f"CA “Corp Root”, ends {ROOT.certificate.not_valid_after_utc:%Y-%m-%d}"),
    "leaf.key": (LEAF.secret.reveal(), "private key, ec-p256"),
    "locked.key": (LOCKED, "private key, encrypted"),
    "id_rsa": (SSH, "SSH key"),
    "empty": (b"", "empty"),
    "huge": (b"x" * 300_000, "too large to look into"),
    "notes.txt": (b"hello", "no certificate, no key"),
    "store.p12": (STORE, "PKCS#12, passphrase needed"),
    "both.pem": (
        ROOT.pem + LEAF.pem,
        f"certificate “edge-1” and 1 more, ends {LEAF.certificate.not_valid_after_utc:%Y-%m-%d}",
    ),
}


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Glance]:
    """Files of every kind, looked into."""
    for name, (data, _) in FILES.items():
        (tmp_path / name).write_bytes(data)
    return {name: glance(str(tmp_path / name), NOW) for name in FILES}


def test_a_file_is_told_in_a_few_words(found: dict[str, Glance]) -> None:
    """Each kind of file is named for what it is."""
    assert {name: each.words for name, each in found.items()} == {name: words for name, (_, words) in FILES.items()}


def test_what_is_no_file_never_blocks(tmp_path: Path) -> None:
    """FIFOs, devices, dead links and folders are told at once."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dead").symlink_to("nowhere")
    began = time.monotonic()
    words = [glance(str(path), NOW).words for path in (tmp_path / "fifo", tmp_path / "dead", tmp_path, "/dev/zero")]
    assert words == ["no regular file", "gone", "no regular file", "no regular file"]
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("name", "wants", "reason"),
    [
        ("leaf.pem", "certificate", ""),
        ("leaf.pem", "key", "no private key in it"),
        ("leaf.pem", "ca", "not a CA"),
        ("root.pem", "ca", ""),
        ("leaf.key", "certificate", "no certificate in it"),
        ("leaf.key", "", ""),
        ("locked.key", "key", ""),
        ("locked.key", "certificate", "no certificate in it"),
        ("store.p12", "certificate", ""),
        ("store.p12", "key", ""),
        ("both.pem", "certificate", ""),
        ("id_rsa", "key", "SSH key"),
    ],
)
def test_what_can_not_serve_has_a_reason(found: dict[str, Glance], name: str, wants: str, reason: str) -> None:
    """A file that can't serve is told why; one that may hold what is wanted under its passphrase is not refused."""
    assert lacks(found[name], wants) == reason


def test_both_halves_find_each_other(found: dict[str, Glance]) -> None:
    """A key names the file of its certificate, and a certificate the file of its key."""
    others = [(name, each) for name, each in found.items() if name != "leaf.key"]
    assert list(partners(found["leaf.key"], others)) == ["Its key belongs to the certificate in leaf.pem, both.pem."]
    others = [(name, each) for name, each in found.items() if name != "leaf.pem"]
    assert list(partners(found["leaf.pem"], others)) == ["The key of its certificate is in leaf.key."]
    assert list(partners(found["root.pem"], others)) == []
    names = [(f"{number}.key", found["leaf.key"]) for number in range(3)]
    assert list(partners(found["leaf.pem"], names)) == [
        "The key of its certificate is in 0.key, 1.key and 1 more file."
    ]


def test_the_key_that_is_named_is_the_nodes_own(found: dict[str, Glance], tmp_path: Path) -> None:
    """Beside a file with a whole chain stands the key of the certificate it is named for, not those of its CAs."""
    (tmp_path / "chain.pem").write_bytes(ROOT.pem + LEAF.pem)
    (tmp_path / "root.key").write_bytes(ROOT.secret.reveal())
    chain, root_key = (glance(str(tmp_path / name), NOW) for name in ("chain.pem", "root.key"))
    others = [("leaf.key", found["leaf.key"]), ("root.key", root_key)]
    assert list(partners(chain, others)) == ["The key of its certificate is in leaf.key."]


def test_a_folder_is_gathered_and_a_named_file_must_hold_something(tmp_path: Path, found: dict[str, Glance]) -> None:
    """A folder gives what it has beside anything else; a file that was named itself is told about."""
    gathered, fault = gather([str(tmp_path)])
    assert set(gathered.certificates) == {LEAF.der, ROOT.der}
    assert gathered.key == LEAF.secret
    assert fault == ""
    gathered, fault = gather([str(tmp_path / "id_rsa"), str(tmp_path / "leaf.pem")])
    assert gathered.certificates == (LEAF.der,)
    assert "SSH key" in fault
