"""Values of one type as the rows of one table: columns are the fields, and what is no plain value is JSON."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, Literal, TypeVar, get_origin, get_type_hints

import msgspec

from konnect_tui.training.store import Store

T = TypeVar("T", bound=msgspec.Struct)
_PLAIN: Final = (str, int, float, str | None)


class Table(Generic[T]):
    """The table `name` of values of `kind`. Conditions and assignments are SQL of ours; what comes from outside is
    always bound to a `?` in them.
    """

    def __init__(self, store: Store, name: str, kind: type[T]) -> None:
        self._store = store
        self._name = name
        self._kind = kind
        self._columns = kind.__struct_fields__
        self._read = {column: _reader(get_type_hints(kind)[column]) for column in self._columns}
        self.insert = f"INSERT INTO {name} ({', '.join(self._columns)}) VALUES ({', '.join('?' * len(self._columns))})"

    def add(self, values: Iterable[T]) -> None:
        """Add these. Raises sqlite3.IntegrityError where a rule of the table is broken."""
        self._store.write_all(self.insert, map(self.row, values))

    def where(self, condition: str, *values: Any) -> tuple[T, ...]:
        """All that meet the condition."""
        rows = self._store.rows(f"SELECT {', '.join(self._columns)} FROM {self._name} WHERE {condition}", *values)
        return tuple(self._value(row) for row in rows)

    def one(self, condition: str, *values: Any) -> T | None:
        """The first that meets the condition."""
        return next(iter(self.where(f"{condition} LIMIT 1", *values)), None)

    def count(self, condition: str = "true", *values: Any) -> int:
        """How many meet the condition."""
        return self._store.count(f"SELECT count(*) FROM {self._name} WHERE {condition}", *values)

    def update(self, assignments: str, condition: str, *values: Any) -> None:
        """Change those that meet the condition."""
        self._store.write(f"UPDATE {self._name} SET {assignments} WHERE {condition}", *values)

    def replace(self, value: T, columns: Iterable[str]) -> None:
        """Write these columns of what has this value's id."""
        changed = dict(zip(self._columns, self.row(value), strict=True))
        assignments = {column: changed[column] for column in columns}
        self.update(
            ", ".join(f"{column} = ?" for column in assignments), "id = ?", *assignments.values(), changed["id"]
        )

    def delete(self, condition: str, *values: Any) -> None:
        """Remove those that meet the condition."""
        self._store.write(f"DELETE FROM {self._name} WHERE {condition}", *values)

    def row(self, value: T) -> tuple[Any, ...]:
        """The value as a row."""
        return tuple(
            each if each is None or isinstance(each, str | int | float) else msgspec.json.encode(each).decode()
            for each in msgspec.structs.astuple(value)
        )

    def _value(self, row: Iterable[Any]) -> T:
        return self._kind(*(read(each) for read, each in zip(self._read.values(), row, strict=True)))


def _reader(hint: Any) -> Callable[[Any], Any]:
    if hint is bool:
        return bool
    plain = hint in _PLAIN or get_origin(hint) is Literal
    return _as_it_is if plain else msgspec.json.Decoder(hint).decode


def _as_it_is(value: Any) -> Any:
    return value
