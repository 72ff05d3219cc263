"""The error gate: the only place that prints, and the only one that turns an error into an exit status."""

import contextlib
import os
import sys
import warnings
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from konnect_tui.cli.light import load_msgspec
from konnect_tui.cli.parser import NOT_YET, UsageError, parse

if TYPE_CHECKING:
    from konnect_tui.cli.answer import Answer

_NOT_YET_OPTIONS = ("plan_out", "plan", "plain")


def run(arguments: Sequence[str]) -> int:
    """Parse, act, print. Never raises; a fault of ours prints a code and frames, no values."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what a library tells its users' programmers is no talk for ours
    json = "--json" in arguments
    command = next((word for word in arguments if not word.startswith("-")), "")
    try:
        options = parse(arguments)
    except UsageError as wrong:
        from konnect_tui.konnect.token_text import masked

        return _finish(masked(command), json, _usage(masked(str(wrong)), wrong.usage))
    except SystemExit:  # --help and --version have printed what they had to
        return 0
    try:
        _refuse_tokens(arguments)
        answer = _act(options)
    except KeyboardInterrupt:
        answer = _cancelled()
    except BrokenPipeError as fault:
        return _unheard(fault)
    except Exception as fault:  # noqa: BLE001 - the gate: every other fault ends here
        answer = _failed(fault)
    return answer if isinstance(answer, int) else _finish(options.command, json, answer)


def _act(options: Namespace) -> "Answer | int":
    if options.command in NOT_YET:
        _refuse_not_yet(f"konnect-tui {options.command}")
    for name in _NOT_YET_OPTIONS:
        if getattr(options, name, None):
            _refuse_not_yet(f"--{name.replace('_', '-')}")
    if options.training and options.command not in (None, "training"):
        _refuse_training(options.command)
    load_msgspec()
    module: Any = import_module(f"konnect_tui.cli.commands.{options.command or 'wizard'}")
    answer: Answer | int = module.run(options)
    return answer


def _refuse_not_yet(what: str) -> None:
    from konnect_tui.errors import KonnectError

    raise KonnectError("not-available-yet", f"{what} is known, but this release does not have it yet.")


def _refuse_tokens(arguments: Sequence[str]) -> None:
    """Refuse what looks like a token and is no file: whatever else would be said of it might repeat it."""
    values = [word.partition("=")[2] if word.startswith("-") else word for word in arguments]
    suspects = [value for value in values if "pat_" in value.lower()]  # most command lines need no import for this
    if not suspects:
        return
    from konnect_tui.errors import KonnectError
    from konnect_tui.konnect.token_text import looks_like_token, masked

    for value in suspects:
        if looks_like_token(value) and not os.path.lexists(value):
            raise KonnectError(
                "usage",
                f"The argument {masked(value.strip())} looks like a token, and a token is never an argument.",
                context="Command lines are seen by other users and kept by the shell's history.",
                hint="Revoke it in Konnect, make a new one, and put that in a file for --token-file or KONNECT_TOKEN.",
            )


def _refuse_training(command: str) -> None:
    from konnect_tui.errors import KonnectError

    hint = 'For apply, upload and watch the answers say it: source = "training".'
    raise KonnectError("usage", f"--training starts the wizard, and does not go with {command}.", hint=hint)


def _usage(wrong: str, usage: str) -> "Answer":
    from konnect_tui.cli.answer import failed
    from konnect_tui.errors import KonnectError

    return failed(KonnectError("usage", wrong, context=" ".join(usage.split())))


def _cancelled() -> "Answer":
    from konnect_tui.cli.answer import failed
    from konnect_tui.errors import KonnectError

    return failed(KonnectError("cancelled", "Cancelled; nothing is half written."))


def _failed(fault: Exception) -> "Answer":
    from konnect_tui import crash
    from konnect_tui.cli.answer import Answer, failed
    from konnect_tui.errors import KonnectError

    if isinstance(fault, KonnectError):
        return failed(fault)
    frames = tuple(crash.describe(fault).splitlines())
    error = KonnectError("internal-error", frames[0].removeprefix("internal-error: "), context=" | ".join(frames[1:-1]))
    return Answer({}, talk=frames, error=error)


def _finish(command: str | None, json: bool, answer: "Answer") -> int:
    from konnect_tui.cli.answer import document, error_lines, problem_lines

    try:
        if json:
            print(document(command or "", answer), flush=True)
        else:
            talk = [*answer.talk, *problem_lines(answer.problems)]
            talk += error_lines(answer.error) if answer.error else []
            if sys.stderr is not None:  # closed: print would take stdout in its place
                for line in talk:
                    print(line, file=sys.stderr)
            _hand_over(answer.stdout)
    except OSError as fault:
        return _unheard(fault)
    return int(answer.exit_code)


def _hand_over(data: str) -> None:
    """Print it. A path that the stream's encoding cannot say goes out as the very bytes it has on disk."""
    try:
        print(data, end="", flush=True)
    except UnicodeEncodeError:
        sys.stdout.buffer.write(data.encode("utf-8", "surrogateescape"))
        sys.stdout.flush()


def _unheard(fault: OSError) -> int:
    """Our output can't be written, or its reader has left: nothing more then, not even from Python's last flush."""
    if not isinstance(fault, BrokenPipeError) and sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"error: The answer can't be written: {fault.strerror}.", file=sys.stderr)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
