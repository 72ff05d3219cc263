"""Repairs made with the product itself: its commands, its practice node, a text editor. Checks don't ask who did it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from embedded import Embedded
from free_ports import free_port
from lesson_play import real_world
from msgspec.structs import replace
from running import Outcome, run

from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons import shelf
from konnect_tui.training.lessons.attempt import Attempt
from konnect_tui.training.lessons.evidence import Evidence
from konnect_tui.training.practice.given import given
from konnect_tui.training.practice.node import PracticeNode

SHELF = {each.lesson.number: each for each in shelf.shelf()}


class Learner:
    """Somebody at one lesson who uses nothing but the product."""

    def __init__(self, folder: Path, organisation: Embedded, number: int, jump: int | None) -> None:
        there = real_world(folder, organisation)
        self.attempt = Attempt(SHELF[number], there, Evidence(there.folder))
        self._organisation = organisation
        self.brief = asyncio.run(self.attempt.begin(jump))
        self.attempt.predict({each.key: next(iter(each.choices)) for each in self.brief.questions})
        asyncio.run(self.attempt.run())

    def konnect_tui(self, *arguments: object) -> Outcome:
        """A command of the product, against the embedded organisation."""
        running = self._organisation.running
        reach = ("--api-url", running.api_url, "--token-file", running.token_file)
        return run(*arguments, "--workspace", Path(self.brief.bundle).parent, *reach)

    def upload(self) -> None:
        """`konnect-tui upload`."""
        done = self.konnect_tui("upload", self.brief.bundle)
        assert done.code == 0, done.err

    def restart(self, *nodes: str) -> None:
        """Practice nodes, from the bundle's own files, until each is connected or refused."""
        for name in nodes:
            found = given(self.brief.bundle, name, version="3.14.0.13")
            listening = {"proxy_listen": f"127.0.0.1:{free_port()}", "status_listen": "off"}  # tests run side by side
            asyncio.run(_once(PracticeNode(replace(found, values={**found.values, **listening}))))

    def solved(self) -> bool:
        """What the checks say."""
        return asyncio.run(self.attempt.check()).solved


async def _once(node: PracticeNode) -> None:
    running = asyncio.create_task(node.run())
    for _ in range(200):
        await asyncio.sleep(0.02)
        if node.reached.hash.strip("0") or node.reached.error or node.reached.refused:
            break
    await asyncio.sleep(0.1)  # for the ping that tells the hash
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def learner(tmp_path: Path, organisation: Embedded) -> Any:
    """Begins the lesson of that number, or a later round of it, predicts something and runs it."""
    return lambda number, jump=None: Learner(tmp_path, organisation, number, jump)


def test_the_wrong_upload_is_cured_by_upload(learner: Any) -> None:
    """Lesson 6 with `konnect-tui upload` and a practice node."""
    one = learner(6)
    one.restart("edge-1")
    assert not one.solved()
    one.upload()
    one.restart("edge-1")
    assert one.solved()


def test_the_chain_is_cured_by_apply(learner: Any) -> None:
    """Lesson 7 with `konnect-tui apply --replace` on the bundle's own answers."""
    one = learner(7)
    applied = one.konnect_tui("apply", f"{one.brief.bundle}/konnect-tui.toml", "--replace")
    assert applied.code == 0, applied.err
    assert not one.solved()
    one.restart("edge-1")
    assert one.solved()


def test_the_chain_is_cured_by_a_text_editor(learner: Any) -> None:
    """Lesson 7 by hand: the right certificates put into tls.crt."""
    one = learner(7)
    bundle = Path(one.brief.bundle)
    place = bundle / "nodes/edge-1/tls.crt"
    leaf = place.read_text().split("-----END CERTIFICATE-----\n")[0] + "-----END CERTIFICATE-----\n"
    place.write_text(leaf + (bundle / "ca/intermediate-1.crt").read_text())
    one.restart("edge-1")
    assert one.solved()


def test_an_expired_leaf_is_cured_by_other_days(learner: Any) -> None:
    """Lesson 9 with another `days` in konnect-tui.toml, as its hint says, and `apply --replace`."""
    one = learner(9)
    own = Path(one.brief.bundle, "konnect-tui.toml")
    own.write_text(own.read_text().replace("days = 90", "days = 365", 1))
    applied = one.konnect_tui("apply", own, "--replace")
    assert applied.code == 0, applied.err
    one.restart("edge-1")
    assert one.solved()


def test_a_restart_is_a_restart(learner: Any) -> None:
    """Lesson 10 by starting a practice node, and nothing else."""
    one = learner(10)
    assert not one.solved()
    one.restart("edge-1")
    assert one.solved()


def test_a_leaked_key_is_cured_by_new_keys(learner: Any, organisation: Embedded) -> None:
    """Lesson 12 with `apply --replace --new-keys`, `upload`, a restart, and the old pin removed by its API."""
    one = learner(12)
    had = [each.id for each in asyncio.run(_certificates(organisation, one))]
    applied = one.konnect_tui("apply", f"{one.brief.bundle}/konnect-tui.toml", "--replace", "--new-keys")
    assert applied.code == 0, applied.err
    one.upload()
    one.restart("edge-1")
    assert not one.solved()
    asyncio.run(_unpin(organisation, one, had))
    one.restart("edge-1")
    assert one.solved()


async def _certificates(organisation: Embedded, one: Learner) -> Any:
    async with organisation.client() as client:
        return await client.certificates("eu", one.brief.control_plane_id)


async def _unpin(organisation: Embedded, one: Learner, had: list[str]) -> None:
    async with organisation.client() as client:
        for each in had:
            await client.unpin("eu", one.brief.control_plane_id, each)


def test_the_first_node_from_answers_of_ones_own(learner: Any, organisation: Embedded) -> None:
    """Lesson 1 as the wizard would do it: a bundle from answers that the learner wrote, uploaded, started."""
    one = learner(1)
    answers = Path(one.brief.bundle).parent.parent / "answers.toml"
    answers.write_text(
        f"""\
schema = 1
[control_plane]
source = "training"
region = "eu"
name = "lesson-01"
auth_mode = "pinned"
trusted_ca = "{organisation.running.ca}"
[node]
names = ["edge-1"]
[output]
bundle = "lesson-01"
"""
    )
    made = one.konnect_tui("apply", answers, "--no-upload")
    assert made.code == 0, made.err
    one.restart("edge-1")
    assert not one.solved()
    one.upload()
    one.restart("edge-1")
    assert one.solved()


def test_trust_too_wide_is_cured_by_another_upload(learner: Any) -> None:
    """Lesson 8 as its hint says: `upload = "intermediate"`, apply, upload; then the root is taken away."""
    one = learner(8)
    own = Path(one.brief.bundle, "konnect-tui.toml")
    own.write_text(own.read_text().replace('upload = "root"', 'upload = "intermediate"', 1))
    applied = one.konnect_tui("apply", own, "--replace")
    assert applied.code == 0, applied.err
    one.upload()
    assert not one.solved()
    asyncio.run(one.attempt.do(words.Release("root")))
    one.restart("edge-1")
    assert one.solved()


def _edited(one: Learner) -> list[str]:
    """The files of the bundle that `verify` says somebody has edited."""
    verified = one.konnect_tui("verify", one.brief.bundle, "--json")
    return [each["path"] for each in verified.document["checks"] if each["code"] == "edited"]


def test_a_lost_server_name_is_cured_by_apply(learner: Any) -> None:
    """Lesson 15: `verify` names the script, kong.env is right as it is, `apply --replace` writes the script anew."""
    one = learner(15)
    assert _edited(one) == ["docker/edge-1/run.sh"]
    one.restart("edge-1")
    assert not one.solved()
    one.upload()
    one.restart("edge-1")
    assert not one.solved()
    applied = one.konnect_tui("apply", f"{one.brief.bundle}/konnect-tui.toml", "--replace")
    assert applied.code == 0, applied.err
    assert not one.solved()
    one.restart("edge-1")
    assert one.solved()


def test_a_lost_server_name_is_cured_by_a_text_editor(learner: Any) -> None:
    """Lesson 15 by hand: the line taken out of run.sh; in its second round, the mode set back in kong.env."""
    one = learner(15)
    script = Path(one.brief.bundle, "docker/edge-1/run.sh")
    lines = script.read_text().splitlines(keepends=True)
    script.write_text("".join(line for line in lines if "KONG_CLUSTER_SERVER_NAME=" not in line))
    one.restart("edge-1")
    assert one.solved()
    other = learner(15, 2)
    env = Path(other.brief.bundle, "docker/edge-2/kong.env")
    assert _edited(other) == ["docker/edge-2/kong.env"]
    env.write_text(env.read_text().replace("KONG_CLUSTER_MTLS=shared", "KONG_CLUSTER_MTLS=pki"))
    other.restart("edge-2")
    assert other.solved()


async def _seen(organisation: Embedded, region: str, name: str) -> list[str]:
    """The nodes that the control plane of that name has seen."""
    async with organisation.client() as client:
        found = await client.named(region, name)
        assert found is not None
        return [each.hostname for each in await client.nodes(region, found.id)]


def test_green_in_the_wrong_place_is_cured_by_apply(learner: Any, organisation: Embedded) -> None:
    """Lesson 16, second round: the practice node is with the namesake in us; `watch` does not see it; `apply` brings it
    home.
    """
    one = learner(16, 2)
    assert _edited(one) == ["docker/edge-1/kong.env"]
    one.restart("edge-1")
    assert asyncio.run(_seen(organisation, "us", "lesson-16-2")) == ["edge-1"] * 2  # by the lesson, and by hand
    watched = one.konnect_tui("watch", one.brief.bundle, "--timeout", "0", "--json")
    assert watched.code == 3
    assert [each["node_id"] for each in watched.document["nodes"]] == [None]
    assert not one.solved()
    applied = one.konnect_tui("apply", f"{one.brief.bundle}/konnect-tui.toml", "--replace")
    assert applied.code == 0, applied.err
    one.restart("edge-1")
    assert one.solved()
