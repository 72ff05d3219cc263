"""What Create says while the bundle is made and once it is there, as text."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from konnect_tui.errors import KonnectError
from konnect_tui.flow.paths import shown
from konnect_tui.ui import delivered
from konnect_tui.ui.reviewing import problem_lines
from konnect_tui.ui.theme import COLOURS, DONE, SIGNS
from konnect_tui.words import printable, wrap

if TYPE_CHECKING:
    from konnect_tui.converge import Result
    from konnect_tui.plan import Plan
    from konnect_tui.ui.delivery import Delivery
    from konnect_tui.ui.practising import Practising

_WORDS = {
    "verdicts": "Verdicts",
    "keys": "Keys",
    "certificates": "Certificates",
    "files": "Files",
    "handshakes": "Handshakes",
}
_BAR = 30
_MOST_ROWS = 8
_MOST_COMMANDS = 20
_MOST_WAITING = 4
_PRACTISE = "Press p, and practice nodes join, in place of Kong."


def progress(stages: dict[str, tuple[int, int]]) -> Content:
    """A line for each stage: how far it is, in numbers and as a bar."""
    lines = [Content("Making the bundle …\n")]
    for stage, (done, total) in stages.items():
        full = done >= total
        bar = "█" * (_BAR * done // max(total, 1))
        lines.append(
            Content.assemble(
                (f"{DONE if full else '…'} ", "$success" if full else "$primary"),
                f"{_WORDS.get(stage, stage):<14}",
                (f"{bar:<{_BAR}}", "$primary"),
                f"  {done:,} of {total:,}",
            )
        )
    return Content("\n").join(lines)


def failed(error: KonnectError) -> Content:
    """What went wrong, in its four parts, and all its problems; one that says the same is not said twice."""
    problems, hint = error.problems, error.hint
    same = [problem for problem in problems if problem.message == error.message]
    if same and len(same) == len(problems):
        problems, hint = (), same[0].hint
    parts = (
        (f"{SIGNS['error']} {error.message}", f"bold {COLOURS['error']}"),
        (error.context, ""),
        (hint, ""),
        (f"Code {error.code}. Nothing is half written. Esc goes back, Enter tries again.", "$muted"),
    )
    lines = [Content.styled(printable(said), style) for said, style in parts if said]
    return Content("\n\n").join([*lines, *problem_lines(problems)])


def made(
    result: "Result", width: int, delivery: "Delivery | None" = None, practice: "Practising | None" = None
) -> Content:
    """Where the bundle is, how the rehearsal went, what to upload, what to run.

    With `delivery`, for a control plane in Konnect, how upload and nodes stand comes first; with `practice`, how the
    practice nodes fare.
    """
    wrote = sum(change.action != "keep" for change in result.changes)
    state = f"{wrote} files written" if wrote else "nothing had to be changed"
    folder = printable(shown(result.bundle))
    blocks = [[Content.assemble((f"{DONE} ", "$success"), (folder, "bold"), (f"  {state}", "$muted"))]]
    if result.plan.missing:
        blocks += [list(_requests(result.plan)), list(_afterwards(width))]
    elif delivery:
        blocks += [list(delivered.uploads(delivery, width)), list(delivered.nodes(delivery, width))]
        blocks += [list(practice.lines(width))] if practice else []
        if result.plan.control_plane.training and not (practice and practice.running) and delivery.complete:
            blocks.append([Content.styled(_PRACTISE, "bold")])
        blocks += [list(_run(result.plan, width)), list(_rehearsal(result))]
    else:
        blocks += [list(_rehearsal(result)), list(_upload(result)), list(_run(result.plan, width))]
    if result.backup:
        blocks.append([Content(f"What was replaced lies in {printable(shown(result.backup))}")])
    blocks.append(list(problem_lines(result.problems)))
    return Content("\n\n").join(Content("\n").join(block) for block in blocks if block)


def _requests(plan: "Plan") -> Iterator[Content]:
    """What goes to the PKI desk."""
    waiting = plan.missing
    count = "1 request" if len(waiting) == 1 else f"{len(waiting):,} requests"
    yield Content.styled(f"Send your PKI desk {count} and the note:", "bold")
    yield from (Content(f"  nodes/{name}/tls.csr") for name in waiting[:_MOST_WAITING])
    if len(waiting) > _MOST_WAITING:
        yield Content(f"  … all {len(waiting):,} nodes/*/tls.csr")
    yield Content.assemble("  request-note.md", ("  says what the certificates have to be", "$muted"))
    yield Content.styled("  No key is in them. csr.sh makes key and request on another host instead.", "$muted")


def _afterwards(width: int) -> Iterator[Content]:
    """How to go on with what comes back."""
    yield Content.styled("With what comes back, whole or in parts, in any form and order:", "bold")
    yield Content("  konnect-tui apply konnect-tui.toml --signed FILE-OR-FOLDER")
    told = "in the bundle's folder; or open the bundle here on Start, which asks for the files"
    yield from (Content.styled(f"      {part}", "$muted") for part in wrap(told, width - 6))


def _rehearsal(result: "Result") -> Iterator[Content]:
    names = list(dict.fromkeys(row.name for row in result.rehearsal))
    if not names:
        return
    good = "Accepted" if result.accepted else "Not every node is accepted"
    yield Content.styled(f"Rehearsed: {good} by a control plane that trusts exactly upload/", "bold")
    rows = [[row for row in result.rehearsal if row.name == name] for name in names]
    rows.sort(key=lambda own: all(row.accepted for row in own))
    for own in rows[:_MOST_ROWS]:
        accepted = all(row.accepted for row in own)
        versions = " and ".join(row.tls for row in own)
        said = f"accepted over TLS {versions}" if accepted else "refused"
        sign, colour = (DONE, "$success") if accepted else (SIGNS["error"], "$error")
        yield Content.assemble((f"  {sign} ", colour), f"{own[0].name} is {said}")
        causes = [finding for row in own for finding in row.findings if finding.severity == "error"]
        yield from (
            Content.styled(f"      {printable(cause.message)} {printable(cause.hint)}", "$muted")
            for cause in causes[:1]
        )
    if len(rows) > _MOST_ROWS:
        yield Content.styled(f"    and {len(rows) - _MOST_ROWS} more, the same", "$muted")


def _upload(result: "Result") -> Iterator[Content]:
    files = [upload.file for upload in result.uploads]
    if not files:
        return
    count = "1 certificate" if len(files) == 1 else f"{len(files):,} certificates"
    yield Content.styled(f"Give Konnect {count}, before the nodes start:", "bold")
    for file in files[:4]:
        yield Content(f"  {file}")
    if len(files) > 4:
        yield Content(f"  … all {len(files):,} of upload/")
    yield Content.styled("  In Konnect: Gateway Manager › control plane › Data Plane Certificates", "$muted")


def _run(plan: "Plan", width: int) -> Iterator[Content]:
    how = "With Kong" if plan.control_plane.training else "Then run"
    yield Content.styled(f"{how}, in the bundle's folder:", "bold")
    listed = list(commands(plan))
    for line, does in listed[:_MOST_COMMANDS]:
        yield from (Content(f"  {part}") for part in wrap(printable(line), width - 2))
        yield from (Content.styled(f"      {part}", "$muted") for part in wrap(printable(does), width - 6))
    if len(listed) > _MOST_COMMANDS:
        yield Content.styled(f"  … and {len(listed) - _MOST_COMMANDS:,} more: README.md has them all", "$muted")


def commands(plan: "Plan") -> Iterator[tuple[str, str]]:
    """The commands of every platform, and what each does."""
    from konnect_tui.platforms import platform

    for key in plan.platforms:
        for command in platform(key).commands(plan):
            yield command.line, command.does


def farewell(result: "Result", delivery: "Delivery | None" = None) -> list[str]:
    """What is printed when the wizard is left: enough to go on from without it."""
    run = [f"  run     {printable(line)}" for line, _ in list(commands(result.plan))[:4]]
    if result.plan.control_plane.training:
        run = [f"  run     konnect-tui training node {printable(shlex.quote(result.bundle))}"]
    if result.plan.missing:
        lines = [
            "  send    nodes/*/tls.csr with request-note.md",
            "  then    konnect-tui apply konnect-tui.toml --signed FILE",
        ]
    elif delivery:
        *first, last = delivered.farewell(delivery)
        lines = [*first, *run, last]
    else:
        lines = [*(f"  upload  {upload.file}" for upload in result.uploads[:3]), *run]
    return [*lines, f"README.md there says the rest: cd {shlex.quote(result.bundle)}"]
