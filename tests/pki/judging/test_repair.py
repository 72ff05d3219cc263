from collections.abc import Callable, Sequence
from time import process_time
from typing import NamedTuple

import pytest
from certificate_maker import DAY, NOW, Made, make
from hypothesis import given, settings
from hypothesis import strategies as st

from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.judging.repair import Fix, fix, presentation
from konnect_tui.pki.judging.verdict import Mode


def _der(made: Sequence[Made]) -> tuple[bytes, ...]:
    return tuple(each.der for each in made)


def _fix(
    mode: Mode, uploaded: Sequence[Made], presented: Sequence[Made], pool: Sequence[Made], key: Made | None
) -> Fix:
    secret = key.secret if key else None
    found = fix(mode, _der(uploaded), _der(presented), _der(pool), secret)
    assert found is not None
    assert judge(mode, found.uploaded, found.presented, secret).accepted
    assert (found.uploaded == _der(uploaded)) is (found.side == "node")
    assert (found.presented == _der(presented)) is (found.side == "konnect")
    return found


class _Organisation(NamedTuple):
    root: Made
    one: Made
    two: Made
    leaf: Made
    stranger: Made


def _organisation() -> _Organisation:
    root = make("R1", ca=True)
    one = root.issue("I1", ca=True)
    two = one.issue("I2", ca=True)
    return _Organisation(root, one, two, two.issue("edge-1"), make("R2", ca=True))


def test_list_holds_exactly_the_intermediates_up_to_the_first_upload() -> None:
    """The leaf, then what is needed below the first uploaded certificate and no more, whatever lies about."""
    root, one, two, leaf, stranger = _organisation()
    pool = _der([stranger, root, leaf, one, stranger.issue("I2", ca=True), two])
    for anchors, wanted in (
        ([root], [leaf, two, one]),
        ([one], [leaf, two]),
        ([two], [leaf]),
        ([root, two], [leaf]),
        ([leaf], [leaf]),
        ([stranger, root], [leaf, two, one]),
    ):
        assert presentation(leaf.der, _der(anchors), pool) == _der(wanted)
    assert presentation(leaf.der, _der([stranger]), pool) is None
    assert presentation(leaf.der, (), pool) is None


def test_list_of_twins_is_the_one_that_is_accepted() -> None:
    """Of cross-signed, expired and same-named twins the one is taken that leads to the upload."""
    root, other = make("R1", ca=True), make("R2", ca=True)
    right = root.issue("I", ca=True)
    crossed = other.issue("I", ca=True, key=right.key)
    expired = root.issue("I", ca=True, key=right.key, begins=NOW - 9 * DAY, ends=NOW - DAY)
    decoy = root.issue("I", ca=True)
    leaf = right.issue("edge-1")
    for pool in ([crossed, expired, decoy, right], [right, decoy, expired, crossed]):
        assert presentation(leaf.der, [root.der], _der(pool)) == _der([leaf, right])
        assert presentation(leaf.der, [other.der], _der(pool)) == _der([leaf, crossed])


def _missing(here: _Organisation) -> Fix:
    return _fix("pki", [here.root], [here.leaf, here.one], [here.two], here.leaf)


def _out_of_order(here: _Organisation) -> Fix:
    return _fix("pki", [here.root], [here.one, here.two, here.leaf], [], None)


def _key_finds_the_leaf(here: _Organisation) -> Fix:
    return _fix("pki", [here.one], [here.two], [here.stranger, here.leaf], here.leaf)


def _wrong_root(here: _Organisation) -> Fix:
    return _fix("pki", [here.stranger], [here.leaf, here.two, here.one], [here.root], here.leaf)


def _second_upload(here: _Organisation) -> Fix:
    return _fix("pki", [here.stranger, make("R3", ca=True)], [here.leaf, here.two, here.one, here.root], [], here.leaf)


def _intermediate_at_hand(here: _Organisation) -> Fix:
    return _fix("pki", [make("edge-2")], [here.leaf], [here.two], here.leaf)


def _both_sides(here: _Organisation) -> Fix:
    return _fix("pki", [make("edge-2")], [here.one, here.leaf], [here.two, here.root], here.leaf)


def _pinned_ca(here: _Organisation) -> Fix:
    return _fix("pinned", [here.two], [here.leaf], [here.root], here.leaf)


def _pinned_list(here: _Organisation) -> Fix:
    return _fix("pinned", [here.leaf], [here.two, here.leaf], [], here.leaf)


FIXES: dict[str, tuple[Callable[[_Organisation], Fix], str]] = {
    "missing in the middle": (_missing, "On the node: present “I2” behind “edge-1”; nothing to upload."),
    "leaf last": (_out_of_order, "On the node: present “edge-1”, then “I2”, then “I1”; nothing to upload."),
    "leaf not presented": (
        _key_finds_the_leaf,
        "On the node: present “edge-1”, then “I2”; nothing to upload.",
    ),
    "wrong root": (_wrong_root, "In Konnect: upload “R1” in place of “R2”; nothing to change on the node."),
    "several uploads": (_second_upload, "In Konnect: upload “R1”; nothing to change on the node."),
    "intermediate at hand": (
        _intermediate_at_hand,
        "In Konnect: upload “I2” in place of “edge-2”; nothing to change on the node.",
    ),
    "both sides": (
        _both_sides,
        ("In Konnect: upload “R1” in place of “edge-2”; on the node: present “edge-1”, then “I2”, then “I1”."),
    ),
    "pinned, its CA uploaded": (
        _pinned_ca,
        "In Konnect: upload “edge-1” in place of “I2”; nothing to change on the node.",
    ),
    "pinned, intermediate first": (_pinned_list, "On the node: no longer present “I2”; nothing to upload."),
}


@pytest.mark.parametrize("name", FIXES)
def test_fix_says_what_to_change_on_which_side(name: str) -> None:
    """The node comes first if the upload can stay, then the upload; the sentence says what to do, on which side."""
    make_fix, sentence = FIXES[name]
    assert make_fix(_organisation()).sentence == sentence


def test_fix_takes_away_a_namesake() -> None:
    """Of two uploaded CAs of one name the one that stands in the way is named by its serial number."""
    wrong, right = (make("R", ca=True, identifiers=False) for _ in range(2))
    leaf = right.issue("edge-1", identifiers=False)
    found = _fix("pki", [wrong, right], [leaf], [], leaf)
    assert found.uploaded == (right.der,)
    assert f"take away “R” with serial number {wrong.certificate.serial_number:x}" in found.sentence


def test_no_fix_where_none_is_needed_or_none_helps() -> None:
    """An accepted node needs no fix, not even one that presents its root needlessly; and none is made up."""
    root, one, two, leaf, stranger = _organisation()
    assert fix("pki", [root.der], _der([leaf, two, one, root]), (), leaf.secret) is None
    assert fix("pki", [root.der], [leaf.der], [one.der], leaf.secret) is None
    assert fix("pki", [root.der], _der([leaf, two, one]), (), stranger.secret) is None
    old = one.issue("old", begins=NOW - 9 * DAY, ends=NOW - DAY)
    assert fix("pki", [one.der], [old.der], _der([root]), old.secret) is None


def test_search_is_bounded() -> None:
    """Hundreds of certificates of one name, in loops and crossed, cost no more than a moment."""
    a, b = make("A", ca=True), make("B", ca=True)
    loop = [made for _ in range(200) for made in (a.issue("B", ca=True, key=b.key), b.issue("A", ca=True, key=a.key))]
    leaf, stranger = a.issue("edge-1"), make("R2", ca=True)
    began = process_time()
    assert presentation(leaf.der, [stranger.der], _der(loop)) is None
    fix("pki", [stranger.der], [leaf.der], _der(loop), leaf.secret)
    assert process_time() - began < 3


def test_search_is_bounded_whoever_brings_the_crowd() -> None:
    """Hundreds of CAs of one name, presented without a key or uploaded, cost no more than a moment either."""
    a, b = make("A", ca=True), make("B", ca=True)
    loop = [made for _ in range(120) for made in (a.issue("B", ca=True, key=b.key), b.issue("A", ca=True, key=a.key))]
    crowd = [make("A", ca=True, key=key) for key in (make("x").key, make("y").key) for _ in range(240)]
    leaf, stranger = a.issue("edge-1"), make("R2", ca=True)
    for uploaded, presented in (([stranger], [leaf, *loop]), (crowd, [leaf])):
        began = process_time()
        fix("pki", _der(uploaded), _der(presented), (), None)
        assert process_time() - began < 2


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_whatever_is_proposed_is_accepted(data: st.DataObject) -> None:
    """A proposal is only made where the control plane then accepts; where the whole chain is at hand one is made."""
    here = _organisation()
    some = st.lists(st.sampled_from(here), max_size=4)
    mode: Mode = data.draw(st.sampled_from(["pki", "pinned"]))
    uploaded, presented = data.draw(some), data.draw(some) or [here.leaf]
    proposed = fix(mode, _der(uploaded), _der(presented), _der(here), here.leaf.secret)
    if proposed is None:
        assert judge(mode, _der(uploaded), _der(presented), here.leaf.secret).accepted
    else:
        assert judge(mode, proposed.uploaded, proposed.presented, here.leaf.secret).accepted
