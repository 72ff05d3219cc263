"""What can be typed behind `konnect-tui training`."""

from argparse import ArgumentParser, HelpFormatter
from collections.abc import Callable
from typing import Final, Protocol


class Formatter(Protocol):
    """Makes help of the product's width."""

    def __call__(self, prog: str) -> HelpFormatter:
        """For one command."""


def fill(
    parser: ArgumentParser,
    kind: type[ArgumentParser],
    formatter: Formatter,
    everywhere: Callable[[ArgumentParser], None],
) -> None:
    """Give the command its parts; each takes the options that stand everywhere."""
    parts = parser.add_subparsers(
        dest="part", metavar="PART", title="parts", description="", parser_class=kind, prog="konnect-tui training"
    )
    for name, (summary, options) in _PARTS.items():
        part = parts.add_parser(name, help=summary, description=summary, allow_abbrev=False, formatter_class=formatter)
        everywhere(part)
        options(part)


def _serve(parser: ArgumentParser) -> None:
    seeds = ("starter", "enterprise", "scale")
    parser.add_argument(
        "--seed", metavar="NAME", help=f"what it begins with: {', '.join(seeds)} (default: starter, or as it is)"
    )
    parser.add_argument("--port", metavar="N", type=_port, help="the API's port; kept from then on")
    parser.add_argument(
        "--listener-port", metavar="N", type=_port, help="the port nodes connect to, 0 for any; kept from then on"
    )
    parser.add_argument("--fresh", action="store_true", help="forget everything and begin anew")
    parser.add_argument(
        "--listen",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="where nodes may connect to; the API stays on loopback (default: 127.0.0.1)",
    )


def _shelf(parser: ArgumentParser) -> None:
    parser.add_argument("--lessons", metavar="DIR", help="a folder of lessons of your own, beside those shipped")
    parser.add_argument(
        "--language", metavar="XX", type=_language, default="en", help="two letters; what is not translated is English"
    )


def _lesson(parser: ArgumentParser) -> None:
    parser.add_argument("lesson", metavar="N", nargs="?", help="its number or name; without one they are listed")
    parser.add_argument("--round", metavar="N", type=int, help="with --begin: that round instead of the next")
    _shelf(parser)
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--begin", action="store_true", help="set up the next round, from its seeded state")
    one.add_argument("--predict", metavar="KEY=ANSWER", action="append", help="once for each question; it is locked")
    one.add_argument("--run", action="store_true", help="let the handshakes answer")
    one.add_argument("--hint", action="store_true", help="the next hint; they get plainer")
    one.add_argument("--do", metavar="STEP", action="append", help="a step of the repair, such as start=edge-1")
    one.add_argument("--check", action="store_true", help="is it solved?")
    one.add_argument("--debrief", action="store_true", help="what to take along")
    one.add_argument("--handout", action="store_true", help="one page for learners, Markdown")
    one.add_argument("--notes", action="store_true", help="the instructor's notes, Markdown")


def _check(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a lesson.toml, or the folder it is in")


def _reset(parser: ArgumentParser) -> None:
    parser.add_argument("--lesson", metavar="N", help="this one only, by number or name")
    _shelf(parser)


def _results(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", metavar="FILE", help="write them there as CSV")
    _shelf(parser)


def _node(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle's folder, or its name in the workspace")
    parser.add_argument(
        "--node", metavar="NAME", action="append", help="only this one; may be repeated (default: all of them)"
    )


def _port(text: str) -> int:
    """A port. argparse turns what this raises into a usage error."""
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise ValueError
    return int(text)


def _language(text: str) -> str:
    """A language, as the files of lessons name it."""
    if not (len(text) == 2 and text.isascii() and text.isalpha() and text.islower()):
        raise ValueError
    return text


_port.__name__, _language.__name__ = "port", "language"  # argparse names the type in its words

_PARTS: Final[dict[str, tuple[str, Callable[[ArgumentParser], None]]]] = {
    "serve": ("run it for any client, until Ctrl-C", _serve),
    "lesson": ("the lessons, and one of them without a screen", _lesson),
    "check": ("say whether a lesson file is sound", _check),
    "reset": ("start the lessons over, or one of them", _reset),
    "results": ("what was achieved, checked again from evidence", _results),
    "node": ("run a bundle's nodes without a gateway, until Ctrl-C", _node),
}
