"""Draft ↔ answers file."""

import contextlib
import os
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui import answers
from konnect_tui.draft import (
    Certificate,
    ControlPlane,
    Draft,
    Gateway,
    Network,
    Node,
    NodeOverride,
    Output,
)
from konnect_tui.errors import KonnectError

_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
_port = st.integers(-10, 70000)


def _sections(kind: type[msgspec.Struct], **given_values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.builds(kind, **{key: st.none() | value for key, value in given_values.items()})


_overrides = st.builds(
    NodeOverride,
    name=_text,
    http_port=st.none() | _port,
    stream_ports=st.none() | st.lists(_port, max_size=2).map(tuple),
    labels=st.none() | st.dictionaries(_text, _text, min_size=1, max_size=2),
)
_drafts = st.builds(
    Draft,
    control_plane=_sections(ControlPlane, name=_text, region=_text, create=st.booleans(), prefix=_text),
    certificate=_sections(
        Certificate,
        years=st.integers(),
        sans=st.lists(_text, max_size=3).map(tuple),
        not_after=st.dates(date(1970, 1, 1)) | st.just(datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)),
    ),
    gateway=_sections(Gateway, version=_text),
    node=_sections(
        Node,
        names=st.lists(_text, max_size=3).map(tuple),
        parameters=st.dictionaries(_text, st.booleans() | st.integers(-(2**60), 2**60) | _text, min_size=1, max_size=3),
        each=st.lists(_overrides, min_size=1, max_size=2).map(tuple),
    ),
    network=_sections(Network, proxy_ssl_verify=st.booleans()),
    output=_sections(Output, platforms=st.lists(_text, max_size=3).map(tuple)),
    platform=st.dictionaries(
        _text,
        st.dictionaries(_text, _text | st.booleans() | st.lists(_text, max_size=2).map(tuple), min_size=1, max_size=2),
        max_size=2,
    ),
)


@given(_drafts)
def test_a_draft_survives_the_answers_file(draft: Draft) -> None:
    """Whatever a draft says, the answers file says the same, and nothing is added or lost."""
    found = answers.loads(answers.dumps(draft))
    assert found.draft == draft
    assert found.problems == ()


def test_nothing_in_the_file_reorders_or_hides_what_stands_beside_it() -> None:
    """A name with controls is told by escapes: whoever looks at the file in a terminal sees what it says."""
    draft = Draft(control_plane=ControlPlane(name="a\u202eb\u2028c\x9bd\U0010ffffe ü"))
    text = answers.dumps(draft)
    assert r"a\u202eb\u2028c\u009bd\U0010ffffe ü" in text
    assert answers.loads(text).draft == draft


@pytest.mark.parametrize(
    ("text", "field", "code", "words"),
    [
        ("[control_plane]\nregoin = 'eu'", "control_plane.regoin", "unknown-key", "region"),
        ("[control-plane]\n", "control-plane", "unknown-key", "control_plane"),
        ("[[node.each]]\nname = 'a'\nhtp_port = 1", "node.each[0].htp_port", "unknown-key", "http_port"),
        ("[[node.each]]\nhttp_port = 1", "node.each[0].name", "missing-key", "name"),
        ("[node]\neach = 3", "node.each", "wrong-type", "[[node.each]]"),
        ("[node]\nnames = 'edge'", "node.names", "wrong-type", "a list of texts"),
        ("[node]\nhttp_port = '8000'", "node.http_port", "wrong-type", "a whole number, not text"),
        ("[node]\nhttp_port = true", "node.http_port", "wrong-type", "a whole number, not true or false"),
        ("[certificate]\nnot_after = '2030-01-01'", "certificate.not_after", "wrong-type", "a date"),
        ("[certificate]\nnot_after = 10:00:00", "certificate.not_after", "wrong-type", "a date"),
        ("[node]\nlabels = {a = 1}", "node.labels", "wrong-type", "a table of texts"),
        ("control_plane = 3", "control_plane", "wrong-type", "[control_plane]"),
        ("platform = 3", "platform", "wrong-type", "[platform.NAME]"),
        ("[platform]\ndocker = 3", "platform.docker", "wrong-type", "[platform.docker]"),
        ("[platform.docker]\nx = 1.5", "platform.docker.x", "wrong-type", "a number with a point"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(text: str, field: str, code: str, words: str) -> None:
    """A wrong key is a problem that names the key, says what it takes and, for a slip, the nearest one."""
    (problem,) = answers.loads(f"schema = 1\n{text}" if "schema" not in text else text).problems
    assert (problem.field, problem.code, problem.severity) == (field, code, "error")
    assert words in problem.message + problem.hint


@pytest.mark.parametrize(
    ("text", "code"), [("", "missing-key"), ("schema = 2", "unknown-schema"), ("schema = true", "unknown-schema")]
)
def test_the_schema_is_asked_for(text: str, code: str) -> None:
    """A file without the schema this release knows is not taken for one."""
    assert [problem.code for problem in answers.loads(text).problems] == [code]


def test_a_syntax_error_names_its_line() -> None:
    """Where the TOML itself is broken, the line is named."""
    with pytest.raises(KonnectError) as caught:
        answers.loads("schema = 1\n[control_plane]\nname = \n")
    (problem,) = caught.value.problems
    assert problem.code == "toml-syntax"
    assert "line 3" in problem.message


@given(st.text(max_size=200))
def test_no_text_makes_it_fail_any_other_way(text: str) -> None:
    """Any text is either answers with problems or a clear error."""
    with contextlib.suppress(KonnectError):
        answers.loads(text)


def test_deep_nesting_is_refused() -> None:
    """A file that nests without end is an error like any other."""
    with pytest.raises(KonnectError):
        answers.loads("x = " + "[" * 100_000)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, "not-found"),
        (lambda path: path.mkdir(), "not-a-file"),
        (lambda path: path.write_bytes(b"schema = 1\n\xff\xfe"), "not-text"),
        (lambda path: path.write_bytes(b"\x7fELF\0\0\0"), "not-text"),
        (lambda path: (path.touch(), os.truncate(path, 100 * 1024 * 1024)), "too-large"),
    ],
    ids=["missing", "folder", "binary", "nul", "100 MB"],
)
def test_a_file_that_is_no_answers_file_is_named(make: object, code: str, tmp_path: Path) -> None:
    """What can't be read as answers at all is an error that names the file."""
    path = tmp_path / "answers.toml"
    make(path)  # type: ignore[operator]
    with pytest.raises(KonnectError) as caught:
        answers.read_file(str(path))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert str(path) in problem.message


def test_a_pipe_never_blocks(tmp_path: Path) -> None:
    """A FIFO in the file's place is refused at once."""
    path = tmp_path / "answers.toml"
    os.mkfifo(path)
    with pytest.raises(KonnectError) as caught:
        answers.read_file(str(path))
    assert caught.value.problems[0].code == "not-a-file"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """A relative path in an answers file means: from the folder of that file."""
    path = tmp_path / "answers.toml"
    path.write_text('schema = 1\n[control_plane]\ntrusted_ca = "ca.pem"\n[certificate]\nca_passphrase_file = "/x/p"\n')
    draft = answers.read_file(str(path)).draft
    assert draft.control_plane.trusted_ca == str(tmp_path / "ca.pem")
    assert draft.certificate.ca_passphrase_file == "/x/p"


def test_system_trust_is_no_path(tmp_path: Path) -> None:
    """`trusted_ca = "system"` stays what it is."""
    path = tmp_path / "answers.toml"
    path.write_text('schema = 1\n[control_plane]\ntrusted_ca = "system"\n')
    assert answers.read_file(str(path)).draft.control_plane.trusted_ca == "system"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """A file saved with a BOM is read like any other."""
    path = tmp_path / "answers.toml"
    path.write_bytes(b"\xef\xbb\xbfschema = 1\r\n[control_plane]\r\nname = 'x'\r\n")
    found = answers.read_file(str(path))
    assert found.problems == ()
    assert found.draft.control_plane.name == "x"
