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
        (
            "In Konnect, the control plane is then given exactly what lies in upload/, and nothing twice. If that "
            "fails, or is stopped with Esc, the bundle stays whole, and r goes on with the rest."
        ),
        (
            "After that, Konnect is asked about the nodes until all are connected and in sync. That needs you to run "
            "the commands. The page may be left meanwhile; w, or konnect-tui watch, looks again."
        ),
    ),
    fields=lambda draft, scene: (),
)
