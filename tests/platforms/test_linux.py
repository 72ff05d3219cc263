import pytest
from hypothesis import given
from hypothesis import strategies as st
from kong_conf_reader import read
from msgspec.structs import replace
from samples import PLANS, Options, material, node, pinned, pki

from konnect_tui.bundle import PUBLIC_MODE, SCRIPT_MODE
from konnect_tui.errors import KonnectError
from konnect_tui.gateway.escape import kong_conf
from konnect_tui.platforms import options_of
from konnect_tui.platforms.linux import PLATFORM


def chosen(**options: str) -> Options:
    """The platform with these options, all others by default."""
    return {"linux": options_of("linux", options)}


def conf(plan, name: str) -> dict[str, str]:
    """The kong.conf of one node, as Kong reads it."""
    return read(PLATFORM.render(plan, material(plan))[f"linux/{name}/kong.conf"].data.decode())


@pytest.mark.parametrize("name", PLANS)
def test_every_node_gets_its_own_two_files(name):
    """Each node has a kong.conf that others may read and a script that can be run, and nothing else."""
    plan = PLANS[name](chosen())
    files = PLATFORM.render(plan, material(plan))
    assert {path: file.mode for path, file in files.items()} == {
        f"linux/{one.name}/{what}": mode
        for one in plan.nodes
        for what, mode in (("kong.conf", PUBLIC_MODE), ("install.sh", SCRIPT_MODE))
    }


def test_no_nodes_no_files():
    """A bundle that is for uploading only has nothing to install."""
    plan = replace(pinned(chosen()), nodes=())
    assert PLATFORM.render(plan, material(plan)) == {}
    assert PLATFORM.commands(plan) == ()


def test_the_status_port_faces_nobody():
    """Clients reach the proxy at the chosen address; status stays on the host itself."""
    read_back = conf(pki(chosen(bind_address="192.0.2.10")), "pay-2")
    assert read_back["proxy_listen"].startswith("192.0.2.10:8080 ")
    assert "192.0.2.10:8443 http2 ssl" in read_back["proxy_listen"]
    assert read_back["stream_listen"].startswith("192.0.2.10:9000 ")
    assert read_back["status_listen"] == "127.0.0.1:8100"


def test_an_address_that_is_none_is_refused():
    """999.1.1.1 fits the pattern and is no address, so it is named before anything is written."""
    assert PLATFORM.check(pinned(chosen())) == ()
    assert PLATFORM.check(pinned(chosen(bind_address="fd00::1"))) == ()
    (problem,) = PLATFORM.check(pinned(chosen(bind_address="999.1.1.1")))
    assert (problem.field, problem.severity) == ("platform.linux.bind_address", "error")


def test_files_are_where_kong_conf_says():
    """kong.conf names the installed files, the trust file where there is one, and the package's own prefix."""
    plain = conf(pinned(chosen()), "edge-1")
    assert plain["cluster_cert"] == "/etc/kong/konnect/tls.crt"
    assert plain["cluster_cert_key"] == "/etc/kong/konnect/tls.key"
    assert plain["lua_ssl_trusted_certificate"] == "system"
    assert plain["prefix"] == "/usr/local/kong"
    own = conf(pki(chosen(folder="/srv/kong/keys", prefix="/srv/kong/prefix")), "pay-1")
    assert own["cluster_cert"] == "/srv/kong/keys/tls.crt"
    assert own["lua_ssl_trusted_certificate"] == "/srv/kong/keys/control-plane-ca.crt"
    assert own["prefix"] == "/srv/kong/prefix"


def test_parameters_with_quotes_and_hashes_arrive():
    """What the operator wrote is what Kong reads, though # and quotes mean something in kong.conf."""
    assert conf(pki(chosen()), "pay-1")["nginx_http_log_format"] == "show '$remote_addr # \"$request\"' \\n 100%"


def test_a_value_that_kong_conf_cannot_say_is_refused():
    """A line break would end the value, so nothing is written and the parameter is named."""
    plan = replace(pinned(chosen()), parameters=(("headers", "off\nrole = control_plane"),))
    with pytest.raises(KonnectError) as caught:
        PLATFORM.render(plan, material(plan))
    assert caught.value.code == "value-not-expressible"
    assert "headers" in caught.value.message
    assert "control_plane" not in str(caught.value.message)


@given(st.text())
def test_any_value_survives_kong_conf(value):
    """Whatever kong.conf can say comes back as it was, numbers in the form Lua gives them; the rest is refused."""
    try:
        written = kong_conf(value)
    except KonnectError:
        return
    lines = f"before = x\nheaders = {written}\nafter = y\n"
    read_back = read(lines)
    assert read_back["before"] == "x"
    assert read_back["after"] == "y"
    assert read_back["headers"] in (value, read(f"headers = {read_back['headers']}")["headers"])
    if not value[:1].isdigit() and value[:1] not in ("+", "-"):
        assert read_back["headers"] == value


@given(st.text(alphabet="#\\'\" =;[]a1", min_size=1, max_size=12))
def test_marks_of_kong_conf_survive(value):
    r"""Every mix of #, \, quotes, =, ; and brackets is either read back whole or refused."""
    try:
        written = kong_conf(value)
    except KonnectError:
        return
    assert read(f"headers = {written}") == {"headers": value}


def test_many_nodes_make_few_lines():
    """What to run stays readable for a thousand nodes."""
    plan = replace(pinned(chosen()), nodes=tuple(node(f"edge-{i}") for i in range(1000)))
    assert 0 < len(PLATFORM.commands(plan)) < 10
