"""When the product itself is at fault: say so by code, type and frames, and never by a value.

Messages of exceptions that nobody expected, locals and source lines can hold keys, tokens or passphrases, so
none of them is printed: the type, and file, line and function of each frame are enough to find a fault.
"""

import os
import sys
import threading
from collections.abc import Iterator
from types import TracebackType

from konnect_tui import __version__
from konnect_tui.errors import KonnectError
from konnect_tui.words import printable

_MOST_FRAMES = 40


def describe(error: BaseException) -> str:
    """What is printed for an exception: many lines, without a value and without a final line end."""
    if isinstance(error, KonnectError):
        parts = (f"{error.code}: {error.message}", error.context, error.hint)
        return "\n".join(printable(part) for part in parts if part)
    lines = [f"internal-error: a fault in konnect-tui {__version__} itself, not in what you entered"]
    for each in _chain(error):
        lines.append(f"  {type(each).__module__}.{type(each).__qualname__}")
        lines += [f"    {frame}" for frame in _frames(each.__traceback__)]
    lines.append("Please report it with these lines: they hold no values, no names and no keys.")
    return "\n".join(lines)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it was raised from, and the members of a group: each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        wrapped = getattr(each, "error", None)  # a Textual worker's failure carries its cause so
        after = (each.__cause__, None if each.__suppress_context__ else each.__context__, wrapped)
        members = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        waiting += [one for one in (*after, *members) if isinstance(one, BaseException)]


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{_place(code.co_filename)}:{traceback.tb_lineno} {code.co_qualname}")
        traceback = traceback.tb_next
    if len(frames) > _MOST_FRAMES:
        frames[10 : 10 - _MOST_FRAMES] = [f"… {len(frames) - _MOST_FRAMES} more …"]
    return frames


def _place(path: str) -> str:
    """The end of a source file's path: where somebody installed it is nobody's business."""
    return "/".join(path.split(os.sep)[-3:])


def report(error: BaseException) -> None:
    """Print it where people look for it."""
    stream = sys.__stderr__
    if stream is not None:
        stream.write(describe(error) + "\n")
        stream.flush()


def install() -> None:
    """Take over wherever Python would print a traceback: the main thread, other threads, finalisers."""
    sys.excepthook = _main
    threading.excepthook = _thread
    sys.unraisablehook = _unraisable


def _main(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        report(error)


def _thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        report(args.exc_value)


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        report(args.exc_value)
