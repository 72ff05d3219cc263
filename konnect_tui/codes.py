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
}
