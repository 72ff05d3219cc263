"""`konnect-tui inspect`, on files as they come."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import cryptography_vectors
import pytest
from certificate_maker import make
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from running import run

CA = make("ca", ca=True)
LEAF = CA.issue("leaf")
FILE = ["path", "certificates", "keys", "mends", "error"]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """PKCS#12 under a passphrase."""
    sealed = serialization.BestAvailableEncryption(b"correct horse")
    path = tmp_path / "store.p12"
    path.touch(0o600)
    data = pkcs12.serialize_key_and_certificates(None, LEAF.key, LEAF.certificate, [CA.certificate], sealed)
    path.write_bytes(data)
    return path


def test_a_pair_in_one_settings_file(tmp_path: Path) -> None:
    """A certificate and its key out of a settings file are listed, matched, and what was not clean is said."""
    path = tmp_path / "settings.env"
    path.touch(0o600)
    both = (LEAF.pem + LEAF.secret.reveal()).decode()
    path.write_text(f"TLS={json.dumps(both)}\n", encoding="utf-8")
    told = run("inspect", path, "--json")
    [file] = told.document["files"]
    assert (told.code, list(file)) == (0, FILE)
    assert file["keys"] == [{"type": "ec-p256", "encrypted": False, "matches": [file["certificates"][0]["sha256"]]}]
    assert "Its line breaks are written as \\n." in file["mends"]
    assert "not clean PEM: Its line breaks are written as \\n." in run("inspect", path).out


def test_passphrase_comes_from_the_environment(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PKCS#12 is opened with KONNECT_TUI_PASSPHRASE; without it, and with a wrong one, the exit is 2 and says why."""
    for told, code in ((None, "passphrase-needed"), ("wrong", "wrong-passphrase")):
        if told:
            monkeypatch.setenv("KONNECT_TUI_PASSPHRASE", told)
        outcome = run("inspect", store, "--json")
        assert (outcome.code, outcome.document["files"][0]["error"]["code"]) == (2, code)
    monkeypatch.setenv("KONNECT_TUI_PASSPHRASE", "correct horse")
    outcome = run("inspect", store, "--json")
    [file] = outcome.document["files"]
    assert (outcome.code, len(file["certificates"])) == (0, 2)
    assert file["keys"][0]["matches"] == [file["certificates"][0]["sha256"]]
    verdict = run("judge", "--mode", "pinned", "--uploaded", store, "--presented", store, "--key", store, "--json")
    assert verdict.document["key_proven"] is True


def test_encrypted_key_is_listed_without_passphrase(tmp_path: Path) -> None:
    """An encrypted key is listed as such, of unknown type, and the exit is 0."""
    sealed = serialization.BestAvailableEncryption(b"x")
    path = tmp_path / "key.pem"
    path.touch(0o600)
    path.write_bytes(LEAF.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed))
    told = run("inspect", path, "--json")
    assert told.code == 0
    assert told.document["files"][0]["keys"] == [{"type": None, "encrypted": True, "matches": []}]


def test_good_files_are_listed_beside_bad_ones(tmp_path: Path) -> None:
    """Every file is told, whatever the others are; one that cannot be read makes the exit 2."""
    (tmp_path / "good.der").write_bytes(LEAF.der)
    (tmp_path / "bad.pem").write_bytes(LEAF.pem[:200])
    (tmp_path / "keystore").write_bytes(b"\xfe\xed\xfe\xed\0\0\0\2" + bytes(20))
    (tmp_path / "secret.yaml").write_bytes(b"data:\n  tls.crt: " + base64.b64encode(LEAF.pem) + b"\n")
    os.mkfifo(tmp_path / "fifo")
    told = run("inspect", *sorted(tmp_path.iterdir()), "--json")
    rows = {Path(file["path"]).name: file for file in told.document["files"]}
    codes = {name: file["error"] and file["error"]["code"] for name, file in rows.items()}
    assert told.code == 2
    assert codes == {
        "bad.pem": "truncated",
        "fifo": "not-a-file",
        "good.der": None,
        "keystore": "is-java-keystore",
        "secret.yaml": None,
    }
    assert rows["secret.yaml"]["certificates"] == rows["good.der"]["certificates"]


def test_odd_certificates_cause_no_talk() -> None:
    """What cryptography has to say about a certificate's oddities does not reach the operator."""
    folder = Path(cryptography_vectors.__file__).parent / "x509"
    odd = [folder / name for name in ("custom/bad_country.pem", "belgian-eid-invalid-visiblestring.pem")]
    command = [sys.executable, "-W", "always::UserWarning", "-m", "konnect_tui", "inspect", *map(str, odd)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
