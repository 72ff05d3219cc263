from collections.abc import Callable
from datetime import timedelta

import pytest
import samples
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec.structs import replace

from konnect_tui.errors import KonnectError
from konnect_tui.pki.making import issue, make
from konnect_tui.pki.making.issue import Holding, Holdings
from konnect_tui.pki.material import Material
from konnect_tui.plan import Plan, PlannedCertificate
from konnect_tui.secret import Secret

PASSPHRASE = Secret(b"correct horse")


def _quiet(_stage: str, _done: int, _total: int) -> None:
    """Take no notice."""


def _changed(plan: Plan, **values: object) -> Plan:
    certificate: PlannedCertificate = replace(plan.certificate, **values)
    return replace(plan, certificate=certificate)


def _pki(**values: object) -> Plan:
    return _changed(samples.pki(), **{"ca_key": "plain", **values})


def _with_node(plan: Plan, name: str) -> Plan:
    names = {**plan.certificate.common_names, name: f"{name}.cp"}
    return replace(_changed(plan, common_names=names), nodes=(*plan.nodes, samples.node(name, 9)))


def _holdings(plan: Plan, material: Material) -> Holdings:
    nodes = {"shared": next(iter(material.nodes.values()))} if plan.shared else material.nodes
    return Holdings(
        {name: Holding(node.current.chain, node.current.key) for name, node in nodes.items()},
        {each.name: Holding((each.certificate,), each.key) for each in material.authorities},
    )


def _run(
    plan: Plan, held: Holdings | None = None, *, new_keys: bool = False, passphrase: Secret | None = None
) -> Material:
    held = held or Holdings()
    work = issue.work(plan, held, new_keys)
    return issue.carry_out(plan, held, work, passphrase=passphrase, progress=_quiet)


def _leaf(material: Material, name: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(material.nodes[name].current.chain[0])


def test_pinned_leaves_say_what_the_contract_says() -> None:
    """A pinned leaf is self-signed, no CA, for clients and servers, and dated as planned; each is uploaded."""
    plan = samples.pinned()
    made = _run(plan)
    assert [upload.name for upload in made.uploads] == ["edge-1.crt", "edge-2.crt"]
    certificate = _leaf(made, "edge-1")
    _assert_leaf(certificate, plan)
    assert certificate.issuer == certificate.subject
    certificate.verify_directly_issued_by(certificate)


def _assert_leaf(certificate: x509.Certificate, plan: Plan) -> None:
    extensions = certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert (constraints.critical, constraints.value.ca) == (True, False)
    assert (usage.critical, usage.value.digital_signature, usage.value.key_cert_sign) == (True, True, False)
    assert sorted(oid.dotted_string[-1] for oid in purposes.value) == ["1", "2"]
    assert extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert certificate.not_valid_before_utc == plan.certificate.not_before
    assert certificate.not_valid_after_utc == plan.certificate.not_after
    assert 0 < certificate.serial_number < 1 << 128


@pytest.mark.parametrize("kind", ["ec-p256", "ec-p384", "rsa-2048"])
def test_chain_is_built_as_planned(kind: str) -> None:
    """Root, two intermediates and leaf: CAs with falling path lengths and distinct names, leaf first on the node."""
    plan = _pki(intermediates=2, key=kind, ca_not_after=samples.NOT_AFTER)
    made = _run(plan)
    certificates = [x509.load_der_x509_certificate(each.certificate) for each in made.authorities]
    lengths = [
        each.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length for each in certificates
    ]
    assert [each.name for each in made.authorities] == ["root", "intermediate-1", "intermediate-2"]
    assert lengths == [2, 1, 0]
    chain = [x509.load_der_x509_certificate(der) for der in made.nodes["pay-1"].current.chain]
    assert chain[1:] == [certificates[2], certificates[1]]
    _assert_leaf(chain[0], plan)
    for below, above in zip(chain, [*chain[1:], certificates[0]], strict=True):
        below.verify_directly_issued_by(above)
    for each in certificates:
        usage = each.extensions.get_extension_for_class(x509.KeyUsage)
        assert (usage.critical, usage.value.key_cert_sign, usage.value.crl_sign) == (True, True, True)
    names = {each.subject for each in (*certificates, *chain)}
    assert len(names) == 4
    expected = "SHA384" if kind == "ec-p384" else "SHA256"
    assert {type(each.signature_hash_algorithm).__name__ for each in (*chain, *certificates)} == {expected}


def test_uploading_the_intermediate_leaves_the_leaf_alone() -> None:
    """With the issuing intermediate uploaded the node presents its leaf only."""
    made = _run(_pki(intermediates=2, upload="intermediate"))
    assert [(each.name, each.certificate) for each in made.uploads] == [
        ("intermediate.crt", made.authorities[-1].certificate)
    ]
    assert len(made.nodes["pay-1"].current.chain) == 1


def test_no_leaf_outlives_its_issuer() -> None:
    """A leaf that would live longer than its CA ends with it."""
    end = samples.NOT_AFTER - timedelta(days=100)
    made = _run(_pki(ca_not_after=end))
    assert _leaf(made, "pay-1").not_valid_after_utc == end


@pytest.mark.parametrize(
    "plan", [samples.pinned(), _changed(samples.pinned(), per="bundle", common_names={"shared": "x"}), _pki()]
)
def test_same_wishes_keep_everything(plan: Plan) -> None:
    """The same plan again makes nothing: every key, certificate and serial number stays."""
    made = _run(plan)
    held = _holdings(plan, made)
    assert issue.work(plan, held, False).certificates == 0
    assert _run(plan, held) == made


CHANGES: dict[str, Callable[[Plan], Plan]] = {
    "end": lambda plan: _changed(plan, not_after=samples.NOT_AFTER - timedelta(days=30)),
    "sans": lambda plan: _changed(plan, sans=("DNS:edge.example.com", "IP:192.0.2.1")),
    "common name": lambda plan: _changed(plan, common_names=dict.fromkeys(plan.certificate.common_names, "other")),
    "organization": lambda plan: _changed(plan, subject=(("O", "Example"), ("C", "DE"))),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("mode", ["pinned", "pki"])
def test_other_words_mean_the_same_key(name: str, mode: str) -> None:
    """Another end, name or SAN makes a new certificate for the key that is there, and then nothing more."""
    plan = samples.pinned() if mode == "pinned" else _pki()
    first = _run(plan)
    wish = CHANGES[name](plan)
    second = _run(wish, _holdings(plan, first))
    for node in plan.nodes:
        assert second.nodes[node.name].current.key == first.nodes[node.name].current.key
        assert second.nodes[node.name].current.chain[0] != first.nodes[node.name].current.chain[0]
    assert issue.work(wish, _holdings(wish, second), False).certificates == 0


def test_another_key_type_means_another_key() -> None:
    """Another key type remakes keys and certificates, those of the CA included."""
    plan = _pki()
    first = _run(plan)
    second = _run(_pki(key="ec-p384"), _holdings(plan, first))
    assert second.nodes["pay-1"].current.key != first.nodes["pay-1"].current.key
    assert second.authorities[0].key != first.authorities[0].key


def test_new_keys_remake_everything() -> None:
    """With new keys wished for nothing stays."""
    plan = _pki()
    first = _run(plan)
    second = _run(plan, _holdings(plan, first), new_keys=True)
    assert second.authorities[0].certificate != first.authorities[0].certificate
    assert second.nodes["pay-1"].current.key != first.nodes["pay-1"].current.key


def test_a_node_is_added_below_the_same_ca() -> None:
    """A further node gets a certificate of the CA that is there; nobody else's changes."""
    plan = _pki()
    first = _run(plan)
    second = _run(_with_node(plan, "pay-3"), _holdings(plan, first))
    assert {name: second.nodes[name] for name in first.nodes} == first.nodes
    assert second.authorities == first.authorities
    issuer = x509.load_der_x509_certificate(first.authorities[-1].certificate)
    _leaf(second, "pay-3").verify_directly_issued_by(issuer)


def test_a_longer_lived_ca_keeps_its_key_and_its_leaves() -> None:
    """Another end of the CA makes new CA certificates with the same keys; leaves stay valid, so they stay."""
    plan = _pki(not_after=samples.NOT_AFTER - timedelta(days=900))
    first = _run(plan)
    longer = _changed(plan, ca_not_after=samples.NOT_AFTER + timedelta(days=900))
    second = _run(longer, _holdings(plan, first))
    assert second.authorities[0].certificate != first.authorities[0].certificate
    assert [each.key for each in second.authorities] == [each.key for each in first.authorities]
    assert _leaf(second, "pay-1") == _leaf(first, "pay-1")


def test_pinned_becomes_pki_with_the_same_keys() -> None:
    """Changing from pinned to PKI certifies the keys that are there anew."""
    pinned = samples.pinned()
    first = _run(pinned)
    wish = replace(pinned, control_plane=replace(pinned.control_plane, auth_mode="pki"))
    second = _run(_changed(wish, ca_key="plain", upload="root"), _holdings(pinned, first))
    assert second.nodes["edge-1"].current.key == first.nodes["edge-1"].current.key
    assert second.uploads[0].name == "root.crt"


def test_missing_key_is_never_replaced_unasked() -> None:
    """A key that is gone, or another's, ends the run with `key-missing`; only --new-keys cures it."""
    plan = samples.pinned()
    made = _run(plan)
    held = _holdings(plan, made)
    gone = Holdings({**held.identities, "edge-1": Holding(held.identities["edge-1"].chain, None)})
    swapped = Holdings(
        {
            **held.identities,
            "edge-1": Holding(held.identities["edge-1"].chain, held.identities["edge-2"].key),
        }
    )
    damaged = Holdings({**held.identities, "edge-1": Holding(held.identities["edge-1"].chain, Secret(b"nonsense"))})
    nothing = Holdings({**held.identities, "edge-1": Holding()})
    for each in (gone, swapped, damaged, nothing):
        with pytest.raises(KonnectError) as caught:
            issue.work(plan, each, False)
        assert caught.value.code == "key-missing"
        assert caught.value.exit_code == 3
        assert issue.work(plan, each, True).certificates == 2


def test_missing_certificate_keeps_its_key() -> None:
    """A certificate that is gone is made again for the key that is still there."""
    plan = samples.pinned()
    made = _run(plan)
    held = _holdings(plan, made)
    key = held.identities["edge-1"].key
    again = _run(plan, Holdings({**held.identities, "edge-1": Holding((), key)}))
    assert again.nodes["edge-1"].current.key == key
    assert again.nodes["edge-2"] == made.nodes["edge-2"]


def test_discarded_ca_key_certifies_nobody() -> None:
    """Without its key a CA keeps what it issued, and a further node needs new keys."""
    plan = _pki(ca_key="discard")
    made = _run(plan)
    held = _holdings(plan, made)
    assert all(each.key is None for each in made.authorities)
    assert issue.work(plan, held, False).certificates == 0
    with pytest.raises(KonnectError) as caught:
        issue.work(_with_node(plan, "pay-3"), held, False)
    assert caught.value.code == "ca-key-discarded"
    assert "--new-keys" in caught.value.hint


def test_lost_ca_key_is_named() -> None:
    """A CA key that should be in the bundle and is not is `key-missing`."""
    plan = _pki()
    made = _run(plan)
    held = _holdings(plan, made)
    root = Holding(held.authorities["root"].chain, None)
    with pytest.raises(KonnectError) as caught:
        issue.work(plan, Holdings(held.identities, {**held.authorities, "root": root}), False)
    assert caught.value.code == "key-missing"
    assert "ca/root.key" in caught.value.message


def test_encrypted_ca_key_asks_for_its_passphrase() -> None:
    """The need for a passphrase is known before anything is made, and only then there is one."""
    plan = _pki(ca_key="encrypted")
    work = issue.work(plan, Holdings(), False)
    assert work.needs_passphrase
    with pytest.raises(KonnectError) as caught:
        _run(plan)
    assert caught.value.code == "passphrase-needed"
    made = _run(plan, passphrase=PASSPHRASE)
    held = _holdings(plan, made)
    assert not issue.work(plan, held, False).needs_passphrase
    more = _with_node(plan, "pay-3")
    assert issue.work(more, held, False).needs_passphrase
    with pytest.raises(KonnectError) as caught:
        _run(more, held, passphrase=Secret(b"wrong"))
    assert caught.value.code == "wrong-passphrase"
    grown = _run(more, held, passphrase=PASSPHRASE)
    assert grown.authorities == made.authorities


@pytest.mark.parametrize(("before", "after"), [("plain", "encrypted"), ("encrypted", "plain"), ("plain", "discard")])
def test_ca_key_is_stored_as_wished(before: str, after: str) -> None:
    """Another wish about the CA key changes how it is stored, not the key, and remakes no certificate."""
    plan, wish = _pki(ca_key=before), _pki(ca_key=after)
    first = _run(plan, passphrase=PASSPHRASE)
    second = _run(wish, _holdings(plan, first), passphrase=PASSPHRASE)
    assert [each.certificate for each in second.authorities] == [each.certificate for each in first.authorities]
    stored = second.authorities[0].key
    if after == "discard":
        assert stored is None
        return
    assert stored is not None
    key = load_pem_private_key(stored.reveal(), PASSPHRASE.reveal() if after == "encrypted" else None)
    assert key.public_key() == x509.load_der_x509_certificate(second.authorities[0].certificate).public_key()


def test_cancelled_from_progress() -> None:
    """What progress raises ends the work."""
    plan = samples.pinned()

    def cancel(_stage: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        issue.carry_out(plan, Holdings(), issue.work(plan, Holdings(), False), passphrase=None, progress=cancel)


def test_progress_counts_to_the_end() -> None:
    """Progress says how many CA keys and certificates there are and reaches each number."""
    plan = _pki()
    told: list[tuple[str, int, int]] = []
    work = issue.work(plan, Holdings(), False)
    issue.carry_out(plan, Holdings(), work, passphrase=None, progress=lambda *step: told.append(step))
    assert told == [("keys", n, 2) for n in range(1, 3)] + [("certificates", n, 4) for n in range(1, 5)]


def test_several_rsa_keys_at_once() -> None:
    """RSA keys for several nodes are all different and match their certificates."""
    plan = _changed(samples.pinned(), key="rsa-2048")
    made = _run(plan)
    assert issue.work(plan, _holdings(plan, made), False).certificates == 0
    assert len({node.current.key for node in made.nodes.values()}) == 2


def test_upload_only() -> None:
    """PKI without nodes makes the CA and its upload."""
    plan = replace(_pki(), nodes=())
    made = _run(plan)
    assert not made.nodes
    assert [each.name for each in made.uploads] == ["root.crt"]


@pytest.mark.parametrize(
    "text",
    [
        "DNS:edge.example.com",
        "edge.example.com",
        "*.example.com",
        "IP:2001:db8::1",
        "192.0.2.1",
        "URI:spiffe://x/y",
        "email:a@example.com",
        "DNS:münchen.example",
    ],
)
def test_alternative_names(text: str) -> None:
    """Subject alternative names are taken with their kind, or as bare host names and addresses."""
    assert make.general_name(text)


@pytest.mark.parametrize("text", ["IP:nonsense", "DNS:", "a b", "DNS:a/b", "email:ü@x"])
def test_bad_alternative_names(text: str) -> None:
    """What is no name is refused by name."""
    with pytest.raises(KonnectError) as caught:
        make.general_name(text)
    assert caught.value.code == "invalid-value"


def test_hostile_names_become_certificates() -> None:
    """Any text a control plane may be called makes a certificate that says it visibly."""
    name = "[/x]\0\x1b[31m\u202e" + "😀" * 100
    plan = _pki()
    plan = replace(plan, control_plane=replace(plan.control_plane, name=name))
    made = _run(plan)
    subject = x509.load_der_x509_certificate(made.authorities[0].certificate).subject.rfc4514_string()
    assert "␀␛[31m" in subject
