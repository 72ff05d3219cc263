"""The system's keyring, behind one border: whatever a backend does becomes one of our errors, within a minute.

Backends talk to daemons that may be missing, locked, or waiting for a person who is not there.
"""

import threading
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from konnect_tui.errors import KonnectError
from konnect_tui.secret import Secret

PATIENCE: Final = 60.0
"""Seconds in which a person can unlock the keyring when it asks for that."""
_NO_KEYRING: Final = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
T = TypeVar("T")


class Backend(Protocol):
    """What is asked of a backend of the keyring library."""

    def get_password(self, service: str, username: str) -> str | None: ...  # noqa: D102 - the library's
    def set_password(self, service: str, username: str, password: str) -> None: ...  # noqa: D102 - the library's
    def delete_password(self, service: str, username: str) -> None: ...  # noqa: D102 - the library's


def system() -> Backend:
    """The backend that the keyring library chooses on this system."""
    import keyring

    found: Backend = keyring.get_keyring()
    return found


class Keyring:
    """Secrets by service and name. `backend` gives the library's backend; nothing is loaded before it is needed."""

    def __init__(self, backend: Callable[[], Backend] = system, patience: float = PATIENCE) -> None:
        self._backend = backend
        self._patience = patience

    def require(self) -> None:
        """Raise `no-keyring` or `keyring-failed` unless there is a keyring to keep something in."""
        self._asked(lambda _: None)

    def get(self, service: str, name: str) -> Secret | None:
        """The secret; None where there is none. Raises `no-keyring`, `keyring-failed`."""
        found = self._asked(lambda backend: backend.get_password(service, name))
        return Secret(found.encode()) if found else None

    def set(self, service: str, name: str, secret: Secret) -> None:
        """Keep it in place of what was there, and see that it is kept. Raises `no-keyring`, `keyring-failed`."""

        def keep(backend: Backend) -> bool:
            backend.set_password(service, name, secret.reveal().decode())
            return backend.get_password(service, name) == secret.reveal().decode()

        if not self._asked(keep):
            raise KonnectError("keyring-failed", "The system's keyring did not keep what it was given.")

    def delete(self, service: str, name: str) -> bool:
        """Remove it; whether there was one. Raises `no-keyring`, `keyring-failed`."""

        def remove(backend: Backend) -> bool:
            if backend.get_password(service, name) is None:
                return False
            backend.delete_password(service, name)
            return True

        return self._asked(remove)

    def _asked(self, question: Callable[[Backend], T]) -> T:
        """Ask in a thread of its own: a backend can hang for good, and then nobody waits for it any longer."""
        answers: list[T] = []
        faults: list[Exception] = []

        def ask() -> None:
            try:
                answers.append(question(_fit(self._backend())))
            except Exception as fault:  # noqa: BLE001 - backends are others' code and raise what they like
                faults.append(fault)

        asking = threading.Thread(target=ask, name="keyring", daemon=True)
        asking.start()
        asking.join(self._patience)
        if faults:
            raise _explained(faults[0]) from None
        if not answers:
            message = f"The system's keyring has not answered for {self._patience:.0f} s."
            raise KonnectError("keyring-failed", message, context="It may be waiting to be unlocked on another screen.")
        return answers[0]


def _fit(backend: Backend) -> Backend:
    """The backend, or of a chain the first, that keeps secrets from others. Raises `no-keyring`."""
    for each in (*getattr(backend, "backends", ()), backend):
        kind = type(each)
        chain = hasattr(each, "backends")
        plain = "plaintext" in kind.__name__.lower() or kind.__module__.startswith(_NO_KEYRING)
        if not chain and not plain:
            return each  # type: ignore[no-any-return]  # a chain's members are backends
    raise KonnectError("no-keyring", "This system has no keyring that keeps secrets from others.")


def _explained(fault: Exception) -> KonnectError:
    """The fault in our words. The library's are not repeated: nobody promises that they hold no secret."""
    if isinstance(fault, KonnectError):
        return fault
    name = type(fault).__name__
    if name in ("NoKeyringError", "InitError"):
        return KonnectError("no-keyring", f"This system has no keyring that can be used ({name}).")
    if name == "KeyringLocked":
        return KonnectError("keyring-failed", "The system's keyring is locked, and unlocking it was refused.")
    return KonnectError("keyring-failed", f"The system's keyring failed ({name}).")
