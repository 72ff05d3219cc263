"""Files as people have them: every disguise gives the same certificates and key."""

import base64
import json
import re
import urllib.parse
from collections.abc import Callable

import pytest
from certificate_maker import make
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from konnect_tui.errors import KonnectError
from konnect_tui.pki.pem import certificate_pem, pem
from konnect_tui.pki.read import Reading, read

CA = make("ca", ca=True)
LEAF = CA.issue("leaf")
KEY = LEAF.secret.reveal()
CLEAN = KEY + LEAF.pem + CA.pem
TEXT = CLEAN.decode()
ED25519 = ed25519.Ed25519PrivateKey.generate().private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"


def _indented(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.splitlines())


def _relined(text: str, width: int) -> str:
    """With lines of another length."""
    return re.sub(r"-----BEGIN (.*)-----\n([^-]+)", lambda block: _block(block[1], block[2], width), text)


def _block(label: str, body: str, width: int) -> str:
    packed = "".join(body.split())
    lines = "".join(f"{packed[at : at + width]}\n" for at in range(0, len(packed), width))
    return f"-----BEGIN {label}-----\n{lines}"


def _packed(data: bytes | str) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def _escaped(text: str, mark: str = "\\n") -> str:
    return text.replace("\n", mark)


DISGUISES: dict[str, str | bytes] = {
    "byte order mark": b"\xef\xbb\xbf" + CLEAN,
    "utf-16 with mark": TEXT.encode("utf-16"),
    "utf-16 big endian with mark": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "utf-16 without mark": TEXT.encode("utf-16-le"),
    "utf-16 big endian without mark": TEXT.encode("utf-16-be"),
    "utf-16 and crlf": TEXT.replace("\n", "\r\n").encode("utf-16"),
    "utf-32": TEXT.encode("utf-32"),
    "utf-32 big endian without mark": TEXT.encode("utf-32-be"),
    "marks between the files": KEY + b"\xef\xbb\xbf" + LEAF.pem + b"\xef\xbb\xbf" + CA.pem,
    "crlf": TEXT.replace("\n", "\r\n"),
    "cr alone": TEXT.replace("\n", "\r"),
    "lf and crlf mixed": KEY + LEAF.pem.replace(b"\n", b"\r\n") + CA.pem,
    "crcrlf": TEXT.replace("\n", "\r\r\n"),
    "indented": _indented(TEXT, "    "),
    "indented with tabs": _indented(TEXT, "\t"),
    "blank lines inside": TEXT.replace("\n", "\n\n"),
    "trailing blanks": TEXT.replace("\n", "  \t\n"),
    "no last newline": TEXT.rstrip(),
    "no newline between blocks": TEXT.replace("-----\n-----BEGIN", "----------BEGIN"),
    "lines of 76": _relined(TEXT, 76),
    "lines of 20": _relined(TEXT, 20),
    "one long line each": _relined(TEXT, 1 << 16),
    "prose": f"Dear colleague,\n\nhere is what you asked for:\n\n{TEXT}\n\nRegards -- me\n",
    "prose that names the markers": f"From -----BEGIN CERTIFICATE----- to -----END CERTIFICATE----- please.\n{TEXT}",
    "prose in another encoding": "Zertifikat für Müller:\n".encode("latin-1") + CLEAN,
    "bag attributes": f"Bag Attributes\n    localKeyID: 01 02 \nKey Attributes: <No Attributes>\n{TEXT}subject=x\n",
    "quoted mail": _indented(TEXT, "> "),
    "mail quoted twice": _indented(TEXT, ">> "),
    "commented out": _indented(TEXT, "# "),
    "slashes": _indented(TEXT, "// "),
    "added in a diff": _indented(TEXT, "+"),
    "fenced": f"```pem\n{TEXT}```\n",
    "old label": TEXT.replace("CERTIFICATE", "X509 CERTIFICATE"),
    "one line": " ".join(TEXT.split("\n")),
    "one line without any spaces": "".join(TEXT.split()),
    "escaped": _escaped(TEXT),
    "escaped with cr": _escaped(TEXT, "\\r\\n"),
    "escaped twice": _escaped(TEXT, "\\\\n"),
    "settings": f'TLS_ALL="{_escaped(TEXT)}"\nOTHER=1\n',
    "settings in single quotes": f"export TLS_KEY='{KEY.decode()}'\nexport TLS_CERT='{TEXT[len(KEY) :]}'\n",
    "json": json.dumps({"key": KEY.decode(), "chain": [LEAF.pem.decode(), CA.pem.decode()]}),
    "json of json": json.dumps(json.dumps({"all": TEXT})),
    "json with escaped slashes": json.dumps({"all": TEXT}).replace("/", "\\/"),
    "json with escaped signs": json.dumps({"all": TEXT}).replace("=", "\\u003d").replace("+", "\\u002b"),
    "json, a line a string": json.dumps({"all": TEXT.splitlines()}, indent=2),
    "yaml block": f"tls:\n  all: |\n{_indented(TEXT, '    ')}  more: 1\n",
    "yaml folded": f"tls:\n  all: >-\n{_indented(TEXT, '    ')}",
    "yaml quoted": f'tls:\n  all: "{_escaped(TEXT)}"\n',
    "yaml quoted over lines": 'all: "' + "\\n\\\n  ".join(TEXT.split("\n")) + '"\n',
    "program": "const char *pem =\n" + "".join(f'  "{line}\\n"\n' for line in TEXT.splitlines()) + "  ;\n",
    "program with plus": "var pem = " + " +\n  ".join(f"'{line}\\n'" for line in TEXT.splitlines()) + ";\n",
    "xml": f"<pem>{TEXT.replace(chr(10), '&#10;')}</pem>",
    "html": f"<p>{TEXT.replace(chr(10), '<br/>')}</p>",
    "url": urllib.parse.quote(TEXT),
    "url form": urllib.parse.quote_plus(TEXT),
    "kubernetes secret": f"kind: Secret\ndata:\n  tls.key: {_packed(KEY)}\n  tls.crt: {_packed(LEAF.pem + CA.pem)}\n",
    "kubernetes secret, its type last": (
        f"data:\n  tls.key: {_packed(KEY)}\n  tls.crt: {_packed(LEAF.pem + CA.pem)}\ntype: kubernetes.io/tls\n"
    ),
    "kubernetes secret as json": json.dumps({"data": {"tls.key": _packed(KEY), "tls.crt": _packed(LEAF.pem + CA.pem)}}),
    "kubernetes secret, folded": "data:\n  all: |\n" + _indented(base64.encodebytes(CLEAN).decode(), "    "),
    "settings in base64": f"KEY={_packed(KEY)}\nCHAIN={_packed(LEAF.pem + CA.pem)}\nTLS=\n",
    "base64 of pem": _packed(TEXT),
    "base64 of pem in lines": base64.encodebytes(CLEAN),
    "base64 of pem without padding": _packed(TEXT).rstrip("="),
    "base64 of base64": _packed(_packed(TEXT)),
    "base64 of utf-16": _packed(TEXT.encode("utf-16")),
    "base64 in quotes": f'"{_packed(TEXT)}"\n',
    "hexadecimal": TEXT.encode().hex(),
    "line breaks eaten by a shell": TEXT.replace("\n", "n"),
    "crlf eaten by a shell": TEXT.replace("\n", "rn"),
    "shell": "export PEM=" + TEXT.replace(" ", "\\ ").replace("\n", "\\n"),
    "shown by cat -A": TEXT.replace("\n", "^M$\n"),
    "rich text": TEXT.replace("\n", "\\par\n"),
    "signed with pgp": "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n" + re.sub("(?m)^-", "- -", TEXT),
    "kubernetes secret, twice": f'applied: \'{{"all":"{_packed(TEXT)}"}}\'\ndata:\n  all: {_packed(TEXT)}\n',
    "em dashes": TEXT.replace("-----", "\u2014\u2014-"),
    "four dashes": TEXT.replace("-----BEGIN", "----BEGIN"),
    "many dashes": TEXT.replace("-----", "--------"),
    "spaces beside the dashes": TEXT.replace("-----BEGIN", "----- BEGIN").replace("KEY-----", "KEY -----"),
    "no-break spaces": _indented(TEXT, "\u00a0"),
    "other blocks between": KEY + PARAMETERS + LEAF.pem + CA.pem,
}


def _contents(found: Reading) -> tuple[tuple[bytes, ...], list[bytes]]:
    return found.certificates, [key.secret.reveal() for key in found.keys if key.secret]


@pytest.mark.parametrize("name", DISGUISES)
def test_disguise_hides_nothing(name: str) -> None:
    """However it was copied, the same certificates and key come out, and what was changed is said."""
    disguised = DISGUISES[name]
    found = read(disguised.encode() if isinstance(disguised, str) else disguised, "file")
    assert _contents(found) == ((LEAF.der, CA.der), [KEY])
    assert found.mends
    assert all(mend.endswith(".") and mend.isprintable() for mend in found.mends)


def test_clean_file_needs_no_mending() -> None:
    """Clean PEM is read without a word, and written back byte for byte."""
    found = read(CLEAN, "file")
    assert (_contents(found), found.mends) == (((LEAF.der, CA.der), [KEY]), ())
    assert KEY + b"".join(map(certificate_pem, found.certificates)) == CLEAN


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xef\xbb\xbf" + CLEAN, "It begins with a byte order mark."),
        (CLEAN.replace(b"\n", b"\r"), "Its lines end in CR alone."),
        (CLEAN.replace(b"\n", b"\r\n"), "Its lines end in CRLF."),
        (TEXT.encode("utf-16"), "It is text in UTF-16."),
        (_escaped(TEXT).encode(), "Its line breaks are written as \\n."),
        (" ".join(TEXT.split("\n")).encode(), "A whole block stands on one line."),
        (_indented(TEXT, "> ").encode(), "Its lines are indented or quoted."),
        (TEXT.replace("\n", "\n\n").encode(), "There are blank lines in a block."),
        (TEXT.replace("\n", " \n").encode(), "Its lines end in blanks."),
        (_relined(TEXT, 76).encode(), "Its lines do not have 64 characters."),
        (TEXT.replace("-----BEGIN", "----BEGIN").encode(), "Its BEGIN and END lines are not as they should be."),
        (CLEAN.rstrip(), "Its last line has no end."),
        (CLEAN.replace(b"-----\n-----", b"-----\n\n-----"), "There are blank lines around its blocks."),
        (b"hello\n" + CLEAN, "There is text around its blocks."),
        (LEAF.der, "It is DER."),
        (_packed(TEXT).encode(), "What it holds is in base64, without PEM's lines around it."),
    ],
)
def test_mends_name_what_was_changed(data: bytes, sentence: str) -> None:
    """What was not clean PEM is named in a sentence for the operator."""
    assert sentence in read(data, "file").mends


def test_der_alone_and_in_a_row() -> None:
    """DER is read: alone, several behind each other, with a newline or rubbish behind it, in base64 or hexadecimal."""
    both = (LEAF.der, CA.der)
    assert read(LEAF.der, "file").certificates == (LEAF.der,)
    assert read(LEAF.der + CA.der, "file").certificates == both
    assert read(LEAF.der + CA.der + b"\r\n", "file").certificates == both
    assert read(LEAF.der + CA.pem, "file").certificates == both
    assert read(LEAF.der + b"\n" + KEY + CA.pem, "file").certificates == both
    assert read(LEAF.der + b"rubbish", "file").mends == ("It is DER.", "Something stands behind its last structure.")
    assert read(base64.encodebytes(LEAF.der), "file").certificates == (LEAF.der,)
    assert read(LEAF.der.hex(":").encode(), "file").certificates == (LEAF.der,)
    metadata = f"<X509Certificate>\n{base64.encodebytes(LEAF.der).decode()}</X509Certificate>"
    assert read(metadata.encode(), "file").certificates == (LEAF.der,)
    jwk = json.dumps({"x5c": [_packed(LEAF.der), _packed(CA.der)]})
    assert read(jwk.encode(), "file").certificates == both


BROKEN: dict[str, tuple[bytes, str]] = {
    "end of the last block is missing": (LEAF.pem + CA.pem[:-30], "truncated"),
    "end of the first block is missing": (LEAF.pem[:-27] + CA.pem, "truncated"),
    "beginning is missing": (LEAF.pem[30:], "truncated"),
    "beginning of the second is missing": (LEAF.pem + CA.pem[30:], "truncated"),
    "end of one block and beginning of the next are missing": (
        LEAF.pem.removesuffix(b"-----END CERTIFICATE-----\n") + KEY.removeprefix(b"-----BEGIN PRIVATE KEY-----\n"),
        "truncated",
    ),
    "nothing in a block": (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "truncated"),
    "only a beginning": (b"-----BEGIN CERTIFICATE-----\n", "truncated"),
    "lines are missing": (b"".join(LEAF.pem.splitlines(True)[:4] + LEAF.pem.splitlines(True)[-1:]), "truncated"),
    "der cut off": (LEAF.der[:-1], "truncated"),
    "short der cut off": (ED25519[:-1], "truncated"),
    "der cut off early": (LEAF.der[:3], "truncated"),
    "base64 of cut der": (base64.b64encode(LEAF.der[:201]), "truncated"),
    "base64 of cut pem": (base64.b64encode(LEAF.pem[:300]), "truncated"),
    "not base64": (LEAF.pem.replace(b"MII", b"M*I", 1), "bad-base64"),
    "a character is missing": (LEAF.pem.replace(b"MII", b"MI", 1), "bad-base64"),
    "second block not base64": (LEAF.pem + CA.pem.replace(b"MII", b"M_?", 1), "bad-base64"),
    "bare base64 damaged": (base64.b64encode(LEAF.der).replace(b"MII", b"MII*", 1), "bad-base64"),
    "key damaged": (KEY.replace(b"MI", b"M!", 1), "bad-base64"),
    "nonsense in a block": (certificate_pem(b"nonsense"), "not-a-certificate"),
    "good and nonsense": (LEAF.pem + certificate_pem(b"nonsense"), "not-a-certificate"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_by_name(name: str) -> None:
    """What is cut or damaged is refused, also beside something good, as Kong refuses such a file."""
    data, code = BROKEN[name]
    with pytest.raises(KonnectError) as caught:
        read(data, "file")
    assert caught.value.code == code
    assert "file" in caught.value.message


def test_broken_block_is_named() -> None:
    """Of several blocks, the one that is broken is named by its number, label and line."""
    for data in (LEAF.pem + CA.pem[:-30], LEAF.pem + CA.pem.replace(b"MII", b"M*I", 1)):
        with pytest.raises(KonnectError) as caught:
            read(data, "chain.pem")
        line = LEAF.pem.count(b"\n") + 1
        assert f"block 2 (CERTIFICATE, line {line}) in chain.pem" in caught.value.message


def test_blacked_out_key_is_passed_over() -> None:
    """Beside certificates, a key block that holds no key is told and passed over; alone it is a damaged key."""
    blacked_out = pem("PRIVATE KEY", b"this was removed")
    found = read(blacked_out + LEAF.pem, "file")
    assert (found.certificates, found.keys) == ((LEAF.der,), ())
    assert "There is no key in block 1 (PRIVATE KEY, line 1) in file." in found.mends
    with pytest.raises(KonnectError) as caught:
        read(blacked_out, "file")
    assert caught.value.code == "damaged-key"
    with pytest.raises(KonnectError) as caught:
        read(pem("PRIVATE KEY", b"\x30\x03\x02\x01\x00") + LEAF.pem, "file")
    assert caught.value.code == "damaged-key"


WRAPPERS: dict[str, Callable[[bytes], bytes]] = {
    "nothing": bytes,
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "cr": lambda data: data.replace(b"\n", b"\r"),
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "indent": lambda data: _indented(data.decode(), "  ").encode(),
    "quote": lambda data: _indented(data.decode(), "> ").encode(),
    "escape": lambda data: data.replace(b"\n", b"\\n"),
    "one line": lambda data: b" ".join(data.split(b"\n")),
    "blank lines": lambda data: data.replace(b"\n", b"\n\n"),
    "base64": base64.b64encode,
    "json": lambda data: json.dumps({"value": data.decode()}).encode(),
    "yaml": lambda data: b"value: |\n" + _indented(data.decode(), "    ").encode(),
    "text": lambda data: b"hello: world\n\n" + data + b"\nbye\n",
}
MATERIAL = [make(f"certificate {number}") for number in range(6)]


@given(
    st.lists(st.tuples(st.sampled_from(MATERIAL), st.booleans()), min_size=1, max_size=6),
    st.sampled_from(list(WRAPPERS)),
)
def test_export_and_import_change_nothing(chosen: list[tuple[object, bool]], wrapper: str) -> None:
    """Any set of certificates and keys, written and disguised, is read back as the same set in the same order."""
    parts = [made.secret.reveal() if as_key else made.pem for made, as_key in chosen]  # type: ignore[attr-defined]
    found = read(WRAPPERS[wrapper](b"".join(parts)), "file")
    assert list(found.certificates) == [made.der for made, as_key in chosen if not as_key]  # type: ignore[attr-defined]
    assert [key.secret for key in found.keys] == [made.secret for made, as_key in chosen if as_key]  # type: ignore[attr-defined]
