"""The rules of `[node.parameters]`: known to the chosen version, yours to set, and without a secret."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from konnect_tui.checks.rules import between, key_of, one_line, quoted
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, Problem, error
from konnect_tui.gateway import parameters
from konnect_tui.gateway.releases import default_version, resolve_version

_LARGEST: Final = 2**53
"""Beyond this Kong, which counts in floating point, would read another number than was written."""


def check_parameters(draft: Draft, today: date) -> Iterator[Problem]:
    """Every fault of the parameters. A value is never repeated in words: it might be a secret."""
    given = draft.node.parameters
    if not given:
        return
    version = _version(draft, today)
    for name, value in given.items():
        field = f"node.parameters.{key_of(name)}"
        decides = parameters.owner(name)
        if decides is not None:
            hint = (
                f"It comes from `{decides}`." if decides else "Leave it out: it is the same for every data plane node."
            )
            yield error(field, "owned-parameter", f"`{key_of(name)}` is set by konnect-tui itself.", hint)
        else:
            yield from _known(field, name, version)
        if isinstance(value, int):
            yield from between(field, value, -_LARGEST, _LARGEST)
        else:
            yield from one_line(field, value)
            if parameters.holds_secret(name, value):
                message = f"The value of `{key_of(name)}` is a secret, and the answers hold none."
                hint = "Give a reference such as {vault://env/my-secret}. What stood here has been seen: replace it."
                yield error(field, "secret-in-answers", message, hint)


def _version(draft: Draft, today: date) -> str:
    """The version the parameters are checked against. A wrong one is reported where it stands."""
    try:
        return resolve_version(draft.gateway.version) if draft.gateway.version else default_version(today)
    except KonnectError:
        return default_version(today)


def _known(field: str, name: str, version: str) -> Iterator[Problem]:
    if parameters.exists(name, version):
        return
    if parameters.is_known(name):
        message = f"Kong Gateway {version} has no parameter `{name}`."
        yield error(field, "parameter-not-in-version", message, _releases(name))
        return
    near = parameters.nearest(name, version)
    hint = f"Did you mean `{near}`?" if near else "The name is as in kong.conf, without KONG_ and in lower case."
    yield error(field, "unknown-parameter", f"Kong Gateway has no parameter {quoted(name)}.", hint)


def _releases(name: str) -> str:
    """Which releases have a parameter that the chosen one has not."""
    first, last = parameters.since(name), parameters.until(name)
    if first is None:
        return "Only releases with WebAssembly have it."
    if last == parameters.releases()[-1]:
        return f"Releases from {first} on have it."
    return f"Only {first} has it." if first == last else f"Releases {first} to {last} have it."
