"""The rules of `[output]` and `[platform.NAME]`: the bundle's name, the platforms and their own options."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from konnect_tui.checks.rules import between, choice, key_of, not_yet, one_line, quoted, suggestion
from konnect_tui.defaults import DEFAULT_PLATFORMS
from konnect_tui.draft import Draft, OptionValue
from konnect_tui.errors import Problem, error, warning
from konnect_tui.platforms import CONTRACTED, Option, available, platform

_BUNDLE: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"
_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "text": (str, "text"),
    "choice": (str, "text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
}


def check_output(draft: Draft) -> Iterator[Problem]:
    """Every fault of both sections."""
    bundle = draft.output.bundle
    if bundle is not None and re.fullmatch(_BUNDLE, bundle) is None:
        message = f"{quoted(bundle)} cannot be a bundle's name: it is a folder, and its name goes into commands."
        hint = "At most 80 letters, digits, dots, underscores and hyphens, beginning with a letter or digit."
        yield error("output.bundle", "bad-bundle-name", message, hint)
    chosen = draft.output.platforms
    if chosen is not None:
        yield from _platforms(chosen)
    for name, options in draft.platform.items():
        yield from _section(name, options, DEFAULT_PLATFORMS if chosen is None else chosen)


def _platforms(chosen: tuple[str, ...]) -> Iterator[Problem]:
    if not chosen:
        hint = f"Choose at least one of {', '.join(available())}."
        yield error("output.platforms", "missing-key", "`output.platforms` is empty, so nothing could be run.", hint)
    seen: set[str] = set()
    for index, name in enumerate(chosen):
        field = f"output.platforms[{index}]"
        if name in seen:
            yield error(field, "duplicate", f"The platform {quoted(name)} is chosen twice.")
        seen.add(name)
        yield from choice(field, name, CONTRACTED)
        if name in CONTRACTED and name not in available():
            yield not_yet(field, f"The platform {name}")


def _section(name: str, options: Mapping[str, OptionValue], chosen: tuple[str, ...]) -> Iterator[Problem]:
    field = f"platform.{key_of(name)}"
    if name not in CONTRACTED:
        yield error(field, "unknown-key", f"There is no platform {quoted(name)}.", suggestion(name, CONTRACTED))
        return
    if name not in available():
        yield not_yet(field, f"The platform {name}")
        return
    if name not in chosen:
        message = f"[{field}] has options for a platform that `output.platforms` does not name."
        yield warning(field, "unused-section", message)
    declared = {option.name: option for option in platform(name).options}
    for key, value in options.items():
        if key in declared:
            yield from _option(f"{field}.{key}", declared[key], value)
        else:
            message = f"The platform {name} has no option {quoted(key)}."
            hint = suggestion(key, declared) if declared else "It has no options."
            yield error(f"{field}.{key_of(key)}", "unknown-key", message, hint)


def _option(field: str, option: Option, value: OptionValue) -> Iterator[Problem]:
    kind, told = _TYPES[option.kind]
    if type(value) is not kind:  # a bool is an int too
        yield error(field, "wrong-type", f"`{field}` takes {told}.", option.help)
        return
    if isinstance(value, str):
        if option.kind == "choice":
            yield from choice(field, value, option.choices)
            return
        yield from one_line(field, value)
        if option.pattern and re.fullmatch(option.pattern, value) is None:
            yield error(field, "invalid-value", f"{quoted(value)} does not do for `{field}`.", option.help)
    elif not isinstance(value, tuple):
        least = -(2**31) if option.minimum is None else option.minimum
        most = 2**31 - 1 if option.maximum is None else option.maximum
        yield from between(field, value, least, most, option.help)
