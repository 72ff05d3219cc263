"""Pinned mode: the very certificate, whatever it says, and what is uploaded instead of it."""

from typing import Any

from certificate_forge import forge, purposes, unknown, usage
from certificate_maker import DAY, NOW, SERVER

from judged_chains.chain import Chain, Chains, stranger, three


def _own(**form: Any) -> Chain:
    leaf = forge("konnect-cp", **form)
    return Chain([leaf], [leaf], mode="pinned")


def _issued() -> Chain:
    root, middle, leaf = three()
    return Chain([leaf], [leaf, middle, root], mode="pinned")


def _one_of_many() -> Chain:
    leaf = forge("konnect-cp")
    return Chain([forge("a"), stranger(), leaf], [leaf], mode="pinned")


def _not_uploaded() -> Chain:
    return Chain([forge("konnect-cp 1")], [forge("konnect-cp 2")], "leaf-not-uploaded", mode="pinned")


def _twin_of_same_name() -> Chain:
    return Chain([forge("konnect-cp")], [forge("konnect-cp")], "leaf-not-uploaded", mode="pinned")


def _sibling() -> Chain:
    _, middle, leaf = three()
    return Chain([forge("edge-2", middle)], [leaf, middle], "leaf-not-uploaded", mode="pinned")


def _renewed() -> Chain:
    old = forge("konnect-cp")
    return Chain([old], [forge("konnect-cp", own=old.key)], "same-key-new-certificate", mode="pinned")


def _renewed_by_ca() -> Chain:
    _, middle, leaf = three()
    renewed = forge("edge-1", middle, own=leaf.key, ends=NOW + 900 * DAY)
    return Chain([stranger(), leaf], [renewed, middle], "same-key-new-certificate", mode="pinned")


def _issuer() -> Chain:
    _, middle, leaf = three()
    return Chain([middle], [leaf], "issuer-uploaded", mode="pinned")


def _root() -> Chain:
    root, middle, leaf = three()
    return Chain([root], [leaf, middle], "issuer-uploaded", mode="pinned")


def _root_directly() -> Chain:
    root = forge("Acme Root", ca=True)
    return Chain([root], [forge("edge-1", root)], "issuer-uploaded", mode="pinned")


def _whole_chain_above() -> Chain:
    root, middle, leaf = three()
    return Chain([root, middle], [leaf, middle], "issuer-uploaded", mode="pinned")


def _other_ca() -> Chain:
    root, middle, leaf = three()
    return Chain([stranger()], [leaf, middle, root], "leaf-not-uploaded", mode="pinned")


def _issuer_also_uploaded() -> Chain:
    root, middle, leaf = three()
    return Chain([root, middle, leaf], [leaf], mode="pinned")


def _below_pinned_ca() -> Chain:
    own = forge("konnect-cp", ca=True)
    return Chain([own], [forge("edge-1", own), own], "issuer-uploaded", mode="pinned")


def _key(kind: str) -> Chain:
    leaf = forge("konnect-cp")
    return Chain([leaf], [leaf], "key-mismatch", mode="pinned", key=forge("x", own=kind))


def _leaf_last() -> Chain:
    _, middle, leaf = three()
    return Chain([leaf], [middle, leaf], "key-mismatch", mode="pinned", key=leaf)


def _kind(kind: str, cause: str | None) -> Chain:
    leaf = forge("konnect-cp", own=kind)
    return Chain([leaf], [leaf], cause, mode="pinned")


def _large() -> Chain:
    leaf = forge("konnect-cp")
    ballast = [forge(f"{number} ", leaf, ca=True, own="rsa-3072") for number in range(140)]
    return Chain([leaf], [leaf, *ballast], "list-too-large", mode="pinned")


CHAINS: Chains = {
    "pinned": _own,
    "pinned, as Kong makes it": lambda: _own(version=1, serial=0),
    "pinned, expired": lambda: _own(begins=NOW - 90 * DAY, ends=NOW - DAY),
    "pinned, not yet valid": lambda: _own(begins=NOW + DAY),
    "pinned, for servers only": lambda: _own(put={"eku": purposes(*SERVER)}),
    "pinned, no signatures allowed": lambda: _own(put={"ku": usage("encipher")}),
    "pinned, unknown critical extension": lambda: _own(put={"x": unknown()}),
    "pinned, a CA": lambda: _own(ca=True),
    "pinned, signature changed": lambda: _own(tamper="signature"),
    "pinned, weakly signed": lambda: _own(own="rsa-2048", digest="sha1"),
    "pinned, issued by a CA": _issued,
    "pinned, one of many": _one_of_many,
    "pinned, CAs uploaded beside it": _issuer_also_uploaded,
    "pinned, another uploaded": _not_uploaded,
    "pinned, twin of the same name uploaded": _twin_of_same_name,
    "pinned, sibling uploaded": _sibling,
    "pinned, renewed with the same key": _renewed,
    "pinned, renewed by its CA with the same key": _renewed_by_ca,
    "pinned, its CA uploaded": _issuer,
    "pinned, its root uploaded": _root,
    "pinned, its only CA uploaded": _root_directly,
    "pinned, all its CAs uploaded": _whole_chain_above,
    "pinned, another CA uploaded": _other_ca,
    "pinned, uploaded certificate issued another": _below_pinned_ca,
    **{f"pinned, key of another {kind}": lambda kind=kind: _key(kind) for kind in ("p256", "rsa-2048", "ed25519")},
    "pinned, leaf behind its issuer": _leaf_last,
    **{
        f"pinned with key {kind}": lambda kind=kind: _kind(kind, None)
        for kind in ("rsa-2048", "p384", "p521", "ed25519", "ed448")
    },
    "pinned with key rsa-1024": lambda: _kind("rsa-1024", "weak-key"),
    **{
        f"pinned with key {kind}": lambda kind=kind: _kind(kind, "key-type-unusable")
        for kind in ("dsa-2048", "p224", "secp256k1")
    },
    "pinned, list over 100 KB": _large,
}
