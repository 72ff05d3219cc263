"""What leaves the client and what does not: the token, text from outside, and where requests can go."""

import asyncio
import logging
import traceback

import pytest
from konnect_asking import QuickClock, ask, refused

from fake_konnect import Answer, FakeKonnect, found, page, problem
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.client import Client
from konnect_tui.konnect.hosts import hosts
from konnect_tui.konnect.models import NewControlPlane
from konnect_tui.konnect.regions import REGIONS
from konnect_tui.secret import Secret

ME = "/global/v3/organizations/me"
PLANES = "/eu/v2/control-planes"
ATTACKS = ["evil.com/", "us.evil", "us@evil.com", "..", "us\r\nHost: evil", "USA", "", "us/../eu", "ｕｓ", "[b]us[/b]"]


@pytest.mark.parametrize("region", ATTACKS)
def test_no_host_is_built_from_what_is_no_region(region: str) -> None:
    """A region that is not two lower-case letters sends nothing anywhere."""
    with FakeKonnect() as konnect:
        fault = refused(konnect, lambda client: client.named(region, "payments"))
        assert (fault.code, konnect.requests) == ("invalid-value", [])
        assert "\r" not in fault.message


@pytest.mark.parametrize("planted", ["evil.com/", "us.evil", "x", "eu\n", 7, None])
def test_regions_that_are_attacks_are_left_out(planted: object) -> None:
    """Of the regions Konnect lists, only those are offered whose code is one."""
    with FakeKonnect() as konnect:
        konnect.regions = {"stable": ["eu", planted], "stable_opt_in": ["sg", planted], "beta": ["zz"]}
        listed = ask(konnect, lambda client: client.regions())
    assert listed == REGIONS or [each.code for each in listed] == ["eu", "sg", "zz"]


def test_regions_without_an_answer_are_those_of_the_table() -> None:
    """Where Konnect does not say which regions there are, those this release knows are offered."""
    with FakeKonnect() as konnect:
        konnect.script("GET", "/global/v3/available-regions", page("no"), Answer(404, b"{}"), found({}))
        for _ in range(3):
            assert ask(konnect, lambda client: client.regions()) == REGIONS


@pytest.mark.parametrize("text", ["..", "../x", "a/b", "a?b", "a#b", "a\r\nb", "", "x" * 200, "%2e%2e"])
def test_no_path_is_built_from_what_is_no_id(text: str) -> None:
    """An id that could lead elsewhere sends nothing."""
    with FakeKonnect() as konnect:
        assert ask(konnect, lambda client: client.control_plane("eu", text)) is None
        assert refused(konnect, lambda client: client.nodes("eu", text)).code == "not-in-konnect"
        assert konnect.requests == []


@pytest.mark.parametrize(
    "name", ["a&page[size]=1", "50%", "a+b c", "a#b", "Müller 日本", "[red]x[/]", "a\x1b[2Jb", "??"]
)
def test_any_name_is_asked_for_as_it_is(name: str) -> None:
    """A name with any characters is found under exactly that name, and no other."""
    with FakeKonnect() as konnect:
        konnect.add_control_plane("eu", "another")
        plane = konnect.add_control_plane("eu", name)
        there = ask(konnect, lambda client: client.named("eu", name))
    assert there is not None
    assert (there.id, there.name) == (plane["id"], name)


def test_what_konnect_says_can_not_move_the_cursor() -> None:
    """Words of Konnect's are shown without anything a terminal would obey."""
    with FakeKonnect() as konnect:
        wrong = [{"field": "na\x1b[2Jme", "reason": "bad\u202e"}]
        konnect.script("POST", PLANES, problem(400, "No", "be\x1b]0;x\x07fore", invalid_parameters=wrong))
        fault = refused(
            konnect, lambda client: client.create("eu", NewControlPlane("pay\x1bments", "pki_client_certs"))
        )
    for text in (fault.message, *(part for each in fault.problems for part in (each.field, each.message))):
        assert text.isprintable()


def test_the_token_is_in_nothing_that_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    """No error, log line, traceback or representation holds the token, even where a server sends it back."""
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    with FakeKonnect() as konnect:
        token = konnect.token
        escaped = token.replace("_", "\\u005f")
        faults = [
            Answer(act="drop"),
            Answer(body=None, act="half"),
            Answer(500, f'{{"detail": "{token}"}}'.encode()),
            problem(403, "No", f"Bearer {token} may not"),
            Answer(
                400, f'{{"message": "no {escaped}", "details": [{{"field": "{escaped}", "messages": ["x"]}}]}}'.encode()
            ),
            problem(400, "No", "x", invalid_parameters=[{"field": token, "reason": token}]),
            Answer(302, b"", {"Location": f"https://evil.example/?t={token}"}),
            found({"id": {token: token}}),
            Answer(200, token.encode()),
            Answer(act="raw", body=f"{token}\r\n\r\n".encode()),
            page(token),
        ]

        async def asking() -> None:
            clock = QuickClock()
            asyncio.get_running_loop().set_debug(True)
            async with Client(hosts(konnect.url), Secret(token.encode()), environ={}, clock=clock) as client:
                for fault in faults:
                    konnect.script("GET", ME, *[fault] * (8 if fault.act == "drop" else 4))
                    try:
                        await client.organization()
                    except KonnectError as error:
                        shown.extend(("".join(traceback.format_exception(error)), repr(error), str(vars(error))))
                        shown.append(repr((error.__context__, error.__cause__)))
                    konnect._scripts.clear()
                shown.extend(
                    (
                        repr(client),
                        repr(client._transport),
                        str(vars(client._transport)),
                        str(vars(client._transport._wire)),
                    )
                )

        asyncio.run(asking())
    assert len(shown) == 4 * len(faults) + 4
    shown.extend(record.getMessage() for record in caplog.records)
    assert [text for text in shown if token in text] == []


@pytest.mark.parametrize("token", ["", "with space", "with\r\nnewline: x", "ключ"])
def test_what_can_be_no_token_is_sent_nowhere(token: str) -> None:
    """A token that could not stand in a header is refused before anything is sent, and not repeated."""

    async def asking() -> None:
        async with Client(hosts(konnect.url), Secret(token.encode()), environ={}):
            pass

    with FakeKonnect() as konnect:
        with pytest.raises(KonnectError) as fault:
            asyncio.run(asking())
        assert konnect.requests == []
    assert (fault.value.code, fault.value.exit_code) == ("token-refused", 4)
    assert not token or token not in fault.value.message


@pytest.mark.parametrize("act", ["hang", "drip", "wait"])
def test_leaving_works_at_any_point(act: str) -> None:
    """A request that is cancelled ends at once, whether it waits for an answer, reads it, or waits to try again."""
    answers = {
        "hang": Answer(act="hang"),
        "drip": Answer(200, b" " * 10_000, delay=0.01, act="drip"),
        "wait": Answer(429, b"", {"Retry-After": "60"}),
    }

    async def stopped() -> float:
        loop = asyncio.get_running_loop()
        async with Client(hosts(konnect.url), Secret(konnect.token.encode()), environ={}) as client:
            task = asyncio.ensure_future(client.organization())
            await asyncio.sleep(0.1)
            begun = loop.time()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return loop.time() - begun

    with FakeKonnect() as konnect:
        konnect.script("GET", ME, answers[act])
        assert asyncio.run(stopped()) < 10
