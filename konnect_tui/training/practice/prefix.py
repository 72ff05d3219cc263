"""Kong's prefix, `state/<node>/`: who the node is, and the configuration it had last.

`kong.id` is Kong's own file (Kong/kong, `kong/pdk/private/node.lua`): a gateway started on this state is the same
node. The configuration is kept as Kong 2 kept it, since nothing but Kong can write what Kong 3 keeps.
"""

import gzip
import json
import os
import uuid
import zlib
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from msgspec import Struct

_ID: Final = "kong.id"
_CACHE: Final = "config.cache.json.gz"
_HASH_LENGTH: Final = 32
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


def is_hash(told: Any) -> TypeGuard[str]:
    """Whether it is a hash that a node can report: a ping's payload has 32 plain characters."""
    return isinstance(told, str) and len(told) == _HASH_LENGTH and told.isascii() and told.isprintable()


class Cached(Struct, frozen=True):
    """The configuration that worked last."""

    config_hash: str
    config_table: Mapping[str, Any]


class Prefix:
    """The folder. It is made, for the owner of the node's key, when the first thing is written to it."""

    def __init__(self, folder: str, key: str) -> None:
        self.folder = folder
        self._key = key

    def node_id(self, configured: str = "") -> str:
        """The node's id: that of its settings, else the one it has had, else a new one. Raises OSError."""
        if configured:
            return configured
        try:
            with open(self._path(_ID), encoding="ascii") as file:
                return str(uuid.UUID(file.read(64).strip()))
        except (OSError, ValueError):
            made = str(uuid.uuid4())
            self.write(_ID, made.encode())
            return made

    def cached(self) -> Cached | None:
        """The configuration that was kept; None without any. Raises ValueError where it can't be read."""
        try:
            with gzip.open(self._path(_CACHE)) as file:
                found = json.load(file)
            config_hash, config_table = found["config_hash"], found["config_table"]
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error, KeyError, TypeError, RecursionError) as fault:
            raise ValueError(str(fault)) from None
        if not is_hash(config_hash):
            raise ValueError("its hash is none")
        return Cached(config_hash, config_table)

    def keep(self, cached: Cached) -> None:
        """Keep a configuration that works. Raises OSError."""
        document = {"config_hash": cached.config_hash, "config_table": cached.config_table}
        self.write(_CACHE, gzip.compress(json.dumps(document).encode(), compresslevel=1))

    def write(self, name: str, data: bytes) -> str:
        """Write a file whole, for its owner alone; its path. Raises OSError."""
        path = self._path(name)
        self._make(os.path.dirname(path))
        fresh = f"{path}.new"
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, _FILE_MODE), "wb") as file:
            file.write(data)
        os.replace(fresh, path)
        self._give(path)
        return path

    def _make(self, last: str) -> None:
        for folder in dict.fromkeys((os.path.dirname(self.folder), self.folder, last)):
            if not os.path.isdir(folder):
                os.mkdir(folder, _FOLDER_MODE)
                self._give(folder)

    def _give(self, path: str) -> None:
        """What root makes belongs to whom the key belongs to, as the scripts have it."""
        if os.geteuid() == 0 and os.path.exists(self._key):
            owner = os.stat(self._key)
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)
