"""Where the token for Konnect comes from, and where it is kept. It is never the value of an argument.

A token that was saved belongs to the API domain it was saved for, and is found for no other: whoever lures someone
into another `--api-url` gets nothing.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from msgspec import Struct

from konnect_tui.errors import KonnectError, Problem, warning
from konnect_tui.konnect import private_files, token_files, token_text
from konnect_tui.konnect.profiles import DEFAULT, Place, Profile, Profiles, checked
from konnect_tui.secret import Secret

if TYPE_CHECKING:
    from datetime import datetime

    from konnect_tui.konnect.keyrings import Keyring
    from konnect_tui.konnect.models import Organization

VARIABLE: Final = "KONNECT_TOKEN"


class Token(Struct, frozen=True):
    """A token, where it came from in words (`KONNECT_TOKEN`, `the keyring, profile prod`), and what to say of that."""

    secret: Secret
    source: str
    problems: tuple[Problem, ...] = ()


class Tokens:
    """The tokens for one API domain. `folder` is the product's configuration folder.

    `file` and `profile` are what the command line says: a file with a token, and under which name one was saved.
    """

    def __init__(
        self,
        domain: str,
        folder: str,
        *,
        environ: Mapping[str, str],
        keyring: "Keyring",
        file: str | None = None,
        profile: str | None = None,
    ) -> None:
        self.domain = domain
        self._folder = os.path.join(folder, "tokens", quote(domain, safe=""))
        self._environ = environ
        self._keyring = keyring
        self._file = file
        self._profile = profile
        self._profiles = Profiles(folder, domain)

    @property
    def outright(self) -> str:
        """What gives a token before any that was saved: `--token-file`, `KONNECT_TOKEN`; empty where neither does."""
        if self._file is not None:
            return token_files.FIELD
        return VARIABLE if self._environ.get(VARIABLE) else ""

    def find(self) -> Token:
        """The token of `file`, else of KONNECT_TOKEN, else the one saved under the profile.

        Raises KonnectError `no-token` where there is none; what `token_files.read` raises; `bad-token`, `bad-name`.
        """
        name = checked(self._profile)
        if self._file is not None:
            secret, problems = token_files.read(self._file)
            source = "standard input" if self._file == token_files.STDIN else f"the file {self._file}"
            return Token(secret, source, problems)
        told = self._environ.get(VARIABLE)
        if told:
            unused = () if self._profile is None else (_goes_first(f"the profile {name} was not used"),)
            return Token(token_text.token(os.fsencode(told), VARIABLE), VARIABLE, unused)
        return self.saved(name)

    def saved(self, name: str) -> Token:
        """The token saved under the profile, whatever the environment holds. Raises `no-token`, `bad-token`.

        Who has no keyring to speak of must not wait for one: where the login was noted as kept in a file, that goes
        first.
        """
        if self._noted(name) == "file" and (kept := self._in_file(name)):
            return kept
        context = ""
        try:
            secret = self._keyring.get(self._service, name)
        except KonnectError as fault:
            secret, context = None, fault.message
        if secret is not None:
            return Token(token_text.token(secret.reveal(), "What the keyring holds"), f"the keyring, profile {name}")
        found = self._in_file(name)
        if found is None:
            raise self._none(name, context)
        return found

    def _in_file(self, name: str) -> Token | None:
        path = self._path(name)
        try:
            kept = private_files.read(path)
        except OSError:
            return None
        problems: tuple[Problem, ...] = ()
        if private_files.open_to_others(path):
            message = f"Other users of this machine may read {path}, which holds a token."
            problems = (warning("", "token-file-open", message, "Make the token anew, and log in again."),)
        return Token(token_text.token(kept, f"The file {path}"), f"the file of profile {name}", problems)

    def _noted(self, name: str) -> Place | None:
        """Where the token of that profile was kept, as far as that was noted."""
        return next((each.place for each in self.profiles()[0] if each.name == name), None)

    def _none(self, name: str, context: str) -> KonnectError:
        known = ", ".join(each.name for each in self.profiles()[0])
        hint = f"Give --token-file or {VARIABLE}, or run `konnect-tui login`."
        if known:
            hint = f"Saved for {self.domain}: {known}; choose with --profile. {hint}"
        message = f"There is no token for {self.domain}."
        if name != DEFAULT:
            message = f"There is no token for {self.domain} under the profile {name}."
        return KonnectError("no-token", message, context=context, hint=hint)

    def profiles(self) -> tuple[tuple[Profile, ...], tuple[Problem, ...]]:
        """The logins that were made here, and a warning for each note of one that can't be read. Asks no keyring."""
        return self._profiles.list()

    def require(self, place: Place) -> None:
        """Raise `no-keyring` or `keyring-failed` where a token could not be saved there."""
        if place == "keyring":
            self._keyring.require()

    def save(
        self, secret: Secret, organization: "Organization", now: "datetime", *, profile: str | None, place: Place
    ) -> str | None:
        """Keep the token under the profile, in place of the one before; the path of its file if it is kept in one.

        Raises KonnectError `no-keyring`, `keyring-failed`, `bad-name`, `config-not-writable`.
        """
        name, path = checked(profile), None
        before = self._noted(name)
        if place == "keyring":
            self._keyring.set(self._service, name, secret)
        try:
            if place == "file":
                path = self._path(name)
                private_files.write(path, secret.reveal() + b"\n")
            else:
                private_files.remove(self._path(name))
            self._profiles.put(Profile(name, organization.id, organization.name, place, now))
        except OSError as fault:
            raise self._unwritable(fault) from None
        if place == "file" and before != "file":
            self._forget_in_keyring(name)
        return path

    def forget(self, profile: str | None) -> tuple[Place, ...]:
        """Remove the token saved under the profile; where there was one.

        Raises KonnectError `keyring-failed` where the keyring may still hold it; `bad-name`, `config-not-writable`.
        """
        name = checked(profile)
        places: list[Place] = []
        noted = self._noted(name)
        try:
            if private_files.remove(self._path(name)):
                places.append("file")
            if noted == "keyring":
                held = self._keyring.delete(self._service, name)
            else:
                held = noted is None and self._forget_in_keyring(name)
            if held:
                places.append("keyring")
            self._profiles.remove(name)
        except OSError as fault:
            raise self._unwritable(fault) from None
        return tuple(places)

    def _forget_in_keyring(self, name: str) -> bool:
        """Remove what the keyring may hold, if there is one that can be asked; whether it held any."""
        try:
            return self._keyring.delete(self._service, name)
        except KonnectError:
            return False

    @property
    def _service(self) -> str:
        return f"konnect-tui {self.domain}"

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)

    def _unwritable(self, fault: OSError) -> KonnectError:
        return KonnectError(
            "config-not-writable", f"{fault.filename or self._folder} can't be written: {fault.strerror}."
        )


def _goes_first(consequence: str) -> Problem:
    message = f"{VARIABLE} is set and goes first: {consequence}."
    return warning("--profile", "token-of-environment", message)
