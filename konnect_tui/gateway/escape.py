"""One escaping function per language we write: what comes in is text from outside, what goes out is safe there.

Each raises `KonnectError` (`value-not-expressible`) for what its language cannot say, or says differently to
the programs that read it. A refusal names the character, never the value: it may be what somebody pasted.
"""

import re
from typing import Final, NoReturn

from konnect_tui.errors import KonnectError

# Controls, line and paragraph separators, and the marks that reorder text on a screen: none has a place in a
# setting, and each makes a file read differently from what it does.
_UNSEEN: Final = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
_HALVES: Final = "\ud800-\udfff"  # of a surrogate pair: no text encoding has them

# Patterns are compiled when a value first needs them: nearly none does, and each costs start-up time.
_UNSAYABLE: Final = f"[{_UNSEEN}{_HALVES}]"
_HALF: Final = f"[{_HALVES}]"
_YAML_ESCAPED: Final = f'["\\\\{_UNSEEN}\ufffe\uffff]'
# What makes markup anywhere, what makes a bare address a link (GFM autolinks), and what makes a list or heading
# of the first thing on a line. A hyphen or full stop between words stays as it is: people read the text raw, too.
_MARKDOWN_ESCAPED: Final = r"([!#$&*<>@\[\\\]^_`{|}~]|:(?=//)|(?<=[wW]{3})\.(?=\S)|^\s*[-+=]|(?<=\d)[.)](?=\s))"
_LUA_NUMBER: Final = r"[+-]?(0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*([pP][+-]?\d+)?|\d*\.?\d*([eE][+-]?\d+)?)( kB)?"
_PLAIN_INTEGER: Final = r"0|-?[1-9][0-9]{0,13}"

# bufio.Scanner, with which Docker reads an env file, refuses a line of 64 KiB.
_ENV_LINE: Final = 60_000


def shell(value: str, what: str = "A value") -> str:
    """One word of a POSIX shell, always in quotes: single ones, but double ones around `$` and backquotes.

    Both mean the same; ShellCheck takes a `$` in single quotes for a mistake (SC2016). `!` stays in single
    ones: an interactive bash expands it in double ones.
    """
    _without(_UNSAYABLE, value, what, "a shell script")
    if re.search("[$`]", value) and "!" not in value:
        return '"' + re.sub(r'([$`"\\])', r"\\\1", value) + '"'
    return "'" + value.replace("'", "'\\''") + "'"


def env_file(value: str, what: str = "A value") -> str:
    """The right side of `NAME=value` in an env file, unchanged: nothing can be escaped there.

    Docker and Podman take the text as it stands; Compose strips quotes, expands `$` and cuts at ` #`. What
    they would read differently is refused, so that the file means the same to whoever reads it.
    """
    _without(_UNSAYABLE, value, what, "an env file")
    if value != value.strip():
        _refuse(what, "begins or ends with a blank, which readers of an env file treat differently")
    if value[:1] == "#" or " #" in value or "\t#" in value:
        _refuse(what, "holds a # that some readers of an env file take for a comment")
    found = re.search("[\"'`$\\\\]", value)
    if found:
        _refuse(what, f"holds {found[0]}, which readers of an env file treat differently")
    if len(value.encode()) > _ENV_LINE:
        _refuse(what, f"is longer than {_ENV_LINE:,} bytes, the most that one line of an env file can hold")
    return value


def yaml(value: str, what: str = "A value") -> str:
    """A YAML 1.2 scalar in double quotes, so that `off`, `010`, `3.10` and `null` stay text. One line always."""
    _without(_HALF, value, what, "YAML")
    if _harmless(value) and '"' not in value and "\\" not in value:
        return f'"{value}"'
    return '"' + re.sub(_YAML_ESCAPED, _yaml_escape, value) + '"'


def compose(value: str, what: str = "A value") -> str:
    """A YAML scalar in a Compose file, where `$` begins a variable unless doubled."""
    if "\x00" in value:
        _refuse(what, "holds the character U+0000, which an environment variable cannot hold")
    return yaml(value.replace("$", "$$"), what)


def kong_conf(value: str, what: str = "A value") -> str:
    r"""The right side of `name = value` in kong.conf, where `#` is written `\#` and quotes are part of the value.

    Kong reads the file with Penlight's `pl.config`: it trims, joins a line that ends in a backslash with the
    next, splits a value at the word `_blank_` (Kong `conf_loader`: "mandatory but we want to ignore it"), and
    makes a number of what looks like one, so that 010 becomes 10 and 3.10 becomes 3.1: an empty comment behind
    it, which Kong takes off later, keeps it a text.
    """
    _without(_UNSAYABLE, value, what, "kong.conf")
    if value != value.strip():
        _refuse(what, "begins or ends with a blank, which Kong cuts off")
    if value.endswith("\\"):
        _refuse(what, "ends with a backslash, with which Kong would join the next line")
    if "_blank_" in value:
        _refuse(what, "holds the word _blank_, at which Kong would split it")
    escaped = value.replace("#", "\\#")
    number = value[:1] in "+-.0123456789" and re.fullmatch(_LUA_NUMBER, value)
    changed = number and not re.fullmatch(_PLAIN_INTEGER, value)
    return f"{escaped} #" if changed else escaped


def openssl_conf(value: str, what: str = "A value") -> str:
    r"""The right side of `name = value` in an OpenSSL configuration, in double quotes.

    `$` begins a variable even there, and a backslash or quote has to be escaped (OpenSSL, config(5)).
    """
    _without(_UNSAYABLE, value, what, "an OpenSSL configuration")
    return '"' + re.sub(r'(["$\\])', r"\\\1", value) + '"'


def comment(value: str) -> str:
    """Text for the rest of a comment line of any file: what could end the line or hide in it is spelled out."""
    return value if _harmless(value) else re.sub(_UNSAYABLE, _spelled_out, value)


def csv_cell(value: str) -> str:
    """A whole CSV cell (RFC 4180), quotes included.

    A text that a spreadsheet would run as a formula gets a leading `'` (OWASP, CSV injection).
    """
    guarded = f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
    safe = comment(guarded)
    return '"' + safe.replace('"', '""') + '"' if re.search(r'[",;\s]', safe) else safe


def markdown(value: str) -> str:
    """Text inside a Markdown paragraph or cell: what could be markup is escaped (CommonMark 2.4), no line ends."""
    return re.sub(_MARKDOWN_ESCAPED, r"\\\1", comment(value))


def markdown_code(value: str) -> str:
    """A Markdown code span, for paths and hosts: in it nothing is markup. Not for table cells, where `|` still is."""
    safe = comment(value)
    runs = re.findall("`+", safe)
    fence = "`" * (max(map(len, runs)) + 1 if runs else 1)
    pad = " " if runs or safe != safe.strip() or not safe else ""
    return f"{fence}{pad}{safe}{pad}{fence}"


def _harmless(value: str) -> bool:
    """Whether it surely holds none of the characters that are refused or spelled out."""
    return value.isascii() and value.isprintable()


def _without(pattern: str, value: str, what: str, language: str) -> None:
    found = None if _harmless(value) else re.search(pattern, value)
    if found:
        character, position = f"U+{ord(found[0]):04X}", found.start() + 1
        _refuse(what, f"holds the character {character} at position {position}, which {language} cannot say safely")


def _refuse(what: str, why: str) -> NoReturn:
    raise KonnectError("value-not-expressible", f"{what} {why}.")


def _yaml_escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in '"\\':
        return "\\" + character
    return _spelled_out(found) if character != "\n" else "\\n"


def _spelled_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
