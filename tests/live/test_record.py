"""What Konnect was given is noted in a bundle's own answers file, and not one other byte of it changes."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.errors import KonnectError
from konnect_tui.live.record import remembering
from konnect_tui.manifest import KeptKonnect

KNOWN = KeptKonnect("id-1", "eu", "org-1", "Acme [manifest]\n[node]")
MANIFEST = """\
[manifest]
product = "0.1.0"
of_a_later_release = [
    "[node]",
]

[[manifest.uploads]]
file = "upload/a.crt"
sha256 = "aa"

[[manifest.uploads]]
file = "upload/b.crt"
sha256 = "bb"
id = "old"

[manifest.answers]
schema = 1
"""
HEAD = 'schema = 1  # ours\n\n[control_plane]\nname = """\nnot a table:\n [x]\n"""\n\n'


def noted(content: str) -> dict[str, object]:
    """What the text says after the ids of both were noted."""
    after = remembering(content, KNOWN, {"aa": "one", "bb": "two", "cc": "of nobody"})
    return tomllib.loads(after.removeprefix("\ufeff"))


@pytest.mark.parametrize(
    "content",
    [
        HEAD + MANIFEST,
        HEAD + MANIFEST.replace("[manifest]", "  [manifest]   # theirs"),
        (HEAD + MANIFEST).replace("\n", "\r\n"),
        "\ufeff" + HEAD + MANIFEST,
        HEAD + MANIFEST + "[network]\nproxy_ssl_verify = true\n[[node.each]]\nname = 'x'\n",
        MANIFEST + "[ node ]\nnames = []\n",
    ],
    ids=["as written", "indented", "CRLF", "with a mark", "tables below", "nothing above"],
)
def test_all_else_stays(content: str) -> None:
    """Whatever stands around the manifest stays byte for byte; in it only ids and the control plane are new."""
    after = remembering(content, KNOWN, {"aa": "one", "bb": "two"})
    start = content.index("[manifest]")
    assert after.startswith(content[:start].rstrip(" "))
    told, before = noted(content), tomllib.loads(content.removeprefix("\ufeff"))
    ours = told.pop("manifest")
    was = before.pop("manifest")
    assert told == before
    assert [each["id"] for each in ours.pop("uploads")] == ["one", "two"]
    assert ours.pop("konnect")["organization_name"] == KNOWN.organization_name
    assert was.pop("uploads")
    assert ours == was


def test_noted_twice_is_noted_once() -> None:
    """What is known already changes nothing, not even the form of the file."""
    once = remembering(HEAD + MANIFEST, KNOWN, {"aa": "one", "bb": "two"})
    assert remembering(once, KNOWN, {"aa": "one"}) == once


@pytest.mark.parametrize(
    "content",
    ["schema = 1\n", "manifest = 1\n", "[manifest\n", "manifest.product = 'x'\n", "", 'a = """\n[manifest]\n"""\n'],
)
def test_a_file_without_a_whole_manifest_is_left_alone(content: str) -> None:
    """Where the manifest can't be told from the rest, that is said and nothing is written."""
    with pytest.raises(KonnectError) as refused:
        remembering(content, KNOWN, {"aa": "one"})
    assert refused.value.code == "manifest-damaged"


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_around_is_kept_or_refused(above: str, below: str) -> None:
    """Whatever an editor left there: either all of it is kept, or nothing is written."""
    content = f"{above}\n{MANIFEST}\n{below}"
    try:
        after = remembering(content, KNOWN, {"aa": "one"})
    except KonnectError:
        return
    assert after.startswith(f"{above}\n[manifest]\n")
    before = tomllib.loads(content.removeprefix("\ufeff"))
    told = tomllib.loads(after.removeprefix("\ufeff"))
    before.pop("manifest")
    told.pop("manifest")
    assert told == before
