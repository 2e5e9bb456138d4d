"""The brain of the sorting line: pure values, pure laws, one controller; the shell lives in `sorter.app`."""
