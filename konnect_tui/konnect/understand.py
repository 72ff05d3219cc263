"""Whatever someone pastes for a control plane, understood: region, prefix and both endpoints.

Takes a host, an address, a prefix, both endpoints on lines, a PrivateLink address, the settings that the Konnect
web wizard prints (docker, env, kong.conf, YAML) and the API's JSON. A telemetry address alone is worked back.
Nothing of the text is ever repeated in words but host names that were recognised, because people paste keys too.
"""

import re
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from konnect_tui.draft import ControlPlane
from konnect_tui.errors import Problem, error, note, warning
from konnect_tui.konnect.address import Address, is_prefix, konnect, of_prefix, parse
from konnect_tui.konnect.connections import FIELD, endpoint, endpoints, judge, region_of, sibling_of
from konnect_tui.konnect.endpoint import Endpoint
from konnect_tui.konnect.regions import is_code

__all__ = ["Understanding", "endpoints", "region_of", "understand"]

MAX_TEXT: Final = 64 * 1024

_PEM: Final = r"(?s)-----BEGIN [A-Z0-9 ]*-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)"
_PRIVATE: Final = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|LS0tLS1CRUdJTi(?:BQUklWQVRF|BFTkNSWVBURUQ|BSU0Eg|BFQyB)"
_BASE64_PEM: Final = r"LS0tLS1CRUdJTi[A-Za-z0-9+/=_-]*"
_ACCESS: Final = r"(?i)[ks]pat_[^\s\"',;]*"
_SETTING: Final = (
    r"(?i)(?<![a-z0-9_])(?:kong_)?(?P<name>cluster_control_plane|cluster_telemetry_endpoint|cluster_server_name"
    r"|cluster_telemetry_server_name|control[_ ]plane[_ ]endpoint|telemetry[_ ]endpoint|telemetry_server_name"
    r"|server_name|endpoint)"
    r"[\"']?(?:[ \t]*[=:]\s*|[ \t]*\r?\n[ \t]*value:[ \t]*)[\"']?(?P<value>[^\s\"',;\\]+)"
)
_MEANING: Final = {
    "cluster_control_plane": "config",
    "control_plane_endpoint": "config",
    "endpoint": "config",
    "cluster_telemetry_endpoint": "telemetry",
    "telemetry_endpoint": "telemetry",
    "cluster_server_name": "config_name",
    "server_name": "config_name",
    "cluster_telemetry_server_name": "telemetry_name",
    "telemetry_server_name": "telemetry_name",
}
_SEPARATORS: Final = r"[\s,;\"'<>`|\\]+"
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_HEX_PREFIX: Final = r"(?i)[0-9a-f]{10}"


class Understanding(Struct, frozen=True):
    """What was understood. An endpoint that was worked out, not given, is marked `derived`.

    `prefix` is set for Konnect addresses; with a prefix alone both endpoints are None until a region is known.
    """

    region: str | None = None
    prefix: str | None = None
    endpoint: Endpoint | None = None
    telemetry_endpoint: Endpoint | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether both connections are known and nothing in the way is an error."""
        both = self.endpoint is not None and self.telemetry_endpoint is not None
        return both and not any(problem.severity == "error" for problem in self.problems)

    def section(self) -> ControlPlane:
        """The same as a section of the answers, saying only what was given: what is derived stays unsaid."""
        config, telemetry = self.endpoint, self.telemetry_endpoint
        if config is None or (config.derived and telemetry is not None and telemetry.derived):
            return ControlPlane(source="manual", region=self.region, prefix=self.prefix)
        return ControlPlane(
            source="manual",
            region=self.region,
            endpoint=config.url,
            telemetry_endpoint=telemetry.url if telemetry and not telemetry.derived else None,
            server_name=config.server_name or None,
            telemetry_server_name=(telemetry.server_name or None) if telemetry else None,
        )


def understand(text: str, region: str | None = None) -> Understanding:
    """Understand a paste; never raises. `region` completes a prefix that names none."""
    if len(text) > MAX_TEXT:
        return Understanding(problems=(error(FIELD, "bad-endpoint", "That is far more text than an address."),))
    problems = _secrets(text)
    harmless = text.replace("\\/", "/")
    for secret in (_PEM, _BASE64_PEM, _ACCESS):
        harmless = re.sub(secret, " ", harmless)
    harmless = harmless.strip()
    if not harmless:
        if not problems:
            hint = "Paste the control plane's address or prefix."
            problems = (error(FIELD, "bad-endpoint", "Nothing was given.", hint),)
        return Understanding(problems=problems)
    settings = _settings(harmless)
    if "config" in settings or "telemetry" in settings:
        found = _from_settings(settings)
    else:
        found = _from_words([word for word in re.split(_SEPARATORS, harmless) if word], region)
    return replace(found, problems=problems + found.problems)


def _secrets(text: str) -> tuple[Problem, ...]:
    kind = "a private key" if re.search(_PRIVATE, text) else "an access token" if re.search(_ACCESS, text) else ""
    if not kind:
        return ()
    return (
        warning(
            FIELD,
            "secret-in-paste",
            f"The text also held {kind}. It was not kept, but the clipboard and the terminal have seen it.",
            "Make a new one rather than use one that was pasted about.",
        ),
    )


def _settings(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in re.finditer(_SETTING, text):
        found.setdefault(_MEANING[match["name"].lower().replace(" ", "_")], match["value"])
    return found


def _from_settings(settings: dict[str, str]) -> Understanding:
    try:
        config = parse(settings["config"]) if "config" in settings else None
        telemetry = parse(settings["telemetry"]) if "telemetry" in settings else None
        names = [parse(settings[key]).host if key in settings else "" for key in ("config_name", "telemetry_name")]
    except ValueError as wrong:
        return Understanding(problems=(error(FIELD, "bad-endpoint", str(wrong)),))
    return _pair(config, telemetry, names[0], names[1])


def _from_words(words: list[str], region: str | None) -> Understanding:
    if len(words) == 1 and "." not in words[0] and ":" not in words[0] and "/" not in words[0]:
        return _from_label(words[0], region)
    addresses: list[Address] = []
    wrong = "No address was found in the text."
    for word in words:
        if "." not in word and "://" not in word and len(words) > 1:
            continue
        try:
            address = parse(word.strip("(){}"))
        except ValueError as reason:
            wrong = str(reason)
            continue
        if address not in addresses:
            addresses.append(address)
    ours = [address for address in addresses if konnect(address)]
    chosen = ours or addresses
    if not chosen:
        return Understanding(problems=(error(FIELD, "bad-endpoint", wrong),))
    if ours:
        return _konnect_pair(ours)
    if len(chosen) > 2:
        return _ambiguous("The text holds more than two addresses, and none of them is a Konnect host for nodes.")
    return _pair(chosen[0], chosen[1] if len(chosen) == 2 else None, "", "")


def _konnect_pair(addresses: list[Address]) -> Understanding:
    sides: dict[str, list[Address]] = {"config": [], "telemetry": []}
    for address in addresses:
        known = konnect(address)
        if known:
            sides[known.link].append(address)
    if any(len(side) > 1 for side in sides.values()):
        return _ambiguous("The text holds the addresses of several control planes.")
    config, telemetry = ([*side, None][0] for side in sides.values())
    return _pair(config, telemetry, "", "")


def _ambiguous(message: str) -> Understanding:
    return Understanding(problems=(error(FIELD, "bad-endpoint", message, "Paste the address of one control plane."),))


def _from_label(word: str, region: str | None) -> Understanding:
    if re.fullmatch(_UUID, word.lower()):
        message = "That looks like a control plane's id. Without an account its hosts cannot be looked up from it."
        hint = "Konnect shows the endpoint on the control plane's page; its first label is the prefix."
        return Understanding(problems=(error(FIELD, "bad-endpoint", message, hint),))
    prefix = word.lower() if re.fullmatch(_HEX_PREFIX, word) else word
    if not is_prefix(prefix):
        message = "That is neither an address nor a prefix (one label of lower-case letters, digits, inner hyphens)."
        return Understanding(problems=(error(FIELD, "bad-endpoint", message),))
    if region is None or not is_code(region):
        message = "A prefix names no region, and the hosts cannot be worked out without it."
        return Understanding(prefix=prefix, problems=(note("control_plane.region", "region-needed", message),))
    config, telemetry = of_prefix(prefix, region)
    return Understanding(region, prefix, endpoint(config, "", True), endpoint(telemetry, "", True))


def _pair(config: Address | None, telemetry: Address | None, config_name: str, telemetry_name: str) -> Understanding:
    """Two addresses, or one, put in their places: swapped back, worked out, compared."""
    if config and (said := konnect(config)) and said.link == "telemetry":
        config, telemetry = telemetry, config
        config_name, telemetry_name = telemetry_name, config_name
    elif telemetry and (said := konnect(telemetry)) and said.link == "config":
        config, telemetry = (telemetry, config) if config else (telemetry, None)
        config_name, telemetry_name = telemetry_name, config_name
    given = (config is not None, telemetry is not None)
    if config is None and telemetry is not None:
        config = sibling_of(telemetry)
    if telemetry is None and config is not None:
        telemetry = sibling_of(config)
    known = konnect(config) if config else None
    return Understanding(
        known.region if known else None,
        known.prefix if known else None,
        endpoint(config, config_name, not given[0]) if config else None,
        endpoint(telemetry, telemetry_name, not given[1]) if telemetry else None,
        judge(config, telemetry),
    )
