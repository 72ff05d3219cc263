"""What a lesson writes into a node's environment: one value, where a person would write it, and nothing else."""

import asyncio
import os
from pathlib import Path

import pytest
from lesson_play import world

from konnect_tui.errors import KonnectError
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons import shelf
from konnect_tui.training.lessons.attempt import Attempt
from konnect_tui.training.lessons.evidence import Evidence
from konnect_tui.training.practice.given import given

SHELF = {each.lesson.number: each for each in shelf.shelf()}


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    """Somebody who has run lesson 16."""
    there = world(tmp_path)
    one = Attempt(SHELF[16], there, Evidence(there.folder))
    brief = asyncio.run(one.begin())
    one.predict({each.key: next(iter(each.choices)) for each in brief.questions})
    asyncio.run(one.run())
    return one


def _told(attempt: Attempt, parameter: str) -> str:
    return given(attempt.brief().bundle, "edge-1", version="3.14.0.13").values[parameter]


def _do(attempt: Attempt, *steps: words.Step) -> str:
    return "".join(line for step in steps for line in asyncio.run(attempt.do(step)))


def test_a_value_is_written_once(attempt: Attempt) -> None:
    """The line of kong.env is changed, all others stay as they were; in run.sh there is one --env of that name, and it
    wins.
    """
    env = Path(attempt.brief().bundle, "docker/edge-1/kong.env")
    before, away = env.read_text().splitlines(), _told(attempt, "cluster_server_name")
    _do(attempt, words.Set("edge-1", "cluster_server_name", "own"))
    own = _told(attempt, "cluster_server_name")
    assert own != away
    assert env.read_text().splitlines() == [line.replace(away, own) for line in before]
    script = env.parent / "run.sh"
    _do(attempt, *[words.Set("edge-1", "cluster_server_name", to, "run.sh") for to in ("own", "namesake")])
    assert script.read_text().count("KONG_CLUSTER_SERVER_NAME=") == 1
    assert script.stat().st_mode & 0o777 == 0o755
    assert _told(attempt, "cluster_server_name") == away


def test_a_node_goes_where_its_files_say(attempt: Attempt) -> None:
    """Address and name of two control planes: neither lets it in. Both of one, and it is there."""
    log = _do(attempt, words.Set("edge-1", "cluster_server_name", "own"), words.Start(("edge-1",)))
    assert "unexpected HTTP response code: 401" in log
    log = _do(attempt, words.Set("edge-1", "cluster_control_plane", "own"), words.Start(("edge-1",)))
    assert "sent ping frame" in log
    assert asyncio.run(attempt.check()).solved


def test_what_was_read_at_the_start_counts(attempt: Attempt) -> None:
    """Files that were put right after the start do nothing until the node is started again."""
    _do(attempt, words.Apply())
    assert "401" in _do(attempt, words.Reconnect(("edge-1",)))
    assert "sent ping frame" in _do(attempt, words.Start(("edge-1",)))


def test_kongs_own_words_where_it_would_not_start(attempt: Attempt) -> None:
    """A learner's slip in kong.env is told as Kong tells it; nobody is let connect to Konnect itself."""
    env = Path(attempt.brief().bundle, "docker/edge-1/kong.env")
    right = env.read_text()
    env.write_text(right.replace("KONG_CLUSTER_MTLS=pki", "KONG_CLUSTER_MTLS=pky"))
    log = _do(attempt, words.Start(("edge-1",)))
    assert log == "Error: cluster_mtls has an invalid value: 'pky' (shared, pki, pki_check_cn)"
    env.write_text(f"{right}KONG_CLUSTER_CONTROL_PLANE=abc.eu.cp.konghq.com:443\n")
    with pytest.raises(KonnectError) as raised:
        _do(attempt, words.Start(("edge-1",)))
    assert raised.value.code == "not-for-practice"


@pytest.mark.parametrize("spoiled", ["gone", "other"])
def test_a_script_that_is_not_as_written_is_left_alone(attempt: Attempt, spoiled: str) -> None:
    """Where there is no place for the value, that is said, and nothing is written."""
    script = Path(attempt.brief().bundle, "docker/edge-1/run.sh")
    if spoiled == "gone":
        os.remove(script)
    else:
        script.write_text("#!/bin/sh\n")
    with pytest.raises(KonnectError) as raised:
        _do(attempt, words.Set("edge-1", "cluster_server_name", "own", "run.sh"))
    assert raised.value.code == ("no-such-bundle" if spoiled == "gone" else "practice-files")
    assert spoiled == "gone" or script.read_text() == "#!/bin/sh\n"
