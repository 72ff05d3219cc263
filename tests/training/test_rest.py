"""The embedded API is as strict as Konnect's, and open to programs on its own machine alone."""

import asyncio
import gzip
import io
import json
import socket
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientSession
from certificate_maker import make
from embedded import Embedded
from yarl import URL

from konnect_tui.training.addresses import Wanted
from konnect_tui.training.nodes import Node, Nodes
from konnect_tui.training.store import Store

PROBLEM = "application/problem+json"


class Answer(NamedTuple):
    """What came back."""

    status: int
    kind: str
    body: Any
    headers: Mapping[str, str]


def ask(embedded: Embedded, method: str, path: str | URL, body: object = None, **more: Any) -> Answer:
    """One request, with the token unless `headers` say otherwise."""
    headers = {"Authorization": f"Bearer {embedded.running.token}"} | more.pop("headers", {})
    data = io.BytesIO(body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode())

    async def asking() -> Answer:
        async with (
            ClientSession(f"http://127.0.0.1:{embedded.rest_port}") as session,
            session.request(method, path, data=data, headers=headers, **more) as answer,
        ):
            raw = await answer.read()
            return Answer(answer.status, answer.content_type, json.loads(raw) if raw else None, dict(answer.headers))

    return asyncio.run(asking())


def wrong(embedded: Embedded, body: object) -> set[tuple[str, str]]:
    """Field and rule of everything that is wrong with a new control plane."""
    answer = ask(embedded, "POST", "/eu/v2/control-planes", body)
    assert (answer.status, answer.kind) == (400, PROBLEM)
    assert answer.body["instance"].startswith("konnect:trace:")
    return {(each["field"], each.get("rule", "")) for each in answer.body["invalid_parameters"]}


@pytest.fixture(scope="module")
def plane(embedded: Embedded) -> str:
    """The path of a control plane."""
    made = ask(embedded, "POST", "/eu/v2/control-planes", {"name": "rest tests"})
    assert made.status == 201
    return f"/eu/v2/control-planes/{made.body['id']}"


PATHS = [
    "/global/v3/organizations/me",
    "/global/v3/users/me",
    "/global/v3/available-regions",
    "/eu/v2/control-planes",
    "{plane}",
    "{plane}/group-member-status",
    "{plane}/expected-config-hash",
    "{plane}/dp-client-certificates",
    "{plane}/nodes",
    "{plane}/nodes/eol",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer other", "Basic {token}", "{token}"])
def test_a_route_wants_the_token(embedded: Embedded, plane: str, path: str, header: str) -> None:
    """No route answers without the organisation's token."""
    where = path.format(plane=plane)
    assert ask(embedded, "GET", where).status == 200
    headers = {"Authorization": header.format(token=embedded.running.token)}
    assert ask(embedded, "GET", where, headers=headers).status == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8790", "localhost.evil.example", "0.0.0.0", ""]
)
def test_another_host_name_is_refused(embedded: Embedded, host: str) -> None:
    """A name that was made to lead to this machine (DNS rebinding) gets nothing, token or not."""
    assert ask(embedded, "GET", "/eu/v2/control-planes", headers={"Host": host}).status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "[::1]:8790", "LOCALHOST:80"])
def test_loopback_names_are_taken(embedded: Embedded, host: str) -> None:
    """The names of this machine itself are taken, with any port: it may be behind a tunnel."""
    assert ask(embedded, "GET", "/eu/v2/control-planes", headers={"Host": host}).status == 200


def test_a_page_in_a_browser_is_refused(embedded: Embedded) -> None:
    """A web page can't use the API, not even one from this machine."""
    assert ask(embedded, "GET", "/eu/v2/control-planes", headers={"Origin": "http://localhost"}).status == 403


def test_a_region_is_what_the_path_decodes_to(embedded: Embedded) -> None:
    """An escaped slash makes no region of its own: nothing can be created where nobody would find it."""
    for region in ("eu%2Fx", "eu%2F", "%2Feu", "us%2F..%2Feu"):
        path = URL(f"/{region}/v2/control-planes", encoded=True)
        assert ask(embedded, "GET", path).status == 404
        assert ask(embedded, "POST", path, {"name": "smuggled"}).status == 404


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"name": "\xff\xfe"}', {}),
        (b"not gzip", {"Content-Encoding": "gzip"}),
        (b"not deflate", {"Content-Encoding": "deflate"}),
        (gzip.compress(b" " * (32 << 20)), {"Content-Encoding": "gzip"}),
    ],
    ids=["not-utf-8", "not-gzip", "not-deflate", "a-bomb"],
)
def test_a_body_that_is_not_what_it_says(embedded: Embedded, plane: str, body: bytes, headers: dict[str, str]) -> None:
    """Bytes that are not in the encoding they claim are the client's fault, in the form of the part that was asked."""
    made = ask(embedded, "POST", "/eu/v2/control-planes", body, headers=headers)
    assert (made.status, made.kind) == (400, PROBLEM)
    pinned = ask(embedded, "POST", f"{plane}/dp-client-certificates", body, headers=headers)
    assert (pinned.status, pinned.kind, pinned.body) == (400, "application/json", {"message": "Bad Request"})


def test_more_labels_than_anything_can_have(embedded: Embedded) -> None:
    """A filter for thousands of labels finds nothing or is refused; it is no fault of the server."""
    labels = ",".join(f"k{number}" for number in range(1500))
    refused = ask(embedded, "GET", f"/eu/v2/control-planes?labels={labels}")
    assert (refused.status, refused.kind) == (400, PROBLEM)
    assert refused.body["invalid_parameters"][0]["field"] == "labels"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {("name", "required")}),
        ({"name": "x"}, {("name", "min_length")}),
        ({"name": "x" * 257}, {("name", "max_length")}),
        ({"name": 1}, {("name", "is_string")}),
        ({"name": "ok", "description": None}, {("description", "is_string")}),
        ({"name": "ok", "description": "x" * 2049}, {("description", "max_length")}),
        ({"name": "ok", "cluster_type": "CLUSTER_TYPE_HYBRID"}, {("cluster_type", "enum")}),
        ({"name": "ok", "auth_type": ["pki_client_certs"]}, {("auth_type", "enum")}),
        ({"name": "ok", "cloud_gateway": "no"}, {("cloud_gateway", "is_boolean")}),
        ({"name": "ok", "id": "x"}, {("id", "unknown_property")}),
        ({"name": "ok", "labels": []}, {("labels", "is_object")}),
        ({"name": "ok", "labels": {"kong-x": "a"}}, {("labels.kong-x", "is_label")}),
        ({"name": "ok", "labels": {"a": "-"}}, {("labels.a", "is_label")}),
        ({"name": "ok", "labels": {"a": 1}}, {("labels.a", "is_string")}),
        (
            {"name": "ok", "proxy_urls": [{}] * 6},
            {
                ("proxy_urls", "max_items"),
                *(
                    (f"proxy_urls[{place}].{key}", "required")
                    for place in range(5)
                    for key in ("host", "port", "protocol")
                ),
            },
        ),
        (
            {"name": "ok", "proxy_urls": [{"host": "h", "port": 0, "protocol": "https", "x": 1}]},
            {("proxy_urls[0].port", "min"), ("proxy_urls[0].x", "unknown_property")},
        ),
        ([], {("body", "is_object")}),
        (b"{", {("body", "is_object")}),
        (b'{"name": "' + b"x" * (2 << 20) + b'"}', {("body", "is_object")}),
        (b"[" * 100_000, {("body", "is_object")}),
    ],
)
def test_what_is_wrong_is_named(embedded: Embedded, body: object, expected: set[tuple[str, str]]) -> None:
    """Every field that is wrong is named with the rule it breaks, in Konnect's words."""
    assert wrong(embedded, body) == expected


def test_a_name_is_taken_once_a_region(embedded: Embedded) -> None:
    """A name can be used once in each region; renaming does not get around that."""
    for region, status in (("eu", 201), ("eu", 409), ("us", 201)):
        assert ask(embedded, "POST", f"/{region}/v2/control-planes", {"name": "twice"}).status == status
    other = ask(embedded, "POST", "/eu/v2/control-planes", {"name": "other name"}).body["id"]
    assert ask(embedded, "PATCH", f"/eu/v2/control-planes/{other}", {"name": "twice"}).status == 400
    assert ask(embedded, "PATCH", f"/eu/v2/control-planes/{other}", {"name": "third"}).body["name"] == "third"


def test_a_control_plane_belongs_to_its_region(embedded: Embedded, plane: str) -> None:
    """In another region a control plane is not found, nor what belongs to it; unknown regions have nothing."""
    for path in ("", "/group-member-status", "/nodes", "/dp-client-certificates", "/expected-config-hash"):
        assert ask(embedded, "GET", f"{plane}{path}".replace("/eu/", "/us/")).status == 404
    for region in ("au", "global", "xx", "EU"):
        assert ask(embedded, "GET", f"/{region}/v2/control-planes").status == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page[size]=1000", 200),
        ("page[size]=1001", 400),
        ("page[size]=0", 400),
        ("page[size]=x", 400),
        ("page[size]=", 200),
        ("page[number]=99999999", 200),
        ("page[number]=-1", 400),
        ("page[number]=9999999999999999999999", 400),
        ("sort=created_at desc", 200),
        ("sort=name", 400),
        ("filter[name][contains]=REST", 200),
        ("filter[name][like]=x", 400),
        ("filter[colour]=x", 400),
        ("filter[cloud_gateway]=false", 200),
        ("filter[cloud_gateway]=maybe", 400),
        ("labels=env:training,team", 200),
    ],
)
def test_queries(embedded: Embedded, query: str, status: int) -> None:
    """Pages have a largest size, and only what Konnect knows can be filtered and sorted by."""
    assert ask(embedded, "GET", f"/eu/v2/control-planes?{query}").status == status


def test_filters_find(embedded: Embedded, plane: str) -> None:
    """Filters give what they say."""

    def names(query: str) -> list[str]:
        found = ask(embedded, "GET", f"/eu/v2/control-planes?page[size]=1000&{query}").body["data"]
        return [each["name"] for each in found]

    identity = plane.rpartition("/")[2]
    assert names("filter[name][contains]=EST TEST") == ["rest tests"]
    assert names("filter[name][eq]=rest") == []
    assert names(f"filter[id][oeq]=x,{identity}") == ["rest tests"]
    assert names("labels=env:training,team:payments") == ["payments"]
    assert "rest tests" not in names("filter[name][neq]=rest tests")
    assert names("filter[cluster_type][neq]=CLUSTER_TYPE_CONTROL_PLANE") == []
    assert names("sort=created_at desc") == names("")[::-1]


def test_pages_do_not_overlap(embedded: Embedded) -> None:
    """Going through the pages gives every control plane once."""
    seen: list[str] = []
    for number in range(1, 100):
        answer = ask(embedded, "GET", f"/eu/v2/control-planes?page[size]=2&page[number]={number}").body
        seen += (each["id"] for each in answer["data"])
        if not answer["data"]:
            break
    assert len(set(seen)) == len(seen) == answer["meta"]["page"]["total"]


def test_certificates_are_refused_as_the_configuration_api_does(embedded: Embedded, plane: str) -> None:
    """Errors of the configuration API have its own form, and name the field."""
    pem = make("edge-1").pem.decode()
    path = f"{plane}/dp-client-certificates"
    for body, field in (
        ({"cert": "x"}, "cert"),
        ({"title": "no certificate"}, "cert"),
        ({"cert": pem * 2}, "cert"),
        ({"cert": pem, "key": "x"}, "key"),
        ({"cert": pem, "title": 1}, "title"),
    ):
        answer = ask(embedded, "POST", path, body)
        assert (answer.status, answer.kind, answer.body["code"]) == (400, "application/json", 3)
        assert [each["field"] for each in answer.body["details"]] == [field]
    assert ask(embedded, "POST", path, []).body == {"message": "Bad Request"}
    assert ask(embedded, "GET", f"{path}/nothing").body == {"message": "Not Found"}


def test_a_certificate_is_changed_under_its_id(embedded: Embedded, plane: str) -> None:
    """PUT keeps the id; the same certificate may be there twice, with whatever line ends."""
    first, second = (make(name).pem.decode() for name in ("first", "second"))
    path = f"{plane}/dp-client-certificates"
    made = ask(embedded, "POST", path, {"cert": first.replace("\n", "\r\n"), "title": "one"}).body["item"]
    again = ask(embedded, "POST", path, {"cert": first}).body["item"]
    assert made["id"] != again["id"]
    changed = ask(embedded, "PUT", f"{path}/{made['id']}", {"cert": second, "title": "two"}).body["item"]
    assert (changed["id"], changed["cert"], changed["title"]) == (made["id"], second, "two")
    assert ask(embedded, "GET", f"{path}/{made['id']}").body["item"] == changed
    assert ask(embedded, "DELETE", f"{path}/{made['id']}").status == 204
    assert ask(embedded, "DELETE", f"{path}/{made['id']}").status == 404


def test_nodes_can_be_read_and_forgotten(embedded: Embedded) -> None:
    """A node's record is found by its id and deleted; old versions are told apart."""
    [orders] = ask(embedded, "GET", "/us/v2/control-planes?filter[name][eq]=orders").body["data"]
    path = f"/us/v2/control-planes/{orders['id']}/nodes"
    first = ask(embedded, "GET", f"{path}?page[size]=1").body
    second = ask(embedded, "GET", f"{path}?page[size]=1&page[after]={first['page']['next']}").body
    assert "next" not in second["page"]
    assert {each["hostname"] for page in (first, second) for each in page["items"]} == {"orders-1", "orders-2"}
    node = second["items"][0]
    assert ask(embedded, "GET", f"{path}/{node['id']}").body == {"item": node}
    assert ask(embedded, "GET", f"{path}/eol").body["page"] == {"total_count": 0}
    for query in ("page[size]=0", "page[size]=1001", "page[after]=!", "page[after]=-1"):
        assert ask(embedded, "GET", f"{path}?{query}").status == 400


def test_old_versions_are_paged_by_themselves(tmp_path: Path) -> None:
    """Nodes past their support are counted over all nodes, and a page of them is full while there are more."""
    with Embedded(tmp_path) as first:
        [orders] = ask(first, "GET", "/us/v2/control-planes?filter[name][eq]=orders").body["data"]
    store = Store(str(tmp_path))
    Nodes(store).add([Node(orders["id"], f"old-{number}", "old", "3.7.1.5", 0, 0, 0) for number in range(3)])
    store.close()
    with Embedded(tmp_path) as embedded:
        path = f"/us/v2/control-planes/{orders['id']}/nodes/eol?page[size]=2"
        page = ask(embedded, "GET", path).body
        rest = ask(embedded, "GET", f"{path}&page[after]={page['page'].pop('next')}").body
    assert [each["node_id"] for answer in (page, rest) for each in answer["items"]] == ["old-0", "old-1", "old-2"]
    assert page["page"] == rest["page"] == {"total_count": 3}


def test_no_control_planes_beyond_the_limit(tmp_path: Path) -> None:
    """An organisation has a largest number of control planes, and says so as Konnect does."""
    with Embedded(tmp_path, Wanted(seed="scale")) as scale:
        for number in range(2):
            assert ask(scale, "POST", "/us/v2/control-planes", {"name": f"more {number}"}).status == 201
        assert wrong(scale, {"name": "one too many"}) == {("object", "")}


def test_methods_and_paths_there_are_not(embedded: Embedded, plane: str) -> None:
    """Another method is told which there are; another path is not found."""
    answer = ask(embedded, "PUT", plane, {})
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(",")) >= {"GET", "PATCH", "DELETE"}
    for path in ("/", "/eu", "/eu/v2", "/eu/v3/organizations/me", f"{plane}/secrets", "/eu/v2/control-planes/"):
        assert ask(embedded, "GET", path).status == 404
    assert ask(embedded, "GET", "/eu/v2/control-planes/not-an-id").status == 400


GET = b"GET /eu/v2/control-planes HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /eu/v2/control-planes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00 MARKED\r\n\r\n", 400),
        (b"MARKED /eu/v2/control-planes HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /MARKED\r\n\r\n", 403),
        (b"GET /MARKED HTTP/9.9\r\n\r\n", 400),
        (b"GET /" + b"MARKED" * 5000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://[MARKED/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (GET + b"X-Huge: " + b"MARKED" * 5000 + b"\r\n\r\n", 400),
        (GET + b"X-Many: MARKED\r\n" * 1000 + b"\r\n", 400),
        (GET + b"MARKED without a colon\r\n\r\n", 400),
        (POST + b"Content-Length: MARKED\r\n\r\n", 400),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nMARKED", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nMARKED\r\n{}\r\n0\r\n\r\n", 400),
        (POST + b"Expect: MARKED\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", 400),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", 404),
        (b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", 404),
    ],
    ids=[
        "tls",
        "method",
        "http-0.9",
        "http-9.9",
        "long-line",
        "url",
        "huge-header",
        "many-headers",
        "no-header",
        "length",
        "two-lengths",
        "chunk",
        "expectation",
        "asterisk",
        "connect",
    ],
)
def test_what_is_no_http(embedded: Embedded, request_: bytes, status: int) -> None:
    """What can't be read as a request is refused in the API's own form; nothing that came is said again."""
    if status == 404:
        request_ += f"Authorization: Bearer {embedded.running.token}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", embedded.rest_port), timeout=10) as connection:
        connection.sendall(request_)
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
            some = connection.recv(65536)
            assert some, answer
            answer += some
    head, _, body = answer.partition(b"\r\n\r\n")
    told = json.loads(body)
    assert f" {status} ".encode() in head.splitlines()[0]
    assert PROBLEM.encode() in head
    assert told["status"] == status
    assert told["instance"].startswith("konnect:trace:")
    assert b"MARKED" not in answer
    assert ask(embedded, "GET", "/eu/v2/control-planes").status == 200


def test_a_full_disk_is_said(embedded: Embedded, plane: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that can't be written is no fault of Konnect's: the answer says what the machine says."""

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Store, "write", full)
    monkeypatch.setattr(Store, "write_all", full)
    made = ask(embedded, "POST", "/eu/v2/control-planes", {"name": "one more"})
    assert (made.status, made.kind) == (500, PROBLEM)
    assert "database or disk is full" in made.body["detail"]
    pinned = ask(embedded, "POST", f"{plane}/dp-client-certificates", {"cert": make("edge-1").pem.decode()})
    assert (pinned.status, pinned.kind) == (500, "application/json")
    assert "database or disk is full" in pinned.body["message"]
