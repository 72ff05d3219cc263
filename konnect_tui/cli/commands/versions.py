"""`konnect-tui versions`: gateway releases, and what support each has today."""

from argparse import Namespace
from datetime import UTC, datetime

from konnect_tui.cli.answer import Answer
from konnect_tui.cli.columns import columns
from konnect_tui.gateway.releases import AS_OF, RELEASES, default_version

_WORDS = {"full": "full support until {0}", "sunset": "sunset until {1}", "ended": "ended {1}"}


def run(_: Namespace) -> Answer:
    """The releases, newest first, the default marked."""
    today = datetime.now(UTC).date()
    default = default_version(today)
    rows, table = [], []
    for release in RELEASES:
        state = release.state(today)
        rows.append(
            {
                "version": release.version,
                "latest": release.latest,
                "lts": release.lts,
                "support_until": release.support_until.isoformat(),
                "sunset_until": release.sunset_until.isoformat(),
                "state": state,
            }
        )
        words = _WORDS[state].format(release.support_until, release.sunset_until)
        marks = " ".join(
            mark for mark in ("LTS" if release.lts else "", "default" if release.latest == default else "") if mark
        )
        table.append((release.version, release.latest, words, marks))
    talk = (f"as of {AS_OF}; newer versions are accepted when all four numbers are given",)
    return Answer({"versions": rows}, stdout=columns(table), talk=talk)
