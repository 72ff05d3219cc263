"""What the client does when the network or Konnect fails, over real sockets."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from konnect_asking import QuickClock, ask, refused

from fake_konnect import Answer, FakeKonnect, found, grpc, legacy, page, problem, redirect
from konnect_tui.konnect.models import ConnectionState, NewControlPlane
from konnect_tui.konnect.wire import Limits

WANTED = NewControlPlane("payments", "pki_client_certs")
PEM = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
ME = "/global/v3/organizations/me"
PLANES = "/eu/v2/control-planes"


# --- answers that do not come


@pytest.mark.parametrize("act", ["drop", "half", "cut", "lose", "raw"])
def test_a_broken_connection_is_tried_again(act: str) -> None:
    """A connection that is dropped, or closed half way through the answer, is made again, and the operator told."""
    clock = QuickClock()
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, *[Answer(body=None, act=act)] * 2)  # "raw" without a body closes without a word
        assert ask(konnect, lambda client: client.organization(), clock=clock).name == "Acme Co."
    assert clock.told[0] == ("The connection broke", 1.0)


def test_a_connection_that_always_breaks_is_given_up() -> None:
    """After four tries a connection that keeps breaking is an error of the world, not an endless wait."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, *[Answer(body=None, act="half")] * 4)
        fault = refused(konnect, lambda client: client.organization())
    assert (fault.code, fault.exit_code) == ("connection-lost", 1)


def test_silence_ends() -> None:
    """A server that takes the request and says nothing is given up with words about time."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, *[Answer(act="hang")] * 4)
        fault = refused(konnect, lambda client: client.organization(), limits=Limits(silence=0.1))
    assert (fault.code, fault.exit_code) == ("timed-out", 1)


def test_an_answer_that_trickles_ends() -> None:
    """A byte now and then does not keep a request alive for ever."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, *[Answer(200, b" " * 100, delay=0.05, act="drip")] * 4)
        assert refused(konnect, lambda client: client.organization(), limits=Limits(whole=0.2)).code == "timed-out"


def test_a_slow_answer_is_waited_for() -> None:
    """An answer that takes its time, but comes, is an answer."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, Answer(body=None, delay=0.3))
        assert ask(konnect, lambda client: client.organization()).name == "Acme Co."


# --- answers that say no


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_konnect_is_tried_again_ever_more_slowly(status: int) -> None:
    """5xx is tried four times with growing waits; then it ends with Konnect's trace id."""
    clock = QuickClock()
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, *[problem(status, "Oh", "Could not retrieve permissions")] * 4)
        fault = refused(konnect, lambda client: client.organization(), clock=clock)
    assert (fault.code, fault.exit_code) == ("konnect-fault", 1)
    assert "Could not retrieve permissions" in fault.message
    assert "konnect:trace:2287285207635123011" in fault.context
    assert clock.waits == [1.0, 2.0, 4.0]


def test_too_many_requests_waits_as_asked() -> None:
    """429 waits the seconds that Konnect names, or until the moment it names, or 15 s where it names none."""
    clock = QuickClock()
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    with FakeKonnect() as konnect:
        headers = [{"Retry-After": "7"}, {}, {"Retry-After": date}]
        konnect.script("GET", ME, *[Answer(429, b"slow down", each) for each in headers])
        assert ask(konnect, lambda client: client.organization(), clock=clock).name == "Acme Co."
    assert clock.waits[:2] == [7.0, 15.0]
    assert clock.waits[2] == pytest.approx(40, abs=3)
    assert {why for why, _ in clock.told} == {"Konnect took too many requests and asks to wait"}


def test_a_wait_nobody_would_sit_through_is_told_instead() -> None:
    """A 429 that asks for an hour ends at once and says so."""
    clock = QuickClock()
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, Answer(429, b"", {"Retry-After": "3600"}))
        fault = refused(konnect, lambda client: client.organization(), clock=clock)
    assert (fault.code, clock.waits) == ("too-many-requests", [])
    assert "3600 seconds" in fault.message


def test_a_refused_token_is_exit_4() -> None:
    """401 says that the token is not taken, and is not tried again."""
    with FakeKonnect() as konnect:
        fault = refused(konnect, lambda client: client.organization(), token="kpat_wrong")
        assert len(konnect.requests) == 1
    assert (fault.code, fault.exit_code) == ("token-refused", 4)


def test_a_token_revoked_half_way_is_told_as_that() -> None:
    """A token that worked for the first page and not for the second was revoked: the list does not end silently."""
    seen = []

    async def listing(client):  # type: ignore[no-untyped-def]
        async for some in client.control_planes("eu"):
            seen.append(len(some.control_planes))
            konnect.token = "another"

    with FakeKonnect() as konnect:
        for number in range(1000):
            konnect.add_control_plane("eu", f"plane-{number}")
        fault = refused(konnect, listing)
    assert seen[0] == 100
    assert len(seen) < 10
    assert (fault.code, fault.exit_code) == ("token-refused", 4)
    assert "revoked" in fault.message


def test_what_a_role_forbids_is_named() -> None:
    """403 says what the token is not allowed to do and what Konnect said, at once."""
    clock = QuickClock()
    with FakeKonnect() as konnect:
        konnect.script("POST", PLANES, problem(403, "Permission denied", "Insufficient role-set to create."))
        fault = refused(konnect, lambda client: client.create("eu", WANTED), clock=clock)
    assert (fault.code, fault.exit_code, clock.waits) == ("not-permitted", 4, [])
    assert "create the control plane payments: Insufficient role-set" in fault.message


def test_fresh_permissions_are_waited_for() -> None:
    """A control plane just created may be forbidden for a moment; one that was there before is not asked for again."""
    clock = QuickClock()

    async def create_and_pin(client):  # type: ignore[no-untyped-def]
        made = await client.create("eu", WANTED)
        konnect.script("GET", f"{PLANES}/{made.id}/dp-client-certificates", legacy(403, "Forbidden"))
        konnect.script("POST", f"{PLANES}/{made.id}/dp-client-certificates", legacy(403, "Forbidden"))
        return await client.certificates("eu", made.id), await client.pin("eu", made.id, PEM, "edge-1")

    with FakeKonnect() as konnect:
        assert ask(konnect, create_and_pin, clock=clock)[1].title == "edge-1"
        assert len(konnect.asked("POST", "/dp-client-certificates")) == 2
        clock.waits.clear()
        konnect.script("GET", f"{PLANES}/{konnect.control_planes['eu'][0]['id']}", problem(403, "No", "No"))
        plane = konnect.control_planes["eu"][0]["id"]
        assert refused(konnect, lambda client: client.control_plane("eu", plane), clock=clock).code == "not-permitted"
        assert clock.waits == []


def test_what_is_not_there_is_none() -> None:
    """A control plane that the region does not have is None, and an error where it was relied on."""
    with FakeKonnect() as konnect:
        missing = "7f9fd312-a987-4628-b4c5-bb4f4fddd5f7"
        assert ask(konnect, lambda client: client.control_plane("eu", missing)) is None
        fault = refused(konnect, lambda client: client.nodes("eu", missing))
    assert (fault.code, fault.exit_code) == ("not-in-konnect", 2)


def test_a_taken_name_is_told() -> None:
    """409 is name-taken."""
    with FakeKonnect() as konnect:
        konnect.add_control_plane("eu", "payments")
        fault = refused(konnect, lambda client: client.create("eu", WANTED))
    assert (fault.code, fault.exit_code) == ("name-taken", 2)


def test_fields_that_konnect_refuses_are_named() -> None:
    """400 becomes one problem a field, with the reason and the limits Konnect gives."""
    wrong = [
        {"field": "name", "reason": "must have less characters", "rule": "max_length", "maximum": 256},
        {"field": "labels.kong", "reason": "is reserved", "rule": "is_label"},
    ]
    with FakeKonnect() as konnect:
        refusal = problem(400, "Bad Request", "Invalid request format", invalid_parameters=wrong)
        konnect.script("POST", PLANES, refusal)
        fault = refused(konnect, lambda client: client.create("eu", WANTED))
    assert (fault.code, fault.exit_code) == ("invalid-input", 2)
    assert [each.field for each in fault.problems] == ["name", "labels.kong"]
    assert "at most 256" in fault.problems[0].message


def test_used_up_limits_are_no_fault_of_the_input() -> None:
    """A plan that allows no further control plane is told in those words."""
    detail = "Cannot create an additional control plane because usage limits have been reached."
    wrong = [{"field": "object", "reason": "usage limits reached"}]
    with FakeKonnect() as konnect:
        konnect.script("POST", PLANES, problem(400, "Bad Request", detail, invalid_parameters=wrong))
        assert refused(konnect, lambda client: client.create("eu", WANTED)).code == "usage-limit"


def test_a_certificate_that_is_there_is_told() -> None:
    """Conflicts over certificates come as 400 in the gateway's shape, and are told apart from bad input."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        konnect.add_certificate(plane, PEM)
        fault = refused(konnect, lambda client: client.pin("eu", plane["id"], PEM, "again"))
    assert (fault.code, fault.exit_code) == ("already-there", 2)


def test_the_gateways_shape_names_its_field() -> None:
    """An error in gRPC's shape says which field is wrong and why."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")["id"]
        path = f"{PLANES}/{plane}/dp-client-certificates"
        konnect.script("POST", path, grpc(400, 3, "validation error", "cert", "must be a PEM-encoded certificate"))
        fault = refused(konnect, lambda client: client.pin("eu", plane, PEM, ""))
    assert fault.code == "invalid-input"
    assert "validation error (cert: must be a PEM-encoded certificate)" in fault.message


# --- things made once


@pytest.mark.parametrize("act", ["lose", "drop"])
def test_a_control_plane_is_made_once(act: str) -> None:
    """When the answer to a creation is lost, the client looks before it repeats: never two, never none."""
    with FakeKonnect() as konnect:
        konnect.script("POST", PLANES, Answer(body=None, act=act))
        made = ask(konnect, lambda client: client.create("eu", WANTED))
        assert [plane["id"] for plane in konnect.control_planes["eu"]] == [made.id]
        assert len(konnect.asked("POST", PLANES)) == (1 if act == "lose" else 2)


@pytest.mark.parametrize("act", ["lose", "drop"])
def test_a_certificate_is_given_once(act: str) -> None:
    """When the answer to an upload is lost, the client looks for the certificate itself before it repeats."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        konnect.script("POST", f"{PLANES}/{plane['id']}/dp-client-certificates", Answer(body=None, act=act))
        given = ask(konnect, lambda client: client.pin("eu", plane["id"], PEM, "edge-1"))
        assert [each["id"] for each in konnect.certificates[plane["id"]]] == [given.id]
        assert len(konnect.asked("POST", "/dp-client-certificates")) == (1 if act == "lose" else 2)


def test_a_failure_that_was_a_success_is_found() -> None:
    """A 500 after the control plane was made, and a 201 that can't be read, end with the one that was made."""
    for answer in (problem(500, "Oh", "Could not propagate control plane changes"), Answer(201, b"{")):
        with FakeKonnect() as konnect:
            now = datetime.now(UTC).isoformat()
            plane = konnect.add_control_plane("eu", "payments", created_at=now)
            konnect.script("POST", PLANES, answer)
            assert ask(konnect, lambda client: client.create("eu", WANTED)).id == plane["id"]
            assert len(konnect.asked("POST", PLANES)) == 1


def test_somebody_elses_control_plane_is_not_taken_for_ours() -> None:
    """One of that name that was there long before is not the one that was just asked for."""
    with FakeKonnect() as konnect:
        konnect.add_control_plane("eu", "payments")
        konnect.script("POST", PLANES, Answer(act="drop"))
        assert refused(konnect, lambda client: client.create("eu", WANTED)).code == "name-taken"


def test_a_creation_that_never_gets_through_ends() -> None:
    """Four lost creations and nothing found is an error, and nothing was made."""
    clock = QuickClock()
    with FakeKonnect() as konnect:
        konnect.script("POST", PLANES, *[Answer(act="drop")] * 4)
        fault = refused(konnect, lambda client: client.create("eu", WANTED), clock=clock)
        assert konnect.control_planes == {}
    assert fault.code == "connection-lost"
    assert clock.waits == [1.0, 2.0, 4.0]


def test_a_certificate_taken_away_twice_is_away() -> None:
    """A removal whose answer failed is repeated, and that it is gone by then is what was wanted."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        held = konnect.add_certificate(plane, PEM)["id"]
        path = f"{PLANES}/{plane['id']}/dp-client-certificates/{held}"
        konnect.script("DELETE", path, Answer(body=None, act="lose"))
        ask(konnect, lambda client: client.unpin("eu", plane["id"], held))
        assert konnect.certificates[plane["id"]] == []
        nowhere = "7f9fd312-a987-4628-b4c5-bb4f4fddd5f7"
        assert refused(konnect, lambda client: client.unpin("eu", nowhere, held)).code == "not-in-konnect"


# --- answers that are none


def test_a_captive_portal_is_told_as_that() -> None:
    """A web page in place of an answer is no answer, whatever its status."""
    for answer in (page("Welcome to our hotel"), page("Blocked", 403), page("Sign in", 511)):
        with FakeKonnect() as konnect:
            konnect.script("GET", ME, answer)
            fault = refused(konnect, lambda client: client.organization())
        assert (fault.code, fault.exit_code) == ("not-konnect", 1)


def test_a_redirect_is_not_followed() -> None:
    """A redirect is an error that names the other host, and nothing is sent there, least of all the token."""
    with FakeKonnect() as konnect, FakeKonnect() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            konnect.script("GET", ME, redirect(elsewhere.url.replace("127.0.0.1", "localhost"), status))
            fault = refused(konnect, lambda client: client.organization())
            assert (fault.code, fault.exit_code) == ("redirected", 1)
            assert "localhost" in fault.message
        assert elsewhere.requests == []


def test_what_is_no_http_is_told() -> None:
    """Something that answers without speaking HTTP is told as that."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, Answer(body=b"SSH-2.0-OpenSSH_9.2\r\n\r\n", act="raw"))
        assert refused(konnect, lambda client: client.organization()).code == "konnect-answer"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b"{", "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[]", "array"),
        (b"{}", "id is missing"),
        (b'{"id": 7}', "id is int"),
        (b'{"id": "1", "name": {}}', "name is object"),
        (b'{"id": "1", "new": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "it is no JSON"),
    ],
)
def test_an_answer_that_makes_no_sense_is_told(body: bytes, words: str) -> None:
    """Bad JSON, wrong types and missing fields end in an error that names the field."""
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, Answer(200, body, {"Content-Type": "application/json"}))
        fault = refused(konnect, lambda client: client.organization())
    assert (fault.code, fault.exit_code) == ("konnect-answer", 1)
    assert words in fault.message


def test_an_error_as_deep_as_a_well_is_still_that_error() -> None:
    """What is nested beyond all sense in a refusal hides nothing but its words."""
    body = b'{"message": "no", "new": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, *[Answer(503, body)] * 4)
        assert refused(konnect, lambda client: client.organization()).code == "konnect-fault"


@pytest.mark.parametrize("seconds", [10**400, -(10**400)], ids=["late", "early"])
def test_times_that_no_clock_shows_are_none(seconds: int) -> None:
    """A time that can't be reckoned with is as good as none, and no fault of ours."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        konnect.add_node(plane, "edge-1", last_ping=seconds)
        (node,) = ask(konnect, lambda client: client.nodes("eu", plane["id"]))
    assert (node.hostname, node.last_ping) == ("edge-1", 0)


def test_one_odd_record_hides_no_other() -> None:
    """What is optional and of another type is left out of its record alone; labels that are numbers become text."""
    odd = {
        "last_ping": "2026-01-01T00:00:00Z",
        "created_at": "1764028800",
        "labels": {"node": "edge-1", "rack": 7, "spot": True, "deep": {}},
        "compatibility_status": "fine",
        "errors": [{"message": "no", "source": ["x"]}],
        "connection_state": {"is_connected": True},
    }
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments", labels={"team": 1}, proxy_urls="none")
        konnect.add_node(plane, "edge-1", **odd)
        konnect.add_node(plane, "edge-2")
        konnect.add_certificate(plane, "x", title="")["created_at"] = "yesterday"
        first, second = ask(konnect, lambda client: client.nodes("eu", plane["id"]))
        (certificate,) = ask(konnect, lambda client: client.certificates("eu", plane["id"]))
        found = ask(konnect, lambda client: client.named("eu", "payments"))
    assert (first.last_ping, first.created_at, first.compatibility_status) == (0, 1764028800, None)
    assert first.labels == {"node": "edge-1", "rack": "7", "spot": "true"}
    assert [(each.message, each.source) for each in first.errors or ()] == [("no", "")]
    assert first.connection_state == ConnectionState(True)
    assert second.compatibility_status is not None
    assert (certificate.cert, certificate.created_at) == ("x", 0)
    assert found is not None
    assert (found.labels, found.config.proxy_urls, found.config.auth_type) == (
        {"team": "1"},
        None,
        "pinned_client_certs",
    )


@pytest.mark.parametrize("change", [{"id": None}, {"id": 7}, {"id": {}}])
def test_a_record_without_its_id_is_told(change: dict[str, object]) -> None:
    """What is required and not there, or no text, is an answer that makes no sense: the error names the field."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        konnect.add_node(plane, "edge-1", last_ping="soon", **change)
        fault = refused(konnect, lambda client: client.nodes("eu", plane["id"]))
    assert fault.code == "konnect-answer"
    assert "id is" in fault.message


def test_a_flood_ends() -> None:
    """An answer larger than any list is cut off, compressed or not."""
    import gzip

    flood = gzip.compress(b"[" + b'"x",' * 10_000_000 + b'"x"]')
    with FakeKonnect() as konnect:
        konnect.script("GET", ME, Answer(200, flood, {"Content-Type": "application/json", "Content-Encoding": "gzip"}))
        fault = refused(konnect, lambda client: client.organization())
    assert fault.code == "konnect-answer"
    assert "MiB" in fault.message


def test_reality_is_tolerated() -> None:
    """Null where a value belongs, numbers as text or with .0, unknown fields and kinds, no config: all survive."""
    plane = {
        "id": "7f9fd312-a987-4628-b4c5-bb4f4fddd5f7",
        "name": "odd",
        "description": None,
        "labels": None,
        "updated_at": None,
        "config": {"cluster_type": "CLUSTER_TYPE_OF_TOMORROW", "proxy_urls": [None, {"host": "a", "port": "443"}]},
        "new_field": {"deep": [1]},
    }
    node = {"id": "n", "last_ping": 1700000000.0, "errors": None, "labels": None, "compatibility_status": None}
    with FakeKonnect() as konnect:
        path = f"{PLANES}/{plane['id']}"
        konnect.script("GET", path, found(plane), found({"id": "x", "name": "bare"}))
        konnect.script("GET", f"{path}/nodes", found({"items": [node, node | {"errors": [{"code": 7}]}], "page": None}))
        konnect.script("GET", f"{path}/dp-client-certificates", found({"items": None}), found({}))
        odd = ask(konnect, lambda client: client.control_plane("eu", plane["id"]))
        assert odd is not None
        assert (odd.config.cluster_type, odd.updated_at) == ("CLUSTER_TYPE_OF_TOMORROW", "")
        bare = ask(konnect, lambda client: client.control_plane("eu", plane["id"]))
        assert bare is not None
        assert bare.config.cluster_type == ""
        assert ask(konnect, lambda client: client.nodes("eu", plane["id"]))[0].last_ping == 1700000000
        for _ in range(2):
            assert ask(konnect, lambda client: client.certificates("eu", plane["id"])) == ()


# --- clocks


@pytest.mark.parametrize(("ahead", "expected"), [(-3600, -3600), (10, 0), (400, 400)])
def test_a_wrong_clock_is_noticed(ahead: int, expected: int) -> None:
    """How far this machine's clock is off is known from the Date of any answer; a few seconds are not worth a word."""

    async def skew(client):  # type: ignore[no-untyped-def]
        await client.organization()
        return client.skew

    with FakeKonnect() as konnect:
        clock = QuickClock(timedelta(seconds=ahead))
        assert ask(konnect, skew, clock=clock) == pytest.approx(expected, abs=3)


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", "0", "a:b:c d e"])
def test_a_date_beyond_all_time_is_passed_over(date: str) -> None:
    """A Date header that no clock can show says nothing of this machine's clock, and breaks nothing."""

    async def later(client):  # type: ignore[no-untyped-def]
        await client.organization()
        return client.skew, client._transport.now()

    with FakeKonnect() as konnect:
        konnect.script("GET", ME, found(konnect.organization)._replace(headers={"Date": date}))
        clock = QuickClock()
        clock.waits.append(3600.0)
        assert ask(konnect, later, clock=clock)[0] == 0.0
