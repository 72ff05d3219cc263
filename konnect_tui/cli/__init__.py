"""The command line: parse, then act; the one place where an error becomes words and an exit status.

stdout is data and nothing else: the path that was made, the diff that was asked for, the JSON document.
stderr is talk: what happens, what to look at, what to do next; lower case, no full stop at the end of a line.
Every module here is loaded only for the command that needs it, since `--help` must be instant.
"""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status. Installed as `konnect-tui`."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments == ["--version"]:
            from konnect_tui import __version__

            print(f"konnect-tui {__version__}")
            return 0
        from konnect_tui.cli.gate import run

        return run(arguments)
    except KeyboardInterrupt:  # while it was still loading, or talking: what is done is done whole
        if sys.stderr is not None:
            print("error: Cancelled.  [cancelled]", file=sys.stderr)
        return 130
    except OSError:  # --version into a full disk
        return 1


def flushed() -> bool:
    """Hand over what was printed; whether it was taken. A stream that was closed before we began is None."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        return False
    return True
