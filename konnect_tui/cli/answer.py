"""What a command answers: data for stdout, talk for stderr, and the JSON document of both."""

from collections.abc import Sequence
from typing import Any

import msgspec

from konnect_tui.errors import ExitCode, KonnectError, Problem
from konnect_tui.words import printable

SCHEMA = 1
_MOST_NOTES = 12


class Answer(msgspec.Struct, frozen=True):
    """`data` are the command's own JSON fields; `stdout` is what a pipe gets without `--json`, whole lines.

    `error` is set where a well-formed question was answered *no*, or where half a job was done.
    """

    data: dict[str, Any]
    stdout: str = ""
    talk: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    error: KonnectError | None = None

    @property
    def exit_code(self) -> ExitCode:
        """0, or what the error says."""
        return self.error.exit_code if self.error else ExitCode.OK


def failed(error: KonnectError) -> Answer:
    """The answer of a command that could not do its work."""
    return Answer(dict(error.data), problems=error.problems, error=error)


def document(command: str, answer: Answer, *, one_line: bool = False) -> str:
    """The one JSON document (contract: schema, command, ok, problems, error, then the command's own).

    ASCII only: what a name or path holds must not move a terminal, nor stop at bytes that are no UTF-8.
    """
    import json

    error = answer.error
    told = None
    if error is not None:
        told = {"code": error.code, "message": error.message, "context": error.context, "hint": error.hint}
    head = {"schema": SCHEMA, "command": command, "ok": error is None, "problems": answer.problems, "error": told}
    return json.dumps(msgspec.to_builtins(head | answer.data), indent=None if one_line else 2)


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """Problems as lines for people: errors first, and of many notes only some."""
    order = {"error": 0, "warning": 1, "note": 2}
    ordered = sorted(problems, key=lambda problem: order[problem.severity])
    spare = max(sum(problem.severity == "note" for problem in ordered) - _MOST_NOTES, 0)
    lines = []
    for problem in ordered[: len(ordered) - spare]:
        field = f"{problem.field}: " if problem.field else ""
        lines.append(printable(f"{problem.severity}: {field}{problem.message}"))
        if problem.hint and problem.severity != "note":
            lines.append(printable(f"  → {problem.hint}"))
    return [*lines, *([f"note: and {spare} more like these; --json has all"] if spare else [])]


def error_lines(error: KonnectError) -> list[str]:
    """The four parts of an error as lines; what the problems or the frames say already isn't said twice."""
    if (error.code == "invalid-input" and error.problems) or error.code == "internal-error":
        return []
    lines = [printable(f"error: {error.message}  [{error.code}]")]
    lines += [printable(f"  {error.context}")] if error.context else []
    lines += [printable(f"  → {error.hint}")] if error.hint else []
    return lines
