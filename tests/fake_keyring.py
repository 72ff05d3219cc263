"""Keyrings that a test decides about: one that keeps in memory, and ones that fail as real ones do."""

import time
from collections.abc import Callable

from keyring.backend import KeyringBackend


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given, by service and name."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlaintextKeyring(MemoryKeyring):
    """As `keyrings.alt` has one: what it keeps lies open in a file."""


class ForgetfulKeyring(MemoryKeyring):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class FailingKeyring(MemoryKeyring):
    """Does `fail` on everything that it is asked."""

    def __init__(self, fail: Callable[[], object]) -> None:
        super().__init__()
        self._fail = fail

    def get_password(self, service: str, username: str) -> str | None:
        self._fail()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail()

    def delete_password(self, service: str, username: str) -> None:
        self._fail()


class ChainedKeyring(FailingKeyring):
    """Stands for others, as the library's own chainer does; it must not be asked itself."""

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__(raising(AssertionError("the chain itself was asked")))
        self.backends = backends


class HangingKeyring(FailingKeyring):
    """Waits for somebody to unlock it."""

    def __init__(self) -> None:
        super().__init__(hanging)


def raising(fault: Exception) -> Callable[[], object]:
    """Something that raises it."""

    def fail() -> object:
        raise fault

    return fail


def hanging() -> object:
    """As a keyring does that waits for somebody to unlock it."""
    time.sleep(30)
    return None
