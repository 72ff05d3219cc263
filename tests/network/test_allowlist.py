import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace
from samples import HOST, TELEMETRY_HOST, node, pinned, pki

from konnect_tui.konnect.endpoint import Endpoint
from konnect_tui.network.allowlist import ADDRESS_FEED, render


def read(plan):
    """The CSV as rows, the JSON as a document, and the ticket."""
    files = render(plan)
    rows = list(csv.DictReader(io.StringIO(files["network/allowlist.csv"].data.decode())))
    document = json.loads(files["network/allowlist.json"].data)
    return rows, document, files["network/request.md"].data.decode()


def with_endpoints(plan, config: Endpoint, telemetry: Endpoint):
    """The plan of another control plane."""
    return replace(plan, control_plane=replace(plan.control_plane, config=config, telemetry=telemetry))


def test_a_node_needs_two_hosts():
    """Required are the control plane's two hosts, out on 443/TCP, with mutual TLS that nobody may open."""
    rows, _, ticket = read(pinned())
    required = [row for row in rows if row["required"] == "yes"]
    assert [(row["destination"], row["port"], row["protocol"], row["direction"]) for row in required] == [
        (HOST, "443", "TCP", "outbound"),
        (TELEMETRY_HOST, "443", "TCP", "outbound"),
    ]
    assert {row["source"] for row in required} == {"data plane nodes"}
    assert all("never intercept" in row["tls"] for row in required)
    assert [row["derived"] for row in required] == ["no", "yes"]
    assert "No TLS interception" in ticket
    assert f"`{TELEMETRY_HOST}` (*derived*)" in ticket


def test_what_is_optional_says_so():
    """Hosts for people and tools are marked, stand after the required ones, and none of them is a node's."""
    rows, _, ticket = read(pinned())
    assert [row["required"] for row in rows] == ["yes", "yes", "no", "no", "no"]
    optional = [row for row in rows if row["required"] == "no"]
    assert {row["destination"] for row in optional} == {
        "eu.api.konghq.com",
        "global.api.konghq.com",
        "cloud.konghq.com",
    }
    assert {row["source"] for row in optional} == {"people and automation"}
    before, _, after = ticket.partition("## Optional")
    assert "api.konghq.com" not in before
    assert "eu.api.konghq.com" in after


def test_one_host_for_both_is_one_rule():
    """A PrivateLink name carries both connections, so it is asked for once; Konnect's public addresses don't matter."""
    rows, document, ticket = read(pki())
    required = [row for row in rows if row["required"] == "yes"]
    assert [row["destination"] for row in required] == ["eu.svc.konghq.com"]
    assert "configuration" in required[0]["purpose"]
    assert "telemetry" in required[0]["purpose"]
    assert document["address_feed"] is None
    assert ADDRESS_FEED not in ticket
    assert "PrivateLink" in ticket


def test_another_port_and_server_name():
    """The rule has the endpoint's own port and the name that stands in the TLS handshake."""
    config = Endpoint("cp.example.com", port=8443, server_name="control.example.com")
    rows, document, _ = read(with_endpoints(pinned(), config, Endpoint("tp.example.com")))
    assert (rows[0]["destination"], rows[0]["port"], rows[0]["server_name"]) == (
        "cp.example.com",
        "8443",
        "control.example.com",
    )
    assert rows[1]["port"] == "443"
    assert len(rows) == 2
    assert document["address_feed"] is None


def test_csv_and_json_say_the_same():
    """The table and the document hold the same rules, and the document who they are for."""
    rows, document, _ = read(pinned())
    plain = [
        {key: {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
         for key, value in rule.items()}
        for rule in document["rules"]
    ]  # fmt: skip
    assert rows == plain
    assert document["nodes"] == ["edge-1", "edge-2"]
    assert document["address_feed"] == ADDRESS_FEED


def test_a_thousand_nodes_stay_a_ticket():
    """The ticket lists the first nodes and says where the others stand; the document has them all."""
    plan = replace(pinned(), nodes=tuple(node(f"edge-{i}") for i in range(1000)))
    _, document, ticket = read(plan)
    assert len(document["nodes"]) == 1000
    assert "and 980 more" in ticket
    assert len(ticket) < 5000


@given(st.text(min_size=2, max_size=256))
def test_any_name_stays_text(name):
    """A control plane's name is shown as it is and does nothing: no markup, no control character, no broken JSON."""
    plan = replace(pinned(), control_plane=replace(pinned().control_plane, name=name))
    files = render(plan)
    assert files["network/allowlist.json"].data.isascii()
    assert json.loads(files["network/allowlist.json"].data)["control_plane"] == name
    ticket = files["network/request.md"].data.decode()
    assert not {character for character in ticket if character < " "} - {"\n"}
    (line,) = [line for line in ticket.split("\n") if line.startswith("Control plane:")]
    (inline,) = [token for token in MarkdownIt("commonmark").parse(line) if token.type == "inline"]
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}


def test_the_same_plan_gives_the_same_bytes():
    """Nothing random and no clock is in these files."""
    assert render(pki()) == render(pki())
