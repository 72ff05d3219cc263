import pytest
import samples
from certificate_maker import NOW, make
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from konnect_tui.pki.drawing import chain
from konnect_tui.pki.drawing.chain import WIDTH, Drawing
from konnect_tui.pki.judging.judge import judge
from konnect_tui.plan import Plan
from konnect_tui.words import cells, printable


def _plan(**values: object) -> Plan:
    plan = samples.pki()
    return replace(plan, certificate=replace(plan.certificate, **values))


def _roles(drawing: Drawing) -> list[str]:
    return [line.role for line in drawing.lines]


def test_specimen_shows_what_is_about_to_be_made() -> None:
    """Root, intermediate and leaf with names and ends, what is uploaded and presented, and the judge's verdict."""
    drawing = chain.drawn(chain.example(_plan()))
    text = "\n".join(chain.lines(drawing))
    assert _roles(drawing)[:6] == ["certificate", "upload", "certificate", "present", "certificate", "present"]
    assert "root, ends 2036-11-22" in text
    assert "Konnect is given this" in text
    assert "the node presents this" in text
    assert drawing.verdict.accepted
    assert drawing.verdict.key_proven
    assert "✓ Accepted" in text


@pytest.mark.parametrize(
    ("plan", "uploads", "presents"),
    [
        (_plan(intermediates=0), [0], [1]),
        (_plan(intermediates=2), [0], [1, 2, 3]),
        (_plan(intermediates=2, upload="intermediate"), [2], [3]),
        (samples.pinned(), [0], [0]),
    ],
)
def test_uploads_and_presented_are_marked(plan: Plan, uploads: list[int], presents: list[int]) -> None:
    """Whatever the shape, the marks stand below the certificates they belong to."""
    lines = chain.drawn(chain.example(plan)).lines
    order = list(dict.fromkeys(line.certificate for line in lines if line.role == "certificate"))
    assert [order.index(line.certificate) for line in lines if line.role == "upload"] == uploads
    assert [order.index(line.certificate) for line in lines if line.role == "present"] == presents


@pytest.mark.parametrize("plan", [replace(_plan(), nodes=()), replace(samples.pinned(), nodes=())])
def test_specimen_without_nodes(plan: Plan) -> None:
    """A plan without nodes still shows what a node would have."""
    assert chain.drawn(chain.example(plan)).verdict.accepted


@given(st.text(min_size=2, max_size=256), st.integers(0, 2), st.sampled_from(["root", "intermediate"]))
@settings(max_examples=30)
def test_drawing_fits_and_is_safe(name: str, intermediates: int, upload: str) -> None:
    """Whatever the control plane is called, every line fits 76 columns and holds nothing a terminal obeys."""
    plan = _plan(intermediates=intermediates, upload=upload if intermediates else "root")
    plan = replace(plan, control_plane=replace(plan.control_plane, name=name))
    for line in chain.lines(chain.drawn(chain.example(plan))):
        assert cells(line) <= WIDTH
        assert printable(line) == line


def test_refusal_is_drawn_with_its_cure() -> None:
    """A missing intermediate is shown as a gap, and one sentence says what to do on which side."""
    root = make("root", ca=True)
    middle = root.issue("middle\x1b[31m\n", ca=True)
    leaf = middle.issue("leaf")
    verdict = judge("pki", [root.der], [leaf.der], leaf.secret)
    drawing = chain.drawing("pki", [root.der], [leaf.der], verdict, NOW)
    text = "\n".join(chain.lines(drawing))
    assert "absent" in _roles(drawing)
    assert "✗ Refused" in text
    assert "→ On the node: present “middle\\e[31m\\n”" in text
    assert "└┄ ? middle" in text
    assert all(cells(line) <= WIDTH for line in chain.lines(drawing))


def test_drawing_of_a_pinned_refusal() -> None:
    """A pinned leaf whose CA was uploaded is drawn below it and refused."""
    root = make("root", ca=True)
    leaf = root.issue("leaf")
    verdict = judge("pinned", [root.der], [leaf.der], None)
    assert _roles(chain.drawing("pinned", [root.der], [leaf.der], verdict, NOW))[-1] == "cure"
