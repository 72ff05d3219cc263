"""The rules of `[gateway]`: the version, told with today's date, and the image."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from konnect_tui.checks.rules import quoted
from konnect_tui.draft import Draft
from konnect_tui.errors import KonnectError, Problem, error, note, warning
from konnect_tui.gateway.releases import Release, beyond_table, default_version, release_of, resolve_version

# The grammar of distribution/reference, Docker's own: [registry[:port]/]path[:tag][@digest].
_IMAGE: Final = (
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?/)?"
    r"(?P<path>[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?P<digest>@sha256:[0-9a-f]{64})?"
)
_TAG_VERSION: Final = r"(\d+\.\d+)(\.\d+\.\d+)?(?![\d.])"
_LONGEST_IMAGE: Final = 512


def check_gateway(draft: Draft, today: date) -> Iterator[Problem]:
    """Every fault of the section."""
    version = default_version(today)
    if draft.gateway.version is not None:
        try:
            version = resolve_version(draft.gateway.version)
        except KonnectError as wrong:
            yield error("gateway.version", wrong.code, wrong.message, wrong.hint)
            return
        yield from _support(version, today)
    yield from _image(draft.gateway.image, version)


def _support(version: str, today: date) -> Iterator[Problem]:
    field = "gateway.version"
    if beyond_table(version):
        yield note(field, "newer-version", f"This release knows nothing of {version} yet. It is taken as it is.")
    release = release_of(version)
    if release is None:
        return
    state = release.state(today)
    if state == "sunset":
        message = f"Kong Gateway {release.version} has had no fixes since {release.support_until}; {_until(release)}."
        yield warning(field, "sunset-version", message)
    elif state == "ended":
        message = f"All support for Kong Gateway {release.version} ended on {release.sunset_until}."
        yield warning(field, "ended-version", message)


def _until(release: Release) -> str:
    return f"until {release.sunset_until} Kong helps with upgrading only"


def _image(image: str | None, version: str) -> Iterator[Problem]:
    field = "gateway.image"
    if image is None:
        return
    parts = re.fullmatch(_IMAGE, image) if len(image) <= _LONGEST_IMAGE else None
    if parts is None:
        message = f"{quoted(image)} is not an image: [registry/]name[:tag][@sha256:…], the name in lower case."
        yield error(field, "invalid-value", message)
        return
    named = re.match(_TAG_VERSION, parts["tag"] or "")
    if named and (named[0] if named[2] else named[1]) != (version if named[2] else ".".join(version.split(".")[:2])):
        message = f"The image's tag names {named[0]}, but the settings are written for {version}."
        yield warning(field, "image-mismatch", message, "Give `gateway.version` the version in the tag.")
    if parts["path"] in ("kong", "library/kong", "kong/kong"):
        message = "That is the open source gateway, which has no Konnect mode."
        yield warning(field, "image-mismatch", message, "Take kong/kong-gateway, or your mirror of it.")
