"""What would change in a bundle: what was recorded, what is on disk, and what is wanted, compared."""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.bundle import SECRET_MODE
from konnect_tui.manifest import KeptFile

Action = Literal["create", "change", "keep", "remove"]
Reason = Literal["new", "same", "answers", "agreed", "edited", "missing", "unwanted", "in-the-way"]


class OnDisk(Struct, frozen=True):
    """A file as it stands: octal mode text and SHA-256."""

    mode: str
    sha256: str


class Wanted(Struct, frozen=True):
    """A file as it should be. `sha256` is None while the key or certificate in it is not made yet."""

    mode: str
    sha256: str | None


class Change(Struct, frozen=True):
    """What happens to one path, and why. `replaces` says that it needs `--replace`."""

    path: str
    action: Action
    mode: str
    sha256: str | None
    reason: Reason

    @property
    def replaces(self) -> bool:
        """Whether something that stands there would be lost, or was lost already."""
        return self.reason in ("answers", "edited", "missing", "unwanted")

    @property
    def secret(self) -> bool:
        """Whether its content is never shown."""
        return self.mode == f"{SECRET_MODE:04o}"


def compare(
    wanted: Mapping[str, Wanted],
    on_disk: Mapping[str, OnDisk],
    recorded: Mapping[str, KeptFile],
    *,
    free: frozenset[str] = frozenset(),
    remade: frozenset[str] = frozenset(),
) -> tuple[Change, ...]:
    """Every path of the bundle with what happens to it, sorted.

    `free` are the paths that may change or go without `--replace` as long as nobody edited them: those that
    describe the whole bundle, when nodes, platforms or requested certificates are only added.
    `remade` are those that `--new-keys` asks to have anew, whatever stands there: what is certified anew, and what
    tells its dates.
    """
    paths = sorted(wanted.keys() | (recorded.keys() & on_disk.keys()))
    changes = (_change(path, wanted.get(path), on_disk.get(path), recorded.get(path), path in free) for path in paths)
    return tuple(
        replace(change, reason="agreed") if change.path in remade and change.replaces else change for change in changes
    )


def _change(path: str, wanted: Wanted | None, standing: OnDisk | None, recorded: KeptFile | None, free: bool) -> Change:
    if wanted is None:
        mode = standing.mode if standing else ""
        same = standing is not None and recorded == KeptFile(standing.mode, standing.sha256)
        return Change(path, "remove", mode, None, "agreed" if free and same else "unwanted")
    mode, sha256 = wanted.mode, wanted.sha256
    if standing is None:
        return Change(path, "create", mode, sha256, "missing" if recorded else "new")
    if standing == OnDisk(mode, sha256 or ""):
        return Change(path, "keep", mode, sha256, "same")
    if recorded is None:
        return Change(path, "change", mode, sha256, "in-the-way")
    if (recorded.mode, recorded.sha256) != (standing.mode, standing.sha256):
        return Change(path, "change", mode, sha256, "edited")
    return Change(path, "change", mode, sha256, "agreed" if free else "answers")


def written(changes: Iterable[Change]) -> tuple[str, ...]:
    """The paths that are written or removed."""
    return tuple(change.path for change in changes if change.action != "keep")
