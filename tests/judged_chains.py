"""Chains with one planted fault each, or none, and the code of that fault. Judged by us and by OpenSSL."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from certificate_maker import DAY, NOW, SERVER, Made, make, small_rsa
from cryptography.hazmat.primitives.asymmetric import ec


class Chain(NamedTuple):
    """`cause` is None for a chain that is accepted."""

    uploaded: Sequence[Made]
    presented: Sequence[Made]
    cause: str | None = None


def _three(**leaf_form: object) -> tuple[Made, Made, Made]:
    root = make("root", ca=True)
    middle = root.issue("middle", ca=True, path_length=0)
    return root, middle, middle.issue("leaf", **leaf_form)


def _root_uploaded() -> Chain:
    root, middle, leaf = _three()
    return Chain([root], [leaf, middle])


def _intermediate_uploaded() -> Chain:
    _, middle, leaf = _three()
    return Chain([middle], [leaf])


def _leaf_uploaded() -> Chain:
    _, _, leaf = _three()
    return Chain([leaf], [leaf])


def _with_strangers() -> Chain:
    root, middle, leaf = _three()
    return Chain([make("other", ca=True), root], [leaf, make("stranger"), middle, middle, root])


def _no_purposes() -> Chain:
    root, middle, leaf = _three(purposes=None)
    return Chain([root], [leaf, middle])


def _expired_root_above() -> Chain:
    root = make("root", ca=True, begins=NOW - 90 * DAY, ends=NOW - DAY)
    middle = root.issue("middle", ca=True)
    return Chain([middle], [middle.issue("leaf"), middle, root])


def _missing() -> Chain:
    root, _, leaf = _three()
    return Chain([root], [leaf], "missing-intermediate")


def _wrong_upload() -> Chain:
    root, middle, leaf = _three()
    return Chain([make("other", ca=True)], [leaf, middle, root], "wrong-upload")


def _wrong_upload_without_root() -> Chain:
    _, middle, leaf = _three()
    return Chain([make("other", ca=True)], [leaf, middle], "wrong-upload")


def _namesake_uploaded() -> Chain:
    _, middle, leaf = _three()
    return Chain([make("root", ca=True)], [leaf, middle], "wrong-upload")


def _same_named() -> Chain:
    wrong = make("root", ca=True, identifiers=False)
    right = make("root", ca=True, identifiers=False)
    return Chain([wrong, right], [right.issue("leaf", identifiers=False)], "same-named-ca")


def _key_id() -> Chain:
    root = make("root", ca=True)
    impostor = Made(make("root", ca=True).certificate, root.key)
    leaf = make("leaf", issuer=impostor, issuer_key_id=make("x").key)
    return Chain([root], [leaf], "key-id-mismatch")


def _expired_leaf() -> Chain:
    root, middle, leaf = _three(begins=NOW - 9 * DAY, ends=NOW - DAY)
    return Chain([root], [leaf, middle], "expired")


def _expired_intermediate() -> Chain:
    root = make("root", ca=True)
    middle = root.issue("middle", ca=True, begins=NOW - 9 * DAY, ends=NOW - DAY)
    return Chain([root], [middle.issue("leaf"), middle], "expired")


def _expired_anchor() -> Chain:
    root = make("root", ca=True, begins=NOW - 9 * DAY, ends=NOW - DAY)
    return Chain([root], [root.issue("leaf")], "expired")


def _early_leaf() -> Chain:
    root, middle, leaf = _three(begins=NOW + DAY, ends=NOW + 9 * DAY)
    return Chain([root], [leaf, middle], "not-yet-valid")


def _server_only() -> Chain:
    root, middle, leaf = _three(purposes=SERVER)
    return Chain([root], [leaf, middle], "wrong-purpose")


def _not_a_ca() -> Chain:
    root = make("root", ca=True)
    middle = root.issue("middle", certifies=True)
    return Chain([root], [middle.issue("leaf"), middle], "not-a-ca")


def _not_certifying() -> Chain:
    root = make("root", ca=True)
    middle = root.issue("middle", ca=True, certifies=False)
    return Chain([root], [middle.issue("leaf"), middle], "not-a-ca")


def _path_length() -> Chain:
    root = make("root", ca=True, path_length=0)
    middle = root.issue("middle", ca=True)
    return Chain([root], [middle.issue("leaf"), middle], "path-length")


def _critical() -> Chain:
    root, middle, leaf = _three(critical=True)
    return Chain([root], [leaf, middle], "unknown-critical-extension")


def _outside() -> Chain:
    root = make("root", ca=True, permitted=["example.com"])
    return Chain([root], [root.issue("leaf", sans=["edge.example.org"])], "name-constraint")


def _weak_leaf() -> Chain:
    root = make("root", ca=True)
    return Chain([root], [root.issue("leaf", key=small_rsa())], "weak-key")


def _weak_ca() -> Chain:
    root = make("root", ca=True, key=small_rsa())
    return Chain([root], [root.issue("leaf")], "weak-key")


def _unusable() -> Chain:
    root = make("root", ca=True)
    return Chain([root], [root.issue("leaf", key=ec.generate_private_key(ec.SECP256K1()))], "key-type-unusable")


CHAINS: dict[str, Callable[[], Chain]] = {
    "root uploaded": _root_uploaded,
    "intermediate uploaded": _intermediate_uploaded,
    "leaf uploaded": _leaf_uploaded,
    "strangers and duplicates in the list": _with_strangers,
    "no extended key usage": _no_purposes,
    "expired root above the upload": _expired_root_above,
    "intermediate forgotten": _missing,
    "other root uploaded": _wrong_upload,
    "other root uploaded, own root not presented": _wrong_upload_without_root,
    "root of the same name uploaded": _namesake_uploaded,
    "two roots of one name without identifiers": _same_named,
    "authority key identifier of another key": _key_id,
    "leaf expired": _expired_leaf,
    "intermediate expired": _expired_intermediate,
    "upload expired": _expired_anchor,
    "leaf not yet valid": _early_leaf,
    "leaf for servers only": _server_only,
    "intermediate is no CA": _not_a_ca,
    "intermediate without keyCertSign": _not_certifying,
    "path length exceeded": _path_length,
    "unknown critical extension": _critical,
    "name outside the CA's constraint": _outside,
    "leaf key too short": _weak_leaf,
    "CA key too short": _weak_ca,
    "leaf key that TLS 1.3 cannot sign with": _unusable,
}
