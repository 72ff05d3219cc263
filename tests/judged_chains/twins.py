"""Certificates of one name: cross-signed, reissued, expired and renewed, and CAs that share theirs by accident."""

from certificate_forge import forge
from certificate_maker import DAY, NOW, Made

from judged_chains.chain import Chain, Chains, stranger, three

_PAST = {"begins": NOW - 90 * DAY, "ends": NOW - DAY}
_COMING = {"begins": NOW + DAY, "ends": NOW + 90 * DAY}


def _crossed(**other: object) -> tuple[Made, Made, Made, Made, Made]:
    """Both roots, the intermediate signed by each, and a leaf."""
    root, second = forge("Acme Root", ca=True), forge("Beta Root", ca=True)
    right = forge("Acme Issuing", root, ca=True)
    cross = forge("Acme Issuing", second, ca=True, own=right.key, **other)
    return root, second, right, cross, forge("edge-1", right)


def _cross_right_first() -> Chain:
    root, _, right, cross, leaf = _crossed()
    return Chain([root], [leaf, right, cross])


def _cross_wrong_first() -> Chain:
    root, _, right, cross, leaf = _crossed()
    return Chain([root], [leaf, cross, right], "cross-sign-order")


def _cross_wrong_first_its_root_presented() -> Chain:
    root, second, right, cross, leaf = _crossed()
    return Chain([root], [leaf, cross, right, second], "cross-sign-order")


def _cross_wrong_first_all_presented() -> Chain:
    root, second, right, cross, leaf = _crossed()
    return Chain([root], [leaf, cross, second, right, root], "cross-sign-order")


def _cross_both_uploaded() -> Chain:
    root, second, right, cross, leaf = _crossed()
    return Chain([root, second], [leaf, cross, right])


def _cross_only_wrong_presented() -> Chain:
    root, _, _, cross, leaf = _crossed()
    return Chain([root], [leaf, cross], "wrong-upload")


def _cross_wrong_first_but_expired() -> Chain:
    root, _, right, cross, leaf = _crossed(**_PAST)
    return Chain([root], [leaf, cross, right])


def _cross_root() -> Chain:
    """The classic: the new root cross-signed by the old one, and only the new one uploaded."""
    old, new = forge("Old Root", ca=True), forge("New Root", ca=True)
    cross = forge("New Root", old, ca=True, own=new.key)
    middle = forge("Acme Issuing", new, ca=True)
    return Chain([new], [forge("edge-1", middle), middle, cross])


def _cross_root_old_uploaded() -> Chain:
    old, new = forge("Old Root", ca=True), forge("New Root", ca=True)
    cross = forge("New Root", old, ca=True, own=new.key)
    middle = forge("Acme Issuing", new, ca=True)
    return Chain([old], [forge("edge-1", middle), middle, cross])


def _cross_root_self_signed_first() -> Chain:
    old, new = forge("Old Root", ca=True), forge("New Root", ca=True)
    cross = forge("New Root", old, ca=True, own=new.key)
    middle = forge("Acme Issuing", new, ca=True)
    return Chain([old], [forge("edge-1", middle), middle, new, cross], "cross-sign-order")


def _cross_lower_in_deep_chain() -> Chain:
    root, _, right, cross, _ = _crossed()
    lower = forge("Acme Lower", right, ca=True)
    return Chain([root], [forge("edge-1", lower), lower, cross, right], "cross-sign-order")


def _expired_twin(*, expired_first: bool) -> Chain:
    root, middle, leaf = three()
    old = forge("Acme Issuing", root, ca=True, own=middle.key, **_PAST)
    return Chain([root], [leaf, old, middle] if expired_first else [leaf, middle, old])


def _expired_root_twin(*, expired_first: bool) -> Chain:
    root, middle, leaf = three()
    old = forge("Acme Root", ca=True, own=root.key, **_PAST)
    return Chain([old, root] if expired_first else [root, old], [leaf, middle])


def _only_expired_twin() -> Chain:
    root, middle, leaf = three()
    old = forge("Acme Issuing", root, ca=True, own=middle.key, **_PAST)
    return Chain([root], [leaf, old], "expired")


def _only_expired_root_twin() -> Chain:
    root, middle, leaf = three()
    old = forge("Acme Root", ca=True, own=root.key, **_PAST)
    return Chain([old], [leaf, middle, root], "expired")


def _coming_twin() -> Chain:
    root, middle, leaf = three()
    coming = forge("Acme Issuing", root, ca=True, own=middle.key, **_COMING)
    return Chain([root], [leaf, coming, middle])


def _namesakes(*, right_first: bool, identifiers: bool, wrong: dict[str, object] | None = None) -> Chain:
    right = forge("Root CA", ca=True, identifiers=identifiers)
    other = forge("Root CA", ca=True, identifiers=identifiers, **(wrong or {}))
    leaf = forge("edge-1", right, identifiers=identifiers)
    cause = None if right_first or identifiers or wrong else "same-named-ca"
    return Chain([right, other] if right_first else [other, right], [leaf], cause)


def _namesakes_above_intermediate() -> Chain:
    right = forge("Root CA", ca=True, identifiers=False)
    other = forge("Root CA", ca=True, identifiers=False)
    middle = forge("Issuing", right, ca=True, identifiers=False)
    return Chain([other, right], [forge("edge-1", middle, identifiers=False), middle], "same-named-ca")


def _namesake_intermediates(*, right_first: bool) -> Chain:
    root = forge("Root", ca=True)
    right = forge("Issuing", root, ca=True, identifiers=False)
    other = forge("Issuing", root, ca=True, identifiers=False)
    leaf = forge("edge-1", right, identifiers=False)
    return Chain(
        [root], [leaf, right, other] if right_first else [leaf, other, right], None if right_first else "same-named-ca"
    )


def _namesake_on_both_sides() -> Chain:
    """The uploaded root and the intermediate share a name: OpenSSL asks the uploads first."""
    root = forge("Acme CA", ca=True, identifiers=False)
    middle = forge("Acme CA", root, ca=True, identifiers=False)
    return Chain([root], [forge("edge-1", middle, identifiers=False), middle], "same-named-ca")


def _namesake_on_both_sides_identified() -> Chain:
    root = forge("Acme CA", ca=True)
    middle = forge("Acme CA", root, ca=True)
    return Chain([root], [forge("edge-1", middle), middle])


def _namesake_with_identifier_only_in_ca() -> Chain:
    right, other = forge("Root CA", ca=True), forge("Root CA", ca=True)
    return Chain([other, right], [forge("edge-1", right, put={"aki": None})], "same-named-ca")


def _made_anew(own: str) -> Chain:
    """A script made the CA again, under its old name, and that one was uploaded."""
    form = {"own": own, "identifiers": False}
    leaf = forge("edge-1", forge("My CA", ca=True, **form), identifiers=False)
    return Chain([forge("My CA", ca=True, **form)], [leaf], "wrong-upload")


def _issuing_made_anew() -> Chain:
    root = forge("My Root", ca=True, identifiers=False)
    old, new = (forge("My Issuing CA", root, ca=True, identifiers=False) for _ in range(2))
    return Chain([root], [forge("edge-1", old, identifiers=False), new], "missing-intermediate")


def _leaf_called_as_its_ca() -> Chain:
    root = forge("Acme", ca=True)
    return Chain([root], [forge("Acme", root)])


def _leaf_called_as_its_ca_without_identifiers() -> Chain:
    root = forge("Acme", ca=True, identifiers=False)
    return Chain([root], [forge("Acme", root, identifiers=False)], "same-named-ca")


def _uploaded_cross_only() -> Chain:
    """What is uploaded is the cross-signed twin of the root: an anchor all the same."""
    old, new = forge("Old Root", ca=True), forge("New Root", ca=True)
    cross = forge("New Root", old, ca=True, own=new.key)
    return Chain([cross], [forge("edge-1", new), new])


def _stranger_of_same_name() -> Chain:
    root, middle, leaf = three()
    return Chain([root], [leaf, stranger("Acme Issuing"), middle])


CHAINS: Chains = {
    "cross-signed twin behind": _cross_right_first,
    "cross-signed twin first": _cross_wrong_first,
    "cross-signed twin first, its root presented": _cross_wrong_first_its_root_presented,
    "cross-signed twin first, both roots presented": _cross_wrong_first_all_presented,
    "cross-signed, both roots uploaded": _cross_both_uploaded,
    "cross-signed, only the other twin presented": _cross_only_wrong_presented,
    "cross-signed twin first, but expired": _cross_wrong_first_but_expired,
    "cross-signed twin first, above another intermediate": _cross_lower_in_deep_chain,
    "cross-signed root, new one uploaded": _cross_root,
    "cross-signed root, old one uploaded": _cross_root_old_uploaded,
    "cross-signed root, self-signed twin first": _cross_root_self_signed_first,
    "cross-signed root uploaded": _uploaded_cross_only,
    "expired intermediate before its renewal": lambda: _expired_twin(expired_first=True),
    "expired intermediate behind its renewal": lambda: _expired_twin(expired_first=False),
    "expired root before its renewal": lambda: _expired_root_twin(expired_first=True),
    "expired root behind its renewal": lambda: _expired_root_twin(expired_first=False),
    "expired intermediate, its renewal not presented": _only_expired_twin,
    "expired root, its renewal presented": _only_expired_root_twin,
    "coming intermediate before the current one": _coming_twin,
    "two roots of one name without identifiers": lambda: _namesakes(right_first=False, identifiers=False),
    "two roots of one name without identifiers, right one first": lambda: _namesakes(
        right_first=True, identifiers=False
    ),
    "two roots of one name with identifiers": lambda: _namesakes(right_first=False, identifiers=True),
    "two roots of one name, the wrong one expired": lambda: _namesakes(
        right_first=False, identifiers=False, wrong=_PAST
    ),
    "two roots of one name above an intermediate": _namesakes_above_intermediate,
    "two intermediates of one name, wrong one first": lambda: _namesake_intermediates(right_first=False),
    "two intermediates of one name, right one first": lambda: _namesake_intermediates(right_first=True),
    "root and intermediate of one name": _namesake_on_both_sides,
    "root and intermediate of one name with identifiers": _namesake_on_both_sides_identified,
    "two roots of one name, leaf without identifier": _namesake_with_identifier_only_in_ca,
    "CA made anew without identifiers": lambda: _made_anew("p256"),
    "CA made anew without identifiers, RSA": lambda: _made_anew("rsa-2048"),
    "issuing CA made anew without identifiers": _issuing_made_anew,
    "leaf called as its CA": _leaf_called_as_its_ca,
    "leaf called as its CA, without identifiers": _leaf_called_as_its_ca_without_identifiers,
    "stranger of the intermediate's name": _stranger_of_same_name,
}
