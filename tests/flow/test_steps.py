"""The flow without a screen: what is asked, what an answer does, and that nothing is lost."""

import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from konnect_tui.checks import check
from konnect_tui.draft import Certificate, ControlPlane, Draft, Node, NodeOverride
from konnect_tui.flow import lifetime
from konnect_tui.flow.control_plane import put_pasted
from konnect_tui.flow.order import KEYS, ORDER, following, owner, step
from konnect_tui.flow.step import Field, Scene, Unclear
from konnect_tui.words import wrap

SCENE = Scene(now=datetime(2026, 11, 23, 12, tzinfo=UTC), workspace="~/konnect-dp")
SOUND = Draft(ControlPlane(source="manual", region="eu", name="orders", prefix="abc", auth_mode="pinned"))
PKI = replace(SOUND, control_plane=replace(SOUND.control_plane, auth_mode="pki"))
DRAFTS = [
    Draft(ControlPlane(source="manual")),
    SOUND,
    replace(PKI, certificate=Certificate(intermediates=2)),
    replace(SOUND, certificate=Certificate(source="import")),
    replace(
        PKI, certificate=Certificate(source="import", certificate="/c.pem", chain="/a b.pem", upload="intermediate")
    ),
    replace(
        PKI,
        certificate=Certificate(source="import", passphrase_file="/p", per="bundle"),
        node=Node(names=("n-{1..3}",)),
    ),
    replace(
        SOUND,
        certificate=Certificate(source="import"),
        node=Node(names=("a", "b"), each=(NodeOverride("a", certificate="/a.pem"),)),
    ),
    replace(PKI, certificate=Certificate(source="issue", ca_certificate="/ca.pem", ca_passphrase_file="/p")),
    replace(PKI, certificate=Certificate(source="csr", signed=("/a b.pem", "/c.pem"), sans=("DNS:a.example",))),
    Draft(ControlPlane(source="manual", region="au", name="o", endpoint="https://abc.eu.cp.konghq.com")),
    Draft(ControlPlane(source="manual", region="zz", name="o", endpoint="https://cp.example.com")),
    Draft(ControlPlane(source="konnect", region="eu", name="o", id="5c04bb05-3b3c-4b7e-9d59-a7a9a1b9e4f0")),
]


def fields() -> list[Field]:
    """Every field that there is with these drafts."""
    return [field for draft in DRAFTS for key in KEYS for field in step(key).fields(draft, SCENE)]


def test_the_flow_loads_no_screen_and_no_keys() -> None:
    """Every step can be asked for without Textual, cryptography or asyncio being loaded."""
    code = (
        "import sys; from konnect_tui.flow.order import KEYS, step; [step(key) for key in KEYS];"
        "print({'textual', 'rich', 'cryptography', 'asyncio'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"set()\n"


def test_titles_stand_in_the_order() -> None:
    """A step is called the same on its page and in the rail."""
    assert [(key, step(key).title) for key in KEYS] == list(ORDER)


@pytest.mark.parametrize("draft", DRAFTS)
def test_every_problem_has_a_step(draft: Draft) -> None:
    """Whatever the checks find belongs to a step, so it can be shown where it is put right."""
    for problem in check(draft, date(2026, 11, 23)):
        assert owner(problem) is not None or problem.field.startswith("network")


@pytest.mark.parametrize("draft", DRAFTS)
def test_a_step_shows_a_field_for_each_of_its_problems(draft: Draft) -> None:
    """No step refuses Next for something that can't be answered on its page."""
    for problem in check(draft, date(2026, 11, 23)):
        if problem.severity == "error" and (key := owner(problem)):
            assert any(field.owns(problem) for field in step(key).fields(draft, SCENE)), problem


@pytest.mark.parametrize("draft", DRAFTS)
def test_putting_back_what_was_read_changes_nothing(draft: Draft) -> None:
    """Showing a page and leaving every field as it stands gives the same draft."""
    for key in KEYS:
        for field in step(key).fields(draft, SCENE):
            said = field.get(draft)
            if said and field.kind != "secret":
                assert field.put(draft, said) == draft, field.key


def test_keys_of_fields_are_unique_on_a_page() -> None:
    """A page can tell its fields apart."""
    for draft in DRAFTS:
        for key in KEYS:
            names = [field.key for field in step(key).fields(draft, SCENE)]
            assert len(names) == len(set(names))


def test_help_begins_with_a_sentence_that_fits_the_foot_of_the_page() -> None:
    """The first sentence of each help is short enough for two lines at 80 columns."""
    for field in fields():
        assert field.help
        first = field.help.split(". ")[0]
        assert len(wrap(f"{first}. F1 says more.", 76)) <= 2, field.key


def test_every_why_is_one_line() -> None:
    """The sentence that says why a step is there fits one line at 80 columns."""
    assert all(len(step(key).why) <= 76 for key in KEYS)


def test_back_and_next_meet() -> None:
    """Going on and going back visit the same steps."""
    there, back = [KEYS[0]], [KEYS[-1]]
    while key := following(there[-1], SOUND):
        there.append(key)
    while key := following(back[-1], SOUND, -1):
        back.append(key)
    assert there == back[::-1] == list(KEYS)


@given(st.integers(1, 999999), st.sampled_from(["years", "year", "y", "days", "day", "d", " Years", " DAYS"]))
def test_a_lifetime_is_read_as_people_write_it(number: int, unit: str) -> None:
    """Years and days in any spelling; what was read is written back and read the same."""
    draft = lifetime.put(Draft(), f" {number}{unit} ")
    assert (draft.certificate.years or draft.certificate.days) == number
    assert lifetime.put(Draft(), lifetime.written(draft)) == draft


@given(st.dates())
def test_a_last_day_is_a_lifetime_too(day: date) -> None:
    """A date is taken as the last day."""
    draft = lifetime.put(Draft(), day.isoformat())
    assert draft.certificate.not_after == day
    assert lifetime.put(Draft(), lifetime.written(draft)) == draft


@given(st.text(max_size=300))
def test_no_text_breaks_a_field(text: str) -> None:
    """Any text either becomes an answer or is refused in words; the page can still be made afterwards."""
    for key in KEYS:
        for field in step(key).fields(SOUND, SCENE):
            if field.kind in ("text", "integer", "list", "lines", "paste", "path", "paths"):
                with suppress(Unclear):
                    assert step(key).fields(field.put(SOUND, text), SCENE)


def test_a_paste_keeps_the_region_that_was_chosen() -> None:
    """The region chosen before a paste stays; the field that follows offers the other one."""
    draft = put_pasted(Draft(ControlPlane(region="au")), "abc.eu.cp.konghq.com")
    assert draft.control_plane.region == "au"
    cure = next(field for field in step("control_plane").fields(draft, SCENE) if field.key == "control_plane.region")
    assert cure.put(draft, "eu").control_plane.region == "eu"
