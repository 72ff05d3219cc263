"""`konnect-tui judge` on files: every generated chain, and what the answer holds."""

from pathlib import Path

import pytest
from certificate_forge import forge, key
from certificate_maker import Made
from judged_chains import CHAINS
from judged_chains.chain import three
from running import Outcome, run


def _file(folder: Path, name: str, *made: Made) -> Path:
    path = folder / name
    path.write_bytes(b"".join(each.pem for each in made))
    return path


def _judge(folder: Path, mode: str, uploaded: list[Made], presented: list[Made], key: Made | None) -> Outcome:
    sides = ("--uploaded", _file(folder, "up.pem", *uploaded), "--presented", _file(folder, "list.pem", *presented))
    if key is None:
        return run("judge", "--json", "--mode", mode, *sides)
    secret = folder / "tls.key"
    secret.write_bytes(key.secret.reveal())
    return run("judge", "--json", "--mode", mode, *sides, "--key", secret)


@pytest.mark.parametrize("name", CHAINS)
def test_verdict_of_files(name: str, tmp_path: Path) -> None:
    """From files the verdict and the first cause are the same; exit 3 is a refusal."""
    chain = CHAINS[name]()
    made = _judge(tmp_path, chain.mode, list(chain.uploaded), list(chain.presented), chain.key or chain.presented[0])
    document = made.document
    causes = [finding["code"] for finding in document["findings"] if finding["severity"] == "error"]
    assert (made.code, document["accepted"], document["ok"]) == ((3, False, False) if chain.cause else (0, True, True))
    assert causes[:1] == ([chain.cause] if chain.cause else [])
    assert len(document["presented"]) == len(chain.presented)


def test_fix_is_named(tmp_path: Path) -> None:
    """What would help is there for programs: the side, the sentence, both sides by SHA-256. None when accepted."""
    root, middle, leaf = three()
    fix = _judge(tmp_path, "pki", [root], [middle, leaf], leaf).document["fix"]
    assert (fix["side"], fix["sentence"]) == (
        "node",
        "On the node: present “edge-1”, then “Acme Issuing”; nothing to upload.",
    )
    accepted = _judge(tmp_path, "pki", [root], [leaf, middle], leaf).document
    assert accepted["fix"] is None
    assert fix["presented"] == [each["sha256"] for each in accepted["presented"]]
    assert fix["uploaded"] == [each["sha256"] for each in accepted["uploaded"]]


def test_options_may_be_repeated(tmp_path: Path) -> None:
    """Each file option takes several files with several certificates each; their order is the list's."""
    root, middle, leaf = three()
    listed = [_file(tmp_path, "leaf.pem", leaf), _file(tmp_path, "rest.pem", middle, root)]
    given = [_file(tmp_path, "other.pem", forge("x", ca=True)), _file(tmp_path, "root.pem", root)]
    options = [("--presented", path) for path in listed] + [("--uploaded", path) for path in given]
    made = run("judge", "--mode", "pki", *(part for option in options for part in option))
    assert (made.code, "✓ Accepted" in made.out) == (0, True)


def test_text_says_cause_and_cure(tmp_path: Path) -> None:
    """For people: the chain drawn, what is wrong, what to do, and each finding with its code."""
    root, _, leaf = three()
    sides = ("--uploaded", _file(tmp_path, "up.pem", root), "--presented", _file(tmp_path, "list.pem", leaf))
    made = run("judge", "--mode", "pki", *sides)
    assert made.code == 3
    for words in ("└┄ ? Acme Issuing", "✗ Refused", "→ On the node: present", "as above  [missing-intermediate]"):
        assert words in made.out


def test_key_in_the_presented_file_is_not_taken(tmp_path: Path) -> None:
    """Without --key the path is judged and no key is proven, even where one lies beside the certificate."""
    leaf = forge("konnect-cp")
    both = tmp_path / "both.pem"
    both.write_bytes(leaf.secret.reveal() + leaf.pem)
    for options, proven in (((), False), (("--key", both), True)):
        made = run("judge", "--json", "--mode", "pinned", "--uploaded", both, "--presented", both, *options)
        assert (made.code, made.document["key_proven"]) == (0, proven)


def test_key_that_cannot_sign_is_a_refusal(tmp_path: Path) -> None:
    """A leaf whose key can't sign is refused with that cause, though no such key can be read."""
    root = forge("Acme Root", ca=True)
    leaf = forge("edge-1", root, own=key("x25519"))
    made = _judge(tmp_path, "pki", [root], [leaf], leaf)
    assert (made.code, made.document["findings"][0]["code"]) == (3, "key-type-unusable")
    other = _judge(tmp_path, "pki", [root], [forge("edge-2", root)], leaf)
    assert (other.code, other.document["error"]["code"]) == (2, "unsupported-key")
