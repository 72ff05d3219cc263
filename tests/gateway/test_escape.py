"""What comes from outside is said safely in every language it is written into, or refused by name."""

import csv
import io
import json
import re
import subprocess

import kong_conf_reader
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from konnect_tui.errors import KonnectError
from konnect_tui.gateway import escape
from programs import needs

HOSTILE = [
    "",
    "plain",
    'it\'s $HOME `id` $(id) \\ "q" !x',
    "a#b # c \\# \\\\",
    "[/x] [b]bold[/b] {{ .Values }}",
    "=cmd|' /C calc'!A0",
    "café ☕ 漢字 👩‍👩‍👧",
    "off",
    "010",
    "3.10",
    "null",
    "~",
    "- a: b",
    "x" * 5000,
]
UNSEEN = ["a\nb", "a\rb", "a\x00b", "\x1b[31mred", "\x9b31m", "abc\u202edef", "a\u2028b", "a\u0085b", "\ud800"]
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
LUA_NUMBERS = st.from_regex(r"[+-]?(0x)?[0-9]{1,20}(\.[0-9]{0,4})?(e[0-9]{1,2})?( kB)?", fullmatch=True)


@pytest.mark.parametrize("say", [escape.shell, escape.env_file, escape.kong_conf], ids=lambda say: say.__name__)
@pytest.mark.parametrize("value", UNSEEN, ids=ascii)
def test_what_a_line_cannot_say_is_refused(say, value):
    """A line break, a control or a mark that reorders text is refused by its code point, the value untold."""
    with pytest.raises(KonnectError) as refused:
        say(value, "log_level")
    assert refused.value.code == "value-not-expressible"
    assert refused.value.message.startswith("log_level holds the character U+")
    assert value not in refused.value.message


@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "busybox"])
def test_a_shell_reads_back_what_was_written(shell):
    """Every shell gets exactly the word that was meant, whatever it holds."""
    program = [needs(shell), "sh"] if shell == "busybox" else [needs(shell)]
    words = " ".join(escape.shell(value) for value in HOSTILE)
    read = subprocess.run([*program, "-c", f"printf '%s\\0' {words}"], capture_output=True, check=True)
    assert read.stdout.decode().split("\0")[:-1] == HOSTILE


@pytest.mark.parametrize(
    "value",
    [" lead", "trail ", "\u00a0x", "#x", "a #b", '"quoted"', "'q'", "a`b", "$HOME", "back\\slash", "x" * 70_000],
    ids=lambda value: ascii(value[:9]),
)
def test_an_env_file_refuses_what_its_readers_take_differently(value):
    """Quotes, `$`, blanks at an end and comments mean different things to Docker and Compose."""
    with pytest.raises(KonnectError) as refused:
        escape.env_file(value, "KONG_X")
    assert refused.value.message.startswith("KONG_X ")


@pytest.mark.parametrize("value", ["", "off", "a#b", "0.0.0.0:8000 http2 ssl, [::]:1", "node:a,zone:b=c", "é"])
def test_an_env_file_takes_plain_values_unchanged(value):
    """What all readers of env files take alike is written as it is."""
    assert escape.env_file(value) == value


@given(ANY)
@example("\x85\u2028\ufeff\x00\x1b \u202e")
@example("010")
def test_yaml_reads_back_what_was_written(value):
    """A YAML reader gets the same text, never a number, a boolean or a second line."""
    from yaml import safe_load

    written = escape.yaml(value)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e]", written)
    assert safe_load(f"a: {written}\nb: 1\n") == {"a": value, "b": 1}


@given(ANY.filter(lambda value: "\x00" not in value))
def test_a_compose_value_has_no_variable_left(value):
    """In a Compose file no `$` stands alone, and undoubled it is the same text."""
    from yaml import safe_load

    read = safe_load(escape.compose(value))
    assert read.replace("$$", "") == value.replace("$", "")
    assert read.count("$") == 2 * value.count("$")


@given(st.one_of(LINES, LUA_NUMBERS))
@example("a#b \\# ## \\\\#c")
@example("3.10")
@example("010")
@example("0x10")
@example("1e3")
@example("10 kB")
@example("1" * 20)
def test_kong_reads_back_what_was_written(value):
    """Kong gets the same value out of kong.conf, or it is refused."""
    try:
        written = escape.kong_conf(value, "headers")
    except KonnectError:
        assert value != value.strip() or value.endswith("\\") or "_blank_" in value or escape._UNSAYABLE.search(value)
    else:
        assert kong_conf_reader.read(f"headers = {written}\nrole = data_plane\n") == {
            "headers": value,
            "role": "data_plane",
        }


@pytest.mark.parametrize("value", [" a", "a ", "a\\", "a_blank_b"])
def test_kong_conf_refuses_what_kong_would_change(value):
    """What Kong trims, joins or splits cannot be written there."""
    with pytest.raises(KonnectError):
        escape.kong_conf(value)


@given(ANY)
def test_a_comment_stays_one_line(value):
    """Nothing in a comment ends its line or hides."""
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", escape.comment(value))


@given(LINES)
@example("=1+1")
@example("@SUM(A1)")
@example('a,"b"')
def test_a_csv_reader_gets_one_harmless_cell(value):
    """A cell reads back as it was, but for the quote that keeps a spreadsheet from running it."""
    [[read]] = csv.reader(io.StringIO(escape.csv_cell(value) + "\r\n")) if value else [[""]]
    assert read.removeprefix("'" if value[:1] in ("=", "+", "-", "@") else "") == escape.comment(value)
    assert read[:1] not in ("=", "+", "-", "@", "\t", "\r")


@given(LINES)
@example("[link](http://x) <b> & | ``` # *x* https://x.y www.a.b")
@example("\x1b[31m\nnext")
def test_markdown_shows_the_text_and_nothing_else(value):
    """Rendered, the text is itself: no link, no tag, no emphasis, no second paragraph."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("js-default").parseInline(escape.markdown(value))[0].children or []
    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert "".join(token.content for token in tokens).strip() == escape.comment(value).strip()


@given(LINES.filter(bool))
@example("a`b``c")
@example("`")
def test_a_markdown_code_span_shows_the_text(value):
    """In a code span the text stands as it is, backquotes included."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt().parseInline(escape.markdown_code(value))[0].children or []
    assert [token.type for token in tokens] == ["code_inline"]
    assert tokens[0].content.strip() == escape.comment(value).strip()


def test_json_readers_agree_on_plain_yaml():
    """A scalar without odd characters is JSON too, so that stricter readers take it."""
    assert json.loads(escape.yaml('a "quoted" \\ text')) == 'a "quoted" \\ text'
