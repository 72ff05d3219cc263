"""Everything before anything is written: problems, every file, what is uploaded, what replaces what."""

from konnect_tui.flow.step import Step

STEP = Step(
    key="review",
    title="Review",
    why="Exactly what the bundle will be; nothing is written before Create.",
    help=(
        (
            "Every path of the bundle with its mode. Move to a file to see it; secrets are never shown. Where the "
            "bundle exists already, what would change is shown as a difference."
        ),
        (
            "Where the control plane is known from Konnect, Create gives it the certificates once the files are safely "
            "on disk; u leaves that for later, and for somebody else: konnect-tui upload."
        ),
        "Going back changes nothing here. The same can be made without the wizard with the command shown.",
    ),
    fields=lambda draft, scene: (),
)
