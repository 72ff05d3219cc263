import re
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from samples import PLANS, Options, material, node, pinned, pki, training

from konnect_tui.bundle import PUBLIC_MODE, SCRIPT_MODE
from konnect_tui.draft import OptionValue
from konnect_tui.platforms import options_of
from konnect_tui.platforms.helm import LONGEST_RELEASE, PLATFORM, base_name, releases

DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def chosen(**options: OptionValue) -> Options:
    """The platform with these options, all others by default."""
    return {"helm": options_of("helm", options)}


def values(plan, path: str = "values.yaml"):
    """One of the YAML files of the release's folder, read."""
    return yaml.safe_load(PLATFORM.render(plan, material(plan))[f"helm/{base_name(plan)}/{path}"].data)


def shared(plan, count: int):
    """The plan with one key for that many nodes."""
    return replace(
        plan,
        certificate=replace(plan.certificate, per="bundle"),
        nodes=tuple(node(f"edge-{i}", i, labels=(("zone", "a"),)) for i in range(1, count + 1)),
    )


@pytest.mark.parametrize("name", PLANS)
def test_values_and_a_script(name):
    """The release's folder holds values that others may read and a script that can be run."""
    plan = PLANS[name](chosen())
    modes = {path: file.mode for path, file in PLATFORM.render(plan, material(plan)).items()}
    folder = f"helm/{base_name(plan)}"
    assert modes.pop(f"{folder}/values.yaml") == PUBLIC_MODE
    assert modes.pop(f"{folder}/install.sh") == SCRIPT_MODE
    assert set(modes) == ({f"{folder}/nodes/pay-2.yaml"} if name == "pki" else set())


def test_no_nodes_no_files():
    """A bundle that is for uploading only has nothing to install."""
    plan = replace(pinned(chosen()), nodes=())
    assert PLATFORM.render(plan, material(plan)) == {}
    assert PLATFORM.commands(plan) == ()
    assert PLATFORM.check(plan) == ()


def test_a_release_for_every_key():
    """Nodes with a key each are a release each, named after the node; a shared key is one release with replicas."""
    assert [one.name for one in releases(pinned(chosen(release="kong")))] == ["kong-edge-1", "kong-edge-2"]
    alone = shared(pinned(chosen(release="kong")), 3)
    assert [(one.name, one.labels, one.hostname) for one in releases(alone)] == [("kong", "node:kong,zone:a", "-")]
    assert values(alone)["replicaCount"] == 3
    assert values(shared(pinned(chosen(replicas=5)), 3))["replicaCount"] == 5
    assert [one.labels for one in releases(shared(pinned(chosen()), 1))] == ["node:edge-1,zone:a"]


def test_a_node_added_later_renames_nothing():
    """The releases that are there keep their names whatever nodes come after them."""
    plan = pinned(chosen())
    more = replace(plan, nodes=(*plan.nodes, node("another-node-with-a-long-name")))
    assert releases(more)[:2] == releases(plan)
    one = replace(plan, nodes=plan.nodes[:1])
    assert releases(one) == releases(plan)[:1]


def test_pods_have_the_nodes_host_name_only_where_there_is_one_pod():
    """One pod is called as the node; several pods keep names of their own, or Konnect could not tell them apart."""
    assert [one.hostname for one in releases(pinned(chosen()))] == ["edge-1", "edge-2"]
    assert [one.hostname for one in releases(pinned(chosen(replicas=2)))] == ["-", "-"]
    plan = pinned(chosen())
    dotted = replace(plan, nodes=(replace(plan.nodes[0], hostname="edge-1.example.com"),))
    assert [one.hostname for one in releases(dotted)] == ["edge-1"]


@pytest.mark.parametrize(("length", "fits"), [(LONGEST_RELEASE, True), (LONGEST_RELEASE + 1, False)])
def test_names_that_helm_would_refuse_are_named(length, fits):
    """A release of 53 characters is fine, one more is an error that names the node and what to shorten."""
    plan = replace(pinned(chosen(release="kong")), nodes=(node("edge-1"), node("n" * (length - 5))))
    problems = PLATFORM.check(plan)
    assert [problem.code for problem in problems] == ([] if fits else ["release-name-too-long"])
    for problem in problems:
        assert "n" * (length - 5) in problem.message
        assert (problem.field, problem.severity) == ("platform.helm.release", "error")
        assert "at most 3 characters" in problem.hint


@given(st.integers(1, 53), st.sampled_from(["abc", "edge-eu-1a2b"]))
def test_what_the_chart_makes_of_a_name_fits(length, base):
    """Volumes and Secrets named after a release are DNS labels, and different releases never meet."""
    plan = replace(
        pinned(chosen(release=base)),
        nodes=(node("a" * length), node("a" * (length - 1) + "b")),
    )
    if PLATFORM.check(plan):
        return
    one, two = releases(plan)
    assert one.fullname != two.fullname
    for name in (f"{one.fullname}-prefix-dir", f"{one.name}-cert", f"{one.name}-trust"):
        assert DNS_LABEL.fullmatch(name), name


def test_the_default_release_leaves_room_for_nodes():
    """A bundle with a long name still takes node names of 32 characters, and stays apart from its like."""
    long = replace(pinned(chosen()), slug="a-very-long-bundle-name-that-goes-on-and-on-3c4d", nodes=(node("n" * 32),))
    other = replace(long, slug="a-very-long-bundle-name-that-goes-on-and-on-and-on-9f00")
    assert PLATFORM.check(long) == ()
    assert base_name(long) != base_name(other)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("kong/kong-gateway:3.14.0.13", {"repository": "kong/kong-gateway", "tag": "3.14.0.13"}),
        (
            "mirror.example:5000/kong/gw:3.14-ubuntu",
            {"repository": "mirror.example:5000/kong/gw", "tag": "3.14-ubuntu"},
        ),
        ("kong/kong-gateway@sha256:" + "0" * 64, {"unifiedRepoTag": "kong/kong-gateway@sha256:" + "0" * 64}),
        (
            "mirror.example:5000/gw:3.14@sha256:" + "0" * 64,
            {"unifiedRepoTag": "mirror.example:5000/gw:3.14@sha256:" + "0" * 64},
        ),
    ],
)
def test_images(image, expected):
    """Tag, flavour, mirror with a port and digest reach the chart, which always learns the version."""
    assert values(replace(pinned(chosen()), image=image))["image"] == {**expected, "effectiveSemver": "3.14.0"}


def test_a_distroless_image_runs_no_command():
    """In an image without a shell the chart's own commands are left out."""
    plain = values(pinned(chosen()))
    bare = values(replace(pinned(chosen()), image="kong/kong-gateway:3.14-distroless"))
    assert "lifecycle" not in plain
    assert "kong" not in plain["deployment"]
    assert bare["lifecycle"] is None
    assert bare["waitImage"] == {"enabled": False}
    assert bare["deployment"]["kong"]["initContainers"]["clearStalePid"] == {"enabled": False}


def test_options_reach_the_values():
    """OpenShift, the pull secret, the Service and its annotations are what was chosen."""
    said = values(
        pinned(
            chosen(
                openshift=True,
                pull_secret="pull",
                service_type="ClusterIP",
                service_annotations="a.example/b=c=d;e=",
                http_service_port=8080,
                cpu="250m",
            )
        )
    )
    assert said["containerSecurityContext"] == {"enabled": False}
    assert said["image"]["pullSecrets"] == ["pull"]
    assert said["proxy"]["type"] == "ClusterIP"
    assert said["proxy"]["annotations"] == {"a.example/b": "c=d", "e": ""}
    assert said["proxy"]["http"]["servicePort"] == 8080
    assert said["resources"]["requests"]["cpu"] == "250m"
    assert "containerSecurityContext" not in values(pinned(chosen()))


def test_what_the_chart_owns_is_left_to_it():
    """Listeners, prefix and port maps come from the chart's own values, and Kong's switches are text."""
    env = values(pki(chosen()))["env"]
    assert not {"proxy_listen", "status_listen", "stream_listen", "prefix", "port_maps"} & set(env)
    assert all(isinstance(value, str) for value in env.values())
    assert env["database"] == "off"
    assert env["konnect_mode"] == "on"
    assert env["lua_ssl_trusted_certificate"] == "/etc/secrets/payments-eu-3c4d-trust/control-plane-ca.crt"


def test_an_own_parameter_wins_over_the_chart():
    """A parameter that the operator wrote is kept even where the chart has a value of its own."""
    plan = replace(pinned(chosen()), parameters=(("port_maps", "80:8000, 443:8443"),))
    assert values(plan)["env"]["port_maps"] == "80:8000, 443:8443"


def test_a_node_with_ports_of_its_own():
    """A node that listens elsewhere than its siblings gets a file with just its ports."""
    own = values(pki(chosen()), "nodes/pay-2.yaml")
    assert own["proxy"]["http"]["containerPort"] == 8080
    assert own["proxy"]["stream"] == [{"containerPort": 9000, "servicePort": 9000, "protocol": "TCP"}]
    assert set(own) == {"proxy", "status"}


def test_ports_of_a_shared_release():
    """Where all nodes are one release and their ports differ, somebody is told."""
    plan = shared(pinned(chosen()), 2)
    assert PLATFORM.check(plan) == ()
    differing = replace(plan, nodes=(plan.nodes[0], replace(plan.nodes[1], ports=(8080, 8443, 8100))))
    assert [(one.severity, one.code) for one in PLATFORM.check(differing)] == [("warning", "one-release")]


def test_what_the_chart_would_misread_is_refused():
    """The chart takes any value with the word valueFrom for a reference, so such a value is an error."""
    plan = replace(pinned(chosen()), parameters=(("nginx_http_x", "valueFrom"),))
    (problem,) = PLATFORM.check(plan)
    assert (problem.field, problem.severity) == ("node.parameters.nginx_http_x", "error")


def test_a_port_below_1024_is_a_warning():
    """A pod without capabilities may not get port 80: that is said, and the Service's port is named instead."""
    plan = replace(pinned(chosen()), nodes=(replace(node("edge-1"), ports=(80, 8443, 8100)),))
    assert [(one.severity, one.code) for one in PLATFORM.check(plan)] == [("warning", "privileged-port")]


def kubernetes(value: str) -> str:
    """What Kubernetes makes of an environment value (`k8s.io/kubernetes/third_party/forked/golang/expansion`), with
    the variable A set to `expanded`.
    """
    return re.sub(
        r"\$\$|\$\(([^)]*)\)",
        lambda found: "$" if found[0] == "$$" else {"A": "expanded"}.get(found[1], found[0]),
        value,
    )


@given(st.text(alphabet="$()Ab \\'\"", max_size=12))
def test_kubernetes_expands_nothing(value):
    """Dollar signs and parentheses reach Kong as they were written."""
    plan = replace(pinned(chosen()), parameters=(("nginx_http_x", value),))
    assert kubernetes(values(plan)["env"]["nginx_http_x"]) == value


@given(st.text(max_size=20))
def test_any_value_survives_yaml(value):
    """Whatever a parameter holds, values.yaml gives it back, as text, or nothing is written at all."""
    plan = replace(pinned(chosen()), parameters=(("nginx_http_x", value),))
    assert kubernetes(values(plan)["env"]["nginx_http_x"]) == value


def test_a_thousand_nodes_are_rendered_at_once():
    """A thousand releases are one small script, made in well under 50 ms."""
    plan = replace(pinned(chosen()), nodes=tuple(node(f"edge-{i}") for i in range(1000)))
    made = material(plan)
    best = 1.0
    for _ in range(3):
        begin = time.perf_counter()
        files = PLATFORM.render(plan, made)
        best = min(best, time.perf_counter() - begin)
    assert len(files) == 2
    assert sum(len(file.data) for file in files.values()) < 150_000
    assert best < 0.05
    assert len(PLATFORM.commands(plan)) == 3


def test_pods_can_not_reach_the_training_organisation():
    """A training bundle for Kubernetes is warned of: the organisation listens on this machine's loopback."""
    plan = replace(training(), platforms={"helm": options_of("helm", {})})
    assert [problem.code for problem in PLATFORM.check(plan)] == ["out-of-reach"]
    elsewhere = replace(plan.control_plane, config=replace(plan.control_plane.config, host="192.0.2.7"))
    assert PLATFORM.check(replace(plan, control_plane=elsewhere)) == ()
