"""Key identifiers, signatures, keys that belong to another, and lists that are too long."""

from certificate_forge import forge, issuer_identifier, key_identifier
from cryptography import x509

from judged_chains.chain import Chain, Chains, stranger, three


def _root_reissued_with_same_key() -> Chain:
    root, middle, leaf = three()
    return Chain([forge("Acme Root", ca=True, own=root.key)], [leaf, middle])


def _root_reissued_and_serial_named() -> Chain:
    root = forge("Acme Root", ca=True)
    aki = issuer_identifier(None, root.certificate.subject, root.certificate.serial_number)
    leaf = forge("edge-1", root, put={"aki": aki})
    return Chain([forge("Acme Root", ca=True, own=root.key)], [leaf], "key-id-mismatch")


def _other_issuer_named() -> Chain:
    root = forge("Acme Root", ca=True)
    aki = issuer_identifier(None, forge("Nobody").certificate.subject, root.certificate.serial_number)
    return Chain([root], [forge("edge-1", root, put={"aki": aki})], "key-id-mismatch")


def _serial_named() -> Chain:
    root = forge("Acme Root", ca=True)
    aki = issuer_identifier(key_identifier(root.key), root.certificate.subject, root.certificate.serial_number)
    return Chain([root], [forge("edge-1", root, put={"aki": aki})])


def _key_id(at: str) -> Chain:
    other = forge("x")
    wrong = {"put": {"aki": issuer_identifier(key_identifier(other.key))}}
    root, middle, leaf = three(middle=wrong if at == "middle" else {}, leaf=wrong if at == "leaf" else {})
    return Chain([root], [leaf, middle], "key-id-mismatch")


def _key_id_all_presented() -> Chain:
    wrong = {"put": {"aki": issuer_identifier(key_identifier(forge("x").key))}}
    root, middle, leaf = three(middle=wrong)
    return Chain([root], [leaf, middle, root], "key-id-mismatch")


def _key_id_below_uploaded_intermediate() -> Chain:
    wrong = {"put": {"aki": issuer_identifier(key_identifier(forge("x").key))}}
    _, middle, leaf = three(leaf=wrong)
    return Chain([middle], [leaf], "key-id-mismatch")


def _key_id_of_ca_computed_otherwise() -> Chain:
    root = forge("Acme Root", ca=True, put={"ski": (x509.SubjectKeyIdentifier(b"\x01" * 20), False)})
    aki = issuer_identifier(key_identifier(root.key))
    return Chain([root], [forge("edge-1", root, put={"aki": aki})], "key-id-mismatch")


def _no_key_id_in_ca() -> Chain:
    root = forge("Acme Root", ca=True, put={"ski": None})
    return Chain([root], [forge("edge-1", root, put={"aki": issuer_identifier(b"\x01" * 20)})])


def _bad_signature(at: str, tamper: str) -> Chain:
    spoilt = {"tamper": tamper}
    root, middle, leaf = three(middle=spoilt if at == "middle" else {}, leaf=spoilt if at == "leaf" else {})
    return Chain([root], [leaf, middle], "bad-signature")


def _bad_signature_rsa(at: str, tamper: str) -> Chain:
    spoilt = {"tamper": tamper}
    root, middle, leaf = three(
        {"own": "rsa-2048"}, {"own": "rsa-2048", **(spoilt if at == "middle" else {})}, spoilt if at == "leaf" else {}
    )
    return Chain([root], [leaf, middle], "bad-signature")


def _bad_signature_without_identifiers() -> Chain:
    """RSA tells all the same: the issuer's key made the signature, over something else."""
    root = forge("Acme Root", ca=True, own="rsa-2048", identifiers=False)
    return Chain([root], [forge("edge-1", root, identifiers=False, tamper="content")], "bad-signature")


def _bad_signature_directly() -> Chain:
    root = forge("Acme Root", ca=True)
    return Chain([root], [forge("edge-1", root, tamper="content")], "bad-signature")


def _bad_signature_all_presented() -> Chain:
    root, middle, leaf = three(middle={"tamper": "signature"})
    return Chain([root], [leaf, middle, root], "bad-signature")


def _bad_signature_of_anchor() -> Chain:
    root, middle, leaf = three({"tamper": "signature"})
    return Chain([root], [leaf, middle])


def _key_of_another(kind: str) -> Chain:
    root, middle, leaf = three()
    return Chain([root], [leaf, middle], "key-mismatch", key=forge("x", own=kind))


def _key_of_intermediate() -> Chain:
    root, middle, leaf = three()
    return Chain([root], [leaf, middle], "key-mismatch", key=middle)


def _leaf_last() -> Chain:
    root, middle, leaf = three()
    return Chain([root], [middle, leaf], "key-mismatch", key=leaf)


def _too_large() -> Chain:
    root, middle, leaf = three()
    ballast = [forge(f"{number} ", root, ca=True, own="rsa-3072") for number in range(140)]
    return Chain([root], [leaf, middle, *ballast], "list-too-large")


def _large() -> Chain:
    root, middle, leaf = three()
    return Chain([root], [leaf, middle, *(stranger(str(number)) for number in range(150))])


CHAINS: Chains = {
    "root reissued with the same key": _root_reissued_with_same_key,
    "root reissued, its old serial number named": _root_reissued_and_serial_named,
    "issuer's issuer named wrongly": _other_issuer_named,
    "issuer named by key and serial number": _serial_named,
    "leaf names another key": lambda: _key_id("leaf"),
    "intermediate names another key": lambda: _key_id("middle"),
    "intermediate names another key, root presented": _key_id_all_presented,
    "leaf below the upload names another key": _key_id_below_uploaded_intermediate,
    "root's key identifier computed otherwise": _key_id_of_ca_computed_otherwise,
    "root without key identifier": _no_key_id_in_ca,
    **{
        f"{at}: {tamper} changed": lambda at=at, tamper=tamper: _bad_signature(at, tamper)
        for at in ("leaf", "middle")
        for tamper in ("signature", "content")
    },
    **{
        f"{at}: {tamper} changed under RSA": lambda at=at, tamper=tamper: _bad_signature_rsa(at, tamper)
        for at in ("leaf", "middle")
        for tamper in ("signature", "content")
    },
    "leaf without identifiers: content changed under RSA": _bad_signature_without_identifiers,
    "leaf below the root: content changed": _bad_signature_directly,
    "middle: signature changed, root presented": _bad_signature_all_presented,
    "root's own signature changed": _bad_signature_of_anchor,
    **{
        f"key of another certificate, {kind}": lambda kind=kind: _key_of_another(kind)
        for kind in ("p256", "p384", "rsa-2048", "ed25519")
    },
    "key of the intermediate": _key_of_intermediate,
    "leaf behind its intermediate": _leaf_last,
    "list over 100 KB": _too_large,
    "list under 100 KB": _large,
}
