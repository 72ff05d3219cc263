"""What a file is that holds no certificate and no TLS key: named by its first bytes or its words."""

import re
from typing import NamedTuple

from konnect_tui.errors import KonnectError


class Foreign(NamedTuple):
    """A code of the register, and what the file holds in words that follow “holds”."""

    code: str
    words: str

    def fault(self, name: str) -> KonnectError:
        """That the file of this name holds it."""
        return KonnectError(self.code, f"{name} holds {self.words}.")


_NOTHING = Foreign("not-a-certificate", "nothing that is a certificate or TLS key")
_SSH = Foreign("is-ssh", "an SSH key")
_PGP = Foreign("is-pgp", "PGP data")
_PUTTY = Foreign("is-putty", "a PuTTY key")
_KEYSTORE = Foreign("is-java-keystore", "a Java keystore")
_MAGIC = (
    (b"\xfe\xed\xfe\xed", _KEYSTORE),
    (b"\xce\xce\xce\xce", _KEYSTORE),
    (b"\0\0\0\1\0\0\0\x14", Foreign("is-java-keystore", "a BouncyCastle keystore")),
    (b"\0\0\0\2\0\0\0\x14", Foreign("is-java-keystore", "a BouncyCastle keystore")),
    (b"PK\3\4", Foreign("is-archive", "a zip archive")),
    (b"PK\5\6", Foreign("is-archive", "an empty zip archive")),
    (b"\x1f\x8b", Foreign("is-archive", "data packed with gzip")),
    (b"\x1f\x9d", Foreign("is-archive", "data packed with compress")),
    (b"BZh", Foreign("is-archive", "data packed with bzip2")),
    (b"\xfd7zXZ\0", Foreign("is-archive", "data packed with xz")),
    (b"\x5d\0\0", Foreign("is-archive", "data packed with lzma")),
    (b"LZIP", Foreign("is-archive", "data packed with lzip")),
    (b"7z\xbc\xaf\x27\x1c", Foreign("is-archive", "a 7z archive")),
    (b"\x28\xb5\x2f\xfd", Foreign("is-archive", "data packed with zstd")),
    (b"\x04\x22\x4d\x18", Foreign("is-archive", "data packed with lz4")),
    (b"Rar!\x1a\x07", Foreign("is-archive", "a rar archive")),
    (b"MSCF", Foreign("is-archive", "a cab archive")),
    (b"!<arch>\n", Foreign("is-archive", "an ar archive")),
    (b"070701", Foreign("is-archive", "a cpio archive")),
    (b"070707", Foreign("is-archive", "a cpio archive")),
    (b"\xc7\x71", Foreign("is-archive", "a cpio archive")),
    (b"openssh-key-v1\0", _SSH),
    (b"SSH PRIVATE KEY FILE FORMAT 1.", _SSH),
    (b"\x1e\xf1\xb5\xb0", Foreign("not-a-certificate", "a key in Microsoft's PVK form, which nothing here reads")),
    (b"\x89PNG", Foreign("not-a-certificate", "a picture")),
    (b"\xff\xd8\xff", Foreign("not-a-certificate", "a picture")),
    (b"GIF8", Foreign("not-a-certificate", "a picture")),
    (b"%PDF", Foreign("not-a-certificate", "a PDF document")),
    (b"\x7fELF", Foreign("not-a-certificate", "a program")),
    (b"SQLite format 3\0", Foreign("not-a-certificate", "a database")),
)
_TAR_MARK, _TAR_AT = b"ustar", 257
_PGP_BOX, _PGP_BOX_AT = b"KBXf", 8
_SSH_BLOB = re.compile(rb"\0\0\0[\x07-\x40](?:ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-|rsa-sha2-)")
_SSH_LINE = re.compile(
    rb"(?:^|[\s\"])(?:(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]{2,60}) +AAAA[A-Za-z0-9+/]|---- BEGIN SSH2 ", re.MULTILINE
)
_PGP_TEXT = re.compile(rb"-----BEGIN PGP |\((?:\d+:)?(?:protected-|shadowed-)?private-key\b")
_DESCRIBED = re.compile(rb"^ *Certificate:\n +Data:\n", re.MULTILINE)
_HTML = re.compile(rb"\s*(?:<!doctype html|<html|<head)", re.IGNORECASE)
_LOOKED_AT = 1 << 16
_PGP_KEYS = (5, 6)
_PGP_VERSIONS = {
    # by packet tag what its first byte may be: a version; how it is compressed (8); what is in it (11)
    1: (2, 3, 6),
    2: (3, 4, 5, 6),
    3: (4, 5, 6),
    4: (3, 6),
    5: (3, 4, 5, 6),
    6: (2, 3, 4, 5, 6),
    8: (1, 2, 3),
    11: tuple(b"btu"),
}
_PGP_ALGORITHMS = (1, 2, 3, 16, 17, 18, 19, 22, 25, 26, 27, 28)


def by_magic(data: bytes) -> Foreign | None:
    """What is told by first bytes, before anything in it is looked at: a tar may hold PEM in plain sight."""
    if data[_TAR_AT : _TAR_AT + len(_TAR_MARK)] == _TAR_MARK:
        return Foreign("is-archive", "a tar archive")
    for magic, foreign in _MAGIC:
        if data.startswith(magic):
            return foreign
    if _SSH_BLOB.match(data):
        return _SSH
    return _PGP if data[_PGP_BOX_AT : _PGP_BOX_AT + len(_PGP_BOX)] == _PGP_BOX or _is_pgp(data) else None


def by_words(text: bytes) -> Foreign:
    """What a text without certificates and keys is."""
    start = text[:_LOOKED_AT]
    if start.lstrip().startswith(b"PuTTY-User-Key-File-"):
        return _PUTTY
    if _SSH_LINE.search(start):
        return _SSH
    if _PGP_TEXT.search(start):
        return _PGP
    if _DESCRIBED.search(start):
        return Foreign("not-a-certificate", "what openssl says about a certificate, and not the certificate itself")
    if _HTML.match(start):
        return Foreign("not-a-certificate", "a page of HTML, perhaps an error that was saved")
    return _NOTHING


def _is_pgp(data: bytes) -> bool:
    """Whether it begins with a packet of OpenPGP that key files and messages begin with (RFC 9580 §4.2).

    The byte behind the length is looked at too, for a first byte alone says little.
    """
    if len(data) < 12 or not data[0] & 0x80:
        return False
    if data[0] & 0x40:
        tag, at = data[0] & 0x3F, _new_length(data[1])
    else:
        tag, at = data[0] >> 2 & 0x0F, (2, 3, 5, 1)[data[0] & 3]
    if data[at] not in _PGP_VERSIONS.get(tag, ()):
        return False
    return tag not in _PGP_KEYS or data[at + 5] in _PGP_ALGORITHMS


def _new_length(first: int) -> int:
    if first < 192:
        return 2
    return 3 if first < 224 else 6 if first == 255 else 2
