"""`source = "issue"`: the operator's own CA signs the nodes' certificates, and its key stays where it is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from certificate_maker import DAY, NOW, Made, make
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from running import Apply, control_plane, run, tree

PINNED, PKI = control_plane("pinned"), control_plane("pki")


class Authority:
    """A root and an intermediate as a company has them, in files outside the workspace."""

    def __init__(self, folder: Path, key: object = None, **form: object) -> None:
        folder.mkdir()
        self.folder = folder
        self.root = make("Corp Root", ca=True)
        self.intermediate = self.root.issue("Corp Nodes", ca=True, key=key, **form)

    def answers(self, more: str = "", made: Made | None = None, passphrase: bytes | None = None) -> str:
        issuing = made or self.intermediate
        (self.folder / "ca.crt").write_bytes(issuing.pem)
        (self.folder / "root.crt").write_bytes(self.root.pem)
        encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        key = issuing.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        (self.folder / "ca.key").write_bytes(key)
        lines = f"ca_certificate = '{self.folder / 'ca.crt'}'\nca_key_file = '{self.folder / 'ca.key'}'\n"
        if issuing is not self.root:
            lines += f"chain = '{self.folder / 'root.crt'}'\n"
        return f'[certificate]\nsource = "issue"\n{lines}{more}'


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The company's CA."""
    return Authority(tmp_path / "corp")


def _certificates(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


def _names(path: Path) -> list[str]:
    return [each.subject.rfc4514_string() for each in _certificates(path)]


@pytest.mark.parametrize(
    ("upload", "presented", "uploaded"),
    [
        ("root", ["CN=node-1.Payments", "CN=Corp Nodes"], "CN=Corp Root"),
        ("intermediate", ["CN=node-1.Payments"], "CN=Corp Nodes"),
    ],
)
def test_an_intermediate_of_the_operator_issues_the_leaves(
    apply: Apply, authority: Authority, workspace: Path, upload: str, presented: list[str], uploaded: str
) -> None:
    """The leaf is issued by the given CA; what is presented follows from what is uploaded; no CA key is copied."""
    made = apply(PKI + authority.answers(f'upload = "{upload}"\n'))
    assert made.code == 0, made.out
    bundle = workspace / "payments-eu"
    assert _names(bundle / "nodes/node-1/tls.crt") == presented
    assert _names(bundle / "upload/ca.crt") == [uploaded]
    assert all(row["accepted"] for row in made.document["rehearsal"])
    assert not (bundle / "ca").exists()
    leaf = _certificates(bundle / "nodes/node-1/tls.crt")[0]
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    secret = authority.intermediate.secret.reveal()
    assert all(content != secret for _, content in tree(workspace).values())


def test_a_pinned_leaf_may_be_issued_too(apply: Apply, authority: Authority, workspace: Path) -> None:
    """Pinned: each leaf is issued by the CA, comes alone, and is itself what Konnect is given."""
    made = apply(PINNED + authority.answers() + '[node]\nnames = ["edge-{1..2}"]\n')
    assert made.code == 0, made.out
    bundle = workspace / "payments-eu"
    assert len(_certificates(bundle / "nodes/edge-1/tls.crt")) == 1
    assert (bundle / "upload/edge-2.crt").read_bytes() == (bundle / "nodes/edge-2/tls.crt").read_bytes()
    assert _certificates(bundle / "upload/edge-2.crt")[0].issuer.rfc4514_string() == "CN=Corp Nodes"


def test_the_same_answers_need_no_ca_key(apply: Apply, authority: Authority, workspace: Path) -> None:
    """Applied again nothing changes, and the CA's key isn't even opened: it may be offline by then."""
    text = PKI + authority.answers()
    apply(text)
    before = tree(workspace)
    (authority.folder / "ca.key").unlink()
    again = apply(text)
    assert (again.code, again.document["changed"]) == (0, []), again.out
    own = run("apply", workspace / "payments-eu/konnect-tui.toml", "--json")
    assert (own.code, own.document["changed"]) == (0, []), own.out
    assert tree(workspace) == before


def test_another_node_is_issued_beside_the_others(apply: Apply, authority: Authority, workspace: Path) -> None:
    """(c) A further node needs no --replace and changes no other."""
    text = PKI + authority.answers()
    apply(text + '[node]\nnames = ["edge-1"]\n')
    before = tree(workspace / "payments-eu")
    made = apply(text + '[node]\nnames = ["edge-1", "edge-2"]\n')
    assert made.code == 0, made.out
    after = tree(workspace / "payments-eu")
    kept = [path for path in before if path.startswith(("nodes/edge-1/", "upload/"))]
    assert {path: after[path] for path in kept} == {path: before[path] for path in kept}


def test_another_upload_presents_another_list(apply: Apply, authority: Authority, workspace: Path) -> None:
    """Uploading the intermediate instead keeps leaf and key, and takes the intermediate off the node."""
    apply(PKI + authority.answers())
    bundle = workspace / "payments-eu"
    key, leaf = (bundle / "nodes/node-1/tls.key").read_bytes(), _certificates(bundle / "nodes/node-1/tls.crt")[0]
    text = PKI + authority.answers('upload = "intermediate"\n')
    assert apply(text).code == 3
    made = apply(text, "--replace")
    assert made.code == 0, made.out
    assert _certificates(bundle / "nodes/node-1/tls.crt") == [leaf]
    assert (bundle / "nodes/node-1/tls.key").read_bytes() == key


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["apply", "dry-run"])
def test_an_encrypted_ca_key_asks_for_its_passphrase(
    apply: Apply, authority: Authority, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """Without, with a wrong and with the right passphrase: the field is named, and then it works."""
    text = PKI + authority.answers(passphrase=b"correct horse")
    needed = apply(text, *options)
    assert (needed.code, needed.codes()) == (2, [("certificate.ca_passphrase_file", "passphrase-needed")]), needed.out
    monkeypatch.setenv("KONNECT_TUI_CA_PASSPHRASE", "wrong")
    wrong = apply(text, *options)
    assert (wrong.code, wrong.codes()) == (2, [("certificate.ca_passphrase_file", "wrong-passphrase")]), wrong.out
    monkeypatch.setenv("KONNECT_TUI_CA_PASSPHRASE", "correct horse")
    assert apply(text, *options).code == 0


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_the_ca_may_have_a_key_of_another_kind(tmp_path: Path, apply: Apply, kind: str) -> None:
    """A CA signs with the key it has: RSA and Ed25519 as well."""
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()
    made = apply(PKI + Authority(tmp_path / "other", key).answers())
    assert made.code == 0, made.out
    assert all(row["accepted"] for row in made.document["rehearsal"])


def test_leaves_end_no_later_than_their_ca(tmp_path: Path, apply: Apply, workspace: Path) -> None:
    """The default life is cut with a note; a life that was written is refused."""
    short = Authority(tmp_path / "short", ends=NOW + 90 * DAY)
    refused = apply(PKI + short.answers("years = 2\n"))
    assert (refused.code, refused.codes()) == (2, [("certificate.years", "outlives-issuer")])
    made = apply(PKI + short.answers())
    assert made.code == 0, made.out
    assert ("certificate.years", "life-shortened") in made.codes("note")
    leaf = _certificates(workspace / "payments-eu/nodes/node-1/tls.crt")[0]
    assert leaf.not_valid_after_utc == NOW + 90 * DAY


UNFIT: dict[str, Callable[[Authority], str]] = {
    "not-a-ca": lambda corp: corp.answers(made=corp.root.issue("no ca")),
    "expired": lambda corp: corp.answers(made=corp.root.issue("old", ca=True, begins=NOW - 9 * DAY, ends=NOW - DAY)),
    "name-constraint": lambda corp: corp.answers(
        'sans = ["edge.other.org"]\n', corp.root.issue("narrow", ca=True, permitted=["corp.test"])
    ),
    "path-length": lambda corp: corp.answers(made=_below_its_path_length(corp)),
}


def _below_its_path_length(corp: Authority) -> Made:
    corp.root = make("Flat Root", ca=True, path_length=0)
    return corp.root.issue("Corp Nodes", ca=True)


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["apply", "dry-run"])
@pytest.mark.parametrize("code", UNFIT)
def test_a_ca_that_must_not_issue_is_refused_before_anything_is_written(
    apply: Apply, authority: Authority, workspace: Path, code: str, options: tuple[str, ...]
) -> None:
    """No CA, ended, a name or a depth it may not issue: told at its key with the cause, and nothing is left behind."""
    made = apply(PKI + UNFIT[code](authority), *options)
    assert (made.code, made.codes()[:1]) == (2, [("certificate.ca_certificate", code)]), made.out
    assert not (workspace / "payments-eu").exists()


def test_a_key_of_another_ca_is_named(apply: Apply, authority: Authority) -> None:
    """The CA's certificate and the key file have to belong together."""
    text = PKI + authority.answers()
    (authority.folder / "ca.key").write_bytes(authority.root.secret.reveal())
    made = apply(text)
    assert (made.code, made.codes()) == (2, [("certificate.ca_key_file", "key-mismatch")])


def test_a_ca_key_identifier_of_another_making_is_followed(tmp_path: Path, apply: Apply) -> None:
    """A CA whose key identifier isn't the hash of its key issues leaves that name it as it calls itself."""
    folder = tmp_path / "corp"
    folder.mkdir()
    root = make("Corp Root", ca=True)
    plain = root.issue("Odd", ca=True, identifiers=False)
    odd = x509.CertificateBuilder().subject_name(plain.certificate.subject).issuer_name(root.certificate.subject)
    odd = odd.public_key(plain.key.public_key()).serial_number(7).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    odd = odd.add_extension(x509.BasicConstraints(True, None), True)
    odd = odd.add_extension(x509.SubjectKeyIdentifier(b"chosen by hand"), False)
    signed = Made(odd.sign(root.key, hashes.SHA256()), plain.key)
    corp = Authority(tmp_path / "files")
    corp.root = root
    made = apply(PKI + corp.answers(made=signed))
    assert made.code == 0, made.out
    assert all(row["accepted"] for row in made.document["rehearsal"])
