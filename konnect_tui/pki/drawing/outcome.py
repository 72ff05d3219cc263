"""A verdict in one sentence, and the cure in another."""

from collections.abc import Iterator, Sequence

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.drawing.artist import WIDTH, Line
from konnect_tui.pki.judging.case import Case
from konnect_tui.pki.judging.repair import Fix
from konnect_tui.pki.judging.verdict import Verdict
from konnect_tui.words import wrap

_MOST_NAMES = 3
# where each side may be right and only does not fit the other, and the message speaks of one alone
_BETWEEN_SIDES = frozenset(("issuer-uploaded", "leaf-not-uploaded", "missing-intermediate", "same-key-new-certificate"))


def outcome(case: Case, verdict: Verdict, fix: Fix | None) -> Iterator[Line]:
    """What a control plane does, and for a refusal why, on which side, and what to do."""
    if verdict.accepted:
        text = f"✓ Accepted: {_accepted(case)}{'' if verdict.key_proven else ' Its key was not shown.'}"
        yield from (Line("accepted", line) for line in wrap(text, WIDTH))
        return
    cause = next((each for each in verdict.findings if each.severity == "error"), None)
    if cause is None:
        yield Line("refused", "✗ Refused.")
        return
    text = cause.message
    if cause.code in _BETWEEN_SIDES:
        text = f"Konnect has {_list(case.uploaded)}; the node presents {_presented(case)}: {text}"
    yield from (Line("refused", line, cause.certificate) for line in wrap(f"✗ Refused: {text}", WIDTH))
    cure = fix.sentence if fix is not None else cause.hint
    yield from (Line("cure", line, cause.certificate) for line in wrap(f"→ {cure}", WIDTH))


def _accepted(case: Case) -> str:
    if case.mode == "pinned":
        return "the node presents the very certificate that Konnect is given."
    behind = case.presented[1:]
    sort = "more behind it"
    if len(set(behind)) == len(behind) and all(parse.is_ca(each) and not parse.self_signed(each) for each in behind):
        sort = "intermediate" if len(behind) == 1 else "intermediates"
    listed = f"its leaf and {len(behind)} {sort}" if behind else "its leaf"
    return f"Konnect is given {_list(case.uploaded)}; the node presents {listed}."


def _presented(case: Case) -> str:
    return f"only {_list(case.presented)}" if len(case.presented) == 1 else _list(case.presented)


def _list(certificates: Sequence[x509.Certificate]) -> str:
    names = [parse.called(each) for each in certificates[:_MOST_NAMES]]
    if len(certificates) > _MOST_NAMES:
        names.append(f"{len(certificates) - _MOST_NAMES} more")
    if not names:
        return "nothing"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
