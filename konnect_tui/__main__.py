"""Hands over to the command line."""

import sys

from konnect_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
