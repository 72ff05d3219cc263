"""login and logout: a token is kept once Konnect has said whose it is, and nobody sees it on the way."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from fake_keyring import FailingKeyring, MemoryKeyring, raising
from keyring.errors import KeyringLocked
from on_disk import mode
from running import PINNED, Outcome, run
from terminals import Terminal

from fake_konnect import Answer, FakeKonnect, found, problem
from fake_konnect.answers import page, redirect

COMMAND = (sys.executable, "-m", "konnect_tui")


@pytest.fixture
def konnect() -> Iterator[FakeKonnect]:
    """Konnect, as strict as it is."""
    with FakeKonnect() as made:
        yield made


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    """The system's keyring, for as long as the test takes."""
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The product's configuration folder, not made yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "konnect-tui"


@pytest.fixture(autouse=True)
def _own_config(config: Path) -> None:
    """No test of this file sees another's logins."""


def _login(konnect: FakeKonnect, folder: Path, *options: object) -> Outcome:
    file = konnect.token_file(folder)
    return run("login", "--api-url", konnect.url, "--token-file", file, "--json", *options)


def test_login_says_whose_token_it_is(konnect: FakeKonnect, memory: MemoryKeyring, tmp_path: Path) -> None:
    """A token is probed, kept in the keyring for that address of the API, and its organisation is named."""
    answered = _login(konnect, tmp_path, "--profile", "prod")
    assert answered.code == 0, answered.err
    domain = f"127.0.0.1:{konnect.port}"
    found = {key: answered.document[key] for key in ("profile", "api", "organization", "kept", "path")}
    organization = {"id": konnect.organization["id"], "name": "Acme Co."}
    assert found == {"profile": "prod", "api": domain, "organization": organization, "kept": "keyring", "path": None}
    assert memory.kept == {(f"konnect-tui {domain}", "prod"): konnect.token}
    assert [request.path for request in konnect.requests] == ["/global/v3/organizations/me"]


def test_words_for_people(konnect: FakeKonnect, memory: MemoryKeyring, tmp_path: Path) -> None:
    """Organisation, where it is not Konnect itself and where the token lies are said on stderr; stdout stays empty."""
    konnect.organization["name"] = "Acme \x1b[2J\u202e Co."
    answered = run("login", "--api-url", konnect.url, "--token-file", konnect.token_file(tmp_path))
    assert (answered.code, answered.out) == (0, "")
    for words in ("Acme \\e[2J\\u202e Co.", konnect.organization["id"], "not Konnect's own address", "keyring"):
        assert words in answered.err
    assert "\x1b" not in answered.err
    assert "nothing to do" not in run("logout", "--api-url", konnect.url).err
    assert "nothing to do" in run("logout", "--api-url", konnect.url).err


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (problem(401, "Unauthenticated", "A valid token is required"), (4, "token-refused")),
        (problem(403, "Permission denied", "Insufficient roles"), (4, "not-permitted")),
        (page("Please log in to the hotel"), (1, "not-konnect")),
        (redirect("https://evil.example/v3/organizations/me"), (1, None)),
    ],
)
def test_a_token_that_konnect_does_not_take_is_not_kept(
    answer: Answer, expected: tuple[int, str | None], memory: MemoryKeyring, config: Path, tmp_path: Path
) -> None:
    """A wrong token, or an answer that isn't Konnect's, ends with its own exit status and nothing is kept."""
    with FakeKonnect() as konnect:
        konnect.script("GET", "/global/v3/organizations/me", answer)
        answered = _login(konnect, tmp_path)
    assert answered.code == expected[0]
    assert expected[1] in (None, answered.document["error"]["code"])
    assert (memory.kept, config.exists()) == ({}, False)
    assert konnect.token not in answered.out + answered.err


def test_to_file_keeps_it_for_nobody_else(konnect: FakeKonnect, config: Path, tmp_path: Path) -> None:
    """Without a keyring nothing is kept unless a file is asked for by name; its path is said."""
    refused = _login(konnect, tmp_path)
    assert (refused.code, refused.document["error"]["code"]) == (1, "no-keyring")
    assert "login --to-file" in refused.document["error"]["hint"]
    assert konnect.requests == []
    assert not config.exists()
    file = konnect.token_file(tmp_path)
    answered = run("login", "--api-url", konnect.url, "--token-file", file, "--to-file")
    assert answered.code == 0, answered.err
    (kept,) = [path for path in config.rglob("*") if path.is_file() and konnect.token in path.read_text()]
    assert (mode(kept), mode(config)) == (0o600, 0o700)
    assert f"{kept}, which is not encrypted" in answered.err
    assert run("logout", "--api-url", konnect.url, "--json").document["removed"] == ["file"]
    assert [path for path in config.rglob("*") if path.is_file()] == []


def test_a_locked_keyring_is_said(konnect: FakeKonnect, memory: MemoryKeyring, tmp_path: Path) -> None:
    """A keyring that nobody unlocks is exit 1 with its own code, for login as for logout."""
    assert _login(konnect, tmp_path).code == 0
    keyring.set_keyring(FailingKeyring(raising(KeyringLocked("x"))))
    for answered in (_login(konnect, tmp_path), run("logout", "--api-url", konnect.url, "--json")):
        assert (answered.code, answered.document["error"]["code"]) == (1, "keyring-failed")


def test_login_warns_of_a_variable_that_goes_first(
    konnect: FakeKonnect, memory: MemoryKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logging in while KONNECT_TOKEN is set says that the variable goes first from now on, too."""
    monkeypatch.setenv("KONNECT_TOKEN", "another")
    answered = _login(konnect, tmp_path)
    assert answered.code == 0
    assert answered.codes("warning") == [("", "token-of-environment")]
    assert list(memory.kept.values()) == [konnect.token]


def test_login_warns_of_what_is_odd(konnect: FakeKonnect, memory: MemoryKeyring, tmp_path: Path) -> None:
    """A clock that differs from Konnect's and an organisation that is being deleted are told when logging in."""
    konnect.organization["state"] = "deleting"
    late = {"Content-Type": "application/json", "Date": "Wed, 01 Jan 2020 00:00:00 GMT"}
    konnect.script("GET", "/global/v3/organizations/me", found(konnect.organization)._replace(headers=late))
    answered = _login(konnect, tmp_path)
    assert answered.code == 0
    assert answered.codes("warning") == [("", "clock-off"), ("", "organization-not-active")]


@pytest.mark.parametrize(
    "arguments",
    [("login", "{}"), ("login", "--token-file", "{}"), ("login", "--profile", "{}"), ("login", "--token", "{}"),
     ("login", "--token={}"), ("watch", "--token-file={}", "x"), ("--profile", "{}", "regions", "{}"),
     ("upload", "{}"), ("apply", "{}"), ("watch", " {}"), ("verify", "{}"), ("rehearse", "{}"), ("inspect", "{}"),
     ("judge", "--mode", "pinned", "--uploaded", "{}", "--presented", "x"), ("--workspace={}", "upload", "x"),
     ("upload", "x", "--control-plane", "{}"), ("training", "node", "{}"), ("training", "check", "{}")],
)  # fmt: skip
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_a_token_as_an_argument_is_not_repeated(
    arguments: tuple[str, ...], json: tuple[str, ...], memory: MemoryKeyring
) -> None:
    """A token typed where none belongs is refused as wrong input, and is in nothing that is printed."""
    answered = run(*(argument.format("kpat_MARKED2222") for argument in arguments), *json)
    assert answered.code == 2
    assert "MARKED" not in answered.out + answered.err


def test_a_token_as_an_argument_is_said_before_anything_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That a token stood on the command line matters more than what else is missing, as a keyring; a file may be so."""
    keyring.set_keyring(FailingKeyring(raising(KeyringLocked("x"))))
    answered = run("login", "--token-file", "kpat_MARKED2222")
    assert answered.code == 2
    assert "kpat_… looks like a token" in answered.err
    assert "Revoke it" in answered.err
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kpat_prod.pem").write_text("")
    assert run("inspect", "kpat_prod.pem", "--json").document["error"]["code"] == "empty"


def test_what_is_to_be_said_of_the_file(konnect: FakeKonnect, memory: MemoryKeyring, tmp_path: Path) -> None:
    """A token file that others may read is taken, and warned of with how to close it."""
    Path(konnect.token_file(tmp_path)).chmod(0o644)
    answered = _login(konnect, tmp_path)
    assert answered.code == 0
    assert answered.codes("warning") == [("--token-file", "token-file-open")]


def test_a_token_is_never_an_arguments_value(memory: MemoryKeyring) -> None:
    """--token does not exist, and says what does; its value is shown by nobody, whatever it looks like."""
    answered = run("upload", "x", "--token", "MARKED3333")
    assert answered.code == 2
    assert "--token-file" in answered.err
    assert "MARKED" not in answered.err


# --- processes


LOGIN = "import sys; from konnect_tui.__main__ import main; sys.exit(main())"


@pytest.fixture
def prompt(konnect: FakeKonnect, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """A login in a terminal, that has asked for the token."""
    options: tuple[str, ...] = getattr(request, "param", ())
    terminal = Terminal(LOGIN, "login", "--api-url", konnect.url, "--to-file", *options, env={})
    assert terminal.read(20, b"Token for 127.0.0.1"), terminal.output
    yield terminal
    terminal.close()


def test_standard_input_is_a_token_file(konnect: FakeKonnect, config: Path) -> None:
    """`--token-file -` takes the token from a pipe."""
    command = (*COMMAND, "login", "--api-url", konnect.url, "--token-file", "-", "--to-file")
    ended = subprocess.run(command, input=f"{konnect.token}\n".encode(), capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, b""), ended.stderr
    assert any(konnect.token in path.read_text() for path in config.rglob("*") if path.is_file())


def test_a_keyring_that_waits_for_somebody(tmp_path: Path) -> None:
    """While the keyring waits to be unlocked a terminal is told so, and Ctrl-C does not wait for it."""
    where = f"{Path(__file__).parents[1]}"
    env = {"PYTHON_KEYRING_BACKEND": "fake_keyring.HangingKeyring", "PYTHONPATH": where}
    for arguments in (("logout",), ("watch", str(_live_bundle(tmp_path)))):
        terminal = Terminal(LOGIN, *arguments, env=env)
        try:
            assert terminal.read(20, b"waiting for the system's keyring"), terminal.output
            terminal.process.send_signal(signal.SIGINT)
            pressed = time.monotonic()
            assert terminal.end() == 130
            assert time.monotonic() - pressed < 2
            assert b"Traceback" not in terminal.output
        finally:
            terminal.close()


def _live_bundle(folder: Path) -> Path:
    """A bundle that was made for a control plane in Konnect."""
    with FakeKonnect() as konnect:
        konnect.add_control_plane("eu", "payments")
        file = folder / "answers.toml"
        file.write_text(PINNED.replace('"manual"', '"konnect"').replace('prefix = "acfe5f253f"', ""))
        token = ("--token-file", konnect.token_file(folder), "--api-url", konnect.url)
        made = run("apply", file, "--workspace", folder / "dp", *token)
        assert made.code == 0, made.err
    return Path(made.out.strip())


@pytest.mark.parametrize("redirect", ["</dev/null", "<&-"])
@pytest.mark.parametrize("options", [(), ("--token-file", "-")])
def test_nobody_to_ask(redirect: str, options: tuple[str, ...]) -> None:
    """Without a terminal login does not ask: without a file it is exit 4, and without input wrong input."""
    line = ("sh", "-c", f'"$@" {redirect}', "sh", *COMMAND, "login", "--to-file", *options)
    ended = subprocess.run(line, capture_output=True, check=False)
    assert ended.returncode == (2 if options else 4), ended.stderr
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize("prompt", [(), ("--token-file", "-")], indirect=True)
def test_a_typed_token_is_not_shown(konnect: FakeKonnect, config: Path, prompt: Terminal) -> None:
    """On a terminal login asks, shows nothing of what is typed, and leaves it in no argument."""
    prompt.read(0.3)
    prompt.send(f"{konnect.token}\n")
    assert prompt.end() == 0
    assert b"logged in to the organisation Acme Co." in prompt.output
    assert konnect.token.encode() not in prompt.output
    assert prompt.left_over() == []
    assert any(konnect.token in path.read_text() for path in config.rglob("*") if path.is_file())


@pytest.mark.parametrize("way", ["ctrl-c", "end of input"])
def test_who_does_not_answer_has_cancelled(config: Path, prompt: Terminal, way: str) -> None:
    """Ctrl-C and the end of input at the prompt are exit 130, with nothing kept."""
    prompt.read(0.3)
    if way == "ctrl-c":
        prompt.process.send_signal(signal.SIGINT)
    else:
        prompt.send("\x04")
    assert prompt.end() == 130
    assert b"[cancelled]" in prompt.output
    assert prompt.left_over() == []
    assert not config.exists()
