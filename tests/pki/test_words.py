from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.words import cells, clip, printable, wrap


@given(st.text())
def test_printable_text_cannot_command_a_terminal(text: str) -> None:
    """No control, line break, bidirectional control or surrogate reaches the terminal."""
    shown = printable(text)
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)
    assert not set(shown) & set("\u2028\u2029\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    shown.encode()


def test_printable_shows_what_it_takes_out() -> None:
    """Escapes, new lines and direction changes are visible; letters of any script and emoji stay."""
    assert printable("a\x1b[31m\n\u202eb") == "a\\e[31m\\n\\u202eb"
    assert printable("Ünïcode 漢字 👩‍💻 [/x] [b]") == "Ünïcode 漢字 👩‍💻 [/x] [b]"


@given(st.text(), st.integers(2, 40))
def test_clipped_text_fits(text: str, width: int) -> None:
    """Clipped text never takes more columns than it may, wide characters counted as two."""
    assert cells(clip(printable(text), width)) <= width


@given(st.text(), st.integers(2, 40))
def test_wrapped_text_fits_and_loses_nothing(text: str, width: int) -> None:
    """Wrapping keeps every character that is not a space, in lines that fit."""
    shown = printable(text)
    lines = wrap(shown, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown.split())
