"""What an experienced eye would say about certificates that a control plane may well accept."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from cryptography import x509

from konnect_tui.pki import parse
from konnect_tui.pki.describe import key_usage, purposes, validity
from konnect_tui.pki.judging.case import Case, finding
from konnect_tui.pki.judging.verdict import Finding

_OPENSSL_DEFAULT_LIFE = timedelta(days=30)
_LONGEST_LIFE = timedelta(days=3653 + 1)  # ten calendar years, as Konnect's own, and the minutes before
_SOON = timedelta(days=30)
_REVOCABLE_LIFE = timedelta(days=366)
_SHORTEST_KEY = 2048
_KONG_DEPTH = 4  # ssl_verify_depth of Kong's own control plane, kong/templates/nginx_kong.lua


def opinions(case: Case, now: datetime, *, accepted: bool) -> tuple[Finding, ...]:
    """All of them. Some only make sense when the control plane accepts. `now` is aware."""
    found = [*_life(case.leaf, now), *_form(case.leaf)]
    if case.mode == "pinned":
        found += _pinned(case, now)
    elif accepted:
        found += _pki(case)
    if accepted:
        found += _strength([case.leaf] if case.mode == "pinned" else case.path())
    return tuple(found)


def _life(leaf: x509.Certificate, now: datetime) -> Iterator[Finding]:
    begins, ends = validity(leaf)
    name = parse.called(leaf)
    if ends - begins == _OPENSSL_DEFAULT_LIFE:
        message = f"{name} lives 30 days, which is what openssl gives when no -days is said."
        yield finding("warning", "short-life", leaf, message, "Have it issued with the end you want.")
    if ends - begins > _LONGEST_LIFE:
        message = f"{name} lives longer than 10 years, to {ends:%Y-%m-%d}: whoever steals its key has as long."
        yield finding("warning", "long-life", leaf, message, "Have it issued for a shorter time unless this is meant.")
    if timedelta() <= ends - now < _SOON:
        message = f"{name} ends on {ends:%Y-%m-%d}, in {(ends - now).days} days."
        yield finding("warning", "ends-soon", leaf, message, "Renew it while it still works.")


def _strength(used: Iterable[x509.Certificate]) -> Iterator[Finding]:
    """What level 2 lets pass, because it does not count there or is just short of the limit."""
    for each in used:
        name = parse.called(each)
        if parse.weakly_signed(each):
            message = f"{name} is signed with MD5 or SHA-1. Here it does not count; elsewhere it may."
            yield finding("note", "weak-signature", each, message, "Have it issued again with SHA-256 or better.")
        kind, _, bits = parse.key_label(parse.public_key(each)).partition("-")
        if kind in ("rsa", "dsa") and int(bits) < _SHORTEST_KEY:
            message = f"The key of {name} has {bits} bits, fewer than anyone recommends today."
            yield finding("warning", "weak-key", each, message, "Use a key of ec-p256 or rsa-2048 at least.")


def _form(leaf: x509.Certificate) -> Iterator[Finding]:
    name = parse.called(leaf)
    if parse.is_ca(leaf):
        message = f"The leaf {name} is marked as a CA: whoever has its key can issue certificates."
        yield finding("warning", "ca-leaf", leaf, message, "Have it issued with CA:FALSE.")
    allowed = purposes(leaf)
    if "clientAuth" in allowed and "serverAuth" not in allowed:
        message = f"{name} allows clientAuth but not serverAuth, which some of Kong's control planes want as well."
        yield finding("note", "client-auth-only", leaf, message, "Have it issued with both to be safe.")


def _pinned(case: Case, now: datetime) -> Iterator[Finding]:
    """The handshake of a pinned control plane looks at none of these; others do."""
    leaf, name = case.leaf, parse.called(case.leaf)
    begins, ends = validity(leaf)
    if not begins <= now <= ends:
        message = (
            f"{name} is valid from {begins:%Y-%m-%d} to {ends:%Y-%m-%d} only. Konnect does not say what it does then; "
            "a self-managed control plane refuses it."
        )
        yield finding("warning", "expired-pinned", leaf, message, "Make a new certificate and upload it.")
    allowed, usage = purposes(leaf), key_usage(leaf)
    if (allowed and "clientAuth" not in allowed) or (usage and not {"digitalSignature", "keyAgreement"} & {*usage}):
        message = f"{name} may not be used for a TLS client. A pinned control plane may let that pass."
        yield finding("warning", "wrong-purpose", leaf, message, "Have it issued with clientAuth and digitalSignature.")


def _pki(case: Case) -> Iterator[Finding]:
    path = case.path()
    anchor, leaf = path[-1], path[0]
    name = parse.called(anchor)
    if anchor is not leaf:
        message = (
            f"Every certificate that {name} ever issues, itself or through a CA below it, can join the control plane."
        )
        yield finding("note", "anchor-too-wide", anchor, message, "Use a CA that serves this control plane alone.")
        begins, ends = validity(leaf)
        if ends - begins > _REVOCABLE_LIFE:
            message = (
                f"Nothing revokes {parse.called(leaf)} before {ends:%Y-%m-%d}: the handshake asks no revocation list."
            )
            yield finding(
                "note", "irrevocable", leaf, message, "Give leaves a life you can wait out, or replace the CA."
            )
    if not parse.self_signed(anchor):
        message = f"{name} is uploaded without its root: Konnect takes that, plain nginx as a control plane does not."
        hint = "Upload the root where the control plane is self-managed."
        yield finding("note", "partial-chain-self-managed", anchor, message, hint)
    if len(path) - 1 > _KONG_DEPTH:
        message = (
            f"The chain from {parse.called(leaf)} to {name} is deeper than a self-managed Kong control plane follows."
        )
        yield finding("warning", "deep-chain", leaf, message, "Use fewer intermediates.")
