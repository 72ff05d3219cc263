r"""How Kong reads its settings: `kong.conf`, and environment variables that win over it.

Sources: Kong/kong, `kong/conf_loader/init.lua` (comments, `\#`, KONG_* over the file); lunarmodules/Penlight,
`lua/pl/config.lua` (comment lines, lines joined by a backslash, numbers).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_PREFIX: Final = "KONG_"
_COMMENT: Final = re.compile(r"\s*(?<!\\)#.*")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def kong_conf(text: str) -> dict[str, str]:
    """The parameters of a `kong.conf`, each as Kong gets it. A line that says nothing to Kong is passed over."""
    return dict(_parameters(_joined(text.splitlines())))


def environment(lines: Iterable[str]) -> dict[str, str]:
    """The parameters in lines `KONG_NAME=value`, as an env file has them: the value as it stands."""
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return parameters({name: value for name, equals, value in pairs if equals})


def parameters(variables: Mapping[str, str]) -> dict[str, str]:
    """The parameters among environment variables."""
    return {name.removeprefix(_PREFIX).lower(): value for name, value in variables.items() if name.startswith(_PREFIX)}


def listed(written: str) -> list[str]:
    """The items of a parameter that is a list."""
    return [item.strip() for item in written.split(",") if item.strip()]


def switched_on(written: str) -> bool:
    """Whether a parameter that is a switch is on."""
    return written in ("on", "true")


def _joined(lines: Iterable[str]) -> Iterator[str]:
    pending = ""
    for line in lines:
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        if line.rstrip().endswith("\\"):
            pending += line.rstrip()[:-1]
            continue
        yield pending + line
        pending = ""


def _parameters(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, equals, value = line.partition("=")
        if equals:
            yield re.sub(r"[^A-Za-z0-9]", "_", name.strip()), _value(value.strip())


def _value(written: str) -> str:
    if _NUMBER.fullmatch(written):  # as Lua reads and writes numbers: 3.10 becomes 3.1
        return format(float(written), ".14g")
    return _COMMENT.sub("", written, count=1).replace("\\#", "#")
