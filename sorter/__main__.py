"""`python -m sorter` is the same as `sorter`."""

from __future__ import annotations

import sys

from sorter.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
