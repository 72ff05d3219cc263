"""What would change, as text for people: a line for every path, and the lines that differ. No secret is shown."""

from collections.abc import Iterator
from difflib import unified_diff

from konnect_tui.converge.changes import Change
from konnect_tui.converge.propose import Proposal
from konnect_tui.words import printable

_SIGNS = {"create": "+", "change": "~", "remove": "-"}
_WHY = {
    "edited": "was edited",
    "missing": "is missing",
    "unwanted": "is not wanted any more",
    "answers": "the answers differ",
}


def diff(proposal: Proposal) -> str:
    """Every change of the proposal. Empty where there is none."""
    return "".join(
        f"{line}\n" for change in proposal.changes if change.action != "keep" for line in _lines(proposal, change)
    )


def _lines(proposal: Proposal, change: Change) -> Iterator[str]:
    why = _WHY.get(change.reason)
    yield printable(f"{_SIGNS[change.action]} {change.mode} {change.path}{f'  ({why})' if why else ''}")
    if change.action == "change" and not change.secret:
        for line in file_diff(proposal, change.path):
            yield f"    {line}"


def file_diff(proposal: Proposal, path: str) -> list[str]:
    """The unified diff of one text file that changes; empty where its new content is not made yet."""
    new = proposal.files.get(path)
    if new is None or proposal.standing is None or path not in proposal.standing.found:
        return []
    before = proposal.standing.found[path].data().decode(errors="replace").splitlines()
    after = new.data.decode(errors="replace").splitlines()
    return [printable(line) for line in list(unified_diff(before, after, lineterm="", n=1))[2:]]
