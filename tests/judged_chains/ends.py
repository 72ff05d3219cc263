"""Dates: of leaf, intermediate and upload."""

from typing import Any

from certificate_forge import forge
from certificate_maker import DAY, NOW

from judged_chains.chain import Chain, Chains, chained, three

_PAST = {"begins": NOW - 90 * DAY, "ends": NOW - DAY}
_COMING = {"begins": NOW + DAY, "ends": NOW + 90 * DAY}


def _at(place: str, dates: dict[str, Any], cause: str) -> Chain:
    return chained(cause, **{place: dates})


def _anchor(dates: dict[str, Any], cause: str) -> Chain:
    _, middle, leaf = three(middle=dates)
    return Chain([middle], [leaf], cause)


def _expired_root_above() -> Chain:
    root, middle, leaf = three(_PAST)
    return Chain([middle], [leaf, middle, root])


def _expired_chain_above_leaf() -> Chain:
    """OpenSSL follows what is presented to its end before it sees that the leaf itself is uploaded."""
    root, middle, leaf = three(_PAST, _PAST)
    return Chain([leaf], [leaf, middle, root], "expired")


def _expired_stranger() -> Chain:
    root, middle, leaf = three()
    return Chain([root, forge("old", ca=True, **_PAST)], [leaf, middle, forge("older", ca=True, **_PAST)])


def _expired_self_signed(dates: dict[str, Any], cause: str) -> Chain:
    leaf = forge("konnect-cp", **dates)
    return Chain([leaf], [leaf], cause)


def _outlives_its_ca() -> Chain:
    return chained(root={"ends": NOW + 9 * DAY}, leaf={"ends": NOW + 900 * DAY})


def _very_long() -> Chain:
    return chained(
        root={"ends": NOW + 36500 * DAY}, middle={"ends": NOW + 36000 * DAY}, leaf={"ends": NOW + 35000 * DAY}
    )


CHAINS: Chains = {
    **{
        f"{place} {word}": lambda place=place, dates=dates, cause=cause: _at(place, dates, cause)
        for place in ("root", "middle", "leaf")
        for word, dates, cause in (("expired", _PAST, "expired"), ("not yet valid", _COMING, "not-yet-valid"))
    },
    "uploaded intermediate expired": lambda: _anchor(_PAST, "expired"),
    "uploaded intermediate not yet valid": lambda: _anchor(_COMING, "not-yet-valid"),
    "expired root above the upload": _expired_root_above,
    "expired CAs above the uploaded leaf": _expired_chain_above_leaf,
    "expired strangers on both sides": _expired_stranger,
    "self-signed leaf expired": lambda: _expired_self_signed(_PAST, "expired"),
    "self-signed leaf not yet valid": lambda: _expired_self_signed(_COMING, "not-yet-valid"),
    "leaf outlives its root": _outlives_its_ca,
    "a century": _very_long,
}
