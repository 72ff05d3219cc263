"""What certificates say about themselves: purposes, CA flag, path length, name constraints, unknown extensions."""

from ipaddress import ip_address, ip_network
from typing import Any

from certificate_forge import constraints, forge, names, purposes, unknown, usage
from certificate_maker import CLIENT, SERVER
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from judged_chains.chain import Chain, Chains, chained, three

_ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
_EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
_NETSCAPE = x509.ObjectIdentifier("2.16.840.1.113730.1.1")


def _put(place: str, cause: str | None = None, **extensions: Any) -> Chain:
    return chained(cause, **{place: {"put": extensions}})


def _anchored(cause: str | None = None, **extensions: Any) -> Chain:
    """The intermediate itself is uploaded."""
    _, middle, leaf = three(middle={"put": extensions})
    return Chain([middle], [leaf], cause)


def _netscape(bits: bytes) -> tuple[x509.UnrecognizedExtension, bool]:
    return x509.UnrecognizedExtension(_NETSCAPE, b"\x03\x02" + bits), False


def _ca_leaf(*allowed: str, cause: str | None = None) -> Chain:
    root, middle, _ = three()
    leaf = forge("edge-1", middle, ca=True, put={"ku": usage(*allowed) if allowed else None})
    return Chain([root], [leaf, middle], cause)


def _v1_root() -> Chain:
    root = forge("Acme Root", version=1)
    return Chain([root], [forge("edge-1", root)])


def _v1_middle() -> Chain:
    root = forge("Acme Root", ca=True)
    middle = forge("Acme Issuing", root, version=1)
    return Chain([root], [forge("edge-1", middle), middle], "not-a-ca")


def _v1_middle_uploaded() -> Chain:
    root = forge("Acme Root", ca=True)
    middle = forge("Acme Issuing", root, version=1)
    return Chain([middle], [forge("edge-1", middle)], "not-a-ca")


def _v1_leaf() -> Chain:
    root = forge("Acme Root", ca=True)
    return Chain([root], [forge("edge-1", root, version=1, serial=0)])


def _kong() -> Chain:
    leaf = forge("kong_clustering", version=1, serial=0)
    return Chain([leaf], [leaf])


def _leaf_issued_leaf(*, uploaded: bool) -> Chain:
    root, middle, first = three(leaf={"put": {"ku": usage("sign", "certify")}})
    second = forge("edge-2", first)
    return Chain([first], [second], "not-a-ca") if uploaded else Chain([root], [second, first, middle], "not-a-ca")


def _plain_leaf_issued_leaf() -> Chain:
    root, middle, first = three()
    return Chain([root], [forge("edge-2", first), first, middle], "not-a-ca")


def _self_signed_issued_leaf() -> Chain:
    own = forge("konnect-cp")
    return Chain([own], [forge("edge-1", own)], "not-a-ca")


def _path_length(root: int | None, first: int | None, second: int | None, cause: str | None = None) -> Chain:
    top = forge("Acme Root", ca=True, put={"bc": constraints(True, root)})
    upper = forge("Acme Intermediate", top, ca=True, put={"bc": constraints(True, first)})
    lower = forge("Acme Issuing", upper, ca=True, put={"bc": constraints(True, second)})
    return Chain([top], [forge("edge-1", lower), lower, upper], cause)


def _path_length_of_anchor() -> Chain:
    top = forge("Acme Root", ca=True)
    upper = forge("Acme Intermediate", top, ca=True, put={"bc": constraints(True, 0)})
    lower = forge("Acme Issuing", upper, ca=True)
    return Chain([upper], [forge("edge-1", lower), lower], "path-length")


def _constrained(
    cause: str | None,
    permitted: list[x509.GeneralName] | None,
    excluded: list[x509.GeneralName] | None,
    *sans: x509.GeneralName,
    name: str | x509.Name = "edge 1",
    at: str = "root",
) -> Chain:
    rule = (x509.NameConstraints(permitted, excluded), True)
    root = forge("Acme Root", ca=True, put={"nc": rule} if at == "root" else {})
    middle = forge("Acme Issuing", root, ca=True, put={"nc": rule} if at == "middle" else {})
    leaf = forge(name, middle, put={"san": names(*sans)} if sans else {})
    return Chain([root], [leaf, middle], cause)


def _dns(*hosts: str) -> list[x509.GeneralName]:
    return [x509.DNSName(host) for host in hosts]


def _mail(*addresses: str) -> list[x509.GeneralName]:
    return [x509.RFC822Name(address) for address in addresses]


def _net(network: str) -> list[x509.GeneralName]:
    return [x509.IPAddress(ip_network(network))]


def _directory(organisation: str) -> list[x509.GeneralName]:
    return [x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]))]


def _of(organisation: str) -> x509.Name:
    parts = [(NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, "edge 1")]
    return x509.Name([x509.NameAttribute(*part) for part in parts])


def _nameless() -> Chain:
    root, middle, _ = three()
    return Chain([root], [forge(x509.Name([]), middle), middle])


def _constrained_anchor() -> Chain:
    rule = (x509.NameConstraints(_dns("example.com"), None), True)
    middle = forge("Acme Issuing", forge("Acme Root", ca=True), ca=True, put={"nc": rule})
    leaf = forge("edge 1", middle, put={"san": names(*_dns("edge.example.org"))})
    return Chain([middle], [leaf], "name-constraint")


_LOCAL = [x509.IPAddress(ip_address("10.0.0.1"))]
_BAD = "name-constraint"

CHAINS: Chains = {
    # purposes
    "leaf without EKU": lambda: _put("leaf", eku=None),
    "leaf for clients only": lambda: _put("leaf", eku=purposes(*CLIENT[:1])),
    "leaf for servers only": lambda: _put("leaf", "wrong-purpose", eku=purposes(*SERVER)),
    "leaf for any purpose": lambda: _put("leaf", "wrong-purpose", eku=purposes(_ANY)),
    "leaf for any purpose and clients": lambda: _put("leaf", eku=purposes(_ANY, *CLIENT)),
    "leaf for mail": lambda: _put("leaf", "wrong-purpose", eku=purposes(_EMAIL, critical=True)),
    "leaf without KU": lambda: _put("leaf", ku=None),
    "leaf with KU keyEncipherment": lambda: _put("leaf", "wrong-purpose", ku=usage("encipher")),
    "leaf with KU keyAgreement": lambda: _put("leaf", ku=usage("agree")),
    "leaf with KU of both": lambda: _put("leaf", ku=usage("sign", "encipher")),
    "leaf with Netscape type server": lambda: _put("leaf", "wrong-purpose", ns=_netscape(b"\x06\x40")),
    "leaf with Netscape type client": lambda: _put("leaf", ns=_netscape(b"\x07\x80")),
    "leaf without BC": lambda: _put("leaf", bc=None),
    "leaf without any extension": lambda: _put("leaf", bc=None, ku=None, eku=None, ski=None, aki=None),
    **{
        f"{place} {word}": lambda place=place, eku=eku, cause=cause: _put(place, cause, eku=eku)
        for place in ("root", "middle")
        for word, eku, cause in (
            ("for clients", purposes(*CLIENT[:1]), None),
            ("for servers only", purposes(*SERVER), "wrong-purpose"),
            ("for any purpose", purposes(_ANY), "wrong-purpose"),
        )
    },
    "uploaded intermediate for servers only": lambda: _anchored("wrong-purpose", eku=purposes(*SERVER)),
    "middle with Netscape type of SSL CA": lambda: _put("middle", ns=_netscape(b"\x02\x04")),
    "middle with Netscape type of mail CA": lambda: _put("middle", ns=_netscape(b"\x01\x02")),
    "CA as leaf, signatures allowed": lambda: _ca_leaf("sign", "certify"),
    "CA as leaf, no KU": _ca_leaf,
    "CA as leaf, certificates only": lambda: _ca_leaf("certify", cause="wrong-purpose"),
    # CA flag and key usage of CAs
    "middle is no CA": lambda: _put("middle", "not-a-ca", bc=constraints(False)),
    "middle without BC": lambda: _put("middle", "not-a-ca", bc=None),
    "middle without BC and KU": lambda: _put("middle", "not-a-ca", bc=None, ku=None),
    "middle without KU": lambda: _put("middle", ku=None),
    "middle without keyCertSign": lambda: _put("middle", "not-a-ca", ku=usage("sign")),
    "root is no CA": lambda: _put("root", "not-a-ca", bc=constraints(False)),
    "root without BC": lambda: _put("root", bc=None),
    "root without KU": lambda: _put("root", ku=None),
    "root without BC and KU": lambda: _put("root", "not-a-ca", bc=None, ku=None),
    "root without keyCertSign": lambda: _put("root", "not-a-ca", ku=usage("sign")),
    "root with BC not critical": lambda: _put("root", bc=(x509.BasicConstraints(True, None), False)),
    "uploaded intermediate is no CA": lambda: _anchored("not-a-ca", bc=constraints(False)),
    "uploaded intermediate without keyCertSign": lambda: _anchored("not-a-ca", ku=usage("sign")),
    "uploaded intermediate without KU": lambda: _anchored(ku=None),
    "v1 root": _v1_root,
    "v1 intermediate": _v1_middle,
    "v1 intermediate uploaded": _v1_middle_uploaded,
    "v1 leaf, serial number 0": _v1_leaf,
    "as kong hybrid gen_cert makes it": _kong,
    "leaf that may sign issued the leaf": lambda: _leaf_issued_leaf(uploaded=False),
    "leaf that may sign issued the leaf, uploaded": lambda: _leaf_issued_leaf(uploaded=True),
    "leaf issued the leaf": _plain_leaf_issued_leaf,
    "self-signed leaf issued the leaf": _self_signed_issued_leaf,
    # path length
    "path length kept": lambda: _path_length(2, 1, 0),
    "path length of the root exceeded": lambda: _path_length(0, None, None, "path-length"),
    "path length of the intermediate exceeded": lambda: _path_length(None, 0, None, "path-length"),
    "path length of the upload exceeded": _path_length_of_anchor,
    "path length 1 above two": lambda: _path_length(1, None, None, "path-length"),
    # name constraints
    "DNS permitted": lambda: _constrained(None, _dns("example.com"), None, *_dns("edge.example.com")),
    "DNS not permitted": lambda: _constrained(_BAD, _dns("example.com"), None, *_dns("edge.example.org")),
    "one of two DNS not permitted": lambda: _constrained(
        _BAD, _dns("example.com"), None, *_dns("edge.example.com", "edge.example.org")
    ),
    "DNS excluded": lambda: _constrained(_BAD, None, _dns("example.com"), *_dns("edge.example.com")),
    "DNS not excluded": lambda: _constrained(None, None, _dns("example.com"), *_dns("edge.example.org")),
    "DNS not permitted by the intermediate": lambda: _constrained(
        _BAD, _dns("example.com"), None, *_dns("edge.example.org"), at="middle"
    ),
    "CN like a host not permitted": lambda: _constrained(_BAD, _dns("example.com"), None, name="edge.example.org"),
    "CN like a host permitted": lambda: _constrained(None, _dns("example.com"), None, name="edge.example.com"),
    "CN like a host excluded": lambda: _constrained(_BAD, None, _dns("example.org"), name="edge.example.org"),
    "CN like a host beside a SAN": lambda: _constrained(
        None, _dns("example.com"), None, *_dns("edge.example.com"), name="edge.example.org"
    ),
    "CN unlike a host": lambda: _constrained(None, _dns("example.com"), None, name="edge 1"),
    "IP not permitted": lambda: _constrained(_BAD, _net("192.168.0.0/16"), None, *_LOCAL),
    "IP permitted": lambda: _constrained(None, _net("10.0.0.0/8"), None, *_LOCAL),
    "IP excluded": lambda: _constrained(_BAD, None, _net("10.0.0.0/8"), *_LOCAL),
    "mail not permitted": lambda: _constrained(_BAD, _mail("example.com"), None, *_mail("a@example.org")),
    "mail permitted": lambda: _constrained(None, _mail("example.com"), None, *_mail("a@example.com")),
    "directory not permitted": lambda: _constrained(_BAD, _directory("Acme"), None, name=_of("Beta"), at="middle"),
    "directory permitted": lambda: _constrained(None, _directory("Acme"), None, name=_of("Acme"), at="middle"),
    "directory excluded": lambda: _constrained(_BAD, None, _directory("Beta"), name=_of("Beta")),
    "DNS not permitted by the upload": _constrained_anchor,
    # unknown extensions
    **{
        f"{place} with an unknown critical extension": lambda place=place: _put(
            place, "unknown-critical-extension", x=unknown()
        )
        for place in ("root", "middle", "leaf")
    },
    "uploaded intermediate with an unknown critical extension": lambda: _anchored(
        "unknown-critical-extension", x=unknown()
    ),
    "unknown extensions": lambda: _put("leaf", x=unknown(critical=False)),
    "critical policy": lambda: _put(
        "middle", p=(x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)]), True)
    ),
    "critical policy constraints": lambda: _put("middle", p=(x509.PolicyConstraints(0, None), True)),
    # names and numbers
    "leaf without subject": _nameless,
    "negative serial number": lambda: chained(leaf={"serial": -5}),
    "serial number of 40 bytes": lambda: chained(leaf={"serial": 1 << 319}),
    "no key identifiers": lambda: chained(
        root={"identifiers": False}, middle={"identifiers": False}, leaf={"identifiers": False}
    ),
}
