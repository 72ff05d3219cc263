"""The output platforms. One module each, found by being here: a new platform is one new file.

Each module has a constant `PLATFORM`. Nothing outside it knows its name, its options or its files.
"""

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Literal

from msgspec import Struct

from konnect_tui.bundle import Files
from konnect_tui.draft import OptionValue
from konnect_tui.errors import Problem
from konnect_tui.pki.material import Material
from konnect_tui.plan import Plan

CONTRACTED = ("docker", "powershell", "compose", "linux", "quadlet", "helm", "operator", "terraform", "kongctl")
"""Every platform the contract names. Those without a module answer `not-available-yet`."""


class Option(Struct, frozen=True):
    """One key of `[platform.NAME]`, declared where it is used. `pattern` is a full-match regular expression."""

    name: str
    kind: Literal["text", "integer", "boolean", "choice"]
    default: OptionValue
    help: str
    choices: tuple[str, ...] = ()
    pattern: str = ""
    minimum: int | None = None
    maximum: int | None = None


class Command(Struct, frozen=True):
    """One line for the operator to run, and what it does. Run from the bundle's folder."""

    line: str
    does: str


class Platform(Struct, frozen=True):
    """An output platform. `render` is pure: same Plan and Material, same bytes.

    `one_host` says that its nodes share one host's ports. `check` names faults that only this platform has
    (its options arrive typed and complete, but for what `check` itself looks at).
    """

    key: str
    title: str
    summary: str
    one_host: bool
    options: tuple[Option, ...]
    render: Callable[[Plan, Material], Files]
    commands: Callable[[Plan], tuple[Command, ...]]
    check: Callable[[Plan], tuple[Problem, ...]] = lambda plan: ()


@cache
def available() -> tuple[str, ...]:
    """The platforms this release can write, in the contract's order."""
    modules = {module.name for module in pkgutil.iter_modules(__path__)}
    return tuple(key for key in CONTRACTED if key in modules)


def platform(key: str) -> Platform:
    """The platform of that name, which must be one of `available()`. Loads only its module."""
    found: Platform = import_module(f"{__name__}.{key}").PLATFORM
    return found


def options_of(key: str, chosen: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """Every option of the platform: as chosen, else its default."""
    return {option.name: chosen.get(option.name, option.default) for option in platform(key).options}
