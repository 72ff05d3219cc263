"""`konnect-tui logout`: forget a token that was saved."""

from argparse import Namespace

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.asking import KEYRING, patiently
from konnect_tui.cli.setting import services_for
from konnect_tui.cli.talk import Talk
from konnect_tui.konnect.profiles import checked
from konnect_tui.konnect.tokens import VARIABLE

_PLACES = {"keyring": "the system's keyring", "file": "its file"}


def run(options: Namespace) -> Answer:
    """Remove it from wherever it is kept; nothing to do is no fault."""
    services = services_for(options)
    name = checked(options.profile)
    with patiently(Talk(wanted=not options.json), KEYRING):
        removed = services.tokens.forget(name)
    domain = services.tokens.domain
    talk: tuple[str, ...] = (f"nothing to do: no token is saved for {domain} under the profile {name}",)
    if removed:
        places = " and ".join(_PLACES[place] for place in removed)
        talk = (
            f"the token of the profile {name} for {domain} is gone from {places}",
            "Konnect takes it until it ends: revoke it there if nobody is to use it any more",
        )
    if services.environ.get(VARIABLE):
        talk += (f"{VARIABLE} is set, and goes on being used",)
    return Answer({"profile": name, "api": domain, "removed": list(removed)}, talk=talk)
