"""`python -m sorter` is the same as `sorter`."""

from __future__ import annotations

import sys

# A worker process imports this module under another name: it needs no commands, but the same kind of code.
from sorter.app.start import main

if __name__ == "__main__":
    sys.exit(main())
