"""`source = "import"`: certificates and keys that others made become a bundle, whatever form their files have."""

from pathlib import Path
from typing import Any

import pytest
from certificate_maker import DAY, NOW, SERVER, Made, make, small_rsa
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import pkcs12
from running import Apply, control_plane, run, tree

PINNED, PKI = control_plane("pinned"), control_plane("pki")


class Chain:
    """A root, an intermediate and a leaf, and their files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = make("R1", ca=True)
        self.intermediate = self.root.issue("I1", ca=True)
        self.leaf = self.intermediate.issue("edge-1")

    def write(self, name: str, *parts: bytes) -> str:
        path = self.folder / name
        path.write_bytes(b"".join(parts))
        return str(path)

    def key(self, made: Made | None = None, name: str = "leaf.key") -> str:
        return self.write(name, (made or self.leaf).secret.reveal())


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A chain in a folder of its own."""
    (tmp_path / "given").mkdir()
    return Chain(tmp_path / "given")


def _import(certificate: str, key: str | None = None, more: str = "") -> str:
    named = f"private_key = {key!r}\n" if key else ""
    return f'[certificate]\nsource = "import"\ncertificate = {certificate!r}\n{named}{more}'


def _names(path: Path) -> list[str]:
    found = x509.load_pem_x509_certificates(path.read_bytes())
    return [each.subject.rfc4514_string() for each in found]


def test_a_pinned_leaf_is_taken_alone(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Pinned: the node presents the leaf alone, and exactly that leaf is uploaded, though its whole chain was given."""
    given = chain.write("chain.pem", chain.root.pem, chain.leaf.pem, chain.intermediate.pem)
    made = apply(PINNED + _import(given, chain.key()))
    assert made.code == 0, made.out
    bundle = workspace / "payments-eu"
    assert _names(bundle / "nodes/node-1/tls.crt") == ["CN=edge-1"]
    assert (
        (bundle / "upload/node-1.crt").read_bytes() == chain.leaf.pem == (bundle / "nodes/node-1/tls.crt").read_bytes()
    )
    assert (bundle / "nodes/node-1/tls.key").read_bytes() == chain.leaf.secret.reveal()
    assert [(row["tls"], row["accepted"]) for row in made.document["rehearsal"]] == [("1.2", True), ("1.3", True)]
    assert ("certificate.certificate", "repaired") in made.codes("note")


@pytest.mark.parametrize(
    ("upload", "presented", "uploaded"),
    [("root", ["CN=edge-1", "CN=I1"], "CN=R1"), ("intermediate", ["CN=edge-1"], "CN=I1")],
)
def test_pki_gets_exactly_what_it_needs(
    apply: Apply, chain: Chain, workspace: Path, upload: str, presented: list[str], uploaded: str
) -> None:
    """PKI: in whatever order the chain comes, the node presents what the upload requires and nothing else."""
    given = chain.write("chain.pem", chain.root.pem, chain.intermediate.pem, chain.leaf.pem, chain.root.pem)
    made = apply(PKI + _import(given, chain.key(), f'upload = "{upload}"\n'))
    assert made.code == 0, made.out
    bundle = workspace / "payments-eu"
    assert _names(bundle / "nodes/node-1/tls.crt") == presented
    assert _names(bundle / "upload/ca.crt") == [uploaded]
    assert [row["file"] for row in made.document["upload"]] == ["upload/ca.crt"]
    assert all(row["accepted"] for row in made.document["rehearsal"])


def test_root_is_the_topmost_that_was_given(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Of cross-signed twins the one whose root came along decides: a root goes before a CA whose own is missing."""
    middle = make("Old Root", ca=True).issue("X", ca=True)
    twin = chain.root.issue("X", ca=True, key=middle.key)
    leaf = middle.issue("edge-1")
    for twins in ((middle, twin), (twin, middle)):
        given = chain.write("chain.pem", leaf.pem, *(each.pem for each in twins), chain.root.pem)
        made = apply(PKI + _import(given, chain.key(leaf)))
        assert made.code == 0, made.out
        assert _names(workspace / "payments-eu/upload/ca.crt") == ["CN=R1"]
        assert (workspace / "payments-eu/nodes/node-1/tls.crt").read_bytes() == leaf.pem + twin.pem


def test_the_chain_may_come_in_a_file_of_its_own(apply: Apply, chain: Chain, workspace: Path) -> None:
    """What is missing behind the leaf is taken from `chain`, and that is said."""
    above = chain.write("ca-bundle.pem", chain.root.pem, chain.intermediate.pem)
    made = apply(PKI + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key(), f"chain = {above!r}\n"))
    assert made.code == 0, made.out
    assert _names(workspace / "payments-eu/nodes/node-1/tls.crt") == ["CN=edge-1", "CN=I1"]
    told = [row["message"] for row in made.document["problems"] if row["code"] == "repaired"]
    assert any("I1" in message and "behind" in message for message in told)


def test_pkcs12_with_a_passphrase_becomes_plain_files(
    apply: Apply, chain: Chain, workspace: Path, tmp_path: Path
) -> None:
    """A PKCS#12 container gives leaf, chain and key; its passphrase comes from a file and stays out of the bundle."""
    container = pkcs12.serialize_key_and_certificates(
        b"edge",
        chain.leaf.key,
        chain.leaf.certificate,
        [chain.intermediate.certificate, chain.root.certificate],
        serialization.BestAvailableEncryption(b"correct horse"),
    )
    given = chain.write("edge.p12", container)
    locked = apply(PKI + _import(given))
    assert (locked.code, locked.codes()) == (2, [("certificate.passphrase_file", "passphrase-needed")])
    (tmp_path / "pass").write_text("wrong\n")
    told = _import(given, more=f"passphrase_file = '{tmp_path / 'pass'}'\n")
    wrong = apply(PKI + told)
    assert (wrong.code, wrong.codes()) == (2, [("certificate.passphrase_file", "wrong-passphrase")])
    (tmp_path / "pass").write_text("correct horse\n")
    made = apply(PKI + told)
    assert made.code == 0, made.out
    assert _names(workspace / "payments-eu/nodes/node-1/tls.crt") == ["CN=edge-1", "CN=I1"]
    assert b"correct horse" not in b"".join(content for _, content in tree(workspace).values())


def test_the_same_import_changes_nothing(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Applied again, from the same answers or from its own copy, a bundle of imports stays byte for byte."""
    given = chain.write("chain.pem", chain.leaf.pem, chain.intermediate.pem, chain.root.pem)
    text = PKI + _import(given, chain.key())
    apply(text)
    before = tree(workspace)
    again = apply(text)
    assert (again.code, again.document["changed"]) == (0, [])
    own = run("apply", workspace / "payments-eu/konnect-tui.toml", "--json")
    assert (own.code, own.document["changed"]) == (0, []), own.out
    assert tree(workspace) == before


def test_its_own_copy_needs_nothing_from_outside(apply: Apply, chain: Chain, workspace: Path) -> None:
    """The bundle's own answers name leaf, key and CA by their places inside it, so the given files may go."""
    given = chain.write("chain.pem", chain.leaf.pem, chain.intermediate.pem, chain.root.pem)
    apply(PKI + _import(given, chain.key()))
    for file in chain.folder.iterdir():
        file.unlink()
    own = workspace / "payments-eu/konnect-tui.toml"
    assert str(chain.folder) not in own.read_text()
    again = run("apply", own, "--json")
    assert (again.code, again.document["changed"]) == (0, []), again.out


def test_a_renewed_certificate_replaces_the_old_one_only_when_asked(
    apply: Apply, chain: Chain, workspace: Path
) -> None:
    """Another certificate for the same key is another certificate: the diff and exit 3, then --replace."""
    path = chain.write("leaf.pem", chain.leaf.pem)
    text = PINNED + _import(path, chain.key())
    apply(text)
    renewed = chain.intermediate.issue("edge-1", key=chain.leaf.key, ends=NOW + 700 * DAY)
    chain.write("leaf.pem", renewed.pem)
    refused = apply(text)
    assert (refused.code, refused.document["error"]["code"]) == (3, "needs-replace")
    assert "nodes/node-1/tls.key" not in refused.document["changed"]
    made = apply(text, "--replace")
    assert made.code == 0, made.out
    assert (workspace / "payments-eu/upload/node-1.crt").read_bytes() == renewed.pem
    assert any((workspace / ".backup").rglob("tls.crt"))


def test_every_node_may_have_files_of_its_own(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Each [[node.each]] names its node's certificate; a node is added without touching the others."""
    second = chain.intermediate.issue("edge-2")
    above = chain.write("ca.pem", chain.intermediate.pem, chain.root.pem)
    first_crt, first_key = chain.write("1.pem", chain.leaf.pem), chain.key(name="1.key")
    second_crt, second_key = chain.write("2.pem", second.pem), chain.key(second, "2.key")

    def text(count: int) -> str:
        entries = [("edge-1", first_crt, first_key), ("edge-2", second_crt, second_key)][:count]
        each = "".join(
            f'[[node.each]]\nname = "{name}"\ncertificate = {crt!r}\nprivate_key = {key!r}\n'
            for name, crt, key in entries
        )
        names = ", ".join(f'"{name}"' for name, _, _ in entries)
        return f'{PKI}[certificate]\nsource = "import"\nchain = {above!r}\n[node]\nnames = [{names}]\n{each}'

    assert apply(text(1)).code == 0
    before = tree(workspace / "payments-eu")
    made = apply(text(2))
    assert made.code == 0, made.out
    after = tree(workspace / "payments-eu")
    kept = {path for path in before if path.startswith(("nodes/edge-1", "upload/"))}
    assert {path: after[path] for path in kept} == {path: before[path] for path in kept}
    assert _names(workspace / "payments-eu/nodes/edge-2/tls.crt") == ["CN=edge-2", "CN=I1"]
    own = run("apply", workspace / "payments-eu/konnect-tui.toml", "--json")
    assert (own.code, own.document["changed"]) == (0, []), own.out


def test_one_certificate_for_all_nodes_is_said_so(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Several nodes share one imported certificate only with per = "bundle"."""
    given = chain.write("leaf.pem", chain.leaf.pem)
    nodes = '[node]\nnames = ["edge-{1..2}"]\n'
    refused = apply(PINNED + _import(given, chain.key()) + nodes)
    assert (refused.code, refused.codes()) == (2, [("certificate.certificate", "conflicting-values")])
    made = apply(PINNED + _import(given, chain.key(), 'per = "bundle"\n') + nodes)
    assert made.code == 0, made.out
    assert (workspace / "payments-eu/upload/shared.crt").read_bytes() == chain.leaf.pem
    assert (workspace / "payments-eu/nodes/edge-2/tls.crt").read_bytes() == chain.leaf.pem


def test_no_nodes_with_pki_is_for_uploading_only(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Without nodes the topmost CA of the chain is what Konnect is given."""
    above = chain.write("ca.pem", chain.intermediate.pem, chain.root.pem)
    made = apply(f'{PKI}[certificate]\nsource = "import"\nchain = {above!r}\n[node]\nnames = []\n')
    assert made.code == 0, made.out
    assert _names(workspace / "payments-eu/upload/ca.crt") == ["CN=R1"]


def _expired(chain: Chain) -> Made:
    return chain.intermediate.issue("edge-1", begins=NOW - 20 * DAY, ends=NOW - DAY)


REFUSED: dict[str, Any] = {
    "expired": (_expired, "expired"),
    "server only": (lambda chain: chain.intermediate.issue("edge-1", purposes=SERVER), "wrong-purpose"),
    "weak key": (lambda chain: chain.intermediate.issue("edge-1", key=small_rsa()), "weak-key"),
}


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_what_no_control_plane_takes_is_refused_before_anything_is_written(
    apply: Apply, chain: Chain, workspace: Path, case: str
) -> None:
    """A certificate that the control plane would refuse stops the run with its cause, and leaves nothing behind."""
    maker, code = REFUSED[case]
    bad = maker(chain)
    given = chain.write("leaf.pem", bad.pem, chain.intermediate.pem, chain.root.pem)
    for options in ((), ("--dry-run",)):
        made = apply(PKI + _import(given, chain.key(bad)), *options)
        assert (made.code, made.codes()[:1]) == (2, [("certificate.certificate", code)]), made.out
        assert not (workspace / "payments-eu").exists()


def test_an_expired_pin_is_taken_with_a_warning(apply: Apply, chain: Chain) -> None:
    """A pinned control plane compares bytes; what it does with an expired one Konnect does not say."""
    bad = _expired(chain)
    made = apply(PINNED + _import(chain.write("leaf.pem", bad.pem), chain.key(bad)))
    assert made.code == 0, made.out
    assert ("certificate.certificate", "expired-pinned") in made.codes("warning")


def test_a_key_of_another_certificate_is_named(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Certificate and key that do not belong together are told at the key."""
    stranger = make("stranger")
    made = apply(PINNED + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key(stranger, "other.key")))
    assert (made.code, made.codes()) == (2, [("certificate.private_key", "key-mismatch")])
    assert "other.key" in made.document["problems"][0]["message"]
    assert not workspace.exists() or not any(path.name == "payments-eu" for path in workspace.iterdir())


@pytest.mark.parametrize("curve", [ec.SECP256K1, ec.SECP224R1])
def test_a_key_that_tls_can_not_use_is_named_as_such(apply: Apply, chain: Chain, curve: type[ec.EllipticCurve]) -> None:
    """A key of a type without use in TLS is told for what it is, whether or not the certificate is for it."""
    odd = chain.intermediate.issue("edge-1", key=ec.generate_private_key(curve()))
    made = apply(PINNED + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key(odd, "odd.key")))
    assert (made.code, made.codes()) == (2, [("certificate.private_key", "unsupported-key")])
    both = apply(PINNED + _import(chain.write("odd.pem", odd.pem), chain.key(odd, "odd.key")))
    assert (both.code, both.codes()) == (2, [("certificate.certificate", "key-type-unusable")])


_SSH = (
    ed25519.Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (_SSH, "is-ssh"), (b"hello", "not-a-certificate")],
    ids=["empty", "ssh", "text"],
)
def test_a_file_that_is_something_else_is_named(apply: Apply, chain: Chain, content: bytes, code: str) -> None:
    """What the file is instead is said at the key that names it."""
    made = apply(PINNED + _import(chain.write("leaf.pem", content), chain.key()))
    assert (made.code, made.codes()) == (2, [("certificate.certificate", code)])


def test_without_a_key_the_certificate_can_not_be_presented(apply: Apply, chain: Chain) -> None:
    """A certificate alone is told apart from a key file that has no key in it."""
    given = chain.write("leaf.pem", chain.leaf.pem)
    assert apply(PINNED + _import(given)).codes() == [("certificate.private_key", "missing-key")]
    assert apply(PINNED + _import(given, given)).codes() == [("certificate.private_key", "is-certificate")]


def test_pki_without_a_ca_says_which_is_wanted(apply: Apply, chain: Chain) -> None:
    """A leaf alone does not tell Konnect whom to trust: the missing issuer is named."""
    made = apply(PKI + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key()))
    assert (made.code, made.codes()) == (2, [("certificate.chain", "missing-key")])
    assert "I1" in made.document["problems"][0]["message"]


def test_keys_of_other_sources_are_never_ignored(apply: Apply, chain: Chain) -> None:
    """A wish that an imported certificate can't follow is an error, not a silence."""
    given = chain.write("leaf.pem", chain.leaf.pem)
    made = apply(PINNED + _import(given, chain.key(), 'years = 3\nkey = "ec-p384"\ncommon_name = "x"\n'))
    assert (made.code, {field for field, code in made.codes() if code == "not-applicable"}) == (
        2,
        {"certificate.years", "certificate.key", "certificate.common_name"},
    )


@pytest.mark.parametrize("lost", ["gone", "another", "damaged"])
def test_a_lost_key_is_never_made_up(apply: Apply, chain: Chain, workspace: Path, lost: str) -> None:
    """A bundle's key that is gone or another's is `key-missing`; only the original answers bring it back, when asked.

    The bundle's own copy names the key in the bundle itself, and has no other.
    """
    text = PINNED + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key())
    apply(text)
    key = workspace / "payments-eu/nodes/node-1/tls.key"
    match lost:
        case "gone":
            key.unlink()
        case "another":
            key.write_bytes(make("x").secret.reveal())
        case _:
            key.write_bytes(b"rubbish")
    for told in ([], ["--dry-run"]):
        gone = run("apply", workspace / "payments-eu/konnect-tui.toml", "--json", *told)
        assert (gone.code, gone.document["error"]["code"]) == (3, "key-missing")
        unasked = apply(text, *told)
        assert (unasked.code, unasked.document["error"]["code"]) == (3, "key-missing")
        assert "--replace" in unasked.document["error"]["hint"]
    assert apply(text, "--replace").code == 0
    assert key.read_bytes() == chain.leaf.secret.reveal()


def test_going_from_made_here_to_imported_needs_replace(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Another source is another key: the old one goes to the backup, and only when that was asked for."""
    apply(PINNED)
    old = (workspace / "payments-eu/nodes/node-1/tls.key").read_bytes()
    text = PINNED + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key())
    assert apply(text).document["error"]["code"] == "needs-replace"
    assert apply(text, "--replace").code == 0
    assert (workspace / "payments-eu/nodes/node-1/tls.key").read_bytes() == chain.leaf.secret.reveal()
    assert any(path.read_bytes() == old for path in (workspace / ".backup").rglob("tls.key"))
    back = apply(PINNED, "--replace")
    assert back.code == 0, back.out
    assert (workspace / "payments-eu/nodes/node-1/tls.key").read_bytes() != chain.leaf.secret.reveal()


def test_new_keys_can_not_be_made_for_imports(apply: Apply, chain: Chain) -> None:
    """--new-keys with imported keys is an error that says what to do instead."""
    made = apply(PINNED + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key()), "--new-keys")
    assert (made.code, made.codes()) == (2, [("certificate.source", "not-applicable")])


def test_a_dry_run_knows_what_was_given(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Nothing has to be made: the dry run tells every digest that the real run then has, and writes nothing."""
    text = PINNED + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key())
    foreseen = apply(text, "--dry-run")
    assert foreseen.code == 0, foreseen.out
    assert not (workspace / "payments-eu").exists()
    made = apply(text)
    own_copy = {"konnect-tui.toml"}
    assert {row["path"]: row["sha256"] for row in foreseen.document["files"] if row["path"] not in own_copy} == {
        row["path"]: row["sha256"] for row in made.document["files"] if row["path"] not in own_copy
    }
    assert foreseen.document["upload"] == made.document["upload"]


def test_a_lost_certificate_is_named_as_the_bundle_s_own(apply: Apply, chain: Chain, workspace: Path) -> None:
    """Its own copy applied without the certificate in the bundle says that this is gone, not that a path is wrong."""
    text = PINNED + _import(chain.write("leaf.pem", chain.leaf.pem), chain.key())
    apply(text)
    (workspace / "payments-eu/nodes/node-1/tls.crt").unlink()
    gone = run("apply", workspace / "payments-eu/konnect-tui.toml", "--json")
    assert (gone.code, gone.codes()) == (2, [("certificate.certificate", "not-found")])
    assert "gone from the bundle" in gone.document["problems"][0]["message"]
    assert apply(text, "--replace").code == 0
    assert (workspace / "payments-eu/nodes/node-1/tls.crt").read_bytes() == chain.leaf.pem
