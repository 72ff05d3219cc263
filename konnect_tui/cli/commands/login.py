"""`konnect-tui login`: keep a token, once Konnect has said whose it is. The only headless command that may ask."""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.asking import KEYRING, ask, patiently
from konnect_tui.cli.setting import services_for
from konnect_tui.cli.talk import Talk
from konnect_tui.errors import KonnectError, Problem, warning
from konnect_tui.konnect import token_files, token_text
from konnect_tui.konnect.profiles import Place, checked
from konnect_tui.konnect.tokens import VARIABLE, Token
from konnect_tui.live.clock import off
from konnect_tui.live.organization import inactive
from konnect_tui.words import printable

if TYPE_CHECKING:
    from konnect_tui.konnect.client import Client
    from konnect_tui.konnect.models import Organization


def run(options: Namespace) -> Answer:
    """Take the token, probe it, keep it. Nothing is kept where Konnect does not take it."""
    services = services_for(options)
    name = checked(options.profile)
    place: Place = "file" if options.to_file else "keyring"
    talk = Talk(wanted=not options.json)
    with patiently(talk, KEYRING):
        services.tokens.require(place)
    token = _given(options.token_file, services.tokens.domain)
    organization, skew = ask(services, token, _probe, talk=talk)
    with patiently(talk, KEYRING):
        path = services.tokens.save(token.secret, organization, services.now(), profile=name, place=place)
    kept = f"{path}, which is not encrypted" if path else "the system's keyring"
    whose = organization.name or organization.id
    where = "Konnect" if services.hosts.live else f"{services.tokens.domain}, which is not Konnect's own address"
    data = {
        "profile": name,
        "api": services.tokens.domain,
        "organization": {"id": organization.id, "name": organization.name},
        "kept": place,
        "path": path,
    }
    said = (
        printable(f"logged in to the organisation {whose} ({organization.id}) of {where}"),
        printable(f"the token is in {kept}, under the profile {name}"),
    )
    problems = token.problems + off(skew) + inactive(organization) + _overruled(services.environ.get(VARIABLE))
    return Answer(data, talk=said, problems=problems)


async def _probe(client: "Client") -> tuple["Organization", float]:
    """Whose token it is, and how far this machine's clock is off."""
    return await client.organization(), client.skew


def _given(file: str | None, domain: str) -> Token:
    """The token of the file; of the terminal where there is none. Raises `no-token`, and as `token_files.read`."""
    if file is not None and not (file == token_files.STDIN and _at_terminal()):
        secret, problems = token_files.read(file)
        return Token(secret, file, problems)
    if not _at_terminal():
        message = "There is no terminal to ask for a token."
        raise KonnectError("no-token", message, hint="Give --token-file FILE, or - and the token on standard input.")
    typed = _asked(f"Token for {domain} (it is not shown): ")
    return Token(token_text.token(typed.encode("utf-8", "surrogateescape"), "What was typed"), "the terminal")


def _at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _asked(prompt: str) -> str:
    import getpass
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except EOFError:
        raise KeyboardInterrupt from None  # end of input is a way to say no
    except getpass.GetPassWarning:
        message = "The terminal can't be kept from showing what is typed."
        raise KonnectError("no-token", message, hint="Give --token-file FILE.") from None


def _overruled(variable: str | None) -> tuple[Problem, ...]:
    if not variable:
        return ()
    return (warning("", "token-of-environment", f"{VARIABLE} is set and goes before what was saved now."),)
