"""regions: from the table at once, or as Konnect says."""

import pytest
from running import run

from fake_konnect import Answer, FakeKonnect
from fake_konnect.answers import page
from konnect_tui.konnect.regions import REGIONS


def _codes(document: dict[str, list[dict[str, object]]]) -> list[object]:
    return [row["code"] for row in document["regions"]]


def test_the_table_needs_no_network() -> None:
    """Without --live nothing is asked: the table of this release, with its hosts."""
    answered = run("regions", "--json", "--api-url", "http://127.0.0.1:1/{region}")
    assert answered.code == 0
    assert _codes(answered.document) == [region.code for region in REGIONS]
    assert answered.document["regions"][0]["api"] == "http://127.0.0.1:1/au"
    assert run("regions", "--json").document["regions"][1]["api"] == "https://eu.api.konghq.com"


def test_konnect_says_which_there_are() -> None:
    """With --live it is Konnect's list, for which none has to have a token: opt-in regions marked, new codes taken."""
    with FakeKonnect() as konnect:
        konnect.regions = {"stable": ["us", "eu", "zz"], "stable_opt_in": ["sg"], "beta": ["jp"], "more": ["x"]}
        answered = run("regions", "--live", "--json", "--api-url", konnect.url)
        assert [request.headers.get("Authorization") for request in konnect.requests] == [None]
    assert answered.code == 0
    assert _codes(answered.document) == ["eu", "jp", "sg", "us", "zz"]
    assert [row["code"] for row in answered.document["regions"] if row["opt_in"]] == ["sg"]
    told = answered.codes("note")
    assert told.count(("", "new-region")) == 2
    assert told.count(("", "unlisted-by-konnect")) == 3


def test_a_token_that_is_given_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that wants one for everything, as the training organisation does, answers --live as well."""
    with FakeKonnect() as konnect:
        monkeypatch.setenv("KONNECT_TOKEN", konnect.token)
        answered = run("regions", "--live", "--json", "--api-url", konnect.url)
        assert [request.headers["Authorization"] for request in konnect.requests] == [f"Bearer {konnect.token}"]
    assert (answered.code, answered.codes("warning")) == (0, [])


@pytest.mark.parametrize(
    "answer",
    [
        page("Log in to the hotel"),
        Answer(200, b'{"regions": {"stable": ["../x", "EU", "e\\u0000", "evil.example/"]}}'),
        Answer(200, b"[]"),
        Answer(404),
    ],
)
def test_the_table_stands_in(answer: Answer) -> None:
    """Where Konnect does not answer, or with nothing that is a region, the table is shown and that it is the table."""
    with FakeKonnect() as konnect:
        konnect.script("GET", "/global/v3/available-regions", answer)
        answered = run("regions", "--live", "--json", "--api-url", konnect.url)
    assert answered.code == 0
    assert _codes(answered.document) == [region.code for region in REGIONS]
    assert answered.codes("warning") == [("", "regions-untold")]


@pytest.mark.parametrize("command", [("regions",), ("regions", "--live"), ("logout",), ("login", "--to-file")])
def test_a_hostile_address_is_asked_for_nothing(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Any command refuses an address of the API that a token must not be sent to; the option goes first."""
    answered = run(*command, "--json", "--api-url", "http://api.konghq.com")
    assert (answered.code, answered.document["error"]["code"]) == (2, "bad-api-url")
    monkeypatch.setenv("KONNECT_API_URL", "https://kpat_MARKED@evil.example")
    answered = run(*command, "--json")
    assert (answered.code, answered.document["error"]["code"]) == (2, "bad-api-url")
    assert "MARKED" not in answered.out
    assert run("regions", "--json", "--api-url", "https://{region}.api.konghq.com").code == 0
