"""Keys and signatures: kinds, lengths and hashes, at every place of the chain."""

from typing import Any

from certificate_forge import forge
from certificate_maker import Made

from judged_chains.chain import Chain, Chains, chained, stranger, three

_GOOD = ("rsa-2047", "rsa-2048", "rsa-3072", "rsa-e3", "p256", "p384", "p521", "ed25519", "ed448")
_UNUSABLE = ("dsa-2048", "p224", "secp256k1")
_WEAK = ("rsa-1024", "dsa-1024", "p192")


def _own(place: str, kind: str, cause: str | None = None) -> Chain:
    return chained(cause, **{place: {"own": kind}})


def _digest(place: str, digest: str, key: str, cause: str | None) -> Chain:
    issuers: dict[str, dict[str, Any]] = {"root": {"own": key}, "middle": {"own": key}, "leaf": {}}
    issuers[place]["digest"] = digest
    return chained(cause, **issuers)


def _uploaded_intermediate(**middle: Any) -> tuple[Made, Made]:
    _, between, leaf = three({"own": "rsa-2048"}, middle=middle)
    return between, leaf


def _weakly_signed_anchor() -> Chain:
    middle, leaf = _uploaded_intermediate(digest="sha1")
    return Chain([middle], [leaf])


def _weak_anchor() -> Chain:
    middle, leaf = _uploaded_intermediate(own="rsa-1024")
    return Chain([middle], [leaf], "weak-key")


def _plain_key_for_pss() -> Chain:
    leaf = forge("konnect-cp", own="rsa-2048", pss_only=True, digest="pss")
    return Chain([leaf], [leaf], "key-mismatch", key=forge("x", own=leaf.key))


def _weak_self_signed() -> Chain:
    leaf = forge("konnect-cp", own="rsa-1024")
    return Chain([leaf], [leaf], "weak-key")


def _weak_signature_of_own() -> Chain:
    leaf = forge("konnect-cp", own="rsa-2048", digest="sha1")
    return Chain([leaf], [leaf])


def _weak_root_presented_too() -> Chain:
    root, middle, leaf = three({"own": "rsa-2048", "digest": "md5"})
    return Chain([root], [leaf, middle, root])


def _weakly_signed_anchor_presented() -> Chain:
    """The control plane would not mind; a node's OpenSSL before 4.0 does not load the list."""
    middle, leaf = _uploaded_intermediate(digest="sha1")
    return Chain([middle], [leaf, middle], "weak-signature")


def _needless(cause: str, **form: Any) -> Chain:
    """Nothing needs it, and yet the node does not get as far as sending it."""
    root, middle, leaf = three({"own": "rsa-2048"})
    return Chain([root], [leaf, middle, forge("needless", root, ca=True, **form)], cause)


def _weak_pin() -> Chain:
    leaf = forge("edge-1", forge("Acme Root", ca=True), digest="sha1")
    return Chain([leaf], [leaf], "weak-signature", mode="pinned")


def _strong_strangers() -> Chain:
    root, middle, leaf = three()
    return Chain([root, forge("weak", ca=True, own="rsa-1024")], [leaf, middle, stranger()])


CHAINS: Chains = {
    **{
        f"{place} with key {kind}": lambda place=place, kind=kind: _own(place, kind)
        for place in ("root", "middle", "leaf")
        for kind in _GOOD
    },
    **{
        f"{place} with key {kind}": lambda place=place, kind=kind: _own(place, kind, "weak-key")
        for place in ("root", "middle", "leaf")
        for kind in _WEAK
    },
    **{f"leaf with key {kind}": lambda kind=kind: _own("leaf", kind, "key-type-unusable") for kind in _UNUSABLE},
    **{f"root with key {kind}": lambda kind=kind: _own("root", kind) for kind in _UNUSABLE},
    **{
        f"{place} signed with {key} and {digest}": lambda place=place, key=key, digest=digest: _digest(
            place, digest, key, "weak-signature" if place != "root" else None
        )
        for place in ("root", "middle", "leaf")
        for key, digest in (("rsa-2048", "sha1"), ("rsa-2048", "md5"), ("p256", "sha1"))
    },
    **{
        f"{place} signed with {key} and {digest}": lambda place=place, key=key, digest=digest: _digest(
            place, digest, key, None
        )
        for place in ("root", "middle", "leaf")
        for key, digest in (
            ("rsa-2048", "sha224"),
            ("rsa-2048", "sha384"),
            ("rsa-2048", "sha512"),
            ("rsa-2048", "pss"),
            ("p256", "sha512"),
        )
    },
    "leaf with a key for PSS alone": lambda: chained(leaf={"own": "rsa-2048", "pss_only": True}),
    "root with a key for PSS alone": lambda: chained(
        root={"own": "rsa-2048", "pss_only": True, "digest": "pss"}, middle={"digest": "pss"}
    ),
    "plain RSA key for a certificate that wants PSS": _plain_key_for_pss,
    "uploaded intermediate weakly signed": _weakly_signed_anchor,
    "uploaded intermediate with a short key": _weak_anchor,
    "self-signed leaf with a short key": _weak_self_signed,
    "self-signed leaf weakly signed": _weak_signature_of_own,
    "weakly signed root presented too": _weak_root_presented_too,
    "uploaded intermediate weakly signed, presented too": _weakly_signed_anchor_presented,
    "needless intermediate weakly signed": lambda: _needless("weak-signature", digest="sha1"),
    "needless intermediate with a short key": lambda: _needless("weak-key", own="rsa-1024"),
    "pinned leaf weakly signed by a CA": _weak_pin,
    "weak stranger uploaded": _strong_strangers,
}
