"""The verdict: what a TLS control plane does with what a node presents. Not an opinion, a handshake.

With the node's key both versions of TLS are really shaken hands in. Without it the presented list is judged by
the same control plane up to the point where the key would have to be proven (`keyless`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from konnect_tui.errors import KonnectError
from konnect_tui.pki.judging import explain, keyless, opinions
from konnect_tui.pki.judging.case import read_case
from konnect_tui.pki.judging.handshake import VERSIONS, ControlPlane, Failure, Node, in_memory, private_key
from konnect_tui.pki.judging.verdict import Mode, Verdict
from konnect_tui.secret import Secret


def judge(
    mode: Mode,
    uploaded: Sequence[bytes],
    presented: Sequence[bytes],
    key: Secret | None,
    now: datetime | None = None,
) -> Verdict:
    """Whether a control plane that was given `uploaded` lets in a node that presents `presented` (DER, leaf first).

    `key` is the node's, PEM and not encrypted. `now` is for judging at another time than this.
    Raises KonnectError `not-a-certificate`, `damaged-key`, `passphrase-needed`, `unsupported-key`.
    """
    if not presented:
        raise KonnectError("not-a-certificate", "There is no certificate to present.")
    case = read_case(mode, uploaded, presented, key)
    control_plane = ControlPlane(mode, uploaded, now)
    if key is None:
        failure, proven = keyless.refusal(presented, control_plane), False
    else:
        failure, proven = _handshakes(control_plane, presented, key)
    matched = mode == "pki" or presented[0] in uploaded
    accepted = failure is None and matched
    causes = () if accepted else explain.causes(case, failure, now)
    said = opinions.opinions(case, now or datetime.now(UTC), accepted=accepted)
    return Verdict(mode=mode, accepted=accepted, key_proven=proven, findings=(*causes, *said))


def _handshakes(control_plane: ControlPlane, presented: Sequence[bytes], key: Secret) -> tuple[Failure | None, bool]:
    """The first failure, and whether the key is the leaf's."""
    node = Node(presented, key)
    if node.failure is not None:
        return node.failure, False
    failures = (in_memory(node, control_plane, tls) for tls in reversed(VERSIONS))
    failure = next((each for each in failures if each is not None), None)
    if failure is not None and not failure.number:
        private_key(key, thorough=True)  # a key whose numbers don't fit is loaded all the same, and signs nonsense
    return failure, True
