"""The profiles tokens are saved under: which organisation each is of, and where the token is. No secret in here.

A keyring can't be asked what it holds, so each login is noted in a small file of its own:
`profiles/<API domain>/<name>.json` in the configuration folder.
"""

import os
import re
from datetime import datetime
from typing import Final, Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from konnect_tui.errors import KonnectError, Problem, warning
from konnect_tui.konnect import private_files
from konnect_tui.konnect.token_text import looks_like_token

DEFAULT: Final = "default"
Place = Literal["keyring", "file"]
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SUFFIX: Final = ".json"


class Profile(Struct, frozen=True):
    """A login: the organisation that the token belonged to then, where the token is kept, and since when."""

    name: str
    organization_id: str
    organization: str
    place: Place
    saved: datetime


class Profiles:
    """The logins at one API domain. `folder` is the product's configuration folder."""

    def __init__(self, folder: str, domain: str) -> None:
        self._folder = os.path.join(folder, "profiles", quote(domain, safe=""))

    def list(self) -> tuple[tuple[Profile, ...], tuple[Problem, ...]]:
        """All that can be read, by name, and a warning for each that can't. Never fails."""
        found, problems = [], []
        try:
            files = sorted(os.listdir(self._folder))
        except OSError:
            return (), ()
        for file in files:
            if not file.endswith(_SUFFIX) or not _NAME.fullmatch(file.removesuffix(_SUFFIX)):
                continue
            path = os.path.join(self._folder, file)
            try:
                profile = msgspec.json.decode(private_files.read(path), type=Profile)
            except (OSError, msgspec.MsgspecError):
                message = f"{path} can't be read, so the login it stands for isn't offered."
                problems.append(warning("", "profile-damaged", message))
                continue
            if profile.name == file.removesuffix(_SUFFIX):
                found.append(profile)
        return tuple(found), tuple(problems)

    def put(self, profile: Profile) -> None:
        """Note a login, in place of the one that had its name. Raises OSError."""
        private_files.write(self._path(profile.name), msgspec.json.format(msgspec.json.encode(profile)) + b"\n")

    def remove(self, name: str) -> bool:
        """Forget a login; whether it was known. Raises OSError."""
        return private_files.remove(self._path(name))

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name + _SUFFIX)


def checked(name: str | None) -> str:
    """The profile's name; `default` for none. Raises KonnectError `bad-name`."""
    if name is None:
        return DEFAULT
    if looks_like_token(name):
        message = "--profile was given what looks like a token; it takes the name of a profile."
        raise KonnectError("bad-name", message, hint="Revoke that token: command lines are seen and kept.")
    if not _NAME.fullmatch(name):
        message = f"A profile can't be called {name[:80]!r}."
        raise KonnectError(
            "bad-name", message, hint="Use 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit."
        )
    return name
