"""Kong's prefix, `state/<node>/`: who the node is, and the configuration it had last.

`kong.id` is Kong's own file (Kong/kong, `kong/pdk/private/node.lua`): a gateway started on this state is the same
node. The configuration is kept as Kong 2 kept it, since nothing but Kong can write what Kong 3 keeps.
"""

import errno
import gzip
import json
import os
import uuid
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeGuard

from msgspec import Struct

from konnect_tui.workspace.found import read_plain

_ID: Final = "kong.id"
_CACHE: Final = "config.cache.json.gz"
_HASH_LENGTH: Final = 32
_ID_LENGTH: Final = 64
_MOST_CACHED: Final = 64 * 1024 * 1024
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
    """The folder. It is made, for the owner of the node's key, when the first thing is written to it.

    No symlink in it is followed: whoever made it would decide what is read and where keys land.
    """

    def __init__(self, folder: str, key: str) -> None:
        self.folder = folder
        self._key = key

    def node_id(self, configured: str = "") -> str:
        """The node's id: that of its settings, else the one it has had, else a new one. Raises OSError."""
        if configured:
            return configured
        try:
            return str(uuid.UUID(read_plain(self._path(_ID), _ID_LENGTH)[0].decode("ascii").strip()))
        except (OSError, ValueError):
            made = str(uuid.uuid4())
            self.write(_ID, made.encode())
            return made

    def cached(self) -> Cached | None:
        """The configuration that was kept; None without any. Raises ValueError where it can't be read."""
        try:
            found = json.loads(gzip.decompress(read_plain(self._path(_CACHE), _MOST_CACHED)[0]))
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

    def link(self, *below: str) -> str | None:
        """The first symlink on the way to a folder in it, the folder of all states included; None without any."""
        return next(filter(os.path.islink, self._way(self._path(*below))), None)

    def _way(self, last: str) -> Iterable[str]:
        return dict.fromkeys((os.path.dirname(self.folder), self.folder, last))

    def _make(self, last: str) -> None:
        for folder in self._way(last):
            if os.path.islink(folder):
                raise OSError(errno.ELOOP, "it is a symbolic link", folder)
            if not os.path.isdir(folder):
                os.mkdir(folder, _FOLDER_MODE)
                self._give(folder)

    def _give(self, path: str) -> None:
        """What root makes belongs to whom the key belongs to, as the scripts have it."""
        if os.geteuid() == 0 and os.path.exists(self._key):
            owner = os.stat(self._key)
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)

    def _path(self, *names: str) -> str:
        return os.path.join(self.folder, *names)
