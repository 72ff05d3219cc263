import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.nodes import MOST_NODES, expand, is_name


@pytest.mark.parametrize(
    ("names", "expanded"),
    [
        ((), ()),
        (("node-1", "edge"), ("node-1", "edge")),
        (("edge-{8..10}",), ("edge-8", "edge-9", "edge-10")),
        (("edge-{08..10}",), ("edge-08", "edge-09", "edge-10")),
        (("edge-{8..010}",), ("edge-008", "edge-009", "edge-010")),
        (("edge-{0..1}",), ("edge-0", "edge-1")),
        (("a{1..2}-{1..2}z",), ("a1-1z", "a1-2z", "a2-1z", "a2-2z")),
        (("{1..1}",), ("1",)),
    ],
)
def test_patterns_stand_for_their_names_in_order(names: tuple[str, ...], expanded: tuple[str, ...]) -> None:
    """Ranges count up, zeros in front set the width, the last range of a name counts fastest."""
    assert expand(names) == expanded


@pytest.mark.parametrize(
    "name", ["edge-{3..1}", "edge-{a..b}", "edge-{1..2", "edge-1..2}", "edge-{1.2}", "edge-{1..1234567}", "{}"]
)
def test_a_range_that_is_none_is_refused(name: str) -> None:
    """A range that counts down or cannot be read is an error in words, never a literal name."""
    with pytest.raises(ValueError, match="range"):
        expand((name,))


@pytest.mark.parametrize("names", [("{1..10001}",), ("{0..999999}{0..999999}{0..999999}",), ("{1..10000}", "one-more")])
def test_there_is_an_end_to_it(names: tuple[str, ...]) -> None:
    """More nodes than one bundle takes are refused before any is written down."""
    with pytest.raises(ValueError, match="10,000"):
        expand(names)
    assert len(expand(("{1..10000}",))) == MOST_NODES


@given(st.integers(0, 999), st.integers(0, 99))
def test_a_range_has_one_name_for_every_number(first: int, more: int) -> None:
    """A padded range gives as many different names of one width as there are numbers."""
    names = expand((f"n{{{first:05d}..{first + more}}}",))
    assert len(set(names)) == more + 1
    assert {len(name) for name in names} == {6}


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        *((name, True) for name in ("a", "1", "edge-01", "a" * 63)),
        *((name, False) for name in ("a" * 64, "-a", "a-", "A", "a.b", "a_b", "", "a\n", "é")),
    ],
)
def test_a_node_name_is_a_label_of_a_host_name(name: str, valid: bool) -> None:
    """Lower-case letters, digits and inner hyphens, at most 63."""
    assert is_name(name) is valid
