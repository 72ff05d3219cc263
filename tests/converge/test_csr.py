"""`source = "csr"`: keys are made and kept here, requests go to a PKI desk, what comes back completes the bundle."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from certificate_maker import CLIENT, DAY, NOW, make
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from running import Apply, control_plane, run, tree

REQUESTED = '[node]\nnames = ["edge-1", "edge-2"]\n[certificate]\nsource = "csr"\n'
PINNED, PKI = control_plane("pinned") + REQUESTED, control_plane("pki") + REQUESTED


class Desk:
    """A PKI desk: a root, an intermediate, and what it signs for a request."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.root = make("Corp Root", ca=True)
        self.intermediate = self.root.issue("Corp Nodes", ca=True)

    def sign(self, request: Path) -> x509.Certificate:
        """The certificate for a request, with what it asks for."""
        csr = x509.load_pem_x509_csr(request.read_bytes())
        assert csr.is_signature_valid
        builder = x509.CertificateBuilder().subject_name(csr.subject).public_key(csr.public_key())
        builder = builder.issuer_name(self.intermediate.certificate.subject).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + 400 * DAY)
        for extension in csr.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        return builder.sign(self.intermediate.key, hashes.SHA256())

    def answer(self, bundle: Path, *nodes: str, authorities: bool = True) -> list[str]:
        """A file for each of these nodes, and one with the CAs."""
        paths = []
        for node in nodes:
            path = self.folder / f"signed-{node}.crt"
            signed = self.sign(bundle / f"nodes/{node}/tls.csr")
            path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
            paths.append(str(path))
        if authorities:
            (self.folder / "ca.pem").write_bytes(self.root.pem + self.intermediate.pem)
            paths.append(str(self.folder / "ca.pem"))
        return paths


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Who signs."""
    return Desk(tmp_path / "desk")


@pytest.fixture
def bundle(workspace: Path) -> Path:
    """Where the bundle of these answers lands."""
    return workspace / "payments-eu"


def _signed(paths: Sequence[str]) -> list[str]:
    return [word for path in paths for word in ("--signed", path)]


def _names(path: Path) -> list[str]:
    return [each.subject.rfc4514_string() for each in x509.load_pem_x509_certificates(path.read_bytes())]


@pytest.mark.parametrize("text", [PINNED, PKI], ids=["pinned", "pki"])
def test_keys_and_requests_are_made_and_nothing_is_uploaded(apply: Apply, bundle: Path, text: str) -> None:
    """Pending requests leave exit 0, name who waits, and have neither certificate nor upload."""
    made = apply(text)
    assert made.code == 0, made.out
    assert made.document["missing_certificates"] == ["edge-1", "edge-2"]
    assert (made.document["upload"], made.document["rehearsal"]) == ([], [])
    assert sorted(path.name for path in (bundle / "nodes/edge-1").iterdir()) == ["tls.csr", "tls.key"]
    assert not (bundle / "upload").exists()
    request = x509.load_pem_x509_csr((bundle / "nodes/edge-1/tls.csr").read_bytes())
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == "CN=edge-1.Payments"
    assert request.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert list(request.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == list(reversed(CLIENT))


def test_the_request_says_what_the_answers_say(apply: Apply, bundle: Path) -> None:
    """Subject and alternative names of the answers stand in the request and in the note for the desk."""
    apply(PKI + 'organization = "Acme"\ncountry = "DE"\nsans = ["DNS:edge.acme.test", "IP:192.0.2.7"]\nyears = 2\n')
    request = x509.load_pem_x509_csr((bundle / "nodes/edge-1/tls.csr").read_bytes())
    assert "O=Acme" in request.subject.rfc4514_string()
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["edge.acme.test", "192.0.2.7"]
    note = (bundle / "request-note.md").read_text()
    for wanted in (
        "clientAuth",
        "serverAuth",
        "CA:FALSE",
        "digitalSignature",
        "edge.acme.test",
        "nodes/edge-1/tls.csr",
    ):
        assert wanted in note, wanted


def test_pending_requests_stay_as_they_are(apply: Apply, bundle: Path) -> None:
    """Applied again while waiting, keys and requests are kept byte for byte."""
    apply(PKI)
    before = tree(bundle)
    again = apply(PKI)
    assert (again.code, again.document["changed"]) == (0, [])
    own = run("apply", bundle / "konnect-tui.toml", "--json")
    assert (own.code, own.document["changed"]) == (0, []), own.out
    assert tree(bundle) == before


def test_verify_says_which_certificates_are_missing(apply: Apply, bundle: Path) -> None:
    """Until the certificates have come, `verify` and `rehearse` say no, and for whom."""
    apply(PKI)
    verified = run("verify", bundle, "--json")
    assert (verified.code, verified.document["missing_certificates"]) == (3, ["edge-1", "edge-2"])
    assert {row["code"] for row in verified.document["checks"] if not row["ok"]} == {"certificate-pending"}
    rehearsed = run("rehearse", bundle, "--json")
    assert rehearsed.code == 3
    assert {row["name"] for row in rehearsed.document["nodes"] if not row["accepted"]} == {"edge-1", "edge-2"}


def test_pki_is_completed_in_one_go(apply: Apply, desk: Desk, bundle: Path) -> None:
    """The signed certificates and the CAs, in any order, complete the bundle without --replace; keys stay."""
    apply(PKI)
    keys = {node: (bundle / f"nodes/{node}/tls.key").read_bytes() for node in ("edge-1", "edge-2")}
    made = apply(PKI, *_signed(reversed(desk.answer(bundle, "edge-1", "edge-2"))))
    assert made.code == 0, made.out
    assert made.document["missing_certificates"] == []
    assert _names(bundle / "nodes/edge-2/tls.crt") == ["CN=edge-2.Payments", "CN=Corp Nodes"]
    assert _names(bundle / "upload/ca.crt") == ["CN=Corp Root"]
    assert not (bundle / "nodes/edge-1/tls.csr").exists()
    assert {node: (bundle / f"nodes/{node}/tls.key").read_bytes() for node in keys} == keys
    assert len(made.document["rehearsal"]) == 4
    assert all(row["accepted"] for row in made.document["rehearsal"])
    assert run("verify", bundle).code == 0


def test_a_completed_bundle_converges(apply: Apply, desk: Desk, bundle: Path) -> None:
    """Once complete, the first answers without any `signed` change nothing, nor does the bundle's own copy alone."""
    apply(PKI)
    apply(PKI, *_signed(desk.answer(bundle, "edge-1", "edge-2")))
    before = tree(bundle)
    again = apply(PKI)
    assert (again.code, again.document["changed"]) == (0, []), again.out
    for file in desk.folder.iterdir():
        file.unlink()
    own = run("apply", bundle / "konnect-tui.toml", "--json")
    assert (own.code, own.document["changed"]) == (0, []), own.out
    assert tree(bundle) == before


def test_certificates_may_come_one_by_one(apply: Apply, desk: Desk, bundle: Path) -> None:
    """What comes first is kept, the rest stays pending, and the CA given with the first is not needed again."""
    apply(PKI)
    first = apply(PKI, *_signed(desk.answer(bundle, "edge-1")))
    assert (first.code, first.document["missing_certificates"]) == (0, ["edge-2"]), first.out
    assert not (bundle / "upload").exists()
    for file in desk.folder.iterdir():
        file.unlink()
    made = apply(PKI, *_signed(desk.answer(bundle, "edge-2", authorities=False)))
    assert (made.code, made.document["missing_certificates"]) == (0, []), made.out
    assert _names(bundle / "nodes/edge-1/tls.crt") == ["CN=edge-1.Payments", "CN=Corp Nodes"]
    assert _names(bundle / "upload/ca.crt") == ["CN=Corp Root"]


def test_pinned_is_completed_from_a_folder_of_anything(apply: Apply, desk: Desk, bundle: Path) -> None:
    """A folder with DER, PKCS#7, strangers and rubbish: what belongs to a key here is found by its public key."""
    apply(PINNED)
    one, two = (desk.sign(bundle / f"nodes/{node}/tls.csr") for node in ("edge-1", "edge-2"))
    (desk.folder / "a.cer").write_bytes(one.public_bytes(serialization.Encoding.DER))
    packed = pkcs7.serialize_certificates([desk.intermediate.certificate, two], serialization.Encoding.PEM)
    (desk.folder / "b.p7b").write_bytes(packed)
    (desk.folder / "c.crt").write_bytes(desk.intermediate.issue("somebody else").pem)
    (desk.folder / "readme.txt").write_text("Dear customer")
    made = apply(PINNED, "--signed", str(desk.folder))
    assert made.code == 0, made.out
    assert made.document["missing_certificates"] == []
    assert _names(bundle / "nodes/edge-2/tls.crt") == ["CN=edge-2.Payments"]
    assert sorted(path.name for path in (bundle / "upload").iterdir()) == ["edge-1.crt", "edge-2.crt"]
    assert ("certificate.signed", "not-requested") in made.codes("note")


def test_a_certificate_for_another_key_is_refused(apply: Apply, desk: Desk, bundle: Path) -> None:
    """A signed certificate that belongs to none of the keys is named, and nothing changes."""
    apply(PKI)
    before = tree(bundle)
    (desk.folder / "x.crt").write_bytes(desk.intermediate.issue("edge-1.Payments").pem)
    made = apply(PKI, "--signed", str(desk.folder / "x.crt"))
    assert (made.code, made.codes()) == (2, [("certificate.signed", "not-requested")])
    assert tree(bundle) == before


def test_a_file_of_no_use_is_said_aloud(apply: Apply, desk: Desk, bundle: Path) -> None:
    """Beside certificates that belong here, a file named for nothing is a warning; in a folder it is a note."""
    apply(PKI)
    paths = desk.answer(bundle, "edge-1", "edge-2")
    (desk.folder / "x.crt").write_bytes(desk.intermediate.issue("somebody else").pem)
    made = apply(PKI, *_signed([*paths, str(desk.folder / "x.crt")]))
    assert (made.code, made.codes("warning")) == (0, [("certificate.signed", "not-requested")]), made.out


def test_what_the_desk_signed_is_judged_before_it_is_taken(apply: Apply, desk: Desk, bundle: Path) -> None:
    """A certificate without the purpose a node needs is refused with its cause; the request stays pending."""
    apply(PKI)
    before = tree(bundle)
    keys = [serialization.load_pem_private_key((bundle / f"nodes/edge-{n}/tls.key").read_bytes(), None) for n in (1, 2)]
    bad = [desk.intermediate.issue(f"edge-{n}", key=key, purposes=None) for n, key in enumerate(keys, 1)]
    server = desk.intermediate.issue("edge-1", key=keys[0], purposes=[x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
    path = desk.folder / "all.pem"
    path.write_bytes(server.pem + bad[1].pem + desk.root.pem + desk.intermediate.pem)
    made = apply(PKI, "--signed", str(path))
    assert (made.code, made.codes()[:1]) == (2, [("certificate.signed", "wrong-purpose")]), made.out
    assert tree(bundle) == before


def test_one_of_several_is_judged_at_once(apply: Apply, desk: Desk, bundle: Path) -> None:
    """A certificate that no control plane takes is refused though others, and the CA, are still waited for."""
    apply(PKI)
    before = tree(bundle)
    key = serialization.load_pem_private_key((bundle / "nodes/edge-1/tls.key").read_bytes(), None)
    ended = desk.intermediate.issue("edge-1", key=key, begins=NOW - 9 * DAY, ends=NOW - DAY)
    server = desk.intermediate.issue("edge-1", key=key, purposes=[x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
    for bad, code in ((ended, "expired"), (server, "wrong-purpose")):
        (desk.folder / "one.pem").write_bytes(bad.pem)
        made = apply(PKI, "--signed", str(desk.folder / "one.pem"))
        assert (made.code, made.codes()) == (2, [("certificate.signed", code)]), made.out
        assert tree(bundle) == before


def test_pki_wants_the_ca_as_well(apply: Apply, desk: Desk, bundle: Path) -> None:
    """With all leaves and no CA, Konnect could be given nothing: the CA that is wanted is named."""
    apply(PKI)
    made = apply(PKI, *_signed(desk.answer(bundle, "edge-1", "edge-2", authorities=False)))
    assert (made.code, made.codes()) == (2, [("certificate.signed", "missing-key")])
    assert "Corp Nodes" in made.document["problems"][0]["message"]


def test_another_name_is_another_request(apply: Apply, desk: Desk, bundle: Path) -> None:
    """A changed subject needs --replace once a certificate is there: same key, new request, pending again."""
    apply(PKI)
    apply(PKI, *_signed(desk.answer(bundle, "edge-1", "edge-2")))
    key = (bundle / "nodes/edge-1/tls.key").read_bytes()
    other = PKI + 'organization = "Acme"\n'
    assert apply(other).code == 3
    made = apply(other, "--replace")
    assert (made.code, made.document["missing_certificates"]) == (0, ["edge-1", "edge-2"]), made.out
    assert (bundle / "nodes/edge-1/tls.key").read_bytes() == key
    assert not (bundle / "nodes/edge-1/tls.crt").exists()


@pytest.mark.parametrize("complete", [False, True], ids=["pending", "complete"])
def test_a_key_that_was_exchanged_is_not_asked_for_again(
    apply: Apply, desk: Desk, bundle: Path, complete: bool
) -> None:
    """A key that fits neither its request nor its certificate is `key-missing`, --replace or not."""
    apply(PKI)
    if complete:
        apply(PKI, *_signed(desk.answer(bundle, "edge-1", "edge-2")))
    (bundle / "nodes/edge-1/tls.key").write_bytes(make("x").secret.reveal())
    for options in ((), ("--replace",)):
        made = apply(PKI, *options)
        assert (made.code, made.document["error"]["code"]) == (3, "key-missing"), made.out
    assert apply(PKI, "--new-keys").code == 0


@pytest.mark.parametrize("text", [PINNED, PKI], ids=["pinned", "pki"])
@pytest.mark.parametrize("complete", [False, True], ids=["pending", "complete"])
def test_new_keys_are_new_requests(
    apply: Apply, desk: Desk, bundle: Path, workspace: Path, text: str, complete: bool
) -> None:
    """--new-keys alone makes every key and request anew; the old keys and certificates go to the backup."""
    apply(text)
    if complete:
        apply(text, *_signed(desk.answer(bundle, "edge-1", "edge-2")))
    old = (bundle / "nodes/edge-1/tls.key").read_bytes()
    made = apply(text, "--new-keys")
    assert (made.code, made.document["missing_certificates"]) == (0, ["edge-1", "edge-2"]), made.out
    assert (bundle / "nodes/edge-1/tls.key").read_bytes() != old
    assert any(path.read_bytes() == old for path in (workspace / ".backup").rglob("tls.key"))
    assert not (bundle / "upload").exists()
    fewer = apply(text.replace(', "edge-2"', ""), "--new-keys")
    assert (fewer.code, fewer.document["error"]["code"]) == (3, "needs-replace"), (
        "edge-2 is not what --new-keys touches"
    )


def test_another_node_is_another_request(apply: Apply, desk: Desk, bundle: Path) -> None:
    """A node added to a complete bundle waits alone; the others are not touched."""
    apply(PKI)
    apply(PKI, *_signed(desk.answer(bundle, "edge-1", "edge-2")))
    before = tree(bundle)
    made = apply(PKI.replace('"edge-2"]', '"edge-2", "edge-3"]'))
    assert (made.code, made.document["missing_certificates"]) == (0, ["edge-3"]), made.out
    after = tree(bundle)
    kept = [path for path in before if path.startswith(("nodes/edge-", "upload/"))]
    assert {path: after.get(path) for path in kept} == {path: before[path] for path in kept}


def test_signed_belongs_to_requests_alone(apply: Apply, desk: Desk) -> None:
    """`--signed` with another source is an error, not ignored."""
    made = apply(PKI.replace('source = "csr"\n', "", 1), "--signed", "x.crt")
    assert (made.code, made.codes()[:1]) == (2, [("certificate.signed", "not-applicable")])
