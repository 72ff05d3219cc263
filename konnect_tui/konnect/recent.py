"""Which region was used last: offered first when the wizard comes back. No secret, and nothing that would be missed."""

import os
from typing import Final

from konnect_tui.konnect.regions import is_code

_NAME: Final = "last-region"
_MODE: Final = 0o600


class Recent:
    """One small file in `folder`, the product's state folder. Nothing here ever fails: it is a convenience."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, _NAME)

    @property
    def region(self) -> str:
        """The code of the region that was used last; empty where none is known."""
        try:
            with open(self._path, encoding="ascii", errors="replace") as file:
                code = file.read(8).strip()
        except OSError:
            return ""
        return code if is_code(code) else ""

    def use(self, code: str) -> None:
        """Remember this region."""
        if code == self.region or not is_code(code):
            return
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            with open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE), "w", encoding="ascii") as file:
                file.write(f"{code}\n")
        except OSError:
            return
