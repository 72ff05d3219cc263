"""Tokens: where they are looked for, where they are kept, and that nobody sees them."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fake_keyring import (
    ChainedKeyring,
    FailingKeyring,
    ForgetfulKeyring,
    MemoryKeyring,
    PlaintextKeyring,
    hanging,
    raising,
)
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordSetError
from on_disk import mode

from konnect_tui.errors import KonnectError
from konnect_tui.konnect.keyrings import Keyring
from konnect_tui.konnect.models import Organization
from konnect_tui.konnect.profiles import Place
from konnect_tui.konnect.tokens import Tokens
from konnect_tui.secret import Secret

MARKED = "kpat_MARKED1111never1111seen"
NOW = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)
ACME = Organization("023bfa42-3513-4cbf-b059-a9ddb4ea995d", "Acme Co.")


@pytest.fixture
def memory() -> MemoryKeyring:
    """A keyring that is not the system's."""
    return MemoryKeyring()


@pytest.fixture
def tokens(tmp_path: Path, memory: MemoryKeyring) -> Callable[..., Tokens]:
    """Tokens with a keyring in memory; another domain, environment or keyring where the test says so."""

    def made(
        domain: str = "api.konghq.com",
        keyring: KeyringBackend = memory,
        file: str | None = None,
        profile: str | None = None,
        **environ: str,
    ) -> Tokens:
        asked, folder = Keyring(lambda: keyring, patience=0.3), str(tmp_path / "config")
        return Tokens(domain, folder, environ=environ, keyring=asked, file=file, profile=profile)

    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file for a token, closed to others."""
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text(MARKED)
    return path


Make = Callable[..., Tokens]


def _save(tokens: Tokens, text: str = MARKED, profile: str | None = None, place: Place = "keyring") -> str | None:
    return tokens.save(Secret(text.encode()), ACME, NOW, profile=profile, place=place)


# --- where it is looked for


def test_the_order(tokens: Make, file: Path) -> None:
    """--token-file goes before KONNECT_TOKEN, that before what was saved; and it is said which it was."""
    _save(tokens(), "saved")
    given = (tokens(file=str(file), KONNECT_TOKEN="told"), tokens(KONNECT_TOKEN="told"), tokens())
    assert [each.outright for each in given] == ["--token-file", "KONNECT_TOKEN", ""]
    found = [each.find() for each in given]
    assert [each.secret.reveal() for each in found] == [MARKED.encode(), b"told", b"saved"]
    assert [each.source for each in found] == [f"the file {file}", "KONNECT_TOKEN", "the keyring, profile default"]
    assert not any(each.problems for each in found)


def test_a_profile_that_the_environment_overrules_is_told(tokens: Make) -> None:
    """Whoever names a profile while KONNECT_TOKEN is set is told that the profile was not used."""
    found = tokens(KONNECT_TOKEN="told", profile="prod").find()
    assert (found.source, [problem.code for problem in found.problems]) == ("KONNECT_TOKEN", ["token-of-environment"])


def test_an_empty_variable_is_none(tokens: Make) -> None:
    """KONNECT_TOKEN set to nothing, as CI systems do without a secret, is as if it was not set."""
    with pytest.raises(KonnectError) as none:
        tokens(KONNECT_TOKEN="").find()
    assert (none.value.code, none.value.exit_code) == ("no-token", 4)


def test_without_a_token_it_is_said_what_can_be_done(tokens: Make) -> None:
    """No token is exit 4, names the three ways to give one, and the profiles there are."""
    _save(tokens(), profile="prod")
    with pytest.raises(KonnectError) as none:
        tokens().find()
    assert (none.value.code, none.value.exit_code) == ("no-token", 4)
    for way in ("--token-file", "KONNECT_TOKEN", "konnect-tui login", "prod"):
        assert way in none.value.hint


def test_a_saved_token_is_for_its_domain_alone(tokens: Make) -> None:
    """What was saved for one API domain is found for no other, wherever it is kept."""
    _save(tokens(), profile="a")
    _save(tokens(), profile="b", place="file")
    assert {tokens(profile=name).find().secret.reveal() for name in "ab"} == {MARKED.encode()}
    for domain in (
        "evil.example",
        "api.konghq.com.evil.example",
        "127.0.0.1:8080",
        "../api.konghq.com",
        "api.konghq.co",
    ):
        assert tokens(domain).profiles() == ((), ())
        for name in "ab":
            with pytest.raises(KonnectError) as none:
                tokens(domain, profile=name).find()
            assert none.value.code == "no-token"


# --- what a token file may be


@pytest.mark.parametrize(
    "written",
    [MARKED, f"{MARKED}\n", f"{MARKED}\r\n", f"  {MARKED}\t\n\n", f"\ufeff{MARKED}\r\n"],
    ids=["bare", "unix", "windows", "space", "byte order mark"],
)
def test_space_around_a_token_is_no_part_of_it(written: str, tokens: Make, file: Path) -> None:
    """Line ends, space and a byte order mark around the token are taken away, whichever program wrote them."""
    file.write_text(written, newline="")
    assert tokens(file=str(file)).find().secret == Secret(MARKED.encode())


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b" \r\n\n",
        f"{MARKED}\n{MARKED}\n".encode(),
        f"{MARKED}\0".encode(),
        f"{MARKED}\x1b[2J".encode(),
        f"{MARKED}\xfc".encode("latin-1"),
        f"{MARKED}ü".encode(),
        MARKED.encode("utf-16"),
        f"KONNECT_TOKEN={MARKED}".encode(),
        f'"{MARKED}"'.encode(),
        f"Bearer {MARKED}".encode(),
        MARKED.encode() * 1000,
        MARKED.encode() * 1_000_000,
    ],
)
def test_what_is_no_token_is_refused(written: bytes, tokens: Make, file: Path) -> None:
    """An empty file, several lines, other bytes than printable ASCII or absurd sizes are refused, and not repeated."""
    file.write_bytes(written)
    with pytest.raises(KonnectError) as refused:
        tokens(file=str(file)).find()
    assert (refused.value.code, refused.value.exit_code) == ("bad-token", 2)
    assert "MARKED" not in f"{refused.value.message}{refused.value.hint}{refused.value.context}"
    with pytest.raises(KonnectError) as told:
        tokens(KONNECT_TOKEN=os.fsdecode(written.replace(b"\0", b"\1")) or " ").find()
    assert told.value.code == "bad-token"


def test_a_prefix_is_a_hint_only(tokens: Make, file: Path) -> None:
    """A token need not begin as Konnect's do today."""
    file.write_text("another/kind+of~token=")
    assert tokens(file=str(file)).find().secret.reveal() == b"another/kind+of~token="


def test_a_home_folder(tokens: Make, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--token-file=~/token` means the home folder, which no shell writes out there."""
    monkeypatch.setenv("HOME", str(file.parent))
    assert tokens(file="~/token").find().secret == Secret(MARKED.encode())


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o644, 0o666])
def test_an_open_token_file_is_warned_of(rights: int, tokens: Make, file: Path) -> None:
    """A token file that others may read is used, with a warning that says how to close it."""
    file.chmod(rights)
    (problem,) = tokens(file=str(file)).find().problems
    assert (problem.severity, problem.code) == ("warning", "token-file-open")
    assert "chmod 600" in problem.hint


def test_a_pipe_is_a_token_file(tokens: Make) -> None:
    """`--token-file <(pass show konnect)` works, however slowly the other program writes."""
    reading, writing = os.pipe()
    os.write(writing, f"{MARKED}\n".encode())
    os.close(writing)
    assert tokens(file=f"/dev/fd/{reading}").find().secret == Secret(MARKED.encode())
    os.close(reading)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (MARKED, "not-found"),
        ("/nowhere/at/all", "not-found"),
        ("another-kind-of-token", "not-found"),
        ("x" * 5000, "not-found"),
        ("a\0b", "not-found"),
        ("", "not-found"),
        ("/", "not-a-file"),
        ("/dev/zero", "not-a-file"),
    ],
)
def test_what_is_no_file_is_not_repeated(given: str, code: str, tokens: Make) -> None:
    """A token given where its file is wanted is refused in words that don't hold it."""
    with pytest.raises(KonnectError) as refused:
        tokens(file=given).find()
    assert (refused.value.code, refused.value.exit_code) == (code, 2)
    words = f"{refused.value.message}{refused.value.context}{refused.value.hint}"
    assert "MARKED" not in words
    assert "another-kind" not in words
    if given == MARKED:
        assert "Revoke" in words


# --- where it is kept


@pytest.mark.parametrize("place", ["keyring", "file"])
def test_what_is_saved_is_found_until_it_is_forgotten(place: Place, tokens: Make) -> None:
    """A token is found under its profile from login to logout, and under no other."""
    _save(tokens(), profile="prod", place=place)
    assert tokens(profile="prod").find().secret == Secret(MARKED.encode())
    with pytest.raises(KonnectError):
        tokens().find()
    assert tokens().forget("prod") == (place,)
    assert tokens().forget("prod") == ()
    with pytest.raises(KonnectError):
        tokens(profile="prod").find()
    assert tokens().profiles() == ((), ())


@pytest.mark.parametrize("places", [("keyring", "file"), ("file", "keyring")])
def test_the_token_saved_last_is_the_one(places: tuple[Place, Place], tokens: Make) -> None:
    """Logging in again, to another place as well, leaves nothing of the token before."""
    _save(tokens(), "before", place=places[0])
    _save(tokens(), "after", place=places[1])
    assert tokens().find().secret.reveal() == b"after"
    assert tokens().forget(None) == (places[1],)


def test_no_file_but_the_one_asked_for_holds_a_token(tmp_path: Path, tokens: Make, memory: MemoryKeyring) -> None:
    """With a keyring no file holds the token; with --to-file exactly one does, that nobody else can read."""
    before = {path for path in tmp_path.rglob("*") if path.is_file()}

    def holding() -> list[Path]:
        files = {path for path in tmp_path.rglob("*") if path.is_file()} - before
        return [path for path in files if MARKED in path.read_text()]

    _save(tokens())
    assert holding() == []
    assert list(memory.kept.values()) == [MARKED]
    path = Path(_save(tokens(), place="file") or "")
    assert holding() == [path]
    assert memory.kept == {}
    folders = {folder: mode(folder) for folder in path.parents if folder.is_relative_to(tmp_path / "config")}
    assert (mode(path), set(folders.values())) == (0o600, {0o700})


def test_profiles_say_whose_they_are(tokens: Make) -> None:
    """The logins of a domain are listed by name with their organisation; no keyring is asked."""
    _save(tokens(), profile="prod")
    _save(tokens(), profile="dev", place="file")
    _save(tokens("127.0.0.1:8080"), profile="training")
    silent = tokens(keyring=FailingKeyring(raising(AssertionError("was asked"))))
    found, problems = silent.profiles()
    assert [(each.name, each.organization, each.place, each.saved) for each in found] == [
        ("dev", "Acme Co.", "file", NOW),
        ("prod", "Acme Co.", "keyring", NOW),
    ]
    assert problems == ()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"name": "prod"}', b"x" * 100_000])
def test_a_damaged_note_is_told_and_passed_over(damage: bytes, tmp_path: Path, tokens: Make) -> None:
    """A note of a login that can't be read hides that login alone, with a warning; the token is found all the same."""
    _save(tokens(), profile="prod")
    _save(tokens(), profile="dev")
    (note,) = tmp_path.rglob("prod.json")
    note.write_bytes(damage)
    found, problems = tokens().profiles()
    assert [each.name for each in found] == ["dev"]
    assert [(problem.severity, problem.code) for problem in problems] == [("warning", "profile-damaged")]
    assert tokens(profile="prod").find().secret == Secret(MARKED.encode())


def test_a_folder_in_the_place_of_a_note(tmp_path: Path, tokens: Make) -> None:
    """Whatever lies in the folder of profiles, listing them does not fail."""
    _save(tokens(), profile="dev")
    (note,) = tmp_path.rglob("dev.json")
    (note.parent / "folder.json").mkdir()
    (note.parent / "link.json").symlink_to(note)
    (note.parent / "other.json").write_text(json.dumps({**json.loads(note.read_text()), "name": "\x1b[2J"}))
    assert [each.name for each in tokens().profiles()[0]] == ["dev"]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-x", "a b", "x" * 65, "\x1b[2J", "é", MARKED])
def test_names_no_profile_can_have(name: str, tokens: Make) -> None:
    """A profile's name is a plain word, since it is a file's name too. A token in its place is not shown."""
    for attempt in (lambda: tokens(profile=name).find(), lambda: tokens().forget(name)):
        with pytest.raises(KonnectError) as refused:
            attempt()
        assert (refused.value.code, refused.value.exit_code) == ("bad-name", 2)
        assert "MARKED" not in refused.value.message + refused.value.hint


# --- keyrings as they are


@pytest.mark.parametrize(
    ("keyring", "code"),
    [
        (NoKeyring(), "no-keyring"),
        (NullKeyring(), "no-keyring"),
        (PlaintextKeyring(), "no-keyring"),
        (ChainedKeyring(), "no-keyring"),
        (ChainedKeyring(PlaintextKeyring(), NoKeyring()), "no-keyring"),
        (FailingKeyring(raising(NoKeyringError("x"))), "no-keyring"),
        (FailingKeyring(raising(InitError(MARKED))), "no-keyring"),
        (FailingKeyring(raising(KeyringLocked(MARKED))), "keyring-failed"),
        (FailingKeyring(raising(PasswordSetError(-25308, MARKED))), "keyring-failed"),
        (FailingKeyring(raising(ConnectionRefusedError(MARKED))), "keyring-failed"),
        (FailingKeyring(raising(KeyError("DBUS_SESSION_BUS_ADDRESS"))), "keyring-failed"),
        (FailingKeyring(hanging), "keyring-failed"),
        (ForgetfulKeyring(), "keyring-failed"),
    ],
)
def test_a_keyring_that_can_not_be_used(keyring: KeyringBackend, code: str, tmp_path: Path, tokens: Make) -> None:
    """Whatever is wrong with the keyring: saving says so in our words and keeps nothing, finding is exit 4."""
    broken = tokens(keyring=keyring)
    with pytest.raises(KonnectError) as refused:
        _save(broken)
    assert (refused.value.code, refused.value.exit_code) == (code, 1)
    assert "MARKED" not in f"{refused.value.message}{refused.value.context}"
    assert not (tmp_path / "config").exists()
    with pytest.raises(KonnectError) as none:
        broken.find()
    assert none.value.code == "no-token"
    assert "MARKED" not in f"{none.value.message}{none.value.context}"


def test_without_a_keyring_the_way_out_has_a_name(tokens: Make) -> None:
    """Where there is no keyring, login --to-file is named, and works."""
    bare = tokens(keyring=NoKeyring())
    with pytest.raises(KonnectError) as refused:
        bare.require("keyring")
    assert "login --to-file" in refused.value.hint
    bare.require("file")
    _save(bare, place="file")
    assert bare.find().secret == Secret(MARKED.encode())
    assert bare.forget(None) == ("file",)


def test_who_keeps_tokens_in_files_waits_for_no_keyring(tokens: Make) -> None:
    """Where a login was kept in a file, neither finding, replacing nor forgetting it asks the keyring."""

    def bare() -> Tokens:
        return tokens(keyring=FailingKeyring(raising(AssertionError("was asked"))))

    _save(tokens(), "first", place="file")
    for token in ("before", "after"):
        _save(bare(), token, place="file")
        assert bare().find().secret.reveal() == token.encode()
    assert bare().forget(None) == ("file",)


def test_a_login_nobody_noted(tmp_path: Path, tokens: Make, memory: MemoryKeyring) -> None:
    """Where the note of a login is gone, its token is found and forgotten all the same, wherever it is."""
    places: tuple[Place, ...] = ("keyring", "file")
    for place in places:
        _save(tokens(), place=place)
        (note,) = tmp_path.rglob("default.json")
        note.unlink()
        assert tokens().find().secret == Secret(MARKED.encode())
        assert tokens().forget(None) == (place,)


def test_no_older_token_comes_back(tmp_path: Path, tokens: Make) -> None:
    """A token in the keyring whose note is gone is forgotten when another is kept in a file in its place."""
    _save(tokens(), "old")
    (note,) = tmp_path.rglob("default.json")
    note.unlink()
    _save(tokens(), place="file")
    assert tokens().forget(None) == ("file",)
    with pytest.raises(KonnectError) as none:
        tokens().find()
    assert none.value.code == "no-token"


def test_of_a_chain_the_keyring_that_keeps_secrets(tokens: Make, memory: MemoryKeyring) -> None:
    """Of chained keyrings a token goes into the first that keeps it from others."""
    plain = PlaintextKeyring()
    _save(tokens(keyring=ChainedKeyring(plain, memory)))
    assert (plain.kept, list(memory.kept.values())) == ({}, [MARKED])


def test_logout_does_not_say_done_when_it_is_not(tokens: Make) -> None:
    """Where the keyring that holds the token fails, logout fails too and the login stays listed."""
    _save(tokens())
    with pytest.raises(KonnectError) as refused:
        tokens(keyring=FailingKeyring(raising(KeyringLocked("x")))).forget(None)
    assert refused.value.code == "keyring-failed"
    assert [each.name for each in tokens().profiles()[0]] == ["default"]


def test_a_folder_that_can_not_be_written(tmp_path: Path, tokens: Make) -> None:
    """Where the configuration folder can't be written, saving says so by name."""
    (tmp_path / "config").write_text("in the way")
    with pytest.raises(KonnectError) as refused:
        _save(tokens(), place="file")
    assert (refused.value.code, refused.value.exit_code) == ("config-not-writable", 1)


def test_a_file_system_without_modes(
    tmp_path: Path, tokens: Make, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file system would let others read the file, no byte of the token is written, and why is said."""
    really = os.open
    monkeypatch.setattr(
        "os.open", lambda path, flags, mode=0o777: really(path, flags, 0o644 if mode == 0o600 else mode)
    )
    with pytest.raises(KonnectError) as refused:
        _save(tokens(), place="file")
    assert refused.value.code == "config-not-writable"
    assert "modes" in refused.value.message
    assert [path for path in (tmp_path / "config").rglob("*") if path.is_file()] == []


def test_an_open_file_of_a_saved_token_is_warned_of(tokens: Make) -> None:
    """A kept token that others can read by now is told."""
    Path(_save(tokens(), place="file") or "").chmod(0o644)
    assert [problem.code for problem in tokens().find().problems] == ["token-file-open"]


def test_a_token_shows_itself_nowhere(tokens: Make) -> None:
    """However a found token is printed, it isn't in it."""
    found = tokens(KONNECT_TOKEN=MARKED).find()
    assert "MARKED" not in f"{found} {found!r} {found.secret}"
