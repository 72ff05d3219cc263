"""kong.conf as Kong reads it, and install.sh really run: below DESTDIR, and in a root of its own."""

import os
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from kong_conf_reader import read
from on_disk import mode, write
from samples import PLANS, TRUST_PEM, material, pinned, pki

from konnect_tui.bundle import merge
from konnect_tui.gateway.parameters import exists
from konnect_tui.pki.making import files as pki_files
from konnect_tui.platforms import options_of
from konnect_tui.platforms.linux import PLATFORM
from programs import needs

ROOT = os.geteuid() == 0
KONG = '#!/bin/sh\nenv | grep \'^KONG_\' | sort >>"$LOG"\ncat "$2" >>"$LOG"\nexit ${KONG_SAYS:-0}\n'


def bundle(plan, folder: Path) -> Path:
    """The part of a bundle that a Linux host gets, on disk."""
    made = material(plan)
    return write(merge([PLATFORM.render(plan, made), pki_files.render(plan, made)]), folder)


def options(**said: str):
    """The options of linux, with a group that every machine has."""
    return {"linux": options_of("linux", {"group": "root", **said})}


def run(script: Path, *arguments: str, path: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a script with nothing in its environment but what is named."""
    first = f"{path}:" if path else ""
    return subprocess.run(
        [str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{first}/usr/bin:/bin", **environ},
        timeout=60,
    )


@pytest.fixture
def kong(tmp_path: Path) -> Path:
    """A folder with a program `kong` that records what it is asked to check."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "kong").write_text(KONG)
    (folder / "kong").chmod(0o755)
    return folder


@pytest.mark.parametrize("name", PLANS)
def test_every_parameter_exists_in_the_chosen_version(name):
    """kong.conf holds no parameter that this version of the gateway does not know."""
    plan = PLANS[name](options())
    for path, file in PLATFORM.render(plan, material(plan)).items():
        if path.endswith("kong.conf"):
            unknown = [key for key in read(file.data.decode()) if not exists(key, plan.version)]
            assert unknown == [], path


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("shell", ["sh", "bash", "dash", "busybox"])
def test_shells_accept_the_script(name, shell, tmp_path):
    """Every shell a host may have reads install.sh without a word."""
    script = bundle(PLANS[name](options()), tmp_path / "b") / "linux" / f"{PLANS[name]().nodes[0].name}" / "install.sh"
    command = [needs(shell), *(["sh"] if shell == "busybox" else []), "-n", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", PLANS)
def test_shellcheck_finds_nothing(name, tmp_path):
    """ShellCheck has nothing to say about install.sh, down to its remarks."""
    root = bundle(PLANS[name](options()), tmp_path / "b")
    scripts = sorted(str(path) for path in root.rglob("*.sh"))
    done = subprocess.run([needs("shellcheck"), "-S", "info", *scripts], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_install_below_destdir(tmp_path, kong):
    """Certificate, key, trust and kong.conf land with their modes, from a path with spaces, after kong check."""
    root = bundle(pki(options()), tmp_path / "a bundle")
    target = tmp_path / "the root"
    done = run(
        root / "linux/pay-1/install.sh", path=kong, DESTDIR=str(target), LOG=str(tmp_path / "log"), TMPDIR=str(tmp_path)
    )
    assert (done.returncode, done.stderr) == (0, "")
    modes = {str(path.relative_to(target)): mode(path) for path in sorted(target.rglob("*"))}
    assert modes == {
        "etc": 0o755,
        "etc/kong": 0o755,
        "etc/kong/konnect": 0o750,
        "etc/kong/konnect/control-plane-ca.crt": 0o644,
        "etc/kong/konnect/tls.crt": 0o644,
        "etc/kong/konnect/tls.key": 0o640,
        "etc/kong/kong.conf": 0o640,
    }
    folder = target / "etc/kong/konnect"
    assert (folder / "tls.key").read_bytes() == (root / "nodes/pay-1/tls.key").read_bytes()
    assert (folder / "tls.crt").read_bytes() == (root / "nodes/pay-1/tls.crt").read_bytes()
    assert (folder / "control-plane-ca.crt").read_text() == TRUST_PEM
    checked = (tmp_path / "log").read_text()
    assert "cluster_dp_labels = node:pay-1,zone:a.1" in checked
    for variable in ("KONG_CLUSTER_CERT=", "KONG_CLUSTER_CERT_KEY=", "KONG_LUA_SSL_TRUSTED_CERTIFICATE="):
        assert f"{variable}{folder}/.new." in checked


def test_owner_and_group(tmp_path, kong):
    """As root everything is root's and the chosen group's; as anybody else, theirs, and it says so."""
    group = "daemon" if ROOT else "root"
    root = bundle(pinned(options(group=group)), tmp_path / "b")
    target = tmp_path / "root"
    done = run(root / "linux/edge-1/install.sh", path=kong, DESTDIR=str(target), LOG=str(tmp_path / "log"))
    assert done.returncode == 0, done.stderr
    ours = (os.geteuid(), shutil.os.stat(tmp_path).st_gid)
    if ROOT:
        import grp

        ours = (0, grp.getgrnam("daemon").gr_gid)
    else:
        assert "Not run as root" in done.stdout
    for path in ("konnect", "konnect/tls.key", "konnect/tls.crt", "kong.conf"):
        found = (target / "etc/kong" / path).stat()
        assert (found.st_uid, found.st_gid) == ours, path


def test_the_key_is_closed_from_its_first_byte(tmp_path):
    """While half of the key is written, nobody but its owner can read the file or look into its folder."""
    root = bundle(pinned(options()), tmp_path / "b")
    key = root / "nodes/edge-1/tls.key"
    key.unlink()
    os.mkfifo(key)
    target, seen = tmp_path / "root", []

    def feed() -> None:
        with key.open("wb", buffering=0) as pipe:
            pipe.write(b"the first half, ")
            end = time.monotonic() + 20
            while not seen and time.monotonic() < end:
                for path in target.glob("etc/kong/konnect/.new.*/tls.key"):
                    found = path.stat()
                    if found.st_size:
                        seen.append((stat.S_IMODE(found.st_mode), mode(path.parent), mode(path.parent.parent)))
                time.sleep(0.005)
            pipe.write(b"the second\n")

    feeder = threading.Thread(target=feed)
    feeder.start()
    done = run(root / "linux/edge-1/install.sh", DESTDIR=str(target))
    feeder.join()
    assert done.returncode == 0, done.stderr
    assert seen == [(0o600, 0o700, 0o750)]
    assert (target / "etc/kong/konnect/tls.key").read_bytes() == b"the first half, the second\n"


def test_a_conf_that_was_there_is_kept(tmp_path, kong):
    """An earlier kong.conf is kept beside, readable to root alone; installing the same again keeps nothing more."""
    root = bundle(pinned(options()), tmp_path / "b")
    target = tmp_path / "root"
    (target / "etc/kong").mkdir(parents=True)
    (target / "etc/kong/kong.conf").write_text("pg_password = not ours\n")
    arguments = {"path": kong, "DESTDIR": str(target), "LOG": str(tmp_path / "log")}
    assert run(root / "linux/edge-1/install.sh", **arguments).returncode == 0
    assert run(root / "linux/edge-1/install.sh", **arguments).returncode == 0
    (backup,) = (target / "etc/kong").glob("kong.conf.*.bak")
    assert backup.read_text() == "pg_password = not ours\n"
    assert mode(backup) == 0o600
    assert sorted(path.name for path in (target / "etc/kong/konnect").iterdir()) == ["tls.crt", "tls.key"]


def test_what_kong_check_refuses_is_not_installed(tmp_path, kong):
    """A configuration that kong check refuses changes nothing, and no piece of the key stays behind."""
    root = bundle(pinned(options()), tmp_path / "b")
    target = tmp_path / "root"
    done = run(
        root / "linux/edge-1/install.sh", path=kong, DESTDIR=str(target), LOG=str(tmp_path / "log"), KONG_SAYS="1"
    )
    assert done.returncode == 1
    assert "kong check" in done.stderr
    assert [path for path in target.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("argument", ["--remove", "--check", "-x", "edge-1", ""])
def test_unknown_arguments_are_refused(argument, tmp_path):
    """An argument that install.sh does not have is exit 2, with how to use it, and nothing is done."""
    root = bundle(pinned(options()), tmp_path / "b")
    done = run(root / "linux/edge-1/install.sh", argument, DESTDIR=str(tmp_path / "root"))
    assert done.returncode == 2
    assert "usage: install.sh" in done.stderr
    assert not (tmp_path / "root").exists()


def test_a_missing_certificate_is_named(tmp_path):
    """Where only the script was copied, it says which folders belong beside it."""
    root = bundle(pinned(options()), tmp_path / "b")
    shutil.rmtree(root / "nodes")
    done = run(root / "linux/edge-1/install.sh", DESTDIR=str(tmp_path / "root"))
    assert done.returncode == 1
    assert "nodes/edge-1/tls.crt" in done.stderr


@pytest.mark.parametrize("what", ["link", "stranger"])
def test_a_folder_that_is_not_ours_is_left_alone(what, tmp_path):
    """A symbolic link, or a folder with other files, never gets the key nor another owner."""
    root = bundle(pinned(options()), tmp_path / "b")
    kong_folder = tmp_path / "root/etc/kong"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    kong_folder.mkdir(parents=True)
    if what == "link":
        (kong_folder / "konnect").symlink_to(elsewhere)
    else:
        (kong_folder / "konnect").mkdir(mode=0o755)
        (kong_folder / "konnect/passwd").write_text("x")
    done = run(root / "linux/edge-1/install.sh", DESTDIR=str(tmp_path / "root"))
    assert done.returncode == 1
    assert list(elsewhere.iterdir()) == []
    assert mode(elsewhere) == 0o755
    if what == "stranger":
        assert mode(kong_folder / "konnect") == 0o755


class Host:
    """A root of its own with little more than BusyBox in it, entered by chroot (in a user namespace unless root)."""

    def __init__(self, root: Path, *, kong: bool = True, group: bool = True) -> None:
        self.root = root
        self.gid = 990 if ROOT else 0
        for folder in ("bin", "etc/kong", "tmp", "dev", "usr/local/bin"):
            (root / folder).mkdir(parents=True)
        self._bring(needs("busybox"))
        applets = subprocess.run([needs("busybox"), "--list"], capture_output=True, text=True, check=True).stdout
        for applet in applets.split():
            if applet not in ("busybox", "install"):
                (root / "bin" / applet).symlink_to("busybox")
        self._bring("/usr/bin/install")  # which not every BusyBox has
        (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
        (root / "etc/group").write_text(f"root:x:0:\nkong:x:{self.gid}:\n" if group else "root:x:0:\n")
        self._program("systemctl", 'echo "systemctl $*" >>/log\n')
        if kong:
            self._program("kong", 'echo "kong $1" >>/log\n')

    def _bring(self, program: str) -> None:
        """Copy a program of this machine, and the libraries that it loads."""
        shutil.copy(program, self.root / "bin")
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        for word in listed.split():
            if word.startswith("/"):
                library = self.root / word[1:]
                library.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(word, library)

    def _program(self, name: str, body: str) -> None:
        path = self.root / "usr/local/bin" / name
        path.write_text(f"#!/bin/sh\n{body}")
        path.chmod(0o755)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        enter = ["chroot"] if ROOT else ["unshare", "--map-root-user", "chroot"]
        return subprocess.run(
            [*enter, str(self.root), *command],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/bin:/usr/bin:/usr/sbin"},
            timeout=60,
        )


def test_install_on_a_host(tmp_path):
    """On a host with the package: root:kong, closed to others, kong check first, restarted only when asked to."""
    host = Host(tmp_path / "host")
    bundle(pki({"linux": options_of("linux", {})}), host.root / "root/my bundle")
    script = "/root/my bundle/linux/pay-2/install.sh"
    done = host.run(script)
    assert (done.returncode, done.stderr) == (0, "")
    assert "systemctl restart kong-enterprise-edition" in done.stdout
    assert (host.root / "log").read_text() == "kong check\n"
    expected = {"konnect": 0o750, "konnect/tls.key": 0o640, "konnect/tls.crt": 0o644, "kong.conf": 0o640}
    for path, wanted in expected.items():
        found = (host.root / "etc/kong" / path).lstat()
        assert (found.st_gid if ROOT else 0, stat.S_IMODE(found.st_mode)) == (host.gid, wanted), path
    assert read((host.root / "etc/kong/kong.conf").read_text())["proxy_listen"].startswith("0.0.0.0:8080 ")
    assert host.run(script, "--restart").returncode == 0
    assert (host.root / "log").read_text().splitlines()[-1] == "systemctl restart -- kong-enterprise-edition"


def test_a_host_without_the_package(tmp_path):
    """Without the program kong, or without its group, nothing is installed and the package is named."""
    plan = pinned({"linux": options_of("linux", {})})
    without_kong = Host(tmp_path / "one", kong=False)
    without_group = Host(tmp_path / "two", group=False)
    for host in (without_kong, without_group):
        bundle(plan, host.root / "b")
        done = host.run("/b/linux/edge-1/install.sh")
        assert done.returncode == 1
        assert "kong-enterprise-edition, version 3.14.0.13" in done.stderr
        assert list((host.root / "etc/kong").iterdir()) == []


def test_without_root_it_says_so():
    """Run by anybody else, install.sh says that it needs root and how to run it."""
    with tempfile.TemporaryDirectory() as open_to_all:  # pytest's own folders are closed to other users
        root = bundle(pinned(options()), Path(open_to_all, "b"))
        script = root / "linux/edge-1/install.sh"
        if not ROOT:
            done = run(script)
        else:
            for path in (Path(open_to_all), root, *root.rglob("*")):
                path.chmod(0o755)
            words = ["setpriv", "--reuid=65534", "--clear-groups", str(script)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert f"sudo {script}" in done.stderr
