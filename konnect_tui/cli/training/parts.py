"""What can be typed behind `konnect-tui training`."""

from argparse import ArgumentParser, HelpFormatter
from collections.abc import Callable
from typing import Final, Protocol

NOT_YET: Final = {
    "check": "say whether a lesson file is sound",
    "reset": "start over",
    "results": "what was achieved, checked again from evidence",
}
"""Parts that are known and not built yet."""


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
    for name, summary in NOT_YET.items():
        later = parts.add_parser(name, help=f"{summary} (not yet)", add_help=False, prefix_chars="\0")
        later.add_argument("rest", nargs="*")


def _serve(parser: ArgumentParser) -> None:
    seeds = ("starter", "enterprise", "scale")
    parser.add_argument(
        "--seed", metavar="NAME", help=f"what it begins with: {', '.join(seeds)} (default: starter, or as it is)"
    )
    parser.add_argument("--port", metavar="N", type=_port, help="the API's port; kept from then on")
    parser.add_argument("--fresh", action="store_true", help="forget everything and begin anew")
    parser.add_argument(
        "--listen",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="where nodes may connect to; the API stays on loopback (default: 127.0.0.1)",
    )


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


_port.__name__ = "port"  # argparse names the type in its words

_PARTS: Final[dict[str, tuple[str, Callable[[ArgumentParser], None]]]] = {
    "serve": ("run it for any client, until Ctrl-C", _serve),
    "node": ("run a bundle's nodes without a gateway, until Ctrl-C", _node),
}
