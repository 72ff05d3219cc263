"""What Review says about a proposal, as text. No secret is ever in it."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from konnect_tui.draft import TOLD
from konnect_tui.errors import KonnectError, Problem
from konnect_tui.flow.order import ORDER, owner
from konnect_tui.flow.paths import homely, shown
from konnect_tui.ui.theme import COLOURS, SIGNS
from konnect_tui.ui.tree import Leaf
from konnect_tui.words import cells, printable, wrap

if TYPE_CHECKING:
    from konnect_tui.converge.propose import Proposal

_SIGNS = {"create": "+", "change": "~", "remove": "-", "keep": " "}
_MOST_LINES = 400
_LABEL = 9


NEW_KEYS = (
    "A key that was lost can't come back. New ones are made, with new certificates;",
    "Konnect has to be given those again, and what was there goes to the backup.",
)


def leaves(proposal: "Proposal") -> tuple[Leaf, ...]:
    """Every path of the bundle."""
    return tuple(Leaf(change.path, change.mode, _SIGNS[change.action]) for change in proposal.changes)


def summary(proposal: "Proposal", folder: str, width: int, *, now: bool = False) -> Content:
    """What is made, where, what becomes of what is there, and how to make it again without the wizard.

    `now`: Konnect is given the certificates at once, where the control plane is one of an account.
    """
    plan = proposal.plan
    count = len(plan.nodes)
    life = "waiting for certificates" if plan.missing else f"until {plan.certificate.not_after:%Y-%m-%d}"
    rows = [
        ("Bundle", f"{shown(folder)}  ({_state(proposal)})"),
        ("Nodes", f"{count:,} × Kong Gateway {plan.version} for {', '.join(plan.platforms)} · {life}"),
        ("Upload", _upload(proposal, shown(folder), now=now)),
        ("Again", _command(shown(folder), width, later=_live(proposal) and not now)),
    ]
    lines = [line for label, said in rows for line in _row(label, printable(said), width)]
    return Content("\n").join([*lines, *problem_lines(proposal.problems)])


def _live(proposal: "Proposal") -> bool:
    """Whether the control plane is one of an account."""
    return proposal.plan.control_plane.source in TOLD


def _command(folder: str, width: int, *, later: bool) -> str:
    """The same without the wizard: in one line, so that it can be copied."""
    option = " --no-upload" if later else ""
    whole = f"konnect-tui apply {quoted(f'{folder}/konnect-tui.toml')}{option}"
    short = f"konnect-tui apply konnect-tui.toml{option}, in the bundle's folder"
    return whole if cells(whole) + _LABEL <= width else short


def quoted(path: str) -> str:
    """Fit for a shell; a leading ~ stays outside the quotes, or no shell would know it."""
    return f"~/{shlex.quote(path[2:])}" if path.startswith("~/") else shlex.quote(path)


def _row(label: str, said: str, width: int) -> Iterator[Content]:
    for at, line in enumerate(wrap(said, width - _LABEL)):
        yield Content.assemble((f"{'' if at else label:<{_LABEL}}", "$muted"), line)


def _state(proposal: "Proposal") -> str:
    if proposal.standing is None:
        return "new"
    changed = sum(change.action != "keep" for change in proposal.changes)
    if not changed:
        return "exists, nothing changes"
    lost = sum(change.replaces for change in proposal.changes)
    return f"exists, {changed} files change" + (f", {lost} of them replace what is there" if lost else "")


def _upload(proposal: "Proposal", folder: str, *, now: bool) -> str:
    names = [
        change.path for change in proposal.changes if change.path.startswith("upload/") and change.action != "remove"
    ]
    if not names:
        return "nothing before the certificates have come" if proposal.plan.missing else "nothing"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    if not _live(proposal):
        return f"{names[0]}{more}, by you, in Konnect"
    if not now:
        return f"{names[0]}{more}, later: konnect-tui upload {quoted(folder)}"
    plane, target = proposal.plan.control_plane, proposal.wish.target
    organization = f", {target.organization.name}" if target else ""
    return f"{names[0]}{more}, at once, to {plane.name} in {plane.region}{organization}"


def replaced(proposal: "Proposal") -> Iterator[str]:
    """What would be lost, in words."""
    lost = [change for change in proposal.changes if change.replaces]
    edited = sum(change.reason == "edited" for change in lost)
    yield f"{len(lost)} of the bundle's files would be written anew or removed" + (
        f", {edited} of them edited by hand:" if edited else ":"
    )
    for change in lost[:6]:
        yield f"  {_SIGNS[change.action]} {change.path}"
    if len(lost) > 6:
        yield f"  … and {len(lost) - 6} more"
    keys = sum(todo.key == "make" for todo in (*proposal.work.identities.values(), *proposal.work.authorities.values()))
    yield f"{keys} private keys are made anew." if keys else "No private key changes."
    yield "What is there now goes to .backup/ in the workspace."


def faults(error: KonnectError) -> Content:
    """An error in its parts, with the step that each problem belongs to."""
    if not error.problems:
        parts = ((error.message, COLOURS["error"]), (error.context, ""), (error.hint, "$muted"))
        return Content("\n").join(Content.styled(printable(said), style) for said, style in parts if said)
    lines = [Content.styled("Some answers have to be put right first. Esc goes back to them.\n", "bold")]
    for problem in error.problems:
        where = dict(ORDER).get(owner(problem) or "", "")
        lines.append(Content.assemble((f"{where}: " if where else "", "bold"), *problem_lines((problem,))))
    return Content("\n").join(lines)


def problem_lines(problems: tuple[Problem, ...]) -> Iterator[Content]:
    """Each problem in a line, its cure behind it. A note asks for nothing."""
    for problem in problems:
        cure = f"  {problem.hint}" if problem.hint and problem.severity != "note" else ""
        yield Content.assemble(
            (f"{SIGNS[problem.severity]} {printable(homely(problem.message))}", COLOURS[problem.severity]),
            (printable(cure), "$muted"),
        )


def preview(proposal: "Proposal", path: str, *, difference: bool) -> Content:
    """What a file will hold, or what would change in it. A secret is told about, not shown."""
    change = next((change for change in proposal.changes if change.path == path), None)
    if change is None:
        return Content("")
    if change.secret:
        return Content.styled("A secret: only its owner can read it,\nand it is shown nowhere.", "$muted")
    if change.action == "change" and difference:
        return _difference(proposal, path)
    if change.action == "remove":
        return Content.styled("Moved to the backup: it is not wanted any more.", "$muted")
    file = proposal.files.get(path)
    if file is None:
        kept = change.action == "keep"
        told = (
            "Stays as it is."
            if kept
            else "A certificate, made when the bundle is created."
            if path.endswith(".crt")
            else "Made with the bundle."
        )
        return Content.styled(told, "$muted")
    lines = file.data.decode(errors="replace").splitlines()
    rest = [f"… {len(lines) - _MOST_LINES:,} more lines"] if len(lines) > _MOST_LINES else []
    return Content("\n".join([printable(line) for line in lines[:_MOST_LINES]] + rest))


def _difference(proposal: "Proposal", path: str) -> Content:
    from konnect_tui.converge.diff import file_diff

    styles = {"+": "$success", "-": "$error", "@": "$muted"}
    lines = file_diff(proposal, path)
    if not lines:
        return Content.styled("Changes; its new content is made with the bundle.", "$muted")
    return Content("\n").join(Content.styled(line, styles.get(line[:1], "")) for line in lines[:_MOST_LINES])
