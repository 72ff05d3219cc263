"""What can be typed. Parsing only: nothing here acts, and nothing heavy is imported."""

import argparse
import contextlib
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from konnect_tui import __version__

# Our words are English. Looking for translations of argparse's own costs every start three milliseconds.
argparse._ = str  # type: ignore[attr-defined]

NOT_YET: Final = {
    "export": "pack one node for the host it will run on",
    "status": "every bundle, soonest end first",
    "renew": "renew certificates step by step, without a gap",
    "doctor": "probe the real hosts, or explain a log",
    "import": "take over what the web wizard or an old setup has",
    "remove": "move a bundle to the backups",
}
"""Commands that are known and not built yet: they answer `not-available-yet`, with exit 2."""

_WIDTH: Final = 78
_EPILOG: Final = """\
Without a command the wizard starts.

exit codes: 0 done · 1 the world failed · 2 wrong usage or input · 3 answered no · 4 no token · 130 cancelled
"""


class UsageError(Exception):
    """The command line could not be understood. `usage` is the short usage of the command meant."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.usage = usage


class _Parser(ArgumentParser):
    """Raises instead of leaving: the gate turns every error into words, an exit code or JSON."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, self.format_usage().strip())


class _NeverAToken(argparse.Action):
    """Command lines are seen by other users and kept by the shell: a token on one is refused, and not repeated."""

    def __call__(self, parser: ArgumentParser, *_: object) -> NoReturn:
        parser.error("a token is never an argument's value: put it in a file for --token-file, or in KONNECT_TOKEN")


def parse(arguments: Sequence[str]) -> Namespace:
    """The options of one command. Raises UsageError; leaves (SystemExit) only for --help and --version."""
    mentioned = frozenset(arguments)
    if not mentioned & {"-h", "--help"} or mentioned & (NOT_YET.keys() | {name for name, _, _ in _COMMANDS}):
        with contextlib.suppress(UsageError):
            return _build(mentioned).parse_args(arguments)
    return _build().parse_args(arguments)  # help and messages name all commands


def _build(mentioned: frozenset[str] | None = None) -> ArgumentParser:
    """The parser. With words of a command line, only for the commands among them: each costs start-up time."""
    parser = _Parser(
        prog="konnect-tui",
        description="Stand up a Kong Gateway data plane for Konnect: certificates first, proven by a handshake.",
        epilog=_EPILOG,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    _everywhere(parser, default=None)
    parser.add_argument(
        "--training", action="store_true", help="the wizard on an organisation of your own, without an account"
    )
    parser.add_argument("--plain", action="store_true", help="numbered prompts instead of the wizard (not yet)")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", description="", parser_class=_Parser, prog="konnect-tui"
    )
    known = {name for name, _, _ in _COMMANDS} | NOT_YET.keys()
    wanted = known if mentioned is None else known & mentioned
    for name, summary, fill in _COMMANDS:
        if name in wanted:
            command = commands.add_parser(
                name, help=summary, description=summary, allow_abbrev=False, formatter_class=_formatter
            )
            _everywhere(command, default=SUPPRESS)
            fill(command)
    for name, summary in NOT_YET.items():
        if name in wanted:
            later = commands.add_parser(
                name, help=f"{summary} (not yet)", add_help=False, prefix_chars="\0", formatter_class=_formatter
            )
            later.add_argument("rest", nargs="*")
    return parser


def _formatter(prog: str) -> RawDescriptionHelpFormatter:
    """Help of one width everywhere: asking the terminal loads a module at every start, help asked for or not."""
    return RawDescriptionHelpFormatter(prog, width=_WIDTH)


def _everywhere(parser: ArgumentParser, *, default: str | None) -> None:
    """The options that stand before or behind any command; behind it they count only when given."""
    flag = False if default is None else default
    group = parser.add_argument_group("everywhere")
    group.add_argument("--workspace", metavar="DIR", default=default, help="folder of the bundles")
    group.add_argument("--json", action="store_true", default=flag, help="one JSON document on stdout")
    group.add_argument("--api-url", metavar="URL", default=default, help="another Konnect; {region} becomes its code")
    group.add_argument(
        "--token-file", metavar="FILE", default=default, help="file with the token for Konnect, - for stdin"
    )
    group.add_argument("--token", action=_NeverAToken, help=SUPPRESS)
    group.add_argument("--profile", metavar="NAME", default=default, help="which saved token (default: default)")
    group.add_argument("--no-color", action="store_true", default=flag, help="no colour")
    group.add_argument("--version", action="version", version=f"konnect-tui {__version__}")


def _apply(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="answers file, or a bundle's own konnect-tui.toml")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, print the diff")
    parser.add_argument("--replace", action="store_true", help="write over what differs; the old goes to .backup/")
    parser.add_argument("--new-keys", action="store_true", help="make every key anew; the old go to .backup/")
    parser.add_argument("--no-upload", action="store_true", help="leave the upload to someone else")
    signed_help = "a signed certificate, or a folder of them; may be repeated (csr)"
    parser.add_argument("--signed", metavar="FILE", action="append", help=signed_help)
    for later in ("--plan-out", "--plan"):
        parser.add_argument(later, metavar="FILE", action="append", help="(not yet)")


def _inspect(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="certificates and keys, PEM")


def _judge(parser: ArgumentParser) -> None:
    parser.add_argument("--mode", choices=("pinned", "pki"), required=True, help="the control plane's auth mode")
    for option, help_text in (
        ("--uploaded", "what Konnect was given"),
        ("--presented", "what the node presents, leaf first"),
    ):
        parser.add_argument(option, metavar="FILE", action="append", required=True, help=help_text)
    parser.add_argument(
        "--key", metavar="FILE", action="append", help="the node's key; without it only the path is judged"
    )


def _bundle(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle's folder, or its name in the workspace")


def _verify(parser: ArgumentParser) -> None:
    _bundle(parser)
    parser.add_argument(
        "--fix-modes", action="store_true", help="give files and folders back the modes they should have"
    )


def _upload(parser: ArgumentParser) -> None:
    _bundle(parser)
    parser.add_argument("--control-plane", metavar="ID", help="where to, for a bundle that was made offline")


def _watch(parser: ArgumentParser) -> None:
    _bundle(parser)
    from konnect_tui.cli.duration import seconds

    help_text = "for how long at most: 90, 90s, 5m, 1h; 0 looks once (default: 5m)"
    parser.add_argument("--timeout", metavar="TIME", type=seconds, default="5m", help=help_text)


def _login(parser: ArgumentParser) -> None:
    parser.add_argument("--to-file", action="store_true", help="no keyring: keep it in a file of yours, unencrypted")


def _regions(parser: ArgumentParser) -> None:
    parser.add_argument("--live", action="store_true", help="ask Konnect which there are; needs no token")


def _training(parser: ArgumentParser) -> None:
    from konnect_tui.cli.training.parts import fill

    fill(parser, _Parser, _formatter, lambda part: _everywhere(part, default=SUPPRESS))


def _nothing(parser: ArgumentParser) -> None:
    pass


_COMMANDS: Final[tuple[tuple[str, str, Callable[[ArgumentParser], None]], ...]] = (
    ("apply", "make or converge the bundle an answers file describes", _apply),
    ("inspect", "say what certificate and key files hold", _inspect),
    ("judge", "say whether a control plane would accept a node's certificate", _judge),
    ("rehearse", "TLS handshakes: every node against a control plane that trusts exactly upload/", _bundle),
    ("verify", "check that a bundle is whole, unbroken and in date", _verify),
    ("upload", "give Konnect the certificates it still lacks", _upload),
    ("watch", "wait until the nodes are connected and in sync", _watch),
    ("login", "keep a token in the system's keyring", _login),
    ("logout", "forget that token", _nothing),
    ("training", "the embedded organisation: a Konnect of your own, without an account", _training),
    ("versions", "gateway releases with support dates from today", _nothing),
    ("regions", "regions and hosts", _regions),
)
