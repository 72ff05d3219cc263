"""What is asked about files that others made: what stands above, how they are opened, which of them Konnect gets."""

from konnect_tui.draft import Draft
from konnect_tui.flow.paths import one_file
from konnect_tui.flow.step import Choice, Field, choice, read

_UPLOADS = (
    Choice("root", "the topmost CA given", "Konnect accepts whatever chains up to it; nodes present what is between."),
    Choice(
        "intermediate", "the issuing CA", "Konnect accepts only what this one issues; nodes present the leaf alone."
    ),
)


def upload() -> Field:
    """Which CA certificate Konnect is given."""
    return choice("certificate.upload", "Konnect is given", _UPLOADS, default="root",
                  help="The one CA certificate that Konnect has to be given. It decides what is accepted.")  # fmt: skip


def chain() -> Field:
    """The certificates above, where they are in a file of their own."""
    return one_file(
        "certificate.chain", "Chain above", "certificate", default="none, or in the same file",
        help="A file with the CA certificates above, in any order. What nobody needs is left out.",
    )  # fmt: skip


def passphrase(draft: Draft, key: str, file: str, *, told: bool = False) -> Field:
    """What opens an encrypted file: typed, or in the file that the answers name at `file`. `told`: the environment."""
    if read(draft, file) is not None:
        return one_file(file, "Passphrase file", "", help="A file with the passphrase in its one line.")
    return Field(
        key=key,
        about=(key, file),
        label="Passphrase",
        kind="secret",
        default="from the environment" if told else "none",
        help="Only if a file is encrypted. It is kept in memory until the bundle is made and stored nowhere.",
    )
