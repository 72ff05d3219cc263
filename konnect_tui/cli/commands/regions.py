"""`konnect-tui regions`: the regions and their hosts, from this release's table or, with `--live`, from Konnect."""

from argparse import Namespace
from collections.abc import Iterator, Sequence

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.columns import columns
from konnect_tui.cli.setting import services_for
from konnect_tui.errors import KonnectError, Problem, note, warning
from konnect_tui.konnect.regions import AS_OF, REGIONS, Region, region
from konnect_tui.services import Services


def run(options: Namespace) -> Answer:
    """The table, at once and offline unless Konnect is to be asked; what it doesn't list is accepted all the same."""
    services = services_for(options)
    regions, problems = _told(services, quiet=options.json) if options.live else (REGIONS, ())
    base = services.hosts.base
    rows = [{"code": each.code, "name": each.name, "opt_in": each.opt_in, "api": base(each.code)} for each in regions]
    table = [(each.code, each.name, "opt-in" if each.opt_in else "", base(each.code)) for each in regions]
    source = f"as of {AS_OF}" if regions is REGIONS else "as Konnect says now"
    talk = (f"{source}; other codes of two letters are accepted",)
    return Answer({"regions": rows}, stdout=columns(table), talk=talk, problems=problems)


def _told(services: Services, *, quiet: bool) -> tuple[Sequence[Region], tuple[Problem, ...]]:
    from konnect_tui.cli.asking import ask
    from konnect_tui.cli.talk import Talk

    tokens = services.tokens
    token = tokens.find() if tokens.outright else None  # Konnect needs none, so no keyring is opened for it
    try:
        found = ask(services, token, lambda client: client.available_regions(), talk=Talk(wanted=not quiet))
    except KonnectError as fault:
        message = f"Konnect did not say which regions there are; this is the table of this release. {fault.message}"
        return REGIONS, (warning("", "regions-untold", message),)
    return found, tuple(_differences(found))


def _differences(found: Sequence[Region]) -> Iterator[Problem]:
    for each in found:
        if region(each.code) is None:
            yield note("", "new-region", f"The region {each.code} is new: this release does not know its name.")
    listed = {each.code for each in found}
    for each in REGIONS:
        if each.code not in listed:
            yield note("", "unlisted-by-konnect", f"Konnect does not list {each.code}, {each.name}.")
