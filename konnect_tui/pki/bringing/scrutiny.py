"""Judge what was given before anything is written: a certificate that no control plane takes stops the run."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.pki.bringing.supply import Given, Progress, quiet
from konnect_tui.pki.judging.judge import judge
from konnect_tui.pki.judging.verdict import Mode


def scrutinise(
    mode: Mode,
    anchor: bytes | None,
    given: Sequence[tuple[str, Given]],
    now: datetime,
    progress: Progress = quiet,
) -> tuple[Problem, ...]:
    """Every finding about what each identity presents, as problems of the key that names its file.

    `given` is each with that key (`node.each[0].certificate`). `anchor` is what Konnect is given, None in pinned mode.
    The same finding about another certificate of the same call is told once. `progress` hears of `verdicts`.
    """
    found: dict[tuple[str, str], Problem] = {}
    for done, (field, each) in enumerate(given, start=1):
        uploaded = (each.chain[0],) if anchor is None else (anchor,)
        for problem in _judged(mode, uploaded, each, field, now):
            found.setdefault((problem.code, problem.message), problem)
        progress("verdicts", done, len(given))
    return tuple(found.values())


def _judged(mode: Mode, uploaded: tuple[bytes, ...], given: Given, field: str, now: datetime) -> Iterator[Problem]:
    try:
        verdict = judge(mode, uploaded, given.chain, given.key, now)
    except KonnectError as fault:
        yield error(field, fault.code, fault.message, fault.hint)
        return
    for finding in verdict.findings:
        yield Problem(field, finding.severity, finding.code, finding.message, finding.hint)
