"""Bundles on disk: they appear, change and disappear whole, and their keys are never open to anybody else.

Nothing is built where it will be seen. A bundle is written and flushed under `.staging`, then put in place
by one rename; what cannot be one rename is one exchange under a journal (see `journal`).
"""

from konnect_tui.workspace.disk import Disk
from konnect_tui.workspace.found import Found
from konnect_tui.workspace.place import Standing, Workspace

__all__ = ["Disk", "Found", "Standing", "Workspace"]
