"""The bundle is made and rehearsed; then what to upload and what to run."""

from konnect_tui.flow.step import Step

STEP = Step(
    key="create",
    title="Create",
    why="Keys, files, and a real TLS handshake to prove them.",
    help=(
        (
            "The bundle appears whole or not at all. The rehearsal is proven against OpenSSL set up as Kong "
            "documents; Konnect's own check isn't published."
        ),
    ),
    fields=lambda draft, scene: (),
)
