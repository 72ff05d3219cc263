"""The one way anything goes wrong here: a code from the register, what, why, what to do.

Problems (input faults, listed all at once), findings (opinions on a certificate) and errors (raised, end
the command) share the register in `codes`. This module imports nothing of ours but that register.
"""

from enum import IntEnum
from typing import Literal

from msgspec import Struct

from konnect_tui.codes import REGISTER

Severity = Literal["error", "warning", "note"]


class ExitCode(IntEnum):
    """What a command's exit status promises to the scripts that call it."""

    OK = 0
    WORLD = 1
    INPUT = 2
    NO = 3
    AUTH = 4
    CANCELLED = 130


class Problem(Struct, frozen=True):
    """A fault in what was chosen or given. `field` is dotted, `node.each[0].http_port`."""

    field: str
    severity: Severity
    code: str
    message: str
    hint: str = ""


class KonnectError(Exception):
    """Ends what was being done. The exit code belongs to the `code` and stands in the register.

    `message` says what is wrong and names the file, field or certificate; `context` says why it matters;
    `hint` says what to do. None of them ever holds a secret. `problems` are the input faults behind it,
    `data` what the JSON answer carries beside the error all the same.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        context: str = "",
        hint: str = "",
        problems: tuple[Problem, ...] = (),
        data: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.context = context
        self.hint = hint or REGISTER[code].cure
        self.problems = problems
        self.data = data or {}

    @property
    def exit_code(self) -> ExitCode:
        """The exit status that a command ending with this error has."""
        return ExitCode(REGISTER[self.code].exit)


def error(field: str, code: str, message: str, hint: str = "") -> Problem:
    """A problem that stops the run with exit 2. Without `hint`, the register's cure is shown."""
    return Problem(field, "error", code, message, hint or REGISTER[code].cure)


def warning(field: str, code: str, message: str, hint: str = "") -> Problem:
    """A problem that is shown loudly and does not stop the run."""
    return Problem(field, "warning", code, message, hint or REGISTER[code].cure)


def note(field: str, code: str, message: str, hint: str = "") -> Problem:
    """Something worth knowing; not a fault."""
    return Problem(field, "note", code, message, hint or REGISTER[code].cure)
