"""What is uploaded and what is presented: complete, incomplete, in any order, and with the wrong upload."""

from certificate_forge import forge, issuer_identifier
from certificate_maker import DAY, NOW, Made
from cryptography import x509
from cryptography.x509.oid import NameOID

from judged_chains.chain import Chain, Chains, stranger, three


def _four() -> tuple[Made, Made, Made, Made]:
    root = forge("Acme Root", ca=True)
    first = forge("Acme Intermediate 1", root, ca=True)
    second = forge("Acme Intermediate 2", first, ca=True)
    return root, first, second, forge("edge-1", second)


def _deep(length: int, presented: int | None = None) -> Chain:
    chain = [forge("root", ca=True)]
    for number in range(length):
        chain.insert(0, forge(f"ca {number}", chain[0], ca=True))
    leaf = forge("edge-1", chain[0])
    return Chain(chain[-1:], [leaf, *chain[:-1]][:presented])


def _root_uploaded() -> Chain:
    root, middle, leaf = three()
    return Chain([root], [leaf, middle])


def _root_presented_too() -> Chain:
    root, middle, leaf = three()
    return Chain([root], [leaf, middle, root])


def _intermediate_uploaded() -> Chain:
    _, middle, leaf = three()
    return Chain([middle], [leaf])


def _intermediate_uploaded_and_presented() -> Chain:
    root, middle, leaf = three()
    return Chain([middle], [leaf, middle, root])


def _leaf_uploaded() -> Chain:
    _, _, leaf = three()
    return Chain([leaf], [leaf])


def _leaf_uploaded_chain_presented() -> Chain:
    root, middle, leaf = three()
    return Chain([leaf], [leaf, middle, root])


def _self_signed_leaf() -> Chain:
    leaf = forge("konnect-cp")
    return Chain([leaf], [leaf])


def _directly_below_root() -> Chain:
    root = forge("Acme Root", ca=True)
    return Chain([root], [forge("edge-1", root)])


def _with_strangers() -> Chain:
    root, middle, leaf = three()
    return Chain([stranger(), root], [leaf, stranger("x"), middle, middle, root, stranger("y")])


def _wrong_order_behind_leaf() -> Chain:
    root, first, second, leaf = _four()
    return Chain([root], [leaf, first, root, second])


def _upper_intermediate_uploaded() -> Chain:
    _, first, second, leaf = _four()
    return Chain([first], [leaf, second])


def _everything_uploaded() -> Chain:
    root, first, second, leaf = _four()
    return Chain([second, root, first], [leaf])


def _leaf_uploaded_twice() -> Chain:
    root, middle, leaf = three()
    return Chain([root, root, root], [leaf, middle])


def _case_and_spaces() -> Chain:
    root = forge("Acme  Root", ca=True)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ACME root ")])
    return Chain([root], [forge("edge-1", root, issuer_name=name)])


def _other_string_type() -> Chain:
    root = forge("Acme Root", ca=True)
    kind = x509.name._ASN1Type.PrintableString
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Acme Root", _type=kind)])
    return Chain([root], [forge("edge-1", root, issuer_name=name)])


def _missing() -> Chain:
    root, _, leaf = three()
    return Chain([root], [leaf], "missing-intermediate")


def _missing_same_organisation() -> Chain:
    def name(common: str) -> x509.Name:
        return x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
        )

    root = forge(name("A"), ca=True)
    middle = forge(name("B"), root, ca=True)
    return Chain([root], [forge("edge-1", middle)], "missing-intermediate")


def _of(organisation: str, name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def _wrong_upload_of_another_organisation() -> Chain:
    middle = forge(_of("Acme", "Issuing 1"), forge(_of("Acme", "Root"), ca=True), ca=True)
    return Chain([forge(_of("Other", "Other Root"), ca=True)], [forge("edge-1", middle)], "wrong-upload")


def _missing_plain_names() -> Chain:
    root = forge("R", ca=True)
    middle = forge("I", root, ca=True)
    return Chain([root], [forge("leaf", middle)], "missing-intermediate")


def _missing_serial_tells() -> Chain:
    root = forge("A", ca=True)
    middle = forge("B", root, ca=True)
    aki = issuer_identifier(None, root.certificate.subject, middle.certificate.serial_number)
    return Chain([root], [forge("leaf", middle, put={"aki": aki})], "missing-intermediate")


def _missing_root_presented() -> Chain:
    root, _, leaf = three()
    return Chain([root], [leaf, root], "missing-intermediate")


def _missing_lower_of_two() -> Chain:
    root, first, _, leaf = _four()
    return Chain([root], [leaf, first], "missing-intermediate")


def _missing_upper_of_two() -> Chain:
    root, _, second, leaf = _four()
    return Chain([root], [leaf, second], "missing-intermediate")


def _missing_both_of_two() -> Chain:
    root, _, _, leaf = _four()
    return Chain([root], [leaf], "missing-intermediate")


def _missing_below_uploaded_intermediate() -> Chain:
    _, first, _, leaf = _four()
    return Chain([first], [leaf], "missing-intermediate")


def _missing_stranger_instead() -> Chain:
    root, _, leaf = three()
    return Chain([root], [leaf, forge("Acme Issuing 2", root, ca=True)], "missing-intermediate")


def _missing_decoy_instead() -> Chain:
    root, _, leaf = three()
    return Chain([root], [leaf, forge("Acme Issuing", root, ca=True)], "missing-intermediate")


def _missing_two_uploads() -> Chain:
    root, _, leaf = three()
    return Chain([stranger(), root], [leaf], "missing-intermediate")


def _missing_upper_root_presented() -> Chain:
    root, _, second, leaf = _four()
    return Chain([root], [leaf, second, root], "missing-intermediate")


def _wrong_with_root() -> Chain:
    root, middle, leaf = three()
    return Chain([stranger()], [leaf, middle, root], "wrong-upload")


def _wrong_without_root() -> Chain:
    _, middle, leaf = three()
    return Chain([stranger()], [leaf, middle], "wrong-upload")


def _wrong_directly_below_root() -> Chain:
    root = forge("Acme Root", ca=True)
    return Chain([stranger()], [forge("edge-1", root)], "wrong-upload")


def _wrong_directly_below_presented_root() -> Chain:
    root = forge("Acme Root", ca=True)
    return Chain([stranger()], [forge("edge-1", root), root], "wrong-upload")


def _wrong_many() -> Chain:
    _, middle, leaf = three()
    return Chain([stranger(), stranger("Third Root")], [leaf, middle], "wrong-upload")


def _wrong_sibling() -> Chain:
    root, middle, leaf = three()
    return Chain([forge("Acme Issuing 2", root, ca=True)], [leaf, middle], "wrong-upload")


def _wrong_sibling_leaf_alone() -> Chain:
    root, _, leaf = three()
    return Chain([forge("Acme Issuing 2", root, ca=True)], [leaf], "wrong-upload")


def _wrong_sibling_all_presented() -> Chain:
    root, middle, leaf = three()
    return Chain([forge("Acme Issuing 2", root, ca=True)], [leaf, middle, root], "wrong-upload")


def _wrong_other_leaf() -> Chain:
    _, middle, leaf = three()
    return Chain([forge("edge-2", middle)], [leaf, middle], "wrong-upload")


def _wrong_other_leaf_alone() -> Chain:
    _, middle, leaf = three()
    return Chain([forge("edge-2", middle)], [leaf], "wrong-upload")


def _wrong_self_signed() -> Chain:
    return Chain([forge("konnect-cp 1")], [forge("konnect-cp 2")], "wrong-upload")


def _wrong_root_for_self_signed() -> Chain:
    return Chain([stranger()], [forge("konnect-cp")], "wrong-upload")


def _wrong_reissued_with_new_key() -> Chain:
    _, middle, leaf = three()
    return Chain([forge("Acme Root", ca=True)], [leaf, middle], "wrong-upload")


def _wrong_reissued_intermediate() -> Chain:
    root, _, leaf = three()
    return Chain([forge("Acme Issuing", root, ca=True)], [leaf], "wrong-upload")


def _wrong_reissued_all_presented() -> Chain:
    root, middle, leaf = three()
    return Chain([forge("Acme Root", ca=True)], [leaf, middle, root], "wrong-upload")


def _newer_root() -> Chain:
    root = forge("R", ca=True, begins=NOW - DAY)
    old = forge("S", ca=True, begins=NOW - 400 * DAY)
    return Chain([root], [forge("leaf", old, begins=NOW - 300 * DAY)], "wrong-upload")


CHAINS: Chains = {
    "root uploaded": _root_uploaded,
    "root uploaded and presented": _root_presented_too,
    "intermediate uploaded": _intermediate_uploaded,
    "intermediate uploaded, whole chain presented": _intermediate_uploaded_and_presented,
    "leaf uploaded": _leaf_uploaded,
    "leaf uploaded, whole chain presented": _leaf_uploaded_chain_presented,
    "self-signed leaf uploaded": _self_signed_leaf,
    "leaf directly below the root": _directly_below_root,
    "strangers and duplicates in the list": _with_strangers,
    "intermediates in the wrong order": _wrong_order_behind_leaf,
    "upper intermediate uploaded": _upper_intermediate_uploaded,
    "whole chain uploaded": _everything_uploaded,
    "root uploaded three times": _leaf_uploaded_twice,
    "issuer named in other case and spaces": _case_and_spaces,
    "issuer named in another string type": _other_string_type,
    "six intermediates": lambda: _deep(6),
    "twelve intermediates": lambda: _deep(12),
    "intermediate forgotten": _missing,
    "intermediate forgotten, one organisation": _missing_same_organisation,
    "intermediate forgotten, names that say nothing": _missing_plain_names,
    "intermediate forgotten, serial number names it": _missing_serial_tells,
    "root presented instead of the intermediate": _missing_root_presented,
    "lower of two intermediates forgotten": _missing_lower_of_two,
    "upper of two intermediates forgotten": _missing_upper_of_two,
    "both intermediates forgotten": _missing_both_of_two,
    "intermediate below the uploaded one forgotten": _missing_below_uploaded_intermediate,
    "another intermediate presented": _missing_stranger_instead,
    "decoy of the intermediate presented": _missing_decoy_instead,
    "intermediate forgotten, two uploads": _missing_two_uploads,
    "root presented, upper intermediate forgotten": _missing_upper_root_presented,
    "other root uploaded, own presented": _wrong_with_root,
    "other root uploaded": _wrong_without_root,
    "other root uploaded, no intermediates": _wrong_directly_below_root,
    "other root uploaded, no intermediates, own presented": _wrong_directly_below_presented_root,
    "two other roots uploaded": _wrong_many,
    "sibling intermediate uploaded": _wrong_sibling,
    "sibling intermediate uploaded, leaf alone": _wrong_sibling_leaf_alone,
    "sibling intermediate uploaded, root presented": _wrong_sibling_all_presented,
    "other leaf uploaded": _wrong_other_leaf,
    "other leaf uploaded, leaf alone": _wrong_other_leaf_alone,
    "other self-signed certificate uploaded": _wrong_self_signed,
    "root uploaded, self-signed leaf presented": _wrong_root_for_self_signed,
    "root of the same name and another key uploaded": _wrong_reissued_with_new_key,
    "intermediate of the same name and another key uploaded": _wrong_reissued_intermediate,
    "root of the same name uploaded, own presented": _wrong_reissued_all_presented,
    "root newer than the leaf uploaded": _newer_root,
    "root of another organisation uploaded, intermediate not presented": _wrong_upload_of_another_organisation,
}
