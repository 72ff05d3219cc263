"""Uploads: exactly `upload/`, nothing twice, nothing deleted; a failure leaves the bundle whole and goes on later."""

import fcntl
import threading
from pathlib import Path

import pytest
from certificate_maker import DAY, NOW, make
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from live_answers import PINNED, PKI, manifest_of
from running import Apply, Outcome, tree

from fake_konnect import Answer, FakeKonnect, grpc, legacy
from konnect_tui.live import record

CERTIFICATES = "dp-client-certificates"


def states(outcome: Outcome) -> list[str]:
    """What became of each certificate."""
    return [row["state"] for row in outcome.document["upload"]]


def ids(bundle: Path) -> list[str]:
    """The ids that the bundle knows."""
    return [upload.get("id", "") for upload in manifest_of(bundle)["uploads"]]


@pytest.fixture
def plane(konnect: FakeKonnect) -> dict[str, object]:
    """The control plane of the answers."""
    return konnect.add_control_plane("eu", "payments")


@pytest.fixture
def posts(plane: dict[str, object]) -> str:
    """The path that certificates are given at."""
    return f"/eu/v2/control-planes/{plane['id']}/{CERTIFICATES}"


def given(konnect: FakeKonnect) -> int:
    """How often a certificate was given."""
    return len(konnect.asked("POST", CERTIFICATES))


def test_somebody_else_uploads_later(apply: Apply, live: Apply, konnect: FakeKonnect, workspace: Path, plane) -> None:
    """`apply --no-upload` gives Konnect nothing; `upload` does, and says what became of each."""
    made = apply(PINNED, "--no-upload")
    assert (made.code, states(made)) == (0, ["pending", "pending"])
    assert given(konnect) == 0
    done = live("upload", "payments-eu")
    assert (done.code, states(done)) == (0, ["done", "done"])
    assert [row["id"] for row in done.document["upload"]] == ids(workspace / "payments-eu")
    again = live("upload", workspace / "payments-eu")
    assert (again.code, states(again)) == (0, ["present", "present"])
    assert given(konnect) == 2
    assert states(apply(PINNED, "--no-upload")) == ["done", "done"]


def test_of_a_ca_only_the_ca_is_given(apply: Apply, konnect: FakeKonnect, workspace: Path) -> None:
    """In PKI mode Konnect is given the root, titled as such, however many nodes there are."""
    plane = konnect.add_control_plane("eu", "payments", auth_type="pki_client_certs")
    made = apply(PKI)
    assert [(row["file"], row["state"]) for row in made.document["upload"]] == [("upload/root.crt", "done")]
    (held,) = konnect.certificates[plane["id"]]
    assert held["title"].startswith("payments-eu root CA until 20")
    assert apply(PKI.replace("{1..2}", "{1..3}")).code == 0
    assert given(konnect) == 1


@pytest.mark.parametrize(
    ("more", "titled"),
    [
        ('names = ["root", "shared"]\n', ["root", "shared"]),
        ('names = ["a", "b"]\n[certificate]\nper = "bundle"\n', ["all nodes"]),
    ],
)
def test_a_title_says_whose_it_is(apply: Apply, konnect: FakeKonnect, plane, more: str, titled: list[str]) -> None:
    """In pinned mode the title has the node's name, whatever that is; of a shared certificate it says so."""
    apply(PINNED.replace('names = ["edge-{1..2}"]\n', more))
    assert [each["title"].rpartition(" until ")[0] for each in konnect.certificates[plane["id"]]] == [
        f"payments-eu {whose}" for whose in titled
    ]


def test_what_is_there_is_told_by_its_der(
    apply: Apply, live: Apply, konnect: FakeKonnect, workspace: Path, plane
) -> None:
    """CRLF, text around it, several certificates in one entry, rubbish beside: what is there is not given again."""
    apply(PINNED, "--no-upload")
    upload = workspace / "payments-eu" / "upload"
    first, second = ((upload / f"edge-{number}.crt").read_text() for number in (1, 2))
    konnect.add_certificate(plane, "no certificate at all \x00 💥", "rubbish")
    konnect.add_certificate(plane, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    both = konnect.add_certificate(plane, "subject=edge\n" + (second + first).replace("\n", "\r\n"), "both")
    done = live("upload", "payments-eu")
    assert (done.code, states(done)) == (0, ["present", "present"])
    assert ids(workspace / "payments-eu") == [both["id"], both["id"]]
    assert given(konnect) == 0


def test_a_symlink_to_a_bundle_is_told_as_that(apply: Apply, live: Apply, workspace: Path, plane) -> None:
    """A bundle is taken from its own folder only: of a symlink it is said where it leads."""
    apply(PINNED, "--no-upload")
    link = workspace.parent / "current"
    link.symlink_to(workspace / "payments-eu")
    for command in ("upload", "rehearse", "verify"):
        refused = live(command, link)
        assert (refused.code, refused.document["error"]["code"]) == (2, "symlink-in-the-way")
        assert str(workspace / "payments-eu") in refused.document["error"]["message"]
        assert "written" not in refused.document["error"]["context"]
        assert "Name" in refused.document["error"]["hint"]


def test_a_failed_upload_leaves_the_bundle_whole(
    apply: Apply, live: Apply, konnect: FakeKonnect, workspace: Path, plane, posts: str
) -> None:
    """What was given before the fault is noted, the rest is pending, the way on is named; `apply` again goes on."""
    konnect.script("POST", posts, Answer(body=None), legacy(403, "Forbidden"))
    failed = apply(PINNED)
    assert (failed.code, failed.document["error"]["code"]) == (4, "not-permitted")
    assert states(failed) == ["done", "pending"]
    bundle = workspace / "payments-eu"
    assert f"konnect-tui upload {bundle}" in failed.document["error"]["context"]
    assert [bool(each) for each in ids(bundle)] == [True, False]
    keys = {path: file for path, file in tree(bundle).items() if path.endswith(".key")}
    goes_on = apply(PINNED)
    assert (goes_on.code, goes_on.document["changed"]) == (0, [])
    assert states(goes_on) == ["present", "done"]
    assert {path: file for path, file in tree(bundle).items() if path.endswith(".key")} == keys
    assert len(konnect.certificates[plane["id"]]) == 2


def test_a_path_is_still_printed_when_the_upload_fails(
    apply: Apply, konnect: FakeKonnect, tmp_path: Path, workspace: Path, plane, posts: str
) -> None:
    """Without --json the bundle's path is on stdout although the upload failed: the bundle is there."""
    from running import run

    konnect.script("POST", posts, legacy(403, "Forbidden"))
    (tmp_path / "answers.toml").write_text(PINNED)
    failed = run("apply", tmp_path / "answers.toml", "--workspace", workspace)
    assert (failed.code, failed.out) == (4, f"{workspace / 'payments-eu'}\n")
    assert "konnect-tui upload" in failed.err


def test_a_lost_answer_gives_no_certificate_twice(apply: Apply, konnect: FakeKonnect, plane, posts: str) -> None:
    """Where the answer to an upload is lost, it is looked up before anything is repeated."""
    konnect.script("POST", posts, Answer(act="lose"))
    made = apply(PINNED)
    assert (made.code, len(konnect.certificates[plane["id"]])) == (0, 2)


def test_one_that_came_in_between_is_taken(apply: Apply, konnect: FakeKonnect, workspace: Path, plane) -> None:
    """A certificate that another run gave between looking and giving counts as present."""
    apply(PINNED, "--no-upload")
    path = f"/eu/v2/control-planes/{plane['id']}/{CERTIFICATES}"
    pem = (workspace / "payments-eu" / "upload" / "edge-1.crt").read_text()
    there = konnect.add_certificate(plane, pem)
    konnect.script("GET", path, Answer(body=b'{"items": []}', headers={"Content-Type": "application/json"}))
    done = apply(PINNED)
    assert (done.code, states(done)) == (0, ["present", "done"])
    assert ids(workspace / "payments-eu")[0] == there["id"]


def test_answers_edited_in_the_bundle_survive(apply: Apply, live: Apply, workspace: Path, plane) -> None:
    """Comments and edits above the manifest, and tables below it, are byte for byte what they were."""
    apply(PINNED, "--no-upload")
    own = workspace / "payments-eu" / "konnect-tui.toml"
    head, table, rest = own.read_text().partition("\n[manifest]\n")
    head = head.replace("\n[node]\n", "\n# ours: ask Kim\n[node]   # two\n") + "\n# above\n"
    below = "[network]\n# below\nproxy_ssl_verify = true\n"
    own.write_text(f"{head}{table}{rest}\n{below}")
    assert live("upload", "payments-eu").code == 0
    text = own.read_text()
    assert text.startswith(f"{head}{table}")
    assert text.endswith(below)
    assert all(ids(own.parent))


def test_ids_survive_what_is_added(apply: Apply, konnect: FakeKonnect, workspace: Path, plane) -> None:
    """Another node changes nothing of what is known of the others' uploads, and only its own is given."""
    apply(PINNED)
    before = ids(workspace / "payments-eu")
    more = apply(PINNED.replace("{1..2}", "{1..3}"))
    assert (more.code, states(more)) == (0, ["present", "present", "done"])
    assert ids(workspace / "payments-eu")[:2] == before
    assert apply(PINNED.replace("{1..2}", "{1..3}"), "--no-upload").document["changed"] == []
    assert ids(workspace / "payments-eu")[:2] == before


def test_what_is_no_longer_used_stays_and_is_told(apply: Apply, konnect: FakeKonnect, workspace: Path, plane) -> None:
    """After new keys the old certificates stay in Konnect: named with their ids, never deleted."""
    apply(PINNED)
    before = ids(workspace / "payments-eu")
    renewed = apply(PINNED, "--new-keys")
    assert (renewed.code, states(renewed)) == (0, ["done", "done"])
    (told,) = (row for row in renewed.document["problems"] if row["code"] == "stays-in-konnect")
    assert all(identity in told["message"] for identity in before)
    assert len(konnect.certificates[plane["id"]]) == 4
    assert not [each for each in konnect.requests if each.method == "DELETE"]


def test_one_that_was_taken_away_is_given_again_and_told(apply: Apply, konnect: FakeKonnect, plane) -> None:
    """A certificate that Konnect no longer has is given again, with a warning: it may have been meant."""
    apply(PINNED)
    del konnect.certificates[plane["id"]][0]
    again = apply(PINNED)
    assert (again.code, states(again)) == (0, ["done", "present"])
    assert again.codes("warning") == [("", "given-again")]


@pytest.mark.parametrize("harm", ["gone", "another", "nothing"])
def test_only_what_was_recorded_is_given(
    apply: Apply, live: Apply, konnect: FakeKonnect, workspace: Path, plane, harm: str
) -> None:
    """A file in upload/ that is not what the bundle was made with is refused; further files there are left alone."""
    apply(PINNED, "--no-upload")
    upload = workspace / "payments-eu" / "upload"
    (upload / "extra.crt").write_bytes((upload / "edge-2.crt").read_bytes())
    if harm == "gone":
        (upload / "edge-1.crt").unlink()
    else:
        (upload / "edge-1.crt").write_bytes((upload / "edge-2.crt").read_bytes() if harm == "another" else b"")
    refused = live("upload", "payments-eu")
    assert (refused.code, refused.document["error"]["code"]) == (3, "upload-altered")
    assert "upload/edge-1.crt" in refused.document["error"]["message"]
    assert given(konnect) == 0


def test_what_konnect_no_longer_has_is_not_called_done(
    apply: Apply, live: Apply, konnect: FakeKonnect, plane, posts: str
) -> None:
    """Where an upload fails half way, those that were taken away in Konnect and not yet given again are pending."""
    assert states(apply(PINNED)) == ["done", "done"]
    konnect.certificates.clear()
    konnect.script("POST", posts, legacy(403, "Forbidden"))
    failed = live("upload", "payments-eu")
    assert (failed.code, states(failed)) == (4, ["pending", "pending"])


def test_another_writer_is_waited_for(apply: Apply, live: Apply, workspace: Path, plane) -> None:
    """Where another run is in the workspace just then, the ids are noted once it has left."""
    apply(PINNED, "--no-upload")
    with (workspace / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        leaving = threading.Timer(1.0, fcntl.flock, (lock, fcntl.LOCK_UN))
        leaving.start()
        done = live("upload", "payments-eu")
        leaving.join()
    assert (done.code, states(done), done.codes("warning")) == (0, ["done", "done"], [])
    assert all(ids(workspace / "payments-eu"))


def test_what_cannot_be_noted_is_told(
    apply: Apply, live: Apply, workspace: Path, plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload is done although the bundle could not note it: a warning, and the next run notes it."""
    monkeypatch.setattr(record, "PATIENCE", 0.0)
    apply(PINNED, "--no-upload")
    with (workspace / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = live("upload", "payments-eu")
    assert (done.code, states(done), done.codes("warning")) == (0, ["done", "done"], [("", "not-recorded")])
    assert ids(workspace / "payments-eu") == ["", ""]
    assert states(live("upload", "payments-eu")) == ["present", "present"]
    assert all(ids(workspace / "payments-eu"))


def test_of_requests_the_answer_is_given(
    apply: Apply, live: Apply, konnect: FakeKonnect, workspace: Path, plane, tmp_path: Path
) -> None:
    """While certificates are waited for there is nothing to upload, and that is said; once they come they are given."""
    text = PINNED + '[certificate]\nsource = "csr"\n'
    made = apply(text)
    assert (made.code, made.document["upload"]) == (0, [])
    done = live("upload", "payments-eu")
    assert (done.code, done.document["upload"]) == (0, [])
    assert given(konnect) == 0
    desk, signed = make("Corp", ca=True), tmp_path / "signed"
    signed.mkdir()
    for name in ("edge-1", "edge-2"):
        request = x509.load_pem_x509_csr((workspace / "payments-eu" / "nodes" / name / "tls.csr").read_bytes())
        builder = x509.CertificateBuilder().subject_name(request.subject).public_key(request.public_key())
        builder = builder.issuer_name(desk.certificate.subject).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + 400 * DAY)
        leaf = builder.sign(desk.key, hashes.SHA256())
        (signed / f"{name}.crt").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    completed = apply(text, "--signed", str(signed))
    assert (completed.code, states(completed)) == (0, ["done", "done"]), completed.out


def test_one_certificate_of_two_nodes_is_given_once(apply: Apply, konnect: FakeKonnect, plane, tmp_path: Path) -> None:
    """Nodes that were given the same imported certificate have one entry in Konnect, known for both."""
    leaf = make("edge")
    (tmp_path / "edge.pem").write_bytes(leaf.pem + leaf.secret.reveal())
    each = "".join(f'[[node.each]]\nname = "edge-{n}"\ncertificate = "edge.pem"\n' for n in (1, 2))
    made = apply(f'{PINNED}{each}[certificate]\nsource = "import"\n')
    assert (made.code, states(made)) == (0, ["done", "present"]), made.out
    assert len({row["id"] for row in made.document["upload"]}) == 1
    assert given(konnect) == 1


def test_a_refusal_of_konnect_comes_through(apply: Apply, konnect: FakeKonnect, plane, posts: str) -> None:
    """Whatever Konnect does not like about a certificate is said in its words."""
    konnect.script("POST", posts, grpc(400, 3, "validation error", "cert", "is no certificate we take"))
    failed = apply(PINNED)
    assert failed.code == 2
    assert "is no certificate we take" in str(failed.document)
    assert states(failed) == ["pending", "pending"]
