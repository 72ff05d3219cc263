"""A whole journey with a marked token: it is in nothing that is printed or written, and in no argument of ours."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fake_konnect import Answer, FakeKonnect, problem
from konnect_tui.konnect.hosts import DEFAULT

COMMAND = (sys.executable, "-m", "konnect_tui")
ANSWERS = """\
schema = 1
[control_plane]
source = "konnect"
region = "eu"
name = "payments"
auth_mode = "pinned"
create = true
[node]
names = ["edge-{1..2}"]
[output]
platforms = ["docker", "compose", "linux", "helm"]
"""


class Journey:
    """Runs commands and keeps everything they print. `given` says how the token is given."""

    def __init__(self, konnect: FakeKonnect, folder: Path, given: str) -> None:
        self.konnect, self.folder, self.given, self.token = konnect, folder, given, konnect.token
        self.printed: list[str] = []
        self.token_file = Path(konnect.token_file(folder))

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run it in a process of its own."""
        environ = {**os.environ, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config")}
        environ |= {"XDG_STATE_HOME": str(self.folder / "state"), "KONNECT_API_URL": self.konnect.url}
        if self.given == "variable":
            environ["KONNECT_TOKEN"] = self.token
        options = ("--token-file", str(self.token_file)) if self.given == "file" else ()
        command = (*COMMAND, *arguments, *options, "--workspace", str(self.folder / "dp"))
        ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=environ)
        self.printed += [ended.stdout, ended.stderr]
        assert "Traceback" not in ended.stderr
        return ended

    def holding(self) -> list[Path]:
        """The files that hold the token, in any spelling, but the one that the operator made."""
        token = self.token.encode()
        spellings = (token, token[5:].lower(), token.hex().encode())
        files = [path for path in self.folder.rglob("*") if path.is_file() and path != self.token_file]
        assert len(files) > 20
        return [path for path in files if any(each in path.read_bytes() for each in spellings)]


@pytest.mark.slow
@pytest.mark.parametrize("given", ["file", "variable", "login"])
def test_a_marked_token_is_nowhere(given: str, tmp_path: Path) -> None:
    """However it is given, and whatever goes wrong: only the file that was asked for holds the token."""
    (tmp_path / "answers.toml").write_text(ANSWERS)
    answers = str(tmp_path / "answers.toml")
    with FakeKonnect() as konnect:
        journey = Journey(konnect, tmp_path, given)
        if given == "login":
            logged_in = journey.run("login", "--to-file", "--token-file", "-", "--json", stdin=konnect.token)
            assert logged_in.returncode == 0, logged_in.stderr
            kept = [Path(json.loads(logged_in.stdout)["path"])]
        else:
            kept = []
        assert journey.run("apply", answers, "--dry-run").returncode == 0
        assert journey.run("apply", answers, "--no-upload").returncode == 0
        bundle = str(tmp_path / "dp" / "payments-eu")
        plane = konnect.control_planes["eu"][0]
        konnect.script(
            "POST", f"/eu/v2/control-planes/{plane['id']}/dp-client-certificates",
            problem(403, "Permission denied", f"{konnect.token} may not do that"),
        )  # fmt: skip
        assert journey.run("upload", bundle).returncode == 4
        assert journey.run("upload", bundle, "--json").returncode == 0
        assert journey.run("watch", bundle, "--timeout", "0").returncode == 3
        for certificate in konnect.certificates[plane["id"]]:
            konnect.add_node(plane, "x", data_plane_cert_id=certificate["id"])
        assert journey.run("watch", bundle, "--timeout", "0", "--json").returncode == 0
        assert journey.run("apply", answers).returncode == 0
        assert journey.run("regions", "--live").returncode == 0
        assert journey.run("verify", bundle).returncode == 0
        konnect.script("GET", "/global/v3/organizations/me", Answer(200, b'{"id": 7, "name": []}'))
        assert journey.run("watch", bundle).returncode == 1
        assert journey.run("watch", bundle, "--api-url", DEFAULT.replace("https", "http")).returncode == 2
        assert journey.holding() == kept
        konnect.token = "kpat_another"  # the one that is given has been revoked
        assert journey.run("watch", bundle).returncode == 4
        assert not any(journey.token in text for text in journey.printed)
        assert not any(journey.token in json.dumps([each.path, each.query, each.body]) for each in konnect.requests)
        if given == "login":
            assert journey.run("logout").returncode == 0
            assert journey.holding() == []
