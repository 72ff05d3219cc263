"""The certificates of a control plane, with all that is to be known about each."""

import time
from datetime import UTC, datetime

import pytest
from certificate_maker import DAY, NOW, Made, make
from konnect_asking import ask
from msgspec.structs import replace

from fake_konnect import FakeKonnect
from fake_konnect.answers import legacy
from konnect_tui.errors import KonnectError
from konnect_tui.konnect.models import ClientCertificate, ConnectionState, Node
from konnect_tui.live.inventory import Entry, stock, take_stock, typed_name


def given(made: Made | str, id: str = "a", title: str = "") -> ClientCertificate:  # noqa: A002
    """An entry as Konnect answers it."""
    return ClientCertificate(id, made if isinstance(made, str) else made.pem.decode(), title)


def node(name: str, certificate: str | None, *, connected: bool = True) -> Node:
    """A node that came in with a certificate."""
    return Node(name, hostname=name, data_plane_cert_id=certificate, connection_state=ConnectionState(connected))


def words(entry: Entry) -> list[str]:
    """What stands in the list."""
    return [remark.word for remark in entry.remarks]


def one(made: Made | str, mode: str = "pinned", nodes: tuple[Node, ...] = ()) -> Entry:
    """The entry that this makes alone."""
    [entry] = stock([given(made)], nodes, mode, NOW).entries
    return entry


def test_an_entry_says_what_it_holds() -> None:
    """Subject, issuer, end, days left, fingerprint and type of key stand beside the title Konnect has."""
    leaf = make("Corp CA", ca=True).issue("edge-1", ends=NOW + 100 * DAY)
    [entry] = stock([given(leaf, title="orders")], [node("edge-1", "a")], "pinned", NOW).entries
    [held] = entry.holds
    assert (held.subject, held.issuer, held.key, held.is_ca) == ("CN=edge-1", "CN=Corp CA", "ec-p256", False)
    assert (entry.title, entry.name, entry.days_left) == ("orders", "“edge-1”", 100)
    assert [each.name for each in entry.nodes] == ["edge-1"]
    assert entry.remarks == ()


def test_the_soonest_end_comes_first() -> None:
    """The list begins with what needs a hand first: what can't be read, what ended, what ends soon."""
    entries = [
        given(make("late"), "1"),
        given(make("soon", ends=NOW + 5 * DAY), "2"),
        given("rubbish", "3"),
        given(make("over", begins=NOW - 9 * DAY, ends=NOW - DAY), "4"),
    ]
    assert [each.id for each in stock(entries, [], "pinned", NOW).entries] == ["3", "4", "2", "1"]


def test_a_user_that_stopped_is_not_called_connected() -> None:
    """A node that Konnect calls connected and that has not pinged for hours is no connected user of a certificate."""
    at = int(NOW.timestamp())
    old, new = (replace(node(name, "a"), last_ping=at - ago) for name, ago in (("old", 7200), ("new", 30)))
    assert [(each.name, each.connected) for each in one(make("x"), nodes=(old, new)).nodes] == [
        ("old", False), ("new", True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("rubbish", "not-a-certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not-a-certificate"),
        ("-----BEGIN CERTIFICATE-----\nMIIB", "truncated"),
        ("\ud800\x00\x1b[2J", "not-a-certificate"),
        (make("x").secret.reveal().decode(), "is-private-key"),
    ],
)
def test_what_is_no_certificate_is_shown_as_what_it_is(text: str, code: str) -> None:
    """Rubbish in an entry is a remark of that entry, in words, and no fault of the list."""
    entry = one(text)
    assert entry.fault is not None
    assert entry.fault.code == code
    assert words(entry) == ["unreadable"]
    assert entry.remarks[0].severity == "error"


def test_line_ends_do_not_matter() -> None:
    """CRLF, as in Konnect's own examples, and no line end at the end read as the same certificate."""
    leaf = make("edge-1")
    crlf = leaf.pem.decode().replace("\n", "\r\n").rstrip()
    entries = stock([given(leaf, "a"), given(crlf, "b")], [node("n", "a"), node("m", "b")], "pinned", NOW).entries
    assert [words(each) for each in entries] == [["duplicate"], ["duplicate"]]


def test_several_certificates_in_one_entry() -> None:
    """All certificates of an entry are described, and that there are several is told."""
    root = make("Corp CA", ca=True)
    entry = one((root.issue("edge-1").pem + root.pem).decode(), nodes=(node("n", "a"),))
    assert [held.subject for held in entry.holds] == ["CN=edge-1", "CN=Corp CA"]
    assert "2 in one" in words(entry)


def test_a_private_key_in_the_list_is_told() -> None:
    """A private key beside the certificate is the first thing that is said, and is shown nowhere."""
    leaf = make("edge-1")
    entry = one((leaf.pem + leaf.secret.reveal()).decode(), nodes=(node("n", "a"),))
    assert words(entry) == ["private key"]
    assert leaf.secret.reveal().decode().splitlines()[1] not in repr(entry)


@pytest.mark.parametrize(
    ("mode", "code", "severity"), [("pinned", "expired-pinned", "warning"), ("pki", "expired", "error")]
)
def test_what_ended_is_told_with_what_follows(mode: str, code: str, severity: str) -> None:
    """A CA that ended lets nobody in; of a pin that ended Konnect does not say."""
    ended = make("old", ca=mode == "pki", begins=NOW - 9 * DAY, ends=NOW - 3 * DAY)
    [entry] = stock([given(ended)], [node("edge-1", "a")], mode, NOW).entries
    [remark] = entry.remarks
    assert (remark.code, remark.severity, remark.word) == (code, severity, "expired")
    assert entry.days_left == -3


def test_what_ends_soon_says_how_many_nodes_that_takes() -> None:
    """Within 30 days the end is told in days, with the nodes it concerns and how many are connected."""
    soon = make("edge", ends=NOW + 12 * DAY)
    users = [node("edge-1", "a"), node("edge-2", "a", connected=False)]
    [entry] = stock([given(soon)], users, "pinned", NOW).entries
    [remark] = entry.remarks
    assert remark.word == "ends soon"
    assert "in 12 days; 2 nodes came in with it, 1 connected now." in remark.message


def test_a_certificate_that_begins_later() -> None:
    """A certificate that is not valid yet is told with when it will be."""
    assert words(one(make("x", begins=NOW + DAY), nodes=(node("n", "a"),))) == ["not valid yet"]


def test_unused_is_only_said_where_it_is_known() -> None:
    """A certificate nobody uses is told; not where a node doesn't say what it came in with."""
    leaf = make("edge-1")
    assert words(one(leaf)) == ["unused"]
    inventory = stock([given(leaf)], [node("shy", None)], "pinned", NOW)
    assert words(inventory.entries[0]) == []
    assert inventory.untold == ("shy",)
    assert not inventory.telling


def test_nodes_of_a_certificate_that_is_gone() -> None:
    """A node whose certificate is no longer in the list is named: it does not come back."""
    inventory = stock([given(make("edge-1"))], [node("edge-1", "a"), node("edge-2", "gone")], "pinned", NOW)
    assert inventory.astray == ("edge-2",)


def test_the_same_key_twice_is_no_duplicate() -> None:
    """Another certificate of the same key is told as what a renewal leaves behind."""
    first = make("edge-1")
    second = make("edge-1", key=first.key, ends=NOW + 700 * DAY)
    entries = stock([given(first, "a"), given(second, "b")], [node("n", "a"), node("m", "b")], "pinned", NOW).entries
    assert [words(each) for each in entries] == [["same key"], ["same key"]]
    assert f"{NOW + 700 * DAY:%Y-%m-%d}" in entries[0].remarks[0].message


def test_a_certificate_of_the_other_mode() -> None:
    """In pinned mode a CA, in PKI mode a leaf: told with who gets in by it."""
    ca, leaf = make("Corp CA", ca=True), make("edge-1")
    assert [remark.code for remark in one(ca).remarks] == ["issuer-uploaded", "unused-certificate"]
    assert [remark.code for remark in one(ca, nodes=(node("n", "a"),)).remarks] == ["ca-leaf"]
    assert [remark.code for remark in one(leaf, "pki", (node("n", "a"),)).remarks] == ["leaf-in-pki"]
    assert one(ca, "pki", (node("n", "a"),)).remarks == ()
    assert one(leaf, "something_new", (node("n", "a"),)).remarks == ()


def test_an_old_ping_is_no_connection() -> None:
    """Where Konnect doesn't say whether a node is connected, its last ping does."""
    pings = [Node(name, hostname=name, data_plane_cert_id="a", last_ping=int(NOW.timestamp()) - ago)
             for name, ago in (("here", 10), ("gone", 600))]  # fmt: skip
    [entry] = stock([given(make("edge"))], pings, "pinned", NOW).entries
    assert [(each.name, each.connected) for each in entry.nodes] == [("here", True), ("gone", False)]


HOSTILE = ["[/x]", "\x1b[31m\x1b[2J", "\u202egnp.exe", "two\nlines", "合成" * 9, "x" * 300]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_names_are_made_printable(text: str) -> None:
    """Subjects, titles and host names from outside are printable wherever they are talked about."""
    entries = [given(make(text[:64], ends=NOW + 5 * DAY), "a", text), given("rubbish", "b", text)]
    inventory = stock(entries, [node(text, "a"), node(text, None)], "pki", NOW)
    said = [remark.message for entry in inventory.entries for remark in entry.remarks]
    said += [entry.name for entry in inventory.entries] + [each.name for each in inventory.entries[1].nodes]
    said += [*inventory.untold, *(typed_name(entry, inventory)[1] for entry in inventory.entries)]
    assert all(each.isprintable() and "\u202e" not in each for each in said)


def test_what_has_to_be_typed_names_one_entry_only() -> None:
    """The title, where no other entry has it; else the name; else the beginning of the fingerprint; else the id."""
    ca = make("twin", ca=True)
    inventory = stock(
        [
            given(make("edge-1"), "a", "orders edge-1"),
            given(make("edge-2"), "b", "same"),
            given(make("twin"), "c", "same"),
            given(ca, "d", ""),
            given("rubbish", "e"),
            given(make("\u202eevil"), "f", "\x1b[2J"),
        ],
        [],
        "pinned",
        NOW,
    )
    typed = {entry.id: typed_name(entry, inventory) for entry in inventory.entries}
    assert typed["a"] == ("title", "orders edge-1")
    assert typed["b"] == ("name", "edge-2")
    assert typed["c"][0] == typed["d"][0] == "fingerprint"
    assert typed["f"] == ("name", "\\u202eevil")
    assert typed["e"] == ("id", "e")
    assert len(set(typed.values())) == 6


def test_an_entry_is_found_by_its_certificate() -> None:
    """Whether a control plane has a certificate is told by its DER, whatever the text around it."""
    leaf = make("edge-1")
    inventory = stock([given("# mine\n" + leaf.pem.decode(), "a")], [], "pinned", NOW)
    found = inventory.holding(inventory.entries[0].holds[0].sha256)
    assert found is not None
    assert found.id == "a"
    assert inventory.holding("0" * 64) is None


def test_a_thousand_certificates_are_read_quickly() -> None:
    """A thousand entries and ten thousand nodes are worked out well within two seconds."""
    pem = [make(f"edge-{number}") for number in range(20)]
    entries = [given(pem[number % 20], str(number), f"title {number}") for number in range(1000)]
    nodes = [node(f"node-{number}", str(number % 1000)) for number in range(10_000)]
    began = time.perf_counter()
    inventory = stock(entries, nodes, "pinned", NOW)
    assert time.perf_counter() - began < 2
    assert len(inventory.entries) == 1000


def test_konnect_is_asked_for_both_at_once() -> None:
    """Certificates and nodes come from Konnect, all pages of them."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        held = konnect.add_certificate(plane, make("edge").pem.decode(), "edges")
        for number in range(230):
            konnect.add_node(plane, f"edge-{number}", data_plane_cert_id=held["id"])
        inventory = ask(konnect, lambda client: take_stock(client, "eu", plane["id"], "pinned", NOW))
    assert inventory.nodes == 230
    assert len(inventory.entries[0].nodes) == 230


def test_without_the_right_to_see_nodes() -> None:
    """Where the nodes may not be listed, the certificates are, and why nothing is known of their use."""
    with FakeKonnect() as konnect:
        plane = konnect.add_control_plane("eu", "payments")
        konnect.add_certificate(plane, make("edge").pem.decode())
        konnect.script("GET", f"/eu/v2/control-planes/{plane['id']}/nodes", legacy(403, "Forbidden"))
        inventory = ask(konnect, lambda client: take_stock(client, "eu", plane["id"], "pinned", NOW))
    assert inventory.nodes_fault is not None
    assert inventory.nodes_fault.code == "not-permitted"
    assert [words(each) for each in inventory.entries] == [[]]


def test_a_control_plane_that_is_gone() -> None:
    """Where the certificates can't be listed, that is the error."""
    with FakeKonnect() as konnect, pytest.raises(KonnectError) as fault:
        ask(konnect, lambda client: take_stock(client, "eu", "nowhere", "pinned", datetime.now(UTC)))
    assert fault.value.code == "not-in-konnect"
