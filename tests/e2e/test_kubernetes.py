"""helm's install.sh really run against recording stand-ins, its Secrets made by kubectl, its values merged by Helm."""

import base64
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec.structs import replace
from on_disk import write
from samples import PLANS, TRUST_PEM, material, pinned, pki

from konnect_tui.bundle import merge
from konnect_tui.gateway.parameters import exists
from konnect_tui.pki.making import files as pki_files
from konnect_tui.pki.material import Identity, Material, NodeMaterial
from konnect_tui.platforms import options_of
from konnect_tui.platforms.helm import PLATFORM, base_name
from konnect_tui.secret import Secret
from programs import needs

RECORD = r"""#!/bin/sh
# At once: the two ends of a pipe write here at the same time.
printf '%s\0' "$0" "$@" '
' >>"$LOG/argv"
env >>"$LOG/env"
"""
KUBECTL = r"""
case "$*" in
  *--dry-run=client*) exec "$KUBECTL" "$@" ;;
  apply*) cat >"$LOG/applied.$(ls "$LOG" | wc -l).yaml" ;;
  'config current-context') echo practice ;;
  'get namespace'*) exit "${NAMESPACE:-1}" ;;
esac
"""
HELM = 'cat >"$LOG/$3.values.yaml"\n'

# What the chart takes (Kong/charts, charts/kong 3.4, values.yaml), as far as we write it.
LISTENER = {"enabled": bool, "servicePort": int, "containerPort": int}
CHART = {
    "fullnameOverride": str,
    "image": {
        "repository": str,
        "tag": str,
        "unifiedRepoTag": str,
        "effectiveSemver": str,
        "pullSecrets": [str],
    },
    "replicaCount": int,
    "env": {},
    "proxy": {
        "type": str,
        "annotations": {},
        "http": LISTENER,
        "tls": LISTENER,
        "stream": [{"containerPort": int, "servicePort": int, "protocol": str}],
    },
    "status": {"enabled": bool, "http": {"enabled": bool, "containerPort": int}},
    "admin": {"enabled": bool},
    "manager": {"enabled": bool},
    "ingressController": {"enabled": bool},
    "autoscaling": {"enabled": bool},
    "resources": {"requests": {"cpu": str, "memory": str}},
    "readinessProbe": {"httpGet": {"path": str, "port": str, "scheme": str}},
    "deployment": {
        "hostname": str,
        "prefixDir": {"sizeLimit": str},
        "kong": {"initContainers": {"clearStalePid": {"enabled": bool}}},
    },
    "secretVolumes": [str],
    "podAnnotations": {},
    "containerSecurityContext": {"enabled": bool},
    "waitImage": {"enabled": bool},
    "lifecycle": type(None),
}


class Strict(yaml.SafeLoader):
    """YAML in which a key that stands there twice is a fault."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return super().construct_mapping(node, deep)


def load(text: str | bytes):
    """YAML, read strictly."""
    return yaml.load(text, Loader=Strict)  # noqa: S506 -- a SafeLoader


def takes(tree: object, shape: object, where: str = "") -> None:
    """Assert that the chart has every key of the tree, with values of the right type. {} is any text by any key."""
    if isinstance(shape, dict):
        assert isinstance(tree, dict), where
        for key, value in tree.items():
            if shape:
                assert key in shape, f"{where}.{key}"
            takes(value, shape.get(key, str), f"{where}.{key}")
    elif isinstance(shape, list):
        for item in tree:
            takes(item, shape[0], f"{where}[]")
    else:
        assert type(tree) is shape, f"{where}: {tree!r}"


def identity(name: str) -> Identity:
    """A real key and a certificate for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Identity((certificate.public_bytes(serialization.Encoding.DER),), Secret(pem))


def real(plan) -> Material:
    """Real keys and certificates for the nodes of a plan, one for all where they share."""
    if plan.shared:
        one = NodeMaterial(identity("shared"))
        return Material({node.name: one for node in plan.nodes})
    return Material({node.name: NodeMaterial(identity(node.name)) for node in plan.nodes})


def options(**said):
    """The options of helm, all others by default."""
    return {"helm": options_of("helm", said)}


class Cluster:
    """Stand-ins for kubectl and helm that record what they are given; what makes Secrets is the real kubectl."""

    def __init__(self, folder: Path, plan) -> None:
        self.plan = plan
        self.log = folder / "log"
        self.programs = folder / "programs"
        for made in (self.log, self.programs):
            made.mkdir()
        for name, body in (("kubectl", KUBECTL), ("helm", HELM)):
            (self.programs / name).write_text(RECORD + body)
            (self.programs / name).chmod(0o755)
        rendered = real(plan)
        self.root = write(
            merge([PLATFORM.render(plan, rendered), pki_files.render(plan, rendered)]), folder / "a bundle = one"
        )
        self.folder = self.root / "helm" / base_name(plan)

    def install(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.folder / "install.sh"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd="/",
            env={
                "PATH": f"{self.programs}:/usr/bin:/bin",
                "KUBECTL": needs("kubectl"),
                "LOG": str(self.log),
                "HOME": str(self.log),
                **environ,
            },
        )

    @property
    def calls(self) -> list[list[str]]:
        """Every call, as the name of the program and its arguments."""
        lines = (self.log / "argv").read_text().split("\0\n\0")
        return [[Path(words[0]).name, *words[1:]] for line in lines if line for words in [line.split("\0")]]

    @property
    def secrets(self) -> dict[str, dict]:
        """What was applied, by name."""
        applied = [load(path.read_text()) for path in self.log.glob("applied.*.yaml")]
        return {one["metadata"]["name"]: one for one in applied}

    def own_values(self, release: str) -> dict:
        """What the script gave Helm for one release on standard input."""
        return load((self.log / f"{release}.values.yaml").read_text())


@pytest.mark.parametrize("name", PLANS)
def test_values_are_what_the_chart_takes(name):
    """Every key of the values exists in the chart with that type, no key is there twice, all of Kong's are text."""
    for said in ({}, {"openshift": True, "pull_secret": "p", "service_annotations": "a=b"}):
        for image in ("kong/kong-gateway:3.14-distroless", PLANS[name]().image):
            plan = replace(PLANS[name](options(**said)), image=image)
            for path, file in PLATFORM.render(plan, material(plan)).items():
                if path.endswith(".yaml"):
                    takes(load(file.data), CHART, path)


@pytest.mark.parametrize("name", PLANS)
def test_every_parameter_exists_in_the_chosen_version(name, tmp_path):
    """Values and script together give Kong nothing that this version of the gateway does not know."""
    cluster = Cluster(tmp_path, PLANS[name](options()))
    assert cluster.install().returncode == 0
    common = load((cluster.folder / "values.yaml").read_text())["env"]
    own = cluster.own_values(f"{base_name(cluster.plan)}-{cluster.plan.nodes[0].name}")["env"]
    assert [key for key in {**common, **own} if not exists(key, cluster.plan.version)] == []


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "busybox"])
def test_shells_accept_the_script(name, shell, tmp_path):
    """Every shell that people have reads install.sh without a word."""
    script = Cluster(tmp_path, PLANS[name](options())).folder / "install.sh"
    command = [needs(shell), *(["sh"] if shell == "busybox" else []), "-n", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", PLANS)
def test_shellcheck_finds_nothing(name, tmp_path):
    """ShellCheck has nothing to say about install.sh, down to its remarks."""
    script = Cluster(tmp_path, PLANS[name](options())).folder / "install.sh"
    done = subprocess.run([needs("shellcheck"), "-S", "info", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_secrets_hold_each_nodes_own_pair(tmp_path):
    """Every node's Secret has its key and certificate, passes the strict Kubernetes schema, and is applied by the
    server, so that no copy of the key gets into an annotation.
    """
    cluster = Cluster(tmp_path, pki(options(namespace="edge")))
    done = cluster.install()
    assert (done.returncode, done.stderr) == (0, "")
    assert set(cluster.secrets) == {f"payments-eu-3c4d-{what}" for what in ("pay-1-cert", "pay-2-cert", "trust")}
    for node in ("pay-1", "pay-2"):
        made = cluster.secrets[f"payments-eu-3c4d-{node}-cert"]
        assert made["type"] == "kubernetes.io/tls"
        for key in ("tls.crt", "tls.key"):
            assert base64.b64decode(made["data"][key]) == (cluster.root / "nodes" / node / key).read_bytes()
    trust = cluster.secrets["payments-eu-3c4d-trust"]["data"]
    assert base64.b64decode(trust["control-plane-ca.crt"]).decode() == TRUST_PEM
    for made in cluster.secrets.values():
        assert made["metadata"]["namespace"] == "edge"
        assert "annotations" not in made["metadata"]
    applied = [call for call in cluster.calls if call[1] == "apply"]
    assert applied
    assert all("--server-side" in call for call in applied)
    files = [str(path) for path in cluster.log.glob("applied.*.yaml")]
    done = subprocess.run(
        [needs("kubernetes-validate"), "--strict", *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_key_in_arguments_or_environment(tmp_path):
    """No program gets a piece of a key in its arguments or environment."""
    cluster = Cluster(tmp_path, pinned(options()))
    assert cluster.install().returncode == 0
    seen = (cluster.log / "argv").read_bytes() + (cluster.log / "env").read_bytes()
    for node in cluster.plan.nodes:
        key = (cluster.root / f"nodes/{node.name}/tls.key").read_bytes()
        for line in (*key.splitlines()[1:-1], base64.b64encode(key)[:40]):
            assert line not in seen


def test_one_helm_release_per_key(tmp_path):
    """Each release gets the fixed chart, the common values, and its own name, Secret, labels and host name."""
    cluster = Cluster(tmp_path, pki(options(release="pay")))
    assert cluster.install().returncode == 0
    installed = [call for call in cluster.calls if call[0] == "helm"]
    assert [call[1:5] for call in installed] == [["upgrade", "--install", f"pay-pay-{i}", "kong"] for i in (1, 2)]
    for call in installed:
        assert call[call.index("--version") + 1] == "3.4.1"
        assert call[call.index("--repo") + 1] == "https://charts.konghq.com"
        assert call[call.index("--namespace") + 1] == "kong"
    own = cluster.own_values("pay-pay-2")
    takes(own, CHART)
    checksum = own.pop("podAnnotations")["checksum/cluster-certificate"]
    assert own == {
        "fullnameOverride": "pay-pay-2",
        "secretVolumes": ["pay-pay-2-cert", "pay-trust"],
        "env": {
            "cluster_cert": "/etc/secrets/pay-pay-2-cert/tls.crt",
            "cluster_cert_key": "/etc/secrets/pay-pay-2-cert/tls.key",
            "cluster_dp_labels": "node:pay-2,zone:a.1",
        },
        "deployment": {"hostname": "pay-2"},
    }
    assert len(checksum) == 64
    assert checksum != cluster.own_values("pay-pay-1")["podAnnotations"]["checksum/cluster-certificate"]


def test_a_new_certificate_rolls_the_pods_and_nothing_else_does(tmp_path):
    """The checksum in the pods changes with the certificate, and stays when install.sh is just run again."""
    cluster = Cluster(tmp_path, pinned(options(release="kong")))
    sums = []
    for _ in range(2):
        assert cluster.install().returncode == 0
        sums.append(cluster.own_values("kong-edge-1")["podAnnotations"])
    fresh = identity("edge-1")
    write(pki_files.render(cluster.plan, Material({"edge-1": NodeMaterial(fresh)})), cluster.root)
    assert cluster.install("edge-1").returncode == 0
    sums.append(cluster.own_values("kong-edge-1")["podAnnotations"])
    assert sums[0] == sums[1] != sums[2]


def test_a_shared_key_is_one_release(tmp_path):
    """Where all nodes share a key there is one Secret and one release, whose pods keep names of their own."""
    plan = pinned(options(release="kong"))
    cluster = Cluster(tmp_path, replace(plan, certificate=replace(plan.certificate, per="bundle")))
    assert cluster.install().returncode == 0
    assert set(cluster.secrets) == {"kong-cert"}
    own = cluster.own_values("kong")
    assert own["env"]["cluster_dp_labels"] == "node:kong"
    assert "deployment" not in own


def test_only_the_nodes_named(tmp_path):
    """With names only those nodes are installed; a name that no node has stops everything before it begins."""
    cluster = Cluster(tmp_path, pinned(options(release="kong")))
    assert cluster.install("edge-2").returncode == 0
    assert set(cluster.secrets) == {"kong-edge-2-cert"}
    before = len(cluster.calls)
    for wrong in ("edge", "edge-.", "edge-2 edge-1", "--all"):
        done = cluster.install("edge-1", wrong)
        assert done.returncode in (1, 2)
        assert "edge-1" in done.stderr or "usage" in done.stderr
    assert len(cluster.calls) == before


def test_the_namespace_is_made_once(tmp_path):
    """A namespace that is there is not made again, for not everybody may."""
    cluster = Cluster(tmp_path, pinned(options()))
    assert cluster.install(NAMESPACE="0").returncode == 0
    assert ["kubectl", "create", "namespace", "kong"] not in cluster.calls
    assert cluster.install().returncode == 0
    assert ["kubectl", "create", "namespace", "kong"] in cluster.calls


def test_a_pair_that_does_not_match_stops_it(tmp_path):
    """A key of another certificate is found by kubectl: the script fails and Helm is not asked to install."""
    cluster = Cluster(tmp_path, pinned(options()))
    (cluster.root / "nodes/edge-1/tls.key").write_bytes((cluster.root / "nodes/edge-2/tls.key").read_bytes())
    # The real `kubectl apply` refuses an empty input.
    (cluster.programs / "kubectl").write_text(
        RECORD + KUBECTL.replace("apply*) cat", "apply*) read -r _ || exit 1; cat")
    )
    done = cluster.install()
    assert done.returncode == 1
    assert "private key does not match" in done.stderr
    assert [call for call in cluster.calls if call[0] == "helm"] == []


def test_a_missing_program_is_named(tmp_path):
    """Without helm it says so before anything is made in the cluster."""
    cluster = Cluster(tmp_path, pinned(options()))
    (cluster.programs / "helm").unlink()
    done = cluster.install(PATH=f"{cluster.programs}:{_plain(tmp_path)}")
    assert done.returncode == 1
    assert "helm is missing" in done.stderr
    assert not (cluster.log / "argv").exists()


def _plain(folder: Path) -> Path:
    """The programs that the script needs of any machine, and no other."""
    plain = folder / "plain"
    plain.mkdir()
    for name in ("sh", "cat", "cut", "grep", "dirname", "env"):
        (plain / name).symlink_to(needs("sh") if name == "sh" else f"/usr/bin/{name}")
    return plain


def test_helm_merges_the_values_as_meant(tmp_path):
    """Real Helm, given the files and standard input of the script, comes to one set of values: lists replaced,
    maps joined, a null taken away. (The chart here only prints its values; Kong's own cannot be had offline.)
    """
    plan = pki(options(release="pay"))
    cluster = Cluster(tmp_path, replace(plan, image="kong/kong-gateway:3.10-distroless"))
    assert cluster.install().returncode == 0
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: kong\nversion: 3.4.1\n")
    (chart / "templates/all.yaml").write_text("{{ .Values | toYaml }}\n")
    (chart / "values.yaml").write_text(
        "lifecycle: {preStop: {exec: {command: [kong]}}}\n"
        "podAnnotations: {kuma.io/gateway: enabled}\n"
        "env: {database: 'off', router_flavor: traditional}\n"
        "proxy: {tls: {parameters: [http2]}}\n"
    )
    (call,) = [call for call in cluster.calls if call[:4] == ["helm", "upgrade", "--install", "pay-pay-2"]]
    files = [word for at, word in enumerate(call) if at and call[at - 1] == "-f"]
    assert files[-1] == "-"
    done = subprocess.run(
        [needs("helm"), "template", "pay-pay-2", str(chart), *(part for name in files for part in ("-f", name))],
        input=(cluster.log / "pay-pay-2.values.yaml").read_text(),
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path), "PATH": os.defpath},
    )
    assert done.returncode == 0, done.stderr
    merged = load(done.stdout)
    assert merged.get("lifecycle") is None
    assert merged["env"]["router_flavor"] == "expressions"
    assert merged["env"]["cluster_dp_labels"] == "node:pay-2,zone:a.1"
    assert merged["env"]["cluster_control_plane"] == "eu.svc.konghq.com:443/cp/0123456789"
    assert merged["proxy"]["http"]["containerPort"] == 8080
    assert merged["proxy"]["tls"]["parameters"] == ["http2"]
    assert merged["deployment"]["hostname"] == "pay-2"
    assert merged["deployment"]["prefixDir"] == {"sizeLimit": "1Gi"}
    assert set(merged["podAnnotations"]) == {"kuma.io/gateway", "checksum/cluster-certificate"}
    assert merged["secretVolumes"] == ["pay-pay-2-cert", "pay-trust"]
