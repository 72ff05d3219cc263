"""`python -m screenshots` makes the pictures."""

import sys

from screenshots.make import main

sys.exit(main())
