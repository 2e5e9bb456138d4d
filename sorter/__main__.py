"""`python -m sorter` is the same as `sorter`."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # A worker process imports this module under another name: it needs no commands.
    from sorter.app.cli import main

    sys.exit(main())
