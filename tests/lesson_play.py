"""Lessons played in memory: a world of its own for each test, and mechanics written in few lines."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomli_w
from embedded import Embedded

from konnect_tui.services import Services
from konnect_tui.training.lessons.connecting import Connecting
from konnect_tui.training.lessons.embedded import EmbeddedOrganisation
from konnect_tui.training.lessons.memory import Memory
from konnect_tui.training.lessons.shelf import shelf
from konnect_tui.training.lessons.world import World

LESSON: dict[str, Any] = {
    "schema": 1,
    "number": 500,
    "name": "ours",
    "minutes": 5,
    "round": [
        {
            "run": [{"do": "start", "who": ["edge-1"]}],
            "solution": [{"do": "hold", "certificate": "upload/edge-1.crt"}, {"do": "start", "who": ["edge-1"]}],
            "wrong": [{"name": "again", "steps": [{"do": "start", "who": ["edge-1"]}]}],
            "scene": {
                "auth_mode": "pinned",
                "bundle": {"nodes": ["edge-1"]},
                "certificate": [{"name": "stranger"}],
                "guest": [{"name": "passer-by", "presents": ["stranger"]}],
            },
            "prediction": [{"asks": "verdict", "who": ["edge-1"]}],
            "check": [{"that": "accepted", "who": ["edge-1"]}, {"that": "refused", "who": ["passer-by"]}],
        }
    ],
}
TEXT: dict[str, Any] = {
    "title": "Ours",
    "teaches": "What we teach.",
    "debrief": "What we learned.",
    "notes": "What to say.",
    "round": [
        {
            "story": "Once upon a time.",
            "task": "Let it connect.",
            "hints": ["Look.", "Upload it."],
            "questions": {"verdict": {"ask": "Will it be accepted?"}},
            "parties": {"edge-1": "the node", "passer-by": "a stranger"},
            "wrong": {"again": "Nothing has changed."},
        }
    ],
}


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def listed(more: int = 0) -> str:
    """What the list of lessons says at its top, with so many of a trainer."""
    return f"{len(shelf()) + more} lessons"


def world(folder: Path) -> World:
    """Workspace and state in that folder, and an organisation in memory."""
    memory = Memory(now)
    services = Services(str(folder / "dp"), environ={}, now=now, state=str(folder / "drafts"), config=str(folder))
    return World(services, str(folder / "state"), memory, memory)


def written(folder: Path, lesson: dict[str, Any] | None = None, text: dict[str, Any] | None = None) -> Path:
    """A lesson on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lesson.toml").write_text(tomli_w.dumps(lesson or LESSON))
    (folder / "text.en.toml").write_text(tomli_w.dumps(text or TEXT))
    return folder


def real_world(folder: Path, embedded: Embedded) -> World:
    """The same with the embedded organisation: its API, its listener, connections over TLS."""
    services = Services(str(folder / "dp"), environ={}, now=now, state=str(folder / "drafts"), config=str(folder))
    organisation = EmbeddedOrganisation(str(embedded.folder), embedded.running)
    return World(services, str(folder / "state"), organisation, Connecting())
