"""What the embedded organisation remembers: one SQLite file, written as it goes, so that a crash loses nothing."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from konnect_tui.errors import KonnectError

FILE: Final = "organisation.sqlite3"
SCHEMA: Final = 1
_TABLES: Final = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE control_plane (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, region TEXT NOT NULL, name TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE, description TEXT NOT NULL, labels TEXT NOT NULL, cluster_type TEXT NOT NULL,
    auth_type TEXT NOT NULL, cloud_gateway INTEGER NOT NULL, proxy_urls TEXT NOT NULL,
    member_of TEXT REFERENCES control_plane (id) ON DELETE SET NULL, conflicts TEXT NOT NULL DEFAULT '[]',
    config_hash TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE (region, name));
CREATE INDEX control_plane_group ON control_plane (member_of);
CREATE INDEX control_plane_order ON control_plane (region, created_at, seq);
CREATE TABLE certificate (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    control_plane TEXT NOT NULL REFERENCES control_plane (id) ON DELETE CASCADE,
    pem TEXT NOT NULL, title TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
CREATE INDEX certificate_of ON certificate (control_plane);
CREATE TABLE node (
    seq INTEGER PRIMARY KEY, control_plane TEXT NOT NULL REFERENCES control_plane (id) ON DELETE CASCADE,
    id TEXT NOT NULL, hostname TEXT NOT NULL, version TEXT NOT NULL, config_hash TEXT NOT NULL,
    labels TEXT NOT NULL, certificate TEXT, connected INTEGER NOT NULL, errors TEXT NOT NULL DEFAULT '[]',
    last_ping INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    seeded INTEGER NOT NULL DEFAULT 0, UNIQUE (control_plane, id));
CREATE TABLE handshake (
    seq INTEGER PRIMARY KEY, at REAL NOT NULL, control_plane TEXT, link TEXT NOT NULL, server_name TEXT NOT NULL,
    tls TEXT NOT NULL, chain TEXT NOT NULL, verdict TEXT NOT NULL, cause TEXT NOT NULL,
    message TEXT NOT NULL, hint TEXT NOT NULL, node TEXT NOT NULL);
CREATE INDEX handshake_of ON handshake (control_plane);
"""


class Store:
    """The one connection to the file, used by one thread."""

    def __init__(self, folder: str) -> None:
        """Open it, or make it where there is none. Raises KonnectError `training-state`."""
        self.path = f"{folder}/{FILE}"
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._connection = sqlite3.connect(self.path, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._prepare()
        except (sqlite3.Error, OSError) as fault:
            raise unusable(self.path, str(fault)) from None

    def _prepare(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            with self.together():
                for statement in _TABLES.split(";\n"):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {SCHEMA}")
        elif version != SCHEMA:
            raise unusable(self.path, "another release of konnect-tui wrote it")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written inside is kept, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def write(self, statement: str, *values: Any) -> int:
        """Execute it; how many rows it changed. Raises sqlite3.IntegrityError where a rule of the tables is broken."""
        return self._connection.execute(statement, values).rowcount

    def write_all(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute it for each of these."""
        self._connection.executemany(statement, rows)

    def row(self, statement: str, *values: Any) -> sqlite3.Row | None:
        """The first row it finds."""
        found: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """All rows it finds."""
        return self._connection.execute(statement, values).fetchall()

    def count(self, statement: str, *values: Any) -> int:
        """The number it finds."""
        found = self.row(statement, *values)
        return int(found[0]) if found else 0

    def setting(self, name: str) -> str | None:
        """What was kept under that name."""
        found = self.row("SELECT value FROM setting WHERE name = ?", name)
        return found["value"] if found else None

    def keep(self, name: str, value: str) -> None:
        """Keep this under that name."""
        self.write(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value
        )


def unusable(path: str, why: str) -> KonnectError:
    """The error of a state that can't be used, `training-state`."""
    return KonnectError("training-state", f"The training organisation's state in {path} can't be used: {why}.")
