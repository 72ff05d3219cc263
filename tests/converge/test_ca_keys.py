"""The keys of the CAs made here: opened only when needed, never swapped unseen, and foreseen by a dry run."""

import shutil
from pathlib import Path

import pytest
from running import PKI, Apply

SEALED = PKI.replace('ca_key = "plain"\n', "")


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase is in the environment."""
    monkeypatch.setenv("KONNECT_TUI_CA_PASSPHRASE", "correct horse")


def _both(apply: Apply, text: str, *options: str) -> tuple[int, str]:
    """Exit status and code of the dry run and of the real one, which have to be the same."""
    foreseen, done = apply(text, "--dry-run", *options), apply(text, *options)
    codes = [(run.code, (run.document["error"] or {}).get("code", "")) for run in (foreseen, done)]
    assert codes[0] == codes[1]
    return codes[1]


def test_another_key_in_the_place_of_a_sealed_one_is_never_taken_for_it(apply: Apply, workspace: Path) -> None:
    """A sealed CA key whose file was changed is opened and compared: `key-missing`, with --replace too."""
    apply(SEALED)
    ca = workspace / "orders-us" / "ca"
    shutil.copyfile(ca / "intermediate-1.key", ca / "root.key")
    assert _both(apply, SEALED) == (3, "needs-replace")
    assert _both(apply, SEALED, "--replace") == (3, "key-missing")
    assert _both(apply, SEALED, "--new-keys") == (0, "")


def test_a_sealed_key_that_was_changed_needs_its_passphrase(
    apply: Apply, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the passphrase nobody can say whether a changed file is still the key."""
    apply(SEALED)
    key = workspace / "orders-us" / "ca" / "root.key"
    key.write_bytes(key.read_bytes() + b"\n")
    monkeypatch.delenv("KONNECT_TUI_CA_PASSPHRASE")
    assert _both(apply, SEALED, "--replace") == (2, "passphrase-needed")
    monkeypatch.setenv("KONNECT_TUI_CA_PASSPHRASE", "correct horse")
    assert _both(apply, SEALED, "--replace") == (0, "")


def test_a_dry_run_tries_the_passphrase(apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong passphrase is exit 2 in a dry run as in the real run; where both ask first, --replace comes first."""
    apply(SEALED)
    wish = SEALED.replace("[certificate]\n", '[certificate]\norganization = "Acme"\n')
    monkeypatch.setenv("KONNECT_TUI_CA_PASSPHRASE", "wrong")
    assert _both(apply, wish) == (3, "needs-replace")
    assert _both(apply, wish, "--replace") == (2, "wrong-passphrase")
    monkeypatch.delenv("KONNECT_TUI_CA_PASSPHRASE")
    assert _both(apply, wish) == (3, "needs-replace")
    assert _both(apply, wish, "--replace") == (2, "passphrase-needed")


def test_a_passphrase_file_matters_only_where_it_is_needed(apply: Apply, tmp_path: Path) -> None:
    """A bundle that is whole needs no passphrase, so a file that is gone is no fault; a new node needs it."""
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    text = SEALED.replace("[certificate]\n", '[certificate]\nca_passphrase_file = "passphrase"\n')
    assert apply(text).code == 0
    file.unlink()
    assert _both(apply, text) == (0, "")
    assert _both(apply, text.replace("{1..3}", "{1..4}")) == (2, "invalid-input")


@pytest.mark.parametrize("name", ["gone", "a\\u0000b", "."])
def test_a_passphrase_file_that_cannot_be_used_is_named(name: str, apply: Apply) -> None:
    """Whatever is wrong with the file is a problem of its key."""
    text = SEALED.replace("[certificate]\n", f'[certificate]\nca_passphrase_file = "{name}"\n')
    assert _both(apply, text) == (2, "invalid-input")
    assert [field for field, _ in apply(text, "--dry-run").codes()] == ["certificate.ca_passphrase_file"]
