"""`apply` makes a bundle, and converges it: what stands is kept, added to, or replaced only when asked."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from running import PINNED, PKI, Apply, run, tree


def _two(text: str) -> str:
    return text + '[node]\nnames = ["node-1", "node-2"]\n'


def test_a_bundle_appears_whole(apply: Apply, workspace: Path) -> None:
    """The smallest answers give a whole bundle, every file as the answer says, and nothing else in the workspace."""
    made = apply(PINNED)
    assert made.code == 0, made.out + made.err
    document = made.document
    assert document["bundle"] == str(workspace / "payments-eu")
    found = tree(workspace / "payments-eu")
    assert {name for name in found if not name.endswith("/")} == {row["path"] for row in document["files"]}
    assert all(row["action"] == "create" for row in document["files"])
    assert sorted(document["changed"]) == sorted(row["path"] for row in document["files"])
    assert {name for name in workspace.iterdir() if name.name != ".lock"} <= {
        workspace / "payments-eu",
        workspace / ".staging",
        workspace / ".backup",
    }
    assert document["upload"][0]["file"] == "upload/node-1.crt"
    assert document["upload"][0]["state"] == "manual"
    assert [(row["tls"], row["accepted"]) for row in document["rehearsal"]] == [("1.2", True), ("1.3", True)]


def test_every_mode_is_what_it_has_to_be(apply: Apply, workspace: Path) -> None:
    """Folders 0700, keys 0600, scripts 0755, the rest 0644."""
    apply(PKI)
    for name, (mode, _) in tree(workspace / "orders-us").items():
        if name.endswith("/"):
            assert mode == "0700", name
        elif name.endswith(".key"):
            assert mode == "0600", name
        else:
            assert mode == ("0755" if name.endswith(".sh") else "0644"), name


def test_without_json_exactly_the_path_is_printed(tmp_path: Path, workspace: Path) -> None:
    """A pipe gets the path that was made and nothing else."""
    file = tmp_path / "answers.toml"
    file.write_text(PINNED)
    made = run("apply", file, "--workspace", workspace)
    assert (made.code, made.out) == (0, f"{workspace / 'payments-eu'}\n")


@pytest.mark.parametrize("text", [PINNED, PKI], ids=["pinned", "pki"])
def test_the_same_answers_change_nothing(text: str, apply: Apply, workspace: Path) -> None:
    """(a) Keys, certificates and serials stay; nothing is written."""
    apply(text)
    before = tree(workspace)
    again = apply(text)
    assert (again.code, again.document["changed"]) == (0, [])
    assert all(row["action"] == "keep" for row in again.document["files"])
    assert tree(workspace) == before


def test_its_own_copy_applies_to_itself(apply: Apply, workspace: Path) -> None:
    """A bundle's own answers, applied without a workspace, change nothing."""
    apply(PKI)
    before = tree(workspace)
    again = run("apply", workspace / "orders-us" / "konnect-tui.toml", "--json")
    assert (again.code, again.document["changed"]) == (0, [])
    assert tree(workspace) == before


@pytest.mark.parametrize("text", [PINNED, PKI.replace("{1..3}", "{1..2}")], ids=["pinned", "pki"])
def test_another_node_changes_no_other(text: str, apply: Apply, workspace: Path) -> None:
    """(c) A node is added without --replace, and no existing file of another node, CA or upload changes."""
    apply(text)
    bundle = next(path for path in workspace.iterdir() if not path.name.startswith("."))
    before = tree(bundle)
    more = apply(_two(text) if text == PINNED else PKI)
    assert more.code == 0, more.out
    after = tree(bundle)
    changed = {name for name in before if after.get(name) != before[name]}
    assert changed <= {"README.md", "konnect-tui.toml", "compose/compose.yaml", "compose/up.sh"} | {
        name for name in before if name.startswith(("helm/", "network/"))
    }
    assert not (workspace / ".backup").exists() or not list((workspace / ".backup").rglob("*.toml"))
    new = "node-2" if text == PINNED else "edge-3"
    assert f"nodes/{new}/tls.key" in after
    assert {row["name"] for row in more.document["rehearsal"]} >= {new}


def test_another_platform_needs_no_replace(apply: Apply, workspace: Path) -> None:
    """(c) A platform is added without --replace."""
    apply(PINNED)
    before = tree(workspace / "payments-eu")
    more = apply(PINNED + '[output]\nplatforms = ["docker", "linux"]\n')
    assert more.code == 0, more.out
    after = tree(workspace / "payments-eu")
    assert "linux/node-1/kong.conf" in after
    assert {name for name in before if after[name] != before[name]} <= {"README.md", "konnect-tui.toml"}


def test_another_wish_asks_for_replace(apply: Apply, workspace: Path) -> None:
    """(d) Anything else is a diff and exit 3 first; with --replace only what differs is written."""
    apply(_two(PINNED))
    before = tree(workspace / "payments-eu")
    wish = _two(PINNED) + '[platform.docker]\nbind_address = "127.0.0.1"\n'
    refused = apply(wish)
    assert refused.code == 3
    assert refused.document["error"]["code"] == "needs-replace"
    assert tree(workspace / "payments-eu") == before
    done = apply(wish, "--replace")
    assert done.code == 0
    after = tree(workspace / "payments-eu")
    changed = {name for name in before if after[name] != before[name]}
    assert changed == set(done.document["changed"]) == set(refused.document["changed"])
    assert changed <= {"README.md", "konnect-tui.toml"} | {name for name in before if name.startswith("docker/")}
    assert not any(name.startswith("nodes/") for name in changed)


def test_an_edited_file_is_never_written_over_unasked(apply: Apply, workspace: Path) -> None:
    """An edited generated file is exit 3; --replace writes it anew and keeps the edited one in .backup/."""
    apply(PINNED)
    script = workspace / "payments-eu" / "docker" / "node-1" / "run.sh"
    original = script.read_bytes()
    script.write_bytes(original + b"# mine\n")
    assert apply(PINNED).code == 3
    assert script.read_bytes() == original + b"# mine\n"
    done = apply(PINNED, "--replace")
    assert done.code == 0
    assert [name for name in done.document["changed"] if name != "konnect-tui.toml"] == ["docker/node-1/run.sh"]
    assert script.read_bytes() == original
    (kept,) = (workspace / ".backup").rglob("run.sh")
    assert kept.read_bytes() == original + b"# mine\n"


def test_a_missing_file_is_written_again_when_asked(apply: Apply, workspace: Path) -> None:
    """A generated file that is gone is exit 3, and comes back with --replace."""
    apply(PINNED)
    readme = workspace / "payments-eu" / "README.md"
    original = readme.read_bytes()
    readme.unlink()
    assert apply(PINNED).code == 3
    assert apply(PINNED, "--replace").code == 0
    assert readme.read_bytes() == original


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"no key at all\n"),
        lambda path: (path.unlink(), path.with_name("tls.crt").unlink()),
    ],
    ids=["gone", "damaged", "both gone"],
)
def test_a_lost_key_is_never_made_again_unasked(harm: Callable[[Path], object], apply: Apply, workspace: Path) -> None:
    """A missing or mismatched key is exit 3 `key-missing`, cured by --new-keys and nothing else."""
    apply(PINNED)
    harm(workspace / "payments-eu" / "nodes" / "node-1" / "tls.key")
    for options in ((), ("--replace",)):
        refused = apply(PINNED, *options)
        assert (refused.code, refused.document["error"]["code"]) == (3, "key-missing")
    cured = apply(PINNED, "--new-keys")
    assert cured.code == 0, cured.out
    assert all(row["accepted"] for row in cured.document["rehearsal"])


def test_a_lost_certificate_comes_back_with_its_key_kept(apply: Apply, workspace: Path) -> None:
    """A certificate that is gone needs --replace; the key stays, the certificate is new."""
    apply(PINNED)
    node = workspace / "payments-eu" / "nodes" / "node-1"
    key, certificate = (node / "tls.key").read_bytes(), (node / "tls.crt").read_bytes()
    (node / "tls.crt").unlink()
    assert apply(PINNED).code == 3
    assert apply(PINNED, "--replace").code == 0
    assert (node / "tls.key").read_bytes() == key
    assert (node / "tls.crt").read_bytes() != certificate


def test_new_keys_are_all_new_and_the_old_are_kept_aside(apply: Apply, workspace: Path) -> None:
    """--new-keys makes every key anew and moves the old ones, still 0600, to .backup/."""
    apply(PKI)
    before = tree(workspace / "orders-us")
    done = apply(PKI, "--new-keys")
    assert done.code == 0, done.out
    after = tree(workspace / "orders-us")
    keys = [name for name in before if name.endswith(".key")]
    assert keys
    assert all(after[name] != before[name] for name in keys)
    (backup,) = (workspace / ".backup" / "orders-us").iterdir()
    assert re.fullmatch(r"\d{8}T\d{6}Z(-\d+)?", backup.name)
    kept = tree(backup)
    assert all(kept[name] == before[name] for name in keys)


def test_another_life_keeps_the_key(apply: Apply, workspace: Path) -> None:
    """Other dates: the same key, a new certificate, a new upload; the CA stays."""
    apply(PKI)
    before = tree(workspace / "orders-us")
    wish = PKI.replace("[certificate]\n", "[certificate]\ndays = 90\n")
    assert apply(wish).code == 3
    done = apply(wish, "--replace")
    assert done.code == 0, done.out
    after = tree(workspace / "orders-us")
    changed = {name for name in before if after[name] != before[name]}
    assert {f"nodes/edge-{number}/tls.crt" for number in (1, 2, 3)} <= changed
    assert not any(name.endswith(".key") or name.startswith(("ca/", "upload/")) for name in changed)


def test_a_leaf_never_outlives_its_ca(apply: Apply) -> None:
    """A written life beyond the CA's is an error that names it."""
    apply(PKI)
    refused = apply(PKI.replace("[certificate]\n", "[certificate]\nyears = 20\n"), "--replace")
    assert refused.code == 2
    assert refused.codes() == [("certificate.years", "outlives-issuer")]


def test_another_key_type_makes_new_keys(apply: Apply, workspace: Path) -> None:
    """Naming another key type makes the key anew, with --replace."""
    apply(PINNED)
    key = workspace / "payments-eu" / "nodes" / "node-1" / "tls.key"
    before = key.read_bytes()
    wish = PINNED + '[certificate]\nkey = "ec-p384"\n'
    assert apply(wish).code == 3
    assert apply(wish, "--replace").code == 0
    assert key.read_bytes() != before


def test_another_control_plane_is_never_converged(apply: Apply, workspace: Path) -> None:
    """A bundle of the same name for another control plane is exit 2, with --replace too."""
    apply(PINNED)
    before = tree(workspace)
    other = PINNED.replace("acfe5f253f", "0123456789")
    for options in ((), ("--replace",), ("--dry-run",)):
        refused = apply(other, *options)
        assert (refused.code, refused.document["error"]["code"]) == (2, "other-control-plane")
    assert tree(workspace) == before


def test_a_node_that_is_no_longer_wanted_goes_when_asked(apply: Apply, workspace: Path) -> None:
    """Taking out a node removes its files with --replace, and its key is kept in .backup/."""
    apply(_two(PINNED))
    assert apply(PINNED).code == 3
    done = apply(PINNED, "--replace")
    assert done.code == 0
    assert not (workspace / "payments-eu" / "nodes" / "node-2").exists()
    assert list((workspace / ".backup").rglob("nodes/node-2/tls.key"))


def test_a_dry_run_writes_nothing_and_exits_as_the_real_run_would(apply: Apply, workspace: Path) -> None:
    """A dry run leaves no trace, not even a workspace, and says what would be made."""
    foreseen = apply(PINNED, "--dry-run")
    assert foreseen.code == 0
    assert not workspace.exists()
    made = apply(PINNED)
    assert foreseen.document["changed"] == made.document["changed"]
    key = next(row for row in foreseen.document["files"] if row["path"] == "nodes/node-1/tls.key")
    assert (key["sha256"], key["mode"], key["action"]) == (None, "0600", "create")
    readme = next(row for row in foreseen.document["files"] if row["path"] == "README.md")
    assert readme["sha256"] == next(row["sha256"] for row in made.document["files"] if row["path"] == "README.md")
    before = tree(workspace)
    wish = PINNED + '[gateway]\nversion = "3.10"\n'
    assert apply(wish, "--dry-run").code == 3
    assert apply(wish, "--dry-run", "--replace").code == 0
    assert tree(workspace) == before


def test_a_dry_run_prints_the_diff(tmp_path: Path, workspace: Path, apply: Apply) -> None:
    """Without --json a dry run prints what would change, line by line, and never a key."""
    apply(PINNED)
    file = tmp_path / "other.toml"
    file.write_text(PINNED + '[gateway]\nversion = "3.10.0.17"\n')
    shown = run("apply", file, "--workspace", workspace, "--dry-run")
    assert shown.code == 3
    assert "3.10.0.17" in shown.out
    assert "PRIVATE" not in shown.out + shown.err


def test_what_a_default_was_is_kept(apply: Apply, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A default that would resolve to something newer today stays what it was until it is named."""
    apply(PINNED)
    monkeypatch.setattr("konnect_tui.resolve.default_version", lambda today: "3.15.0.4")
    assert apply(PINNED).document["changed"] == []
    env = workspace / "payments-eu" / "docker" / "node-1" / "run.sh"
    assert "3.14.0.13" in env.read_text()
    assert apply(_two(PINNED)).code == 0
    assert "3.14.0.13" in (workspace / "payments-eu" / "docker" / "node-2" / "run.sh").read_text()
    assert apply(_two(PINNED), "--replace").code == 0
    assert "3.15.0.4" in env.read_text()


def test_the_operators_own_files_stay(apply: Apply, workspace: Path) -> None:
    """A file that konnect-tui did not write stays where it is through a replacement, and so does state/."""
    apply(PINNED)
    bundle = workspace / "payments-eu"
    (bundle / "notes.txt").write_text("mine")
    (bundle / "state" / "node-1").mkdir(parents=True)
    (bundle / "state" / "node-1" / "kong.id").write_text("id")
    inode = (bundle / "state" / "node-1").stat().st_ino
    assert apply(PINNED + '[gateway]\nversion = "3.10"\n', "--replace").code == 0
    assert (bundle / "notes.txt").read_text() == "mine"
    assert (bundle / "state" / "node-1" / "kong.id").read_text() == "id"
    assert (bundle / "state" / "node-1").stat().st_ino == inode


def test_answers_edited_in_the_bundle_are_followed(apply: Apply, workspace: Path) -> None:
    """Editing a bundle's own copy and applying it changes the bundle, as its first line says."""
    apply(PINNED)
    own = workspace / "payments-eu" / "konnect-tui.toml"
    text = own.read_text()
    own.write_text(text.replace("\n[manifest]\n", '\n[node]\nnames = ["node-1", "node-2"]\n\n[manifest]\n', 1))
    more = run("apply", own, "--json")
    assert more.code == 0, more.out
    assert (workspace / "payments-eu" / "nodes" / "node-2" / "tls.key").exists()
    assert run("apply", own, "--json").document["changed"] == []


def test_an_encrypted_ca_key_needs_its_passphrase(
    apply: Apply, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a passphrase nothing is made, dry run or not; with it the CA's key is encrypted on disk."""
    text = PKI.replace('ca_key = "plain"\n', "")
    monkeypatch.delenv("KONNECT_TUI_CA_PASSPHRASE", raising=False)
    for options in ((), ("--dry-run",)):
        refused = apply(text, *options)
        assert (refused.code, refused.document["error"]["code"]) == (2, "passphrase-needed")
    assert not (workspace / "orders-us").exists()
    monkeypatch.setenv("KONNECT_TUI_CA_PASSPHRASE", "correct horse")
    assert apply(text).code == 0
    assert b"ENCRYPTED" in (workspace / "orders-us" / "ca" / "root.key").read_bytes()
    monkeypatch.setenv("KONNECT_TUI_CA_PASSPHRASE", "wrong")
    more = text.replace("{1..3}", "{1..4}")
    refused = apply(more)
    assert (refused.code, refused.document["error"]["code"]) == (2, "wrong-passphrase")
    monkeypatch.delenv("KONNECT_TUI_CA_PASSPHRASE")
    assert apply(text).document["changed"] == []


def test_a_discarded_ca_key_signs_no_more(apply: Apply, workspace: Path) -> None:
    """With `ca_key = "discard"` no CA key is on disk, and another node needs new keys."""
    text = PKI.replace('"plain"', '"discard"')
    assert apply(text).code == 0
    assert not list((workspace / "orders-us" / "ca").glob("*.key"))
    assert apply(text).document["changed"] == []
    refused = apply(text.replace("{1..3}", "{1..4}"))
    assert refused.document["error"]["code"] == "ca-key-discarded"


def test_a_shared_key_is_one_key(apply: Apply, workspace: Path) -> None:
    """With `per = "bundle"` all nodes have the same key, and one certificate is uploaded."""
    done = apply(_two(PINNED) + '[certificate]\nper = "bundle"\n')
    assert done.code == 0, done.out
    nodes = workspace / "payments-eu" / "nodes"
    assert (nodes / "node-1" / "tls.key").read_bytes() == (nodes / "node-2" / "tls.key").read_bytes()
    assert [row["file"] for row in done.document["upload"]] == ["upload/shared.crt"]


def test_only_what_konnect_does_not_have_yet_is_to_be_given(apply: Apply, tmp_path: Path, workspace: Path) -> None:
    """What is to be uploaded is said when it is new; a dry run knows the digest of what is there already."""
    apply(PINNED)
    foreseen = apply(_two(PINNED), "--dry-run")
    done = run("apply", tmp_path / "answers.toml", "--workspace", workspace)
    assert "give Konnect: upload/node-2.crt" in done.err
    assert "upload/node-1.crt" not in done.err
    known = {row["file"]: row["sha256"] for row in apply(_two(PINNED)).document["upload"]}
    assert {row["file"]: row["sha256"] for row in foreseen.document["upload"]} == {**known, "upload/node-2.crt": None}
