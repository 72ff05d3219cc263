"""Everything outside the process that the product touches, made once and faked in tests."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from konnect_tui.errors import KonnectError

if TYPE_CHECKING:
    from konnect_tui.drafts import Drafts
    from konnect_tui.konnect.client import Client
    from konnect_tui.konnect.hosts import Hosts
    from konnect_tui.konnect.keyrings import Backend
    from konnect_tui.konnect.recent import Recent
    from konnect_tui.konnect.tokens import Tokens
    from konnect_tui.konnect.transport import Waiting
    from konnect_tui.secret import Secret
    from konnect_tui.training.running import Running
    from konnect_tui.workspace import Workspace


def _now() -> datetime:
    return datetime.now(UTC)


_OF_KONNECT: Final = frozenset(
    {"KONNECT_TOKEN", "KONNECT_API_URL", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"}
)


def _no_keyring() -> "Backend":
    raise KonnectError("no-keyring", "In training no keyring is asked.")


class Reach(Struct, frozen=True):
    """How Konnect is reached, as far as it is said: by default Konnect itself, with whatever token is found.

    `api_url` is another Konnect; the environment may name one, too. `token_file` and `profile` are what the command
    line says of the token. `keyring` gives a backend of the keyring library, by default the one it chooses.
    `embedded` is the organisation of training, where Konnect is that one. `apart`: it is no other.
    """

    api_url: str | None = None
    token_file: str | None = None
    profile: str | None = None
    keyring: "Callable[[], Backend] | None" = None
    embedded: "Running | None" = None
    apart: bool = False


class Services:
    """Clock, environment, workspace, saved drafts, Konnect and its tokens. Each is made when first asked for."""

    def __init__(
        self,
        workspace: str,
        *,
        environ: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = _now,
        state: str | None = None,
        config: str | None = None,
        data: str | None = None,
        reach: Reach | None = None,
    ) -> None:
        """`workspace` is the folder of the bundles; `state` that for drafts, `config` for logins, `data` for training.

        By default the latter three are the system's.
        """
        self.root = os.path.abspath(workspace)
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.now = now
        self.reach = reach or Reach()
        self._places = {"state": state, "config": config, "data": data}

    def at(self, workspace: str) -> "Services":
        """The same outside world with another folder of bundles."""
        return Services(workspace, environ=self.environ, now=self.now, reach=self.reach, **self._places)

    def apart(self) -> "Services":
        """The same without anything that leads to the real Konnect: no token, keyring, address or proxy of it."""
        return self._within(Reach(keyring=_no_keyring, apart=True))

    def in_training(self, embedded: "Running") -> "Services":
        """The same world, in which Konnect is this organisation. What leads to the real one is left out (`apart`)."""
        return self._within(Reach(token_file=embedded.token_file, keyring=_no_keyring, embedded=embedded, apart=True))

    def _within(self, reach: Reach) -> "Services":
        environ = {name: value for name, value in self.environ.items() if name.upper() not in _OF_KONNECT}
        return Services(self.root, environ=environ, now=self.now, reach=reach, **self._places)

    @cached_property
    def workspace(self) -> "Workspace":
        """The bundles on disk."""
        from konnect_tui.workspace import Workspace

        return Workspace(self.root)

    @cached_property
    def drafts(self) -> "Drafts":
        """The wizard's saved drafts."""
        from konnect_tui.drafts import Drafts

        return Drafts(self._state_folder)

    @cached_property
    def recent(self) -> "Recent":
        """What the wizard was used for last."""
        from konnect_tui.konnect.recent import Recent

        return Recent(self._state_folder)

    @cached_property
    def _state_folder(self) -> str:
        if self._places["state"] is not None:
            return self._places["state"]
        from platformdirs import user_state_path  # only the wizard keeps anything, and this costs start-up time

        return os.fspath(user_state_path("konnect-tui"))

    @cached_property
    def hosts(self) -> "Hosts":
        """Where Konnect's API is. Raises KonnectError `bad-api-url`, and `training-state` apart from any Konnect."""
        from konnect_tui.konnect.hosts import hosts

        if self.reach.apart:
            if self.reach.embedded is None:
                raise KonnectError("training-state", "The training organisation does not run.")
            return hosts(self.reach.embedded.api_url)
        return hosts(self.reach.api_url or self.environ.get("KONNECT_API_URL"))

    @cached_property
    def tokens(self) -> "Tokens":
        """The tokens for that Konnect. Raises KonnectError `bad-api-url`."""
        from konnect_tui.konnect.keyrings import Keyring, system
        from konnect_tui.konnect.tokens import Tokens

        keyring = Keyring(self.reach.keyring or system)
        return Tokens(
            self.hosts.domain,
            self._config_folder,
            environ=self.environ,
            keyring=keyring,
            file=self.reach.token_file,
            profile=self.reach.profile,
        )

    @property
    def known(self) -> bool:
        """Whether somebody has logged in here, to whatever Konnect. Only looks whether logins were noted."""
        return os.path.isdir(os.path.join(self._config_folder, "profiles"))

    @cached_property
    def _config_folder(self) -> str:
        if self._places["config"] is not None:
            return self._places["config"]
        from platformdirs import user_config_path

        return os.fspath(user_config_path("konnect-tui"))

    @cached_property
    def training(self) -> str:
        """The folder of the embedded organisation's state."""
        folder = self._places["data"]
        if folder is None:
            from platformdirs import user_data_path

            folder = os.fspath(user_data_path("konnect-tui"))
        return os.path.join(folder, "training")

    def konnect(self, token: "Secret | None", waiting: "Waiting | None" = None) -> "Client":
        """A client of Konnect for that token, or for none, to be entered with `async with`."""
        from konnect_tui.konnect.client import Client
        from konnect_tui.konnect.transport import unheard

        return Client(self.hosts, token, environ=self.environ, waiting=waiting or unheard)


def workspace_root(option: str | None, environ: Mapping[str, str], bundle_parent: str | None = None) -> str:
    """Which folder holds the bundles.

    `--workspace`, else the environment's, else that of the bundle whose own copy is applied, else
    `./konnect-dp` if it exists, else `~/konnect-dp`.
    """
    chosen = option or environ.get("KONNECT_TUI_WORKSPACE") or bundle_parent
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    if os.path.isdir("konnect-dp"):
        return os.path.abspath("konnect-dp")
    return os.path.join(os.path.expanduser("~"), "konnect-dp")
