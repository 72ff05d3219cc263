"""The register of codes: every problem, finding and error the product can name, in one table.

`docs/codes.md` is made from it (`python -m tests.tools.write_codes`), and a test holds the two together.
A code is kebab-case, never renamed and never given another meaning: other programs match on it.
"""

from typing import Final, NamedTuple


class Code(NamedTuple):
    """`exit` is the exit status of a command that ends with this code; 0 where it never ends one."""

    exit: int
    meaning: str
    cure: str


_WORLD: Final = 1
_INPUT: Final = 2
_NO: Final = 3
_AUTH: Final = 4
_NEVER: Final = 0

REGISTER: Final[dict[str, Code]] = {
    # --- any command ---
    "invalid-input": Code(_INPUT, "Something in the input has to be put right first.", "Put right what the problems name."),
    "usage": Code(_INPUT, "The command line could not be understood.", "See --help."),
    "not-available-yet": Code(_INPUT, "A known part that this release does not have yet.", "Leave it out for now."),
    "internal-error": Code(_WORLD, "A fault in konnect-tui itself.", "Report it with the code and the frames shown; they hold no values."),
    "cancelled": Code(130, "Stopped by the operator.", "Nothing was written; run it again when ready."),
    # --- the control plane and its endpoints ---
    "bad-endpoint": Code(_INPUT, "An address or prefix could not be understood.", "Give https://host[:port][/path], or the prefix alone."),
    "wrong-endpoint": Code(_INPUT, "A Konnect address in a place where it does not belong.", "Give the host that nodes connect to."),
    "not-a-konnect-host": Code(_NEVER, "The host is not one of Konnect's.", "Nothing to do if this is meant."),
    "telemetry-endpoint-missing": Code(_INPUT, "The telemetry endpoint is not given and cannot be worked out.", "Give telemetry_endpoint."),
    "region-mismatch": Code(_INPUT, "A host belongs to another region than the one named.", "Make the region and the hosts agree."),
    "region-needed": Code(_NEVER, "A prefix names no region.", "Choose the region."),
    "region-opt-in": Code(_NEVER, "The region has to be switched on for the organization first.", "Ask an admin to opt in."),
    "unlisted-region": Code(_NEVER, "A region that this release does not know.", "Nothing to do if the code is right."),
    "endpoints-differ": Code(_NEVER, "The two endpoints belong to different control planes.", "Compare both with what Konnect shows."),
    "secret-in-paste": Code(_NEVER, "A private key or token stood in pasted text.", "Make a new one; the pasted one has been seen."),
    # --- the answers ---
    "missing-value": Code(_INPUT, "A value that is required was not given.", "Give it."),
    "unknown-value": Code(_INPUT, "A value that is none of the choices.", "Take one of the choices."),
    "invalid-value": Code(_INPUT, "A value that does not have the right form.", "Put it right."),
    "wrong-type": Code(_INPUT, "A value of the wrong type.", "Give the type named."),
    "out-of-range": Code(_INPUT, "A number or text outside its limits.", "Stay inside the limits."),
    "conflicting-values": Code(_INPUT, "Values that exclude each other.", "Keep one of them."),
    "not-applicable": Code(_INPUT, "A key that means nothing with the other choices.", "Leave it out."),
    "unused-section": Code(_NEVER, "A section about something that was not chosen.", "Choose it or leave the section out."),
    "bad-name": Code(_INPUT, "A name that breaks the rules for names.", "Use the form named."),
    "duplicate": Code(_INPUT, "Something is given twice that can be there only once.", "Keep one of them."),
    "unknown-node": Code(_INPUT, "A node that is not among the names.", "Add it to node.names or correct it."),
    "bad-port": Code(_INPUT, "A port outside 1 to 65535.", "Give a number from 1 to 65535."),
    "port-clash": Code(_INPUT, "Two listeners want the same port on one host.", "Give one of them another port."),
    "bad-label": Code(_INPUT, "A label that Konnect would not take.", "Use 1 to 63 letters, digits, - _ . and begin and end with a letter or digit."),
    "reserved-label": Code(_INPUT, "A label whose key is reserved.", "Choose another key."),
    "too-many-labels": Code(_INPUT, "More labels than Konnect takes.", "Give at most 4; node is always set."),
    "unknown-parameter": Code(_INPUT, "No parameter of Kong Gateway has that name.", "Correct the name or leave it out."),
    "parameter-not-in-version": Code(_INPUT, "The chosen version of Kong Gateway does not have that parameter.", "Leave it out or choose another version."),
    "owned-parameter": Code(_INPUT, "A parameter that konnect-tui sets itself.", "Leave it out, or use the key named."),
    "secret-in-answers": Code(_INPUT, "A secret stood in the answers, which hold none.", "Give a {vault://…} reference; replace the secret, it has been seen."),
    "past-end": Code(_INPUT, "Certificates would end in the past.", "Give an end in the future."),
    "brief-life": Code(_NEVER, "Certificates would end within 30 days.", "Give a longer life unless renewal is automatic."),
    "long-life": Code(_NEVER, "Certificates would live longer than 10 years.", "Shorten it unless this is meant."),
    "name-shortened": Code(_NEVER, "A common name over 64 bytes is shortened with a hash.", "Give a shorter common_name to choose it yourself."),
    "unprotected-ca-key": Code(_NEVER, "A CA key would lie on disk unencrypted.", "Choose encrypted or discard."),
    # --- gateway versions ---
    "unknown-version": Code(_INPUT, "No such version of Kong Gateway is known.", "`konnect-tui versions` lists the releases."),
    "newer-version": Code(_NEVER, "A version newer than this release of konnect-tui knows.", "Nothing to do if the version is right."),
    "sunset-version": Code(_NEVER, "A gateway release past its full support.", "Choose a release in full support."),
    "ended-version": Code(_NEVER, "A gateway release without any support.", "Choose a release in full support."),
    "image-mismatch": Code(_NEVER, "The image does not fit the version or the task.", "Make image and version agree."),
}
