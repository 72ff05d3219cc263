"""Note in a bundle's own `konnect-tui.toml` what Konnect was given, and change nothing else in it."""

import re
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import msgspec

from konnect_tui import answers, manifest
from konnect_tui.bundle import text
from konnect_tui.converge.belonging import memory
from konnect_tui.errors import KonnectError, Problem, warning
from konnect_tui.live.upload import Uploading
from konnect_tui.manifest import KeptKonnect
from konnect_tui.services import Services
from konnect_tui.workspace import Workspace

PATIENCE: Final = 5.0
"""Seconds to wait for the workspace: uploads of several bundles at once often end at the same moment."""
_BOM: Final = "\ufeff"
_OURS: Final = re.compile(r"^[ \t]*\[manifest\][ \t]*(?:#.*)?\r?$", re.MULTILINE)
_NEXT: Final = re.compile(r"^[ \t]*+\[{1,2}+[ \t]*+(?!manifest[ \t]*[.\]])", re.MULTILINE)


def note(services: Services, bundle: str, uploading: Uploading) -> tuple[Problem, ...]:
    """Note what Konnect has after an upload, however that ended; what there is to say of it. Never raises."""
    problems = [
        warning("", "given-again", f"{given.file} was no longer in Konnect, and was uploaded again.")
        for given in uploading.given
        if given.again
    ]
    konnect = memory(uploading.target, None)
    ids = {given.sha256: given.id for given in uploading.given if given.state != "pending"}
    if konnect is not None and ids:
        try:
            record(services, bundle, konnect, ids)
        except KonnectError as fault:
            message = f"What was uploaded could not be noted in the bundle. {fault.message}"
            problems.append(warning("", "not-recorded", message))
    return tuple(problems)


def record(services: Services, bundle: str, konnect: KeptKonnect, ids: Mapping[str, str]) -> None:
    """Note the ids that Konnect gave, by SHA-256 over DER, and the control plane they are of.

    The answers above stay byte for byte, edited or not. Raises KonnectError `manifest-damaged`, and what the disk says.
    """
    with _turn(services.workspace):
        path = f"{services.workspace.path(bundle)}/{manifest.NAME}"
        try:
            with open(path, encoding="utf-8", newline="") as file:
                before = file.read(answers.LARGEST)
        except (OSError, UnicodeDecodeError):
            raise KonnectError("manifest-damaged", f"{path} can't be read any more.") from None
        after = remembering(before, konnect, ids)
        if after != before:
            services.workspace.rewrite(bundle, manifest.NAME, text(after))


@contextmanager
def _turn(workspace: Workspace) -> Iterator[None]:
    """Be the only writer, after those who are faster. Raises KonnectError as `Workspace.locked`."""
    until = time.monotonic() + PATIENCE
    with ExitStack() as holding:
        while True:
            try:
                holding.enter_context(workspace.locked())
                break
            except KonnectError as fault:
                if fault.code != "workspace-locked" or time.monotonic() >= until:
                    raise
            time.sleep(0.05)
        yield


def remembering(content: str, konnect: KeptKonnect, ids: Mapping[str, str]) -> str:
    """The text with these ids in its manifest. Raises KonnectError `manifest-damaged` where none is whole."""
    mark = _BOM if content.startswith(_BOM) else ""
    content = content.removeprefix(_BOM)
    whole = _parsed(content)
    ours = whole.get("manifest")
    start = _OURS.search(content)
    if start is None or not isinstance(ours, dict):
        raise _damaged()
    end = _NEXT.search(content, start.end())
    kept = {
        **ours,
        "uploads": [
            {**upload, "id": ids[upload["sha256"]]} if upload.get("sha256") in ids else upload
            for upload in ours.get("uploads", ())
        ],
        "konnect": msgspec.to_builtins(konnect),
    }
    if kept == ours:
        return mark + content
    told = answers.text_of({"manifest": kept})
    after = content[: start.start()] + told + (content[end.start() :] if end else "")
    if _parsed(after) != {**whole, "manifest": kept}:
        raise _damaged()
    return mark + after


def _parsed(content: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content)
    except ValueError:
        raise _damaged() from None


def _damaged() -> KonnectError:
    return KonnectError("manifest-damaged", f"The [manifest] of {manifest.NAME} is not as it was written.")
