"""A promise that was not kept. Apart from what finds it, for it travels between processes (pickled)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was not kept: its number in promises.md, and what happened."""

    promise: int
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"promise {self.promise}: {self.what}"
