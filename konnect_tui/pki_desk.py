"""What goes to whoever signs the certificates: a note that says what is asked for, and a script for other hosts.

`request-note.md` goes with the requests to the PKI desk. `csr.sh` makes key and request where a key has to be born
on the very host it is for. Same plan, same bytes: no clock, no key.
Sources: Kong/developer.konghq.com, `app/gateway/cp-dp-communication.md` (extended key usages); RFC 5280 §4.2.1.
"""

from collections.abc import Iterator
from typing import Final

from konnect_tui.bundle import Files, script, text
from konnect_tui.gateway.escape import markdown, openssl_conf, shell
from konnect_tui.plan import SHARED, Plan
from konnect_tui.platforms.shell import FAIL

NOTE: Final = "request-note.md"
SCRIPT: Final = "csr.sh"
_LISTED: Final = 200
_KEYS: Final = {"ec-p256": "EC -pkeyopt ec_paramgen_curve:P-256", "ec-p384": "EC -pkeyopt ec_paramgen_curve:P-384"}


def render(plan: Plan) -> Files:
    """`request-note.md` and `csr.sh`; nothing where no certificate is requested."""
    if plan.certificate.source != "csr":
        return {}
    return {NOTE: text("".join(_note(plan))), SCRIPT: script("".join(_script(plan)))}


def _identities(plan: Plan) -> dict[str, str]:
    """Every identity with a node that has its files."""
    return {SHARED: plan.nodes[0].name} if plan.shared else {node.name: node.name for node in plan.nodes}


def _note(plan: Plan) -> Iterator[str]:
    pki = plan.control_plane.auth_mode == "pki"
    yield (
        "# Please sign these certificate requests\n\n"
        "They are for data plane nodes of Kong Gateway, which show their certificate as TLS clients to the control\n"
        f"plane {markdown(plan.control_plane.name)} in Kong Konnect.\n"
        "The private keys stay with us: please make no new ones.\n\n"
        "| Request | Subject |\n|---|---|\n"
    )
    subject = ", ".join(f"{key}={value}" for key, value in plan.certificate.subject)
    listed = list(_identities(plan).items())
    for identity, node in listed[:_LISTED]:
        name = f"CN={plan.certificate.common_names[identity]}"
        yield f"| nodes/{node}/tls.csr | {markdown(', '.join(filter(None, (subject, name))))} |\n"
    if len(listed) > _LISTED:
        yield f"| … and {len(listed) - _LISTED:,} more, one in every folder of nodes/ | |\n"
    yield "\n## What each certificate has to say\n\n| | |\n|---|---|\n"
    yield from (f"| {what} | {value} |\n" for what, value in _wanted(plan))
    yield "\n## What we need back\n\n"
    yield from _back(pki)


def _wanted(plan: Plan) -> Iterator[tuple[str, str]]:
    said = plan.certificate
    yield "Basic constraints", "CA:FALSE, critical"
    yield "Key usage", "digitalSignature, critical"
    yield (
        "Extended key usage",
        "clientAuth and serverAuth. clientAuth alone works with Konnect; serverAuth alone does not",
    )
    yield "Alternative names", markdown(", ".join(said.sans)) or "none needed"
    yield "Key", f"{said.key}, as in the request"
    yield "Signature", "SHA-256 or stronger; no SHA-1"
    yield "Valid until", f"{said.not_after:%Y-%m-%d} if your policy allows, else as long as it does"
    yield (
        "Identifiers",
        "subject and authority key identifier, the latter equal to the identifier in your CA's certificate",
    )


def _back(pki: bool) -> Iterator[str]:
    yield "- Every signed certificate. PEM, DER and PKCS#7 all do, in one file or many, under any name.\n"
    if pki:
        yield "- Every CA certificate above them, up to and with the root.\n"
    else:
        yield "- CA certificates are welcome but not needed: Konnect is given each certificate itself.\n"
    yield "- No private key. There is none to send.\n"


def _script(plan: Plan) -> Iterator[str]:
    yield _HEAD.format(node=next(iter(_identities(plan))))
    yield FAIL
    yield _ARGUMENTS
    for identity in _identities(plan):
        yield f"  {shell(identity)}) name={shell(openssl_conf(plan.certificate.common_names[identity]))} ;;\n"
    yield '  *) fail "$1 is none of this bundle\'s nodes" ;;\nesac\n'
    kind = (
        _KEYS.get(plan.certificate.key) or f"RSA -pkeyopt rsa_keygen_bits:{plan.certificate.key.removeprefix('rsa-')}"
    )
    yield _BODY.replace("@CONFIG@", "".join(_config(plan))).replace("@KEY@", kind)


def _config(plan: Plan) -> Iterator[str]:
    """Everything but the common name, which comes last."""
    yield (
        "[req]\nprompt = no\nutf8 = yes\nstring_mask = utf8only\ndistinguished_name = subject\n"
        "req_extensions = extensions\n[extensions]\nbasicConstraints = critical, CA:FALSE\n"
        "keyUsage = critical, digitalSignature\nextendedKeyUsage = serverAuth, clientAuth\n"
    )
    if plan.certificate.sans:
        yield "subjectAltName = @names\n[names]\n"
        for number, san in enumerate(plan.certificate.sans, start=1):
            kind, value = _alternative(san)
            yield f"{kind}.{number} = {openssl_conf(value)}\n"
    yield "[subject]\n"
    yield from (f"{key} = {openssl_conf(value)}\n" for key, value in sorted(plan.certificate.subject))


def _alternative(san: str) -> tuple[str, str]:
    """A subject alternative name as OpenSSL's section of names has it."""
    kind, separator, rest = san.partition(":")
    if separator and kind.lower() in ("dns", "ip", "uri", "email"):
        return (kind.upper() if kind.lower() != "email" else "email"), rest
    return ("IP" if ":" in san or san.replace(".", "").isdigit() else "DNS"), san


_HEAD: Final = """\
#!/bin/sh
# Makes a private key and a certificate request on this very host, where a key must not come from elsewhere.
# Needs only openssl. Take this one file there and run, for instance: sh csr.sh {node}
set -eu
umask 077
"""
_ARGUMENTS: Final = """\
[ $# -ge 1 ] && [ $# -le 2 ] || fail 'usage: csr.sh NODE [FOLDER]'
command -v openssl >/dev/null 2>&1 || fail 'openssl is not installed'
case $1 in
"""
_BODY: Final = """\
folder=${2:-.}
[ -d "$folder" ] || fail "$folder is no folder"
for file in tls.key tls.csr; do
  [ ! -e "$folder/$file" ] || fail "$folder/$file is there already" 'Nothing is written over. Move it away first.'
done
config=$(mktemp)
trap 'rm -f "$config"' EXIT
cat >"$config" <<'CONFIG'
@CONFIG@CONFIG
printf 'CN = %s\\n' "$name" >>"$config"
openssl genpkey -algorithm @KEY@ -out "$folder/tls.key"
openssl req -new -config "$config" -key "$folder/tls.key" -out "$folder/tls.csr"
printf '%s\\n' "$folder/tls.key stays here, for its owner alone." \\
  "$folder/tls.csr goes to the PKI desk, with request-note.md." \\
  'With the signed certificate, run konnect-tui on this host and choose the source import.'
"""
