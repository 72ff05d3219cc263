from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.pki.names import COMMON_NAME_BYTES, authority_common_names, common_name, visible

NAMES = st.text(min_size=2, max_size=256)


@given(NAMES)
def test_common_name_fits_x509(name: str) -> None:
    """Whatever a control plane is called, its common name has 64 bytes at most and is whole UTF-8."""
    short = common_name(name)
    assert 1 <= len(short.encode()) <= COMMON_NAME_BYTES


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=2, max_size=64))
def test_common_name_keeps_what_fits(name: str) -> None:
    """A name that fits is not touched."""
    assert common_name(name) == name


def test_common_name_keeps_long_names_apart() -> None:
    """Names that differ only behind the cut stay different."""
    assert common_name("x" * 100 + "a") != common_name("x" * 100 + "b")


def test_common_name_never_splits_a_character() -> None:
    """Wide characters are cut between two of them."""
    short = common_name("é" * 100)
    assert "\ufffd" not in short
    assert short.startswith("é" * 20)


def test_control_characters_are_shown() -> None:
    """NUL and escape become pictures, bidirectional controls a replacement: nothing hides in a certificate."""
    assert visible("a\0b\x1b[31m\u202ec\x7f") == "a␀b␛[31m\ufffdc␡"


@given(NAMES, st.integers(0, 2))
def test_authorities_have_distinct_names(control_plane: str, intermediates: int) -> None:
    """Root and intermediates never share a name, however long the control plane's is."""
    names = authority_common_names(control_plane, intermediates)
    assert len(set(names.values())) == intermediates + 1
    assert all(len(name.encode()) <= COMMON_NAME_BYTES for name in names.values())


def test_authority_is_not_called_like_a_leaf() -> None:
    """A leaf that is named as the root would be does not end up with its issuer's name."""
    assert authority_common_names("x", 0, ["konnect-x root"]) == {"root": "konnect-x root CA"}
