"""Where no certificate proves which side is wrong: the likelier cause comes first, whatever CAs are called."""

import pytest
from certificate_forge import constraints, forge, issuer_identifier
from certificate_maker import Made
from cryptography import x509
from cryptography.x509.oid import NameOID

from konnect_tui.pki.judging.judge import judge

# root, intermediate, a second one below it, a root of somebody else
SCHEMES = [
    ("Root CA", "Intermediate CA", "Intermediate CA 2", "Other Root CA"),
    ("root", "intermediate", "intermediate2", "other"),
    ("root", "int1", "int2", "root2"),
    ("R1", "I1", "I2", "R2"),
    ("Test Root", "Test Issuing CA", "Test Issuing CA 2", "Wrong Root"),
    ("Acme Root G1", "Acme TLS CA 1", "Acme TLS CA 2", "Globex Root G1"),
    ("rootA", "intA", "intA2", "rootB"),
]


def _codes(uploaded: list[Made], presented: list[Made]) -> tuple[str, list[str]]:
    """The cause named, and the others that may be."""
    verdict = judge("pki", [each.der for each in uploaded], [each.der for each in presented], None)
    codes = [each.code for each in verdict.findings if each.severity == "error"]
    return codes[0], [each.code for each in verdict.findings if each.message.startswith("Or: ")]


@pytest.mark.parametrize("names", SCHEMES, ids=lambda names: names[1])
def test_forgotten_and_wrong_are_told_apart(names: tuple[str, str, str, str]) -> None:
    """An intermediate that was forgotten, and a root that is somebody else's, each come first where they should."""
    root = forge(names[0], ca=True)
    one = forge(names[1], root, ca=True)
    two = forge(names[2], one, ca=True)
    leaf, lower, direct = forge("edge-1", one), forge("edge-1", two), forge("edge-1", root)
    other = forge(names[3], ca=True)
    for presented in ([leaf], [lower], [lower, two], [lower, one], [leaf, root]):
        assert _codes([root], presented)[0] == "missing-intermediate", presented
    for presented in ([leaf, one], [leaf, one, root], [direct, root], [lower, two, one]):
        assert _codes([other], presented)[0] == "wrong-upload", presented


def test_the_other_cause_is_told_too() -> None:
    """What cannot be known is not claimed: the less likely cause stands behind the first as a note."""
    root = forge("Acme Root", ca=True)
    leaf = forge("edge-1", forge("Acme Issuing", root, ca=True))
    assert _codes([root], [leaf]) == ("missing-intermediate", ["wrong-upload"])


def test_a_path_length_that_forbids_more_says_wrong() -> None:
    """An upload that allows no intermediate cannot lack one."""
    short, long = (forge("A", ca=True, put={"bc": constraints(True, length)}) for length in (0, 1))
    leaf = forge("edge-1", forge("B", ca=True))
    assert _codes([short], [leaf])[0] == "wrong-upload"
    assert _codes([long], [leaf])[0] == "missing-intermediate"


def test_the_serial_number_of_the_issuer_tells() -> None:
    """An authority key identifier that names the issuer's issuer decides."""
    root, other = forge("A", ca=True), forge("C", ca=True)
    middle = forge("B", root, ca=True)
    for named, cause in ((root, "missing-intermediate"), (middle, "wrong-upload"), (other, "wrong-upload")):
        aki = issuer_identifier(None, named.certificate.subject, 7)
        assert _codes([root], [forge("edge-1", middle, put={"aki": aki})])[0] == cause


def test_organisations_tell() -> None:
    """A root of another organisation than the absent issuer is a wrong upload."""

    def name(common: str, organisation: str) -> x509.Name:
        parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
        return x509.Name([x509.NameAttribute(*part) for part in parts])

    leaf = forge("edge-1", forge(name("X", "Acme"), ca=True))
    assert _codes([forge(name("Y", "Acme"), ca=True)], [leaf])[0] == "missing-intermediate"
    assert _codes([forge(name("Y", "Globex"), ca=True)], [leaf])[0] == "wrong-upload"


def test_what_may_not_issue_is_a_wrong_upload() -> None:
    """Another node's certificate, or a sibling of the issuer, lacks no intermediate: it is the wrong one."""
    root = forge("Acme Root", ca=True)
    middle, sibling = (forge(f"Acme Issuing {number}", root, ca=True) for number in "12")
    leaf = forge("edge-1", middle)
    for uploaded in (forge("edge-2", middle), forge("konnect-cp"), forge("Acme Other", root, ca=True)):
        assert _codes([uploaded], [leaf])[0] == "wrong-upload"
    assert _codes([sibling], [leaf, middle])[0] == "wrong-upload"
