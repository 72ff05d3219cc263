"""Whether a round is solved: what the control plane recorded and holds, and what lies in the bundle. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from konnect_tui.pki import parse
from konnect_tui.training.lessons import lesson as words
from konnect_tui.training.lessons.lesson import Check, Round
from konnect_tui.training.lessons.organisation import Shaken
from konnect_tui.training.lessons.outcome import Outcome
from konnect_tui.training.lessons.stage import Begun


class Look(Struct, frozen=True):
    """All that checks may look at, taken at one moment.

    `presented` is by node and guest: what lies in its `tls.crt`, DER. `keys` are SHA-256 of public keys, `held` of
    certificates. `shaken` are the handshakes since the seed was done, `elsewhere` those with other control planes.
    `tried` are those of the guests that have been
    let connect for this; None where one did not even get to the control plane. `meant` says of each certificate that
    a check names which one it is, SHA-256; empty where there is none.
    """

    begun: Begun
    now: datetime
    presented: Mapping[str, tuple[bytes, ...]]
    keys: Mapping[str, str]
    held: frozenset[str]
    shaken: tuple[Shaken, ...]
    elsewhere: tuple[Shaken, ...]
    acknowledged: frozenset[str]
    tried: Mapping[str, Shaken | None]
    meant: Mapping[str, str]


def tried(round_: Round) -> tuple[str, ...]:
    """The guests that have to connect before the checks are looked at."""
    guests = {guest.name for guest in round_.scene.guests}
    wanted = (who for each in round_.checks if isinstance(each, words.Accepted | words.Refused) for who in each.who)
    return tuple(dict.fromkeys(name for name in wanted if name in guests))


def named(round_: Round) -> tuple[str, ...]:
    """The certificates that checks name."""
    wanted = (
        name for each in round_.checks if isinstance(each, words.Held | words.NotHeld) for name in each.certificates
    )
    return tuple(dict.fromkeys(wanted))


def outcomes(round_: Round, look: Look) -> tuple[Outcome, ...]:
    """How each check goes, and with several names how it goes for each."""
    return tuple(outcome for each in round_.checks for outcome in _look(each, look))


def _look(check: Check, look: Look) -> list[Outcome]:
    that = str(check.__struct_config__.tag)
    match check:
        case words.HeldUnchanged():
            same = look.held == look.begun.held
            said = "The control plane has what it had." if same else "What the control plane has was changed."
            return [Outcome(that, same, said)]
        case words.Held(certificates=names):
            return [_held(that, name, look, wanted=True) for name in names]
        case words.NotHeld(certificates=names):
            return [_held(that, name, look, wanted=False) for name in names]
    return [_of(check, that, name, look) for name in check.who]


def _of(check: Check, that: str, name: str, look: Look) -> Outcome:
    match check:
        case words.Accepted():
            return _accepted(that, name, look)
        case words.Refused():
            return _refused(that, name, look)
        case words.Switched():
            return _switched(that, name, look)
        case words.NoneRefused():
            return _none_refused(that, name, look)
        case words.InSync():
            ok = name in look.acknowledged
            said = "has acknowledged the configuration" if ok else "has not acknowledged the configuration"
            return Outcome(that, ok, f"{name} {said}.")
        case words.InDate(days=days):
            return _in_date(that, name, look, days)
    same = bool(look.keys.get(name)) and look.keys.get(name) == look.begun.keys.get(name)
    ok = same if isinstance(check, words.KeyUnchanged) else bool(look.keys.get(name)) and not same
    return Outcome(that, ok, f"{name} has {'the key it had' if same else 'another key than at the beginning'}.")


def _held(that: str, name: str, look: Look, *, wanted: bool) -> Outcome:
    has = bool(look.meant.get(name)) and look.meant[name] in look.held
    return Outcome(that, has == wanted, f"The control plane {'has' if has else 'does not have'} {name}.")


def _accepted(that: str, name: str, look: Look) -> Outcome:
    if name in look.tried:
        last = look.tried[name]
    else:
        chain = look.presented.get(name)
        if chain and _key(chain) != look.keys.get(name):
            return Outcome(that, False, f"The key of {name} is not the key of its certificate: it can't even start.")
        last = _last(look.shaken, chain)
        away = _last(look.elsewhere, chain)
        if away is not None and (last is None or away.number > last.number):
            said = "accepted" if away.accepted else "refused"
            message = f"{name} was last with another control plane, which {said} it."
            return Outcome(that, False, message, (away.number,))
    if last is None:
        return Outcome(that, False, f"{name} has not connected with what it has now.")
    said = "was accepted" if last.accepted else f"was refused: {last.message}"
    return Outcome(that, last.accepted, f"{name} {said.removesuffix('.')}.", (last.number,))


def _last(shaken: tuple[Shaken, ...], chain: tuple[bytes, ...] | None) -> Shaken | None:
    """The last handshake in which that was presented."""
    found = (each for each in shaken if chain and each.chain == chain)
    return max(found, key=lambda each: each.number, default=None)


def _refused(that: str, name: str, look: Look) -> Outcome:
    last = look.tried.get(name)
    if last is None:
        return Outcome(that, True, f"{name} did not get as far as the control plane: its key does not fit.")
    said = "was accepted" if last.accepted else "was refused"
    return Outcome(that, not last.accepted, f"{name} {said}.", (last.number,))


def _switched(that: str, name: str, look: Look) -> Outcome:
    before, chain = look.begun.leaves.get(name), look.presented.get(name)
    own = {before, *(_digest(der) for der in (chain or ())[:1])}
    last = next((each for each in reversed(look.shaken) if each.accepted and each.leaf in own), None)
    if last is None or last.leaf == before:
        return Outcome(that, False, f"{name} was last accepted with the certificate it had.")
    return Outcome(that, True, f"{name} was accepted with its new certificate.", (last.number,))


def _none_refused(that: str, name: str, look: Look) -> Outcome:
    """By certificate or by key: a node that tries an unknown certificate with its key is the node all the same."""
    keys = {look.begun.keys.get(name), look.keys.get(name)} - {None, ""}
    refused = tuple(each for each in look.shaken if not each.accepted and _key(each.chain) in keys)
    if refused:
        numbers = tuple(each.number for each in refused)
        return Outcome(that, False, f"{name} was refused: {len(refused)} of its handshakes.", numbers)
    return Outcome(that, True, f"{name} was never refused.")


def _in_date(that: str, name: str, look: Look, days: int) -> Outcome:
    chain = look.presented.get(name)
    if not chain:
        return Outcome(that, False, f"{name} has no certificate.")
    end = parse.certificate(chain[0]).not_valid_after_utc
    ok = end - look.now.astimezone(UTC) >= timedelta(days=days)
    return Outcome(that, ok, f"The certificate of {name} ends on {end:%Y-%m-%d}.")


def _key(chain: tuple[bytes, ...]) -> str | None:
    """SHA-256 of the leaf's public key."""
    if not chain:
        return None
    public = parse.public_bytes(parse.certificate(chain[0]))
    return sha256(public).hexdigest() if public is not None else None


def _digest(der: bytes) -> str:
    return sha256(der).hexdigest()
