"""The chain explorer without a screen."""

from datetime import UTC, datetime

import pytest
from certificate_maker import NOW, make

from konnect_tui.draft import Certificate, ControlPlane, Draft
from konnect_tui.flow import exploring
from konnect_tui.flow.exploration import Exploration, give, give_too, mended, present, turn
from konnect_tui.flow.exploring import begin, beyond, look, ordered, take_over
from konnect_tui.flow.order import fitting

ROOT = make("Root", ca=True)
MIDDLE = ROOT.issue("Issuing", ca=True)
LEAF = MIDDLE.issue("edge-1")
OTHER = make("Unrelated", ca=True)
CHAIN = (LEAF.der, MIDDLE.der, ROOT.der)


def accepted(exploration: Exploration) -> bool:
    """Whether a control plane would take it."""
    return look(exploration, NOW).drawing.verdict.accepted


@pytest.mark.parametrize("key", [LEAF.secret, None])
def test_certificates_are_numbered_from_the_node_upwards(key: object) -> None:
    """However they come, 1 is the node's own, 2 who issued it, and what has nothing to do with it comes last."""
    assert ordered([OTHER.der, ROOT.der, LEAF.der, MIDDLE.der, ROOT.der], key) == (*CHAIN, OTHER.der)
    assert ordered([]) == ()


@pytest.mark.parametrize(("given", "right"), [(0, True), (1, True), (2, True)])
def test_the_three_scenarios(given: int, right: bool) -> None:
    """cert1, cert2 or cert3 uploaded: all accepted while the node presents its intermediate."""
    start = begin(CHAIN, LEAF.secret, "pki")
    assert accepted(give(start, CHAIN[given])) is right


def test_what_is_left_out_is_missed_and_mended() -> None:
    """With the root uploaded and the leaf alone presented the fix is on the node, and with it the node is accepted."""
    start = present(begin(CHAIN, LEAF.secret, "pki"), MIDDLE.der)
    assert start.presented == (LEAF.der,)
    found = look(start, NOW)
    assert not found.drawing.verdict.accepted
    assert found.fix is not None
    assert found.fix.side == "node"
    assert accepted(mended(start, found.fix))


def test_pinned_compares_the_leaf() -> None:
    """Turned to pinned with the root uploaded the node is refused; given its leaf it is accepted."""
    start = turn(begin(CHAIN, LEAF.secret, "pki"))
    assert not accepted(start)
    assert accepted(give(start, LEAF.der))


def test_nothing_is_ever_presented_empty() -> None:
    """The last certificate that a node presents can't be taken away; several can be given to Konnect, or none."""
    start = begin([LEAF.der], None, "pinned")
    assert present(start, LEAF.der) == start
    assert give_too(start, LEAF.der).uploaded == ()
    assert not accepted(give_too(start, LEAF.der))


def test_the_sample_is_accepted_however_it_is_uploaded() -> None:
    """The sample that Start shows has a leaf, an intermediate and a root, and each upload of the three is accepted."""
    sample = exploring.sample(datetime(2026, 11, 23, tzinfo=UTC))
    assert len(sample.pool) == 3
    for der in sample.pool:
        assert look(give(sample, der), datetime(2026, 11, 24, tzinfo=UTC)).drawing.verdict.accepted


@pytest.mark.parametrize(("given", "upload"), [(1, "intermediate"), (2, "root")])
def test_what_was_found_is_taken_over(given: int, upload: str) -> None:
    """The draft takes over the mode, the intermediates and which CA is uploaded."""
    draft = Draft(ControlPlane(auth_mode="pki"), Certificate(intermediates=1))
    taken = take_over(draft, give(begin(CHAIN, None, "pki"), CHAIN[given]))
    assert (taken.certificate.intermediates, taken.certificate.upload) == (1, upload)
    pinned = fitting(take_over(taken, begin(CHAIN, None, "pinned")))
    assert pinned.control_plane.auth_mode == "pinned"
    assert pinned.certificate.upload is pinned.certificate.intermediates is None


def test_what_a_draft_can_not_say_is_told() -> None:
    """Konnect given the leaf under PKI, a CA when pinned, two or none: no draft says so, and that is told."""
    pki, pinned = begin(CHAIN, None, "pki"), begin(CHAIN, None, "pinned")
    leaf, issuer, root = CHAIN
    assert [beyond(give(pki, der)) for der in (issuer, root)] == ["", ""]
    assert beyond(pinned) == ""
    for one in (give(pki, leaf), give_too(pki, issuer), give_too(pki, root), give(pinned, root)):
        assert beyond(one).startswith(("The wizard gives Konnect", "Pinned, the wizard gives Konnect"))
